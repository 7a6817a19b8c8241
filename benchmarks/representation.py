"""Codes at work: how fast neighbours are found, how few labels codes need, and what is learned on
one set of images worth on another.

neighbours  a query among the 60,000 codes of MNIST, 32 numbers each
few         accuracy on MNIST with 5 labels a class, beside pixels and principal components
transfer    200 labelled images of four classes of CIFAR-10 (50 each), after 20,000 unlabelled ones
            of the other six or of the same four, beside pixels and what is learned from the 200

Labelled examples are drawn 10 times, the same for all; intervals are those of the
mean over draws. The layer of a denoiser is chosen by the labels of the draw alone; "all layers" are
all of them beside one another, at its middle time.

OMP_NUM_THREADS=1 GENLEARN_DATA=data python benchmarks/representation.py neighbours few transfer
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from common import HERE, report
from sklearn.decomposition import PCA
from torch import nn

import genlearn as gl
from genlearn.core.capabilities import HasFeatures
from genlearn.core.seeding import seed_for, seeded
from genlearn.data.dataset import Dataset
from genlearn.evaluate.probes.probing import few_labels, probe_correct
from genlearn.representation import nearest_neighbours
from genlearn.representation.choose_features import (
    ALL,
    FeatureChoice,
    choose_features,
    default_features,
)
from genlearn.representation.label_efficiency import as_seen, over_draws

# each is trained for two minutes, on the 20,000 images to be transferred from for twenty
MODELS: dict[str, dict[str, Any]] = {
    "autoencoder": {"latent_dim": 32, "budget": "120s"},
    "vae": {"latent_dim": 32, "size": "tiny", "budget": "120s"},
    "flow": {"size": "tiny", "condition": "none", "budget": "120s"},
}
LONG = "20m"
TEST = 2000
SPLITS = (("train", 10_000), ("test", TEST))
LABELLED = ("airplane", "cat", "frog", "truck")
Features = Callable[[Dataset, Dataset], tuple[Any, Any]]  # of labelled and test examples


def fitted(name: str, data: Any, what: str, **hyper: Any) -> Any:
    return gl.create(name, **MODELS[name] | hyper).fit(
        data, out=HERE / "out" / f"representation-{what}-{name}"
    )


def neighbours() -> list[dict[str, Any]]:
    train = gl.open_data("mnist", split="train")
    codes = gl.create("ppca", latent_dim=32).fit(train).encode(train)
    times = []
    for query in codes[:100]:
        begun = time.perf_counter()
        nearest_neighbours(codes, query[None], 10)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    nearest_neighbours(codes, k=10)
    all_own = time.perf_counter() - begun
    return [
        {
            "codes": len(codes),
            "s a query, median": float(np.median(times)),
            "s a query, slowest": max(times),
            "s, all own neighbours": all_own,
        }
    ]


def few() -> list[dict[str, Any]]:
    train, test = (some(gl.open_data("mnist", split=part), n) for part, n in SPLITS)
    whole = gl.open_data("mnist", split="train")
    ways: dict[str, Features] = {"pixels": once(as_seen)}
    ways |= {f"{d} principal components": components(train, d) for d in (32, 128)}
    for name in MODELS:
        ways |= representations(name, fitted(name, whole, "mnist"))
    return measured(train, test, ways, each=5, draws=10)


def transfer() -> list[dict[str, Any]]:
    data, test = (gl.open_data("cifar10", split=part) for part in ("train", "test"))
    places = [data.spec.classes.index(name) for name in LABELLED]
    kept, held = (part.take(np.flatnonzero(np.isin(part.labels, places))) for part in (data, test))
    others = some(data.take(np.flatnonzero(~np.isin(data.labels, places))), 20_000)
    scratch = kept.take(few_labels(kept.labels, 50, seed_for(0, "draw", 0)))
    ways: dict[str, Features] = {
        "pixels": once(as_seen),
        "128 principal components": components(others, 128),
    }
    for what, known, budget in (
        ("20,000 others", others, LONG),
        ("20,000 of these classes", kept, LONG),
        ("the 200", scratch, "120s"),
    ):
        model = fitted("flow", unlabelled(known), f"cifar10-{what}", budget=budget)
        found = representations("flow", model)
        ways |= {f"{way}, learned from {what}": features for way, features in found.items()}
    return measured(kept, some(held, TEST), ways, each=50, draws=10, network=True)


def some(data: Dataset, n: int) -> Dataset:
    return data.take(np.sort(np.random.default_rng(0).permutation(len(data))[:n]))


def unlabelled(data: Dataset) -> Any:
    return np.asarray(data.values)


def components(known: Dataset, numbers: int) -> Features:
    found = PCA(numbers, random_state=0).fit(as_seen(some(known, 5000)))
    return once(lambda data: found.transform(as_seen(data)))


def once(way: Callable[[Dataset], Any]) -> Features:
    """``way`` of labelled and of test examples; these are the same in all draws."""
    kept: dict[int, Any] = {}

    def features(labelled: Dataset, test: Dataset) -> tuple[Any, Any]:
        if id(test) not in kept:
            kept[id(test)] = way(test)
        return way(labelled), kept[id(test)]

    return features


def representations(name: str, model: Any) -> dict[str, Features]:
    """What of the model can stand for an example."""
    if not isinstance(model, HasFeatures):
        return {name: once(model.encode)}
    kept: dict[tuple[str, float, int], Any] = {}

    def features(choice: Any, labelled: Dataset, test: Dataset) -> tuple[Any, Any]:
        key = (choice.layer, choice.t, id(test))
        if key not in kept:
            kept[key] = choice.of(model, test.user(slice(None)))
        return choice.of(model, labelled.user(slice(None))), kept[key]

    return {
        f"{name}, middle layer": lambda a, b: features(default_features(model), a, b),
        f"{name}, layer chosen": lambda a, b: features(choose_features(model, a), a, b),
        f"{name}, all layers": lambda a, b: features(all_layers(model), a, b),
    }


def all_layers(model: HasFeatures) -> FeatureChoice:
    return default_features(model)._replace(layer=ALL)


def measured(
    pool: Dataset,
    test: Dataset,
    ways: dict[str, Features],
    each: int,
    draws: int,
    network: bool = False,
) -> list[dict[str, Any]]:
    """A row for each way: accuracy of a linear classifier after ``each`` labels of each class."""
    found: dict[str, list[float]] = {way: [] for way in ways}
    sizes: dict[str, int] = {}
    for draw in range(draws):
        labelled = pool.take(few_labels(pool.labels, each, seed_for(0, "draw", draw)))
        for way, features in ways.items():
            known, asked = features(labelled, test)
            sizes[way] = known.shape[1]
            right = probe_correct((known, labelled.labels), (asked, test.labels), 0)
            found[way].append(float(right.mean()))
        if network:
            found.setdefault("network taught from scratch", []).append(scratch(labelled, test))
    rows = []
    for way, values in found.items():
        value = over_draws(np.array(values))
        text = f"{value.value:.3f} [{value.low:.3f}, {value.high:.3f}]"
        rows.append({"by": way, "numbers": sizes.get(way, 0), "accuracy": text, "draws": draws})
    return rows


def scratch(labelled: Dataset, test: Dataset) -> float:
    """Accuracy of a convolutional network that sees the labelled images alone, mirrored and
    moved."""
    x, asked = (part.spec.to_internal(part.user(slice(None))) for part in (labelled, test))
    y = torch.from_numpy(labelled.labels)
    with seeded(0):
        net = nn.Sequential(
            *(layer for a, b in ((3, 32), (32, 64), (64, 128)) for layer in stage(a, b)),
            nn.AdaptiveAvgPool2d(2),
            nn.Flatten(),
            nn.Linear(512, len(test.spec.classes)),
        )
        optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=0.05)
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=200)
        for _ in range(200):
            rows = torch.randint(len(x), (64,))
            shift = torch.randint(0, 9, (2,)).tolist()
            moved = F.pad(x[rows], (4, 4, 4, 4), "reflect")[..., shift[0] :, shift[1] :]
            batch = moved[..., : x.shape[2], : x.shape[3]]
            batch = batch.flip(3) if torch.rand(()) < 0.5 else batch
            loss = F.cross_entropy(net(batch), y[rows], label_smoothing=0.1)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    net.eval()
    with torch.inference_mode():
        found = torch.cat([net(part).argmax(1) for part in asked.split(500)]).numpy()
    return float((found == test.labels).mean())


def stage(before: int, channels: int) -> list[nn.Module]:
    convolution = nn.Conv2d(before, channels, 3, padding=1)
    return [convolution, nn.BatchNorm2d(channels), nn.ReLU(), nn.MaxPool2d(2)]


MEASURED = {"neighbours": neighbours, "few": few, "transfer": transfer}


def main() -> None:
    torch.set_num_threads(1)
    for name in sys.argv[1:]:
        report(f"representation-{name}", MEASURED[name]())


if __name__ == "__main__":
    main()
