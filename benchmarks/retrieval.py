"""Do generated images show their captions? An encoder of images, trained on real pairs, looks for
the caption of each image among a hundred.

    OMP_NUM_THREADS=1 python benchmarks/retrieval.py DATA RESOLUTION RUN[:1,2] [RUN ...]

The encoder learns to find captions (Radford et al. 2021, arXiv 2103.00020) as the frozen language
model embeds them, from nine tenths of the real pairs. Real images of the last tenth are the
ceiling, images drawn for shuffled captions the floor. By guidance: how often the caption is found
(top 1 and 5 of 100), how far images of one caption lie apart in the encoder's features, as a share
of how far real images do, and the Frechet distance of the features to those of real images.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from common import HERE, report
from torch import Tensor, nn

import genlearn as gl
from genlearn.core.image_grid import image_grid
from genlearn.core.seeding import seeded
from genlearn.data import Dataset, open_data
from genlearn.data.text.caption_embeddings import embed_captions
from genlearn.data.text.text_encoder import MINILM, text_encoder
from genlearn.evaluate.metrics.frechet import frechet
from genlearn.nets.coders.conv_coder import ConvEncoder

SIDE, FEATURES, WARMTH = 32, 128, 0.07
STEPS, BATCH = 1200, 256
AMONG, GROUPS, AGAIN = 100, 4, 4
GUIDANCE, SHUFFLED = "1,2,4,8", 3.0  # unless a run says its own
SHOWN = (
    "red heart",
    "yellow heart",
    "smiling face",
    "cat face",
    "flag of France",
    "blue circle",
    "umbrella",
    "slice of pizza",
)


class Judge(nn.Module):
    """Images (B, C, 32, 32) and captions (B, numbers) to features of length 1 that are alike where
    they belong together."""

    def __init__(self, channels: int, numbers: int) -> None:
        super().__init__()
        self.image = ConvEncoder((channels, SIDE, SIDE), FEATURES, 32, 1)
        self.text = nn.Linear(numbers, FEATURES)

    def images(self, x: Tensor) -> Tensor:
        return F.normalize(self.image(x), dim=1)

    def captions(self, t: Tensor) -> Tensor:
        return F.normalize(self.text(t), dim=1)


def learned(x: Tensor, t: Tensor) -> Judge:
    """A judge of pairs, with images moved about by up to three pixels."""
    with seeded(0), torch.enable_grad():
        judge = Judge(x.shape[1], t.shape[1])
        steps = torch.optim.AdamW(judge.parameters(), lr=2e-3, weight_decay=0.1)
        rates = torch.optim.lr_scheduler.OneCycleLR(steps, 2e-3, total_steps=STEPS)
        for _ in range(STEPS):
            rows, (dy, dx) = torch.randint(len(x), (BATCH,)), torch.randint(0, 7, (2,)).tolist()
            moved = F.pad(x[rows], (3, 3, 3, 3), mode="replicate")[
                ..., dy : dy + SIDE, dx : dx + SIDE
            ]
            noisy_text = t[rows] + 0.02 * torch.randn(BATCH, t.shape[1])
            alike = (
                judge.images(moved + 0.05 * torch.randn_like(moved))
                @ judge.captions(noisy_text).T
                / WARMTH
            )
            loss = (
                F.cross_entropy(alike, torch.arange(BATCH))
                + F.cross_entropy(alike.T, torch.arange(BATCH))
            ) / 2
            steps.zero_grad()
            loss.backward()
            steps.step()
            rates.step()
    return judge.eval()


def seen(data: Dataset, values: np.ndarray) -> Tensor:
    return F.interpolate(data.spec.to_internal(values), (SIDE, SIDE), mode="area")


@torch.no_grad()
def found(judge: Judge, x: Tensor, t: Tensor) -> dict[str, float]:
    """How often the caption of an image is the first, or among the first five, of the hundred of
    its group."""
    ranks = []
    for first in range(0, len(x) - AMONG + 1, AMONG):
        alike = judge.images(x[first : first + AMONG]) @ judge.captions(t[first : first + AMONG]).T
        ranks.append((alike > alike.diagonal()[:, None]).sum(1))
    rank = torch.cat(ranks)
    return {"top 1": float((rank < 1).float().mean()), "top 5": float((rank < 5).float().mean())}


@torch.no_grad()
def apart(judge: Judge, x: Tensor) -> float:
    """Root mean square distance of features: of all pairs of each group of ``x`` (groups, n, C, H,
    W)."""
    z = torch.stack([judge.images(group) for group in x])
    n = z.shape[1]
    return float((torch.cdist(z, z).square().sum((1, 2)) / (n * (n - 1))).mean().sqrt())


@torch.no_grad()
def judged(
    judge: Judge,
    data: Dataset,
    model: Any,
    captions: list[str],
    t: Tensor,
    real: np.ndarray,
    guidance: float,
) -> dict[str, float]:
    start = time.process_time()
    x = seen(data, model.sample(len(captions), seed=1, prompt=captions, guidance=guidance))
    speed = len(captions) / (time.process_time() - start)
    few = captions[:50]
    again = torch.stack(
        [
            seen(data, model.sample(len(few), seed=seed, prompt=few, guidance=guidance))
            for seed in range(2, 2 + AGAIN)
        ],
        1,
    )
    spread = apart(judge, again) / apart(judge, torch.from_numpy(real[:400])[None])
    distance = frechet(
        judge.image(torch.from_numpy(real)).double().numpy(), judge.image(x).double().numpy()
    )
    return found(judge, x, t) | {"apart": spread, "distance": distance, "images/s": speed}


def main(source: str, resolution: int, runs: list[str]) -> None:
    torch.set_num_threads(1)
    data = open_data(source, resolution=resolution)
    assert data.captions is not None
    bank = embed_captions(data.captions, text_encoder(MINILM), print)
    tokens, mask = bank.rows(torch.arange(len(data)))
    texts = tokens.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
    order = np.random.default_rng(0).permutation(len(data))
    train, test = order[len(data) // 10 :], order[: len(data) // 10]
    images = seen(data, data.user(slice(None)))
    judge = learned(images[train], texts[train])
    rows: list[dict[str, Any]] = []
    blank = {"apart": "", "distance": "", "images/s": ""}
    for what, index in (
        ("real, held out from the judge", test),
        ("real, that it learned", train[: GROUPS * AMONG]),
    ):
        rows.append(
            {"run": what, "guidance": ""} | found(judge, images[index], texts[index]) | blank
        )
    asked = train[: GROUPS * AMONG]
    captions, real = [data.captions[i] for i in asked], images[train].numpy()
    floor = frechet(
        *(
            judge.image(torch.from_numpy(part)).detach().double().numpy()
            for part in (real[:400], real[400:])
        )
    )
    print("floor of the distance, 400 real images against the rest:", floor, flush=True)
    for case in runs:
        run, _, own = case.partition(":")
        model, scales = gl.load(run), [float(scale) for scale in (own or GUIDANCE).split(",")]
        usual = scales[-1] if own else SHUFFLED
        for guidance in scales:
            row = judged(judge, data, model, captions, texts[asked], real, guidance)
            rows.append({"run": Path(run).name, "guidance": guidance} | row)
            print(rows[-1], flush=True)
        x = seen(data, model.sample(len(captions), seed=1, prompt=captions, guidance=usual))
        shuffled = torch.from_numpy(np.random.default_rng(1).permutation(len(asked)))
        rows.append(
            {"run": f"{Path(run).name}, captions shuffled", "guidance": usual}
            | found(judge, x, texts[asked][shuffled])
            | blank
        )
        picture = np.concatenate(
            [model.sample(8, seed=5, prompt=text, guidance=usual) for text in SHOWN]
        )
        image_grid(picture, model.spec_, 16).save(HERE / "out" / f"retrieval-{Path(run).name}.png")
    report("retrieval", rows, source=Path(source).name, floor=floor)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
