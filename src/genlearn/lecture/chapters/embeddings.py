"""7. Embeddings: neighbours, a map, few labels, and files of codes."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from ...compression import compress_lossy, decompress, unpack
from ...compression.images import Images, plain_kind
from ...compression.measure import png_bytes
from ...core.capabilities import Array, DecodesExactly
from ...core.spec import ImageSpec
from ...evaluate.probes.probing import probe_embedding
from ...representation import map_codes, nearest_neighbours, representation_of
from ...representation.label_efficiency import principal_components
from ..chapter import Chapter, Drawn
from ..course import Course
from ..figures import Figure
from ..sketch import Sketch
from ..trainings.runs import code_of, flow, vae
from ..trainings.training import Training

_MAPPED, _QUERIES, _NEAREST, _TAUGHT = 800, 4, 9, 5000
_QUICK = 1024  # numbers in an example, up to which features of a network take seconds
_PACKED, _SHOWN, _QUALITIES = 200, 10, (10, 30, 50, 70)
RUN = "vae"


def trainings(course: Course) -> Iterator[Training]:
    """Whose codes are looked at."""
    yield vae(course)
    yield flow(course)


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
    mapped = held.take(slice(0, _MAPPED))
    revealed: list[Any] = [
        _neighbours(course, "embeddings_codes", codes_train, codes, train),
        sketch.map("embeddings_map", map_codes(codes[: len(mapped)], seed=course.seed), mapped),
    ]
    if train.labels is not None and held.labels is not None and len(course.spec.classes) > 1:
        spaces = _spaces(course, (codes_train, codes), (rows_train, rows))
        found = {
            name: probe_embedding(known, train.labels, asked, held.labels, course.seed).curve
            for name, (known, asked) in spaces.items()
        }
        lines = {name: curve for name, curve in found.items() if len(curve)}
        if lines:
            revealed.append(sketch.curves("embeddings_labels", lines, log_x=True))
    if course.images and isinstance(model, DecodesExactly):
        revealed += _compressed(course, model, facts)
    return Drawn(shown, revealed, facts)


Space = tuple[Array, Array]  # what stands for training and for held-out examples


def _spaces(course: Course, codes: Space, rows: Space) -> dict[str, Space]:
    """Codes, principal components of the same number, the ``rows`` of numbers themselves, and
    features of the diffusion model, where they are quick."""
    spaces = {
        "codes": codes,
        "PCA": principal_components(*rows, codes[0].shape[1], course.seed),
        "pixels" if course.images else "columns": rows,
    }
    if course.spec.dim <= _QUICK and course.has("flow"):
        features = representation_of(course.model("flow"))
        train = course.split.train.take(slice(0, _TAUGHT))
        spaces["features"] = features.of(train), features.of(course.encoded)
    return spaces


def _compressed(course: Course, model: DecodesExactly, facts: dict[str, str]) -> list[Figure]:
    """What comes back from files of codes, by the bytes that an image takes there; nothing where
    images are not of 8 bits, or no coder is installed."""
    some = course.encoded.take(slice(0, _PACKED))
    values = some.user(slice(0, len(some)))
    spec = course.spec
    assert isinstance(spec, ImageSpec)
    if values.dtype != np.uint8 or importlib.util.find_spec("constriction") is None:
        return []
    channels, height, width = spec.shape
    pixels = values.reshape(len(values), height, width, channels)
    facts["png"] = f"{png_bytes(pixels) / len(pixels):.0f}"
    sketch = Sketch(spec, replace(course.strings, facts=facts))
    labels, frames = [], []
    for quality in _QUALITIES:
        file = compress_lossy(model, Images(pixels, kinds=plain_kind(spec)), quality).content
        back = decompress(model, *unpack(file)).pixels.reshape(values.shape)
        labels.append(f"{len(file) / len(pixels):.0f}")
        both = np.concatenate([values[:_SHOWN], back[:_SHOWN]])
        rows = ("original", "restored")
        frames.append(sketch.examples("embeddings_compressed", both, columns=_SHOWN, rows=rows))
    return [sketch.frames("embeddings_compressed", labels, frames)]


def _neighbours(course: Course, key: str, known: Array, queries: Array, train: Any) -> Any:
    """The first held-out examples, and beside each the training examples that are nearest."""
    nearest = nearest_neighbours(known, queries[:_QUERIES], _NEAREST).indices
    asked, answers = course.encoded.user(slice(0, _QUERIES)), train.user(nearest.ravel())
    answers = answers.reshape(*nearest.shape, *answers.shape[1:])
    together = np.concatenate([asked[:, None], answers], 1)
    values = together.reshape(-1, *together.shape[2:])
    return course.draw.examples(key, values, columns=_NEAREST + 1)


CHAPTER = Chapter(number=7, key="embeddings", draw=draw, trainings=trainings)
