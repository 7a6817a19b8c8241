r"""3. The linear autoencoder and PCA: the same subspace, other axes.

Measured by the decoders: D (features, k) has a column for each latent, what decoding moves by when
that latent does. The subspaces are equal where the cosines of all principal angles, the singular
values of Q_1^T Q_2 (Q orthonormal bases), are 1 (Bjorck & Golub 1973).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.decomposition import PCA

from ...core.capabilities import Array
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..trainings.runs import axes_of, linear, principal
from ..trainings.training import Training

_FOUND = 0.95  # cosine of the largest angle, of subspaces that are one to the eye


def trainings(course: Course) -> Iterator[Training]:
    """Both, with as many latents."""
    yield principal(course)
    yield linear(course)


def draw(course: Course) -> Drawn:
    """The spectrum; then what a linear autoencoder finds of it."""
    axes, found = axes_of(course), course.principal
    share = found.explained_variance_ratio_.cumsum()
    line = np.c_[np.arange(1, len(share) + 1), share]
    floor = left_out(found, axes)
    facts = {"axes": str(axes), "kept": f"{100 * share[axes - 1]:.0f}", "floor": f"{floor:.4f}"}
    drawn = Drawn([course.draw.curves("principal_spectrum", {"variance kept": line})], facts=facts)
    if course.has("linear"):
        drawn.revealed = _found(course, floor, facts)
    return drawn


def _found(course: Course, floor: float, facts: dict[str, str]) -> list[Figure]:
    """The loss on its way to the ``floor`` of PCA, the angles of the subspaces, and the axes of
    both; what they say is added to ``facts``."""
    model, sketch, axes = course.model("linear"), course.draw, axes_of(course)
    principal_axes = course.principal.components_[:axes].T
    columns, curve = decoder_columns(model), course.curve("linear")["training"]
    ends = np.array([[curve[0, 0], floor], [curve[-1, 0], floor]])
    cosines = principal_cosines(columns, principal_axes)
    own = columns / np.linalg.norm(columns, axis=0)
    lines = {"linear autoencoder": curve, "PCA": ends}
    grams = {"PCA": np.eye(axes), "linear autoencoder": own.T @ own}
    reached = "found" if cosines.min() > _FOUND else "on_the_way"
    facts["found"] = course.strings.text("principal", reached)
    facts["loss"] = f"{float(np.median(curve[-5:, 1])):.4f}"
    facts["cosine"] = f"{float(cosines.min()):.3f}"
    deviations = model.encode(course.encoded).std(0)
    facts["deviations"] = ", ".join(f"{s:.2g}" for s in deviations)
    return [
        sketch.curves("principal_loss", lines, log_x=True, log_y=True),
        sketch.rows("principal_angles", [[i + 1, c] for i, c in enumerate(cosines)]),
        sketch.cells("principal_gram", grams),
        *_pictures(course, principal_axes, own),
    ]


def left_out(found: PCA, axes: int) -> float:
    """The sum of the eigenvalues after the first ``axes``, for each number of an example: the least
    that a linear map of so many latents leaves of it."""
    kept = found.explained_variance_[:axes].sum()
    whole = found.explained_variance_[0] / found.explained_variance_ratio_[0]
    unbiased = found.n_samples_ / (found.n_samples_ - 1)  # what scikit-learn divides by
    return float((whole - kept) / unbiased / found.n_features_in_)


def principal_cosines(a: Array, b: Array) -> Array:
    """Cosines of the principal angles of the spans of the columns of (d, k) and (d, k)."""
    q_a, q_b = np.linalg.qr(a)[0], np.linalg.qr(b)[0]
    return np.asarray(np.linalg.svd(q_a.T @ q_b, compute_uv=False).clip(0, 1))


def decoder_columns(model: Any) -> Array:
    """What each latent of a linear decoder moves the example by, (d, k)."""
    weights = [p for p in model.networks_["decoder"].parameters() if p.ndim == 2]
    whole = weights[-1]
    for weight in reversed(weights[:-1]):
        whole = whole @ weight
    return np.asarray(whole.detach().double().numpy())


def _pictures(course: Course, axes: Array, own: Array) -> list[Figure]:
    """Both kinds of axes, from the mean by two deviations of the data along each."""
    if not course.images:
        return []
    found, k = course.principal, axes.shape[1]
    reach = 2 * np.sqrt(found.explained_variance_[:k].mean())
    steps = reach * np.array([[-1, 0, 1]]).T
    moved = [
        found.mean_ + steps * axis for pair in zip(axes.T, own.T, strict=True) for axis in pair
    ]
    names = tuple(f"{i + 1}" for i in range(k))
    images = course.user(np.concatenate(moved))
    return [course.draw.examples("principal_axes", images, columns=6, rows=names)]


CHAPTER = Chapter(number=3, key="principal", draw=draw, trainings=trainings)
