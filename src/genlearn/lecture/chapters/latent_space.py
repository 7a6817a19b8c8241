"""8. Does it generate? A plain latent space against a variational autoencoder's."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from ...core.capabilities import Array, InfersPosterior
from ...evaluate.metric import MetricValue
from ...evaluate.planar_points import planar
from ...evaluate.probes.latent_geometry import latent_geometry
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..trainings.runs import autoencoder, code_of, plane, vae, vae_plane
from ..trainings.training import Training

_DRAWN, _MAPPED, _ELLIPSES, _STEPS = 24, 600, 120, 10
_COMPONENTS = 32


def trainings(course: Course) -> Iterator[Training]:
    """Both kinds, at the usual size and in the plane."""
    yield autoencoder(course)
    yield vae(course)
    yield plane(course)
    yield vae_plane(course)


def draw(course: Course) -> Drawn:
    """Codes of a plain autoencoder; then what random codes decode to in both, the posterior's
    ellipses, ways between examples, and the two measures."""
    shown: list[Any] = []
    revealed: list[Any] = []
    facts: dict[str, str] = {"code": str(code_of(course))}
    if course.has("autoencoder-2"):
        shown.append(_map(course, "autoencoder-2", "latent_plain"))
    both = [name for name in ("autoencoder", "vae") if course.has(name)]
    for name in both:
        revealed.append(
            course.draw.examples(f"latent_random_{name}", _decoded(course, name, _DRAWN))
        )
    if course.has("vae-2"):
        revealed += [_map(course, "vae-2", "latent_structured"), *_posterior(course)]
    if course.images and both:
        revealed.append(_ways(course, both))
    if both:
        rows = [[name, *map(_interval, _measured(course, name))] for name in both]
        revealed.append(course.draw.rows("latent_measures", rows))
    return Drawn(shown, revealed, facts)


def _interval(figure: MetricValue) -> str:
    return f"{figure.value:.2f} [{figure.low:.2f}, {figure.high:.2f}]"


def _map(course: Course, name: str, key: str) -> Figure:
    held = course.encoded.take(slice(0, _MAPPED))
    return course.draw.map(key, planar(course.model(name).encode(held)), held)


def _decoded(course: Course, name: str, n: int) -> Any:
    """What codes drawn from N(0, I) decode to; of the plain autoencoder, with the mean and spread
    of its codes, each latent by itself, since nothing told it where they should lie."""
    model = course.model(name)
    eps = course.rng("random codes").standard_normal((n, code_of(course)))
    if name == "autoencoder":
        codes = model.encode(course.encoded)
        eps = codes.mean(0) + eps * codes.std(0)
    return model.decode(eps.astype(np.float32))


def _posterior(course: Course) -> list[Any]:
    """q(z|x) of some examples: means, and covariances as ellipses."""
    model = course.model("vae-2")
    if not isinstance(model, InfersPosterior):
        return []
    means, covariances = model.posterior(course.encoded.take(slice(0, _ELLIPSES)))
    ellipses = np.c_[means, covariances[:, 0, 0], covariances[:, 0, 1], covariances[:, 1, 1]]
    return [course.draw.plane("latent_posterior", {"mean": means}, ellipses=ellipses)]


def _ways(course: Course, names: list[str]) -> Any:
    """From one example to another, in even steps of the code: as pixels, and in each model."""
    a, b = (course.held.user(slice(i, i + 1)) for i in _two(course))
    t = np.linspace(0, 1, _STEPS)[:, None]
    mixed = course.user((1 - t) * course.rows_of(a) + t * course.rows_of(b))
    ways = [mixed, *(course.model(name).interpolate(a, b, _STEPS) for name in names)]
    return course.draw.examples(
        "latent_ways", np.concatenate(ways), columns=_STEPS, rows=("pixels", *names)
    )


def _two(course: Course) -> tuple[int, int]:
    """The first example, and the first of another class where there are classes."""
    labels = course.held.labels
    if labels is None or (labels == labels[0]).all():
        return 0, 1
    return 0, int(np.flatnonzero(labels != labels[0])[0])


def _measured(course: Course, name: str) -> list[Any]:
    """Completeness and continuity in the leading principal components of the data."""
    axes, model = course.principal.components_[:_COMPONENTS].T, course.model(name)

    def features(values: Any) -> Array:
        return np.asarray(course.rows_of(values) @ axes)

    found = latent_geometry(
        model,
        model.encode(course.encoded),
        features,
        course.rows(course.encoded) @ axes,
        course.seed,
    )
    return [found[key] for key in ("completeness", "continuity") if key in found]


CHAPTER = Chapter(number=8, key="latent_space", draw=draw, trainings=trainings)
