"""The panels that every model gets, by what it can do. Titles are the same for all models, so that a report can lay them side by side."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.decomposition import PCA
from sklearn.manifold import TSNE

from ..core.capabilities import Array, Denoises, Encodes, Examples
from ..core.panel import Curves, Map, Panel, Pictures
from ..core.picture import cells
from ..core.random import derive
from ..core.spec import DataSpec, ImageSpec
from .yardstick import Yardstick, flat

_ACROSS = 12
_SHOWN = 48
_MAPPED = 800
_MOMENTS, _ROWS, _COLUMNS = 6, 2, 6  # of training, each with the first samples of a preview, which are 6 x 6
_DIRECTIONS, _REACH = 6, 2.5  # latent directions of a traversal, and how far it goes, in standard deviations
_NOISE = (0.1, 0.3, 0.6)  # inside, where the range of an image is 2


def real_panels(yardstick: Yardstick) -> Iterator[Panel]:
    """What the data looks like."""
    if isinstance(yardstick.spec, ImageSpec):
        values = yardstick.split.held_out.user(slice(0, _SHOWN))
        yield Pictures(title="Real data", meaning="Held-out examples: what no model has seen, and all are judged by.", values=values, columns=_ACROSS)


def sample_panels(yardstick: Yardstick, samples: Array) -> Iterator[Panel]:
    """New data: pictures, or rows on the map of the real ones."""
    if isinstance(yardstick.spec, ImageSpec):
        meaning = "New data, the first that were drawn; nothing was picked. All models get the same seed."
        yield Pictures(title="Samples", meaning=meaning, values=samples[:_SHOWN], columns=_ACROSS)
        return
    real, fake = flat(yardstick.split.held_out.values[:_MAPPED], yardstick.spec), flat(samples[:_MAPPED], yardstick.spec)
    points = PCA(min(2, real.shape[1])).fit(real).transform(np.concatenate([real, fake]))
    labels = np.repeat([0, 1], [len(real), len(fake)])
    meaning = "Samples among held-out rows, in the plane of the two leading principal components: the colours should be mixed everywhere."
    yield Map(title="Samples among real rows", meaning=meaning, points=_planar(points), labels=labels, classes=("real", "sample"))


def nearest_panel(yardstick: Yardstick, samples: Array, sample_rows: Array, train_rows: Array, title: str, meaning: str) -> Iterator[Panel]:
    """Samples in one row, the training examples nearest to them below."""
    if isinstance(yardstick.spec, ImageSpec) and len(sample_rows):
        both = np.concatenate([samples[sample_rows], yardstick.split.train.user(train_rows)])
        yield Pictures(title=title, meaning=meaning, values=both, columns=len(sample_rows), rows=("sample", "nearest training image"))


def code_panels(model: Encodes, yardstick: Yardstick, codes: Array) -> Iterator[Panel]:
    """Reconstructions, the latent map, a traversal and an interpolation. ``codes`` are those of the first held-out examples.

    No traversal of codes as large as the data: one number of thousands, such as a pixel of the noise that an image was drawn from, moves nothing.
    """
    held = yardstick.split.held_out
    if isinstance(yardstick.spec, ImageSpec):
        yield _reconstructions(model, held)
        if model.latent_dim_ < yardstick.spec.dim:
            yield _traversal(model, codes[:_MAPPED])
        yield _interpolation(model, held)
    yield _latent_map(codes[:_MAPPED], held, yardstick)


def denoising_panels(model: Denoises, yardstick: Yardstick) -> Iterator[Panel]:
    """Growing noise, and what the model makes of it."""
    spec = yardstick.spec
    if not isinstance(spec, ImageSpec):
        return
    clean = yardstick.split.held_out.user(slice(0, _ACROSS))
    rng = np.random.default_rng(derive(yardstick.seed, "noise"))
    rows: list[Array] = []
    for level in _NOISE:
        noisy = clean + rng.normal(0, level / 2 * (spec.high - spec.low), clean.shape)
        noisy = noisy.clip(spec.low, spec.high).astype(clean.dtype)
        rows += [noisy, model.denoise(noisy)]
    names = tuple(f"{text} {level:g}" for level in _NOISE for text in ("noise of", "cleaned from"))
    meaning = "Gaussian noise of growing strength (the range of an image is 2), and the model's guess of what was below."
    yield Pictures(title="Denoising", meaning=meaning, values=np.concatenate(rows), columns=len(clean), rows=names)


def learning_panels(run: Path, spec: DataSpec) -> Iterator[Panel]:
    """One noise over time, and the loss, from the run's samples and metrics."""
    sheets = sorted((run / "samples").glob("[0-9]*.png"))
    if len(sheets) > 1 and isinstance(spec, ImageSpec):
        yield _one_noise([sheets[i] for i in np.linspace(0, len(sheets) - 1, min(_MOMENTS, len(sheets))).round().astype(int)], spec)
    lines = _metrics(run)
    for name in sorted({name for line in lines for name in line["losses"]}):
        points = np.array([(line["at"], line["losses"][name]) for line in lines if name in line["losses"]])
        title = "Learning curve" if name == "loss" else f"Learning curve: {name}"
        meaning = "Training loss over time; families have losses of their own, so heights do not compare between them, shapes do."
        yield Curves(title=title, meaning=meaning, x="seconds of training", y="loss", series={"": points}, log_x=True)


