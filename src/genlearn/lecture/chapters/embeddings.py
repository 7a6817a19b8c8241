"""7. Embeddings: a map, neighbours, few labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from ...core.capabilities import Array
from ...evaluate.planar_points import planar
from ...evaluate.probes.probing import probe_embedding
from ..chapter import Chapter, Drawn
from ..course import Course
from ..trainings.runs import autoencoder, code_of, vae
from ..trainings.training import Training

_MAPPED, _QUERIES, _NEAREST, _TAUGHT = 800, 4, 9, 5000
RUN = "vae"


def trainings(course: Course) -> Iterator[Training]:
    """Whose codes are looked at."""
    yield vae(course)
    yield autoencoder(course)


def draw(course: Course) -> Drawn:
    """Neighbours of pixels; then those of codes, the map of codes, and what few labels do with
    them."""
    train, held = course.split.train.take(slice(0, _TAUGHT)), course.encoded
    rows_train, rows = course.rows(train), course.rows(held)
    sketch, facts = course.draw, {"code": str(code_of(course)), "dim": f"{course.spec.dim:,}"}
    shown = [_neighbours(course, "embeddings_pixels", rows_train, rows, train)]
    if not course.has(RUN):
        return Drawn(shown, facts=facts)
    model = course.model(RUN)
    codes_train, codes = model.encode(train), model.encode(held)
    labels = held.labels[:_MAPPED] if held.labels is not None else None
    revealed: list[Any] = [
        _neighbours(course, "embeddings_codes", codes_train, codes, train),
        sketch.map(
            "embeddings_map",
            in_the_plane(codes[:_MAPPED], course.seed),
            labels,
            course.spec.classes,
            held.user(slice(0, _MAPPED)),
        ),
    ]
    if train.labels is not None and held.labels is not None and len(course.spec.classes) > 1:
        pca = PCA(code_of(course), random_state=course.seed).fit(rows_train)
        spaces = {
            "codes": (codes_train, codes),
            "PCA": (pca.transform(rows_train), pca.transform(rows)),
            "pixels": (rows_train, rows),
        }
        found = {
            name: probe_embedding(a, train.labels, b, held.labels, course.seed)
            for name, (a, b) in spaces.items()
        }
        lines = {name: one.curve for name, one in found.items() if len(one.curve)}
        if lines:
            revealed.append(sketch.curves("embeddings_labels", lines, log_x=True))
    return Drawn(shown, revealed, facts)


def in_the_plane(codes: Array, seed: int) -> Array:
    """t-SNE of codes (n, d), or themselves where they have two numbers."""
    if codes.shape[1] <= 2:
        return planar(codes)
    perplexity = min(30.0, (len(codes) - 1) / 3)
    scaled = (codes - codes.mean(0)) / max(float(codes.std()), 1e-12)
    found = TSNE(perplexity=perplexity, init="pca", random_state=seed).fit_transform(scaled)
    return np.asarray(found)


def _neighbours(course: Course, key: str, known: Array, queries: Array, train: Any) -> Any:
    """The first held-out examples, and beside each the training examples that are nearest."""
    first = queries[:_QUERIES].astype(np.float64)
    distance = ((first[:, None] - known[None].astype(np.float64)) ** 2).sum(2)
    nearest = np.argsort(distance, axis=1, kind="stable")[:, :_NEAREST]
    asked, answers = course.encoded.user(slice(0, _QUERIES)), train.user(np.sort(nearest.ravel()))
    places = np.searchsorted(np.sort(nearest.ravel()), nearest)
    together = np.concatenate([asked[:, None], answers[places]], 1)
    values = together.reshape(-1, *together.shape[2:])
    return course.draw.examples(key, values, columns=_NEAREST + 1)


CHAPTER = Chapter(number=7, key="embeddings", draw=draw, trainings=trainings)
