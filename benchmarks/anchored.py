"""What a closed form at the start is worth: models that begin as one against the same models that
begin at random, by the number of steps, on examples that none of them has seen.

A diffusion model is judged by its objective, an autoencoder by its squared error for each number, a
VAE by log p(x) in nats for each number; all inside, and beside the closed form alone. Seconds are
processor time of one thread, the fit of the closed form included.

    OMP_NUM_THREADS=1 python benchmarks/anchored.py digits flow edm ddpm autoencoder vae
        [--steps 1,60,400]
"""

from __future__ import annotations

import sys
import time
from typing import Any

import numpy as np
import torch
from common import report

import genlearn as gl
from genlearn.core.params import params_of
from genlearn.core.registry import find
from genlearn.core.seeding import seeded
from genlearn.data import open_data
from genlearn.data.split import divide

HELD_OUT, REPEATS, DRAWS = 1 / 3, 4, 100


@torch.inference_mode()
def judged(model: Any, data: Any) -> float:
    """Less is better."""
    x, y = data.batch(np.arange(min(1000, len(data))))
    if hasattr(model, "denoiser"):
        y = y if model.condition_ == "label" else None
        return float(np.mean([_loss(model, x, y, seed) for seed in range(REPEATS)]))
    if hasattr(model, "score_samples"):
        model.set_params(evaluation_samples=DRAWS)
        rows = data.user(slice(0, 200))
        return -float(model.score_samples(rows).mean()) / model.spec_.dim
    return float((model.decode_tensor(model.encode_tensor(x)) - x).square().mean())


def _loss(model: Any, x: torch.Tensor, y: torch.Tensor | None, seed: int) -> float:
    with seeded(seed):
        eps, t = torch.randn_like(x), model.training_times(len(x))
        t = t[torch.randperm(len(t))]
    return float(model.denoiser.loss(x, eps, t, y))


def main() -> None:
    """Print and keep a row for each model and start."""
    words = sys.argv[1:]
    steps = (1, 60, 400)
    if "--steps" in words:
        at = words.index("--steps")
        steps = tuple(map(int, words[at + 1].split(",")))
        del words[at : at + 2]
    source, *names = words
    split = divide(open_data(source), 0, HELD_OUT)
    rows = []
    for name in names:
        for start in params_of(find(name))["anchor"].choices:
            row: dict[str, Any] = {"data": source, "model": name, "start": start}
            for count in steps:
                begun = time.process_time()
                model = gl.create(name, steps=count, anchor=start).fit(split.train)
                spent = time.process_time() - begun
                row[f"{count} steps"] = f"{judged(model, split.held_out):.4f} ({spent:.0f} s)"
            rows.append(row)
    report(f"anchored-{source}", rows)


if __name__ == "__main__":
    main()