def _one_noise(sheets: list[Path], spec: ImageSpec) -> Panel:
    """The first samples of each sheet, which stand in the same order on all."""
    values = np.concatenate([cells(Image.open(sheet), spec, _ROWS, _COLUMNS) for sheet in sheets])
    meaning = "The same noise during training, after so many steps: what samples were and have become."
    rows = tuple(f"{int(sheet.stem):,}" for sheet in sheets)
    return Pictures(title="One noise over time", meaning=meaning, values=values, columns=_ROWS * _COLUMNS, rows=rows)


def training_seconds(run: Path) -> float:
    """How long the run was trained, over all times that it was taken up."""
    lines = _metrics(run)
    return float(lines[-1]["at"]) if lines else 0.0


def _metrics(run: Path) -> list[dict[str, Any]]:
    """The lines of metrics.jsonl; ``at`` is the training time so far, where ``seconds`` starts again with each process."""
    path, before, last = run / "metrics.jsonl", 0.0, 0.0
    lines = [line for text in path.read_text().splitlines() if (line := _read(text))] if path.exists() else []
    for line in lines:
        before += last if line["seconds"] < last else 0.0
        last = line["seconds"]
        line["at"] = before + last
    return lines


def _read(text: str) -> dict[str, Any] | None:
    """A line of metrics; None where it was cut short by a killed process."""
    try:
        line: dict[str, Any] = json.loads(text)
    except ValueError:
        return None
    return line


def _reconstructions(model: Encodes, held: Examples) -> Panel:
    values = held.user(slice(0, _ACROSS))
    pairs = np.concatenate([values, model.reconstruct(values)])
    meaning = "Held-out examples, and what is left of them after the way through the code."
    return Pictures(title="Reconstructions", meaning=meaning, values=pairs, columns=len(values), rows=("real", "reconstructed"))


def _traversal(model: Encodes, codes: Array) -> Panel:
    """Along the latents of largest variance, all others at their mean."""
    mean, deviation = codes.mean(0), codes.std(0)
    latents = np.argsort(-deviation)[: min(_DIRECTIONS, codes.shape[1])]
    steps = np.linspace(-_REACH, _REACH, _ACROSS)
    grid = np.repeat(mean[None], len(latents) * len(steps), axis=0).reshape(len(latents), len(steps), -1)
    for row, latent in zip(grid, latents, strict=True):
        row[:, latent] += steps * deviation[latent]
    values = model.decode(grid.reshape(-1, codes.shape[1]).astype(codes.dtype))
    meaning = f"One latent at a time from -{_REACH:g} to {_REACH:g} standard deviations of the codes, the others at their mean."
    return Pictures(title="Latent traversal", meaning=meaning, values=values, columns=_ACROSS, rows=tuple(f"latent {i}" for i in latents))


def _interpolation(model: Encodes, held: Examples) -> Panel:
    ends = [held.user(slice(i, i + 1)) for i in range(6)]
    lines = np.concatenate([model.interpolate(a, b, _ACROSS) for a, b in zip(ends[0::2], ends[1::2], strict=True)])
    meaning = "From one held-out example to another on the way between their codes: does every point on it look real?"
    return Pictures(title="Interpolation", meaning=meaning, values=lines, columns=_ACROSS)


def _latent_map(codes: Array, held: Any, yardstick: Yardstick) -> Panel:
    plane, how = (codes, "the two latents themselves") if codes.shape[1] <= 2 else (_embedded(codes, yardstick.seed), "t-SNE of the codes")
    labels = None if held.labels is None else held.labels[: len(codes)]
    values = held.user(slice(0, len(codes))) if isinstance(yardstick.spec, ImageSpec) else None
    classes = " Colours are classes that the model was not told." if labels is not None else ""
    meaning = f"Each point is a held-out example ({how}); neighbours have similar codes.{classes}"
    return Map(title="Latent map", meaning=meaning, points=_planar(plane), labels=labels, classes=yardstick.spec.classes, values=values)


def _embedded(codes: Array, seed: int) -> Array:
    """t-SNE (van der Maaten & Hinton 2008) from the leading principal components."""
    perplexity = min(30.0, (len(codes) - 1) / 3)
    scaled = (codes - codes.mean(0)) / max(float(codes.std()), 1e-12)
    points: Array = TSNE(perplexity=perplexity, init="pca", random_state=derive(seed, "map") % 2**32).fit_transform(scaled)
    return points


def _planar(points: Array) -> Array:
    """Two columns, whatever came."""
    points = np.asarray(points, dtype=np.float64)
    return points if points.shape[1] == 2 else np.column_stack([points[:, 0], np.zeros(len(points))])
