"""Does a model draw what it is asked for? Scenes say so by themselves: each caption names five
attributes, and a classifier reads them in a picture.

After GenEval (Ghosh, Hajishirzi & Schmidt 2023, arXiv 2310.11513), which detects objects in
photographs; here the pictures are simple enough for a small network, trained on real scenes of all
pairs of colour and shape, to err in hardly any. Asked for are scenes of the pairs that training
shows, and of those that it never shows: a model that draws them too has understood words one by
one. Beside them stand real scenes, which the classifier reads at its best, and samples that were
asked for nothing, which are right by chance.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from ...core.capabilities import Array
from ...core.errors import UserError
from ...core.seeding import seed_for, seeded
from ...core.spec import DataSpec
from ...data import open_data
from ...data.dataset import digest
from ...data.prepare.cache import entry, key_of
from ...data.sources.toy_captions import ATTRIBUTES, caption, draw_attributes, scenes
from ...engine.optimizers.one_cycle import OneCycle

_CHANNELS, _FEATURES = (3, 32, 64, 96), 192
_TRAIN_SCENES, _STEPS, _BATCH = 40_000, 1200, 128
_RATE, _DECAY, _WARMUP = 4e-3, 0.01, 0.3
_SEED = seed_for(0, "following")  # of real scenes, which no model was trained on
_FILE = "classifier.safetensors"


class AttributeClassifier(nn.Module):
    """Pictures (B, 3, side, side) -> logits for each attribute."""

    def __init__(self, side: int) -> None:
        super().__init__()
        stages = (
            (nn.Conv2d(a, b, 3, padding=1), nn.BatchNorm2d(b), nn.ReLU(), nn.MaxPool2d(2))
            for a, b in pairwise(_CHANNELS)
        )
        self.features = nn.Sequential(*(layer for stage in stages for layer in stage), nn.Flatten())
        self.sizes = [len(names) for names in ATTRIBUTES.values()]
        cells = (side // 2 ** (len(_CHANNELS) - 1)) ** 2
        self.head = nn.Sequential(
            nn.Linear(_CHANNELS[-1] * cells, _FEATURES),
            nn.ReLU(),
            nn.Linear(_FEATURES, sum(self.sizes)),
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        return list(self.head(self.features(x)).split(self.sizes, 1))


def prompt_adherence(
    model: Any, n: int = 1000, seed: int = 0, **how: Any
) -> dict[str, dict[str, float]]:
    """Shares of ``n`` pictures that show each attribute as asked, their mean, and of those that
    show all; by what was asked.

    ``how``: what `sample` takes beside prompts. Raises `UserError` for a model of other pictures
    than scenes.
    """
    spec: DataSpec = model.spec_
    if (
        spec.dtype != "uint8"
        or spec.shape[0] != 3
        or spec.shape[1] != spec.shape[2]
        or spec.shape[1] % 8
    ):
        raise UserError(
            f"examples of shape {spec.user_shape} were learned; following is measured on scenes:"
            " fit a model on them, such as: flow scenes"
        )
    side, classifier = spec.shape[1], _load_classifier(spec.shape[1])
    found = {}
    for what, held in (("seen", False), ("held out", True)):
        asked = draw_attributes(n, seed_for(seed, what), held)
        drawn = model.sample(n, seed=seed, prompt=[caption(row) for row in asked], **how)
        found[what] = attribute_accuracy(classifier, spec, drawn, asked)
        real = scenes(n, seed_for(_SEED, what), side, held)
        found[f"real, {what}"] = attribute_accuracy(classifier, spec, real.values, real.attributes)
    found["asked for nothing"] = attribute_accuracy(
        classifier,
        spec,
        model.sample(n, seed=seed),
        draw_attributes(n, seed_for(seed, "seen"), False),
    )
    return found


@torch.inference_mode()
def attribute_accuracy(
    classifier: AttributeClassifier, spec: DataSpec, values: Array, asked: Array
) -> dict[str, float]:
    """Shares of pictures that show what was ``asked`` (n, 5)."""
    parts = (
        classifier(spec.to_internal(values[start : start + 500]))
        for start in range(0, len(values), 500)
    )
    shown = torch.cat(
        [torch.stack([logits.argmax(1) for logits in part], 1) for part in parts]
    ).numpy()
    right = shown == asked
    shares = {name: float(right[:, column].mean()) for column, name in enumerate(ATTRIBUTES)}
    return {**shares, "mean": float(right.mean()), "all": float(right.all(1).mean())}


def _load_classifier(side: int) -> AttributeClassifier:
    """The classifier, trained once and kept."""

    def build(folder: Path) -> None:
        save_file(_train_classifier(side).state_dict(), folder / _FILE)

    place, _ = entry(
        key_of(("following", digest(scenes(8, 0, side).values), _STEPS, _TRAIN_SCENES)),
        build,
        lambda folder: (folder / _FILE).is_file(),
    )
    with seeded(_SEED):
        classifier = AttributeClassifier(side)
    classifier.load_state_dict(load_file(place / _FILE))
    return classifier.eval()


def _train_classifier(side: int) -> AttributeClassifier:
    """A classifier trained on real scenes of all pairs."""
    real = scenes(_TRAIN_SCENES, _SEED, side, held=None)
    data, truth = open_data(real.values), torch.from_numpy(real.attributes)
    with seeded(_SEED):
        classifier = AttributeClassifier(side)
        optimizer = OneCycle(classifier.parameters(), _RATE, _WARMUP, _DECAY)
        for step in range(_STEPS):
            rows = torch.randint(len(truth), (_BATCH,))
            logits = classifier(data.spec.to_internal(data.user(rows.numpy())))
            loss = sum(
                (F.cross_entropy(part, truth[rows, column]) for column, part in enumerate(logits)),
                start=torch.zeros(()),
            )
            optimizer.step(loss, (step + 1) / _STEPS)
    return classifier
