"""Runs whose files were changed by somebody who knows how they are written: values of a manifest
with a digest that fits again, tensors that are gone, new, or of another shape; and plain damage."""

from __future__ import annotations

import json
import random
import shutil
import warnings
from pathlib import Path

import torch
from sklearn.datasets import load_digits

import genlearn as gl
from fuzzing.mutations import mutated, mutated_document
from genlearn.core.disk.checked import read_tensors, write_document, write_tensors
from genlearn.core.registry import find

# one for each way to learn, to condition and to compose
MODELS = ("ppca", "gmm", "kde", "autoencoder", "vae", "vqvae", "gan", "r3gan", "flow", "ddpm")
_MANIFEST, _WEIGHTS = "manifest.json", "weights.safetensors"


def make_runs(folder: Path) -> list[Path]:
    """A tiny run of each of `MODELS`, on digits with their classes."""
    x, y = (part[:64] for part in load_digits(return_X_y=True))
    images = x.reshape(-1, 8, 8).astype("u1") * 16
    for name in MODELS:
        kind = find(name)
        steps = {"steps": 2, "size": "tiny"} if hasattr(kind, "steps") else {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind(**steps).fit(images, y).save(folder / name)
    return [folder / name for name in MODELS]


def changed_manifest(run: Path, place: Path, rng: random.Random) -> Path:
    """A copy of ``run`` at ``place`` with other values in its manifest."""
    _copy(run, place)
    document = json.loads((run / _MANIFEST).read_text())
    document.pop("digest")
    changed = mutated_document(document, rng)
    if isinstance(changed, dict):
        write_document(place / _MANIFEST, changed)
    else:
        (place / _MANIFEST).write_text(json.dumps(changed))
    return place


def changed_weights(run: Path, place: Path, rng: random.Random) -> Path:
    """A copy of ``run`` with other tensors."""
    _copy(run, place)
    tensors, about = read_tensors(run / _WEIGHTS)
    name = rng.choice([*tensors])
    change = rng.randrange(4)
    if change == 0:
        del tensors[name]
    elif change == 1:
        tensors[rng.choice(("x", "", "a.b"))] = tensors[name].clone()
    elif change == 2:
        shape = rng.choice(((), (0,), (1, 1), (3, 5, 7)))
        tensors[name] = torch.zeros(shape, dtype=tensors[name].dtype)
    else:
        fill = rng.choice((float("nan"), float("inf"), -1.0, 1e30))
        tensors[name] = torch.full_like(tensors[name], fill if _float(tensors[name]) else -1)
    write_tensors(place / _WEIGHTS, tensors, **about)
    return place


def damaged(run: Path, place: Path, rng: random.Random) -> Path:
    """A copy of ``run`` with bytes changed in one of its files."""
    _copy(run, place)
    file = place / rng.choice((_MANIFEST, _WEIGHTS))
    file.write_bytes(mutated(file.read_bytes(), rng))
    return place


def use(path: Path) -> None:
    """Load the run, and draw from it or encode with it."""
    model = gl.load(path)
    if hasattr(model, "sample"):
        model.sample(2, seed=0)


def _copy(run: Path, place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(run, place)


def _float(tensor: torch.Tensor) -> bool:
    return tensor.is_floating_point()
