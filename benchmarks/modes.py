"""Modes: do GANs cover all of eight Gaussians on a ring, and of twenty-five on a grid?

Each family learns with its defaults and equal steps. A mode is covered if at least a tenth of its
fair share of samples lies within three standard deviations of it; good samples lie so near to some
mode. ``picture`` draws the samples of the first seed.

    OMP_NUM_THREADS=1 python benchmarks/modes.py gan dcgan r3gan --seeds 5
    OMP_NUM_THREADS=1 python benchmarks/modes.py r3gan --seeds 1 lr=1e-3
"""

from __future__ import annotations

import argparse
import time
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from common import HERE, report
from numpy.typing import NDArray
from PIL import Image, ImageDraw

import genlearn as gl
from genlearn.core.params import params_of, parse_param
from genlearn.core.registry import find

Array = NDArray[Any]
LEARNED, DRAWN = 20_000, 5000
NEAR = 3.0  # standard deviations
SIDE, MARGIN = 220, 24  # of a panel, pixels


@dataclass(frozen=True)
class Modes:
    """Gaussians of equal weight and standard deviation ``spread`` about ``centres``, (modes, 2)."""

    centres: Array
    spread: float

    def draw(self, n: int, seed: int) -> Array:
        rng = np.random.default_rng(seed)
        return self.centres[rng.integers(len(self.centres), size=n)] + self.spread * rng.normal(
            size=(n, 2)
        )

    def judge(self, x: Array) -> dict[str, float]:
        distances = np.linalg.norm(x[:, None] - self.centres, axis=2)
        good = distances.min(1) < NEAR * self.spread
        counts = np.bincount(distances.argmin(1)[good], minlength=len(self.centres))
        return {
            "covered": int((counts > len(x) / len(self.centres) / 10).sum()),
            "good": float(good.mean()),
        }


TURNS = 2 * np.pi * np.arange(8) / 8
SETS = {
    "ring": Modes(np.stack([np.cos(TURNS), np.sin(TURNS)], 1), 0.02),
    "grid": Modes(np.stack(np.meshgrid(*[2.0 * np.arange(-2, 3)] * 2), -1).reshape(-1, 2), 0.05),
}


def learned(
    name: str, modes: Modes, seed: int, hyper: dict[str, Any]
) -> tuple[dict[str, float], Array]:
    """How well a model learns ``modes``, and its samples."""
    start = time.process_time()
    samples = (
        gl.create(name, seed=seed, **hyper).fit(modes.draw(LEARNED, seed)).sample(DRAWN, seed=seed)
    )
    return modes.judge(samples) | {"core seconds": time.process_time() - start}, samples


def picture(rows: dict[str, dict[str, Array]]) -> Image.Image:
    """Samples of each family, beside the data: a row for each set."""
    columns = ["data", *rows]
    image = Image.new("RGB", (SIDE * len(columns), (SIDE + MARGIN) * len(SETS)), "white")
    draw = ImageDraw.Draw(image)
    for j, (kind, modes) in enumerate(SETS.items()):
        reach = 1.15 * np.abs(modes.centres).max()
        for i, name in enumerate(columns):
            x = modes.draw(DRAWN, 0) if name == "data" else rows[name][kind]
            places = ((x / reach + 1) / 2 * SIDE)[(np.abs(x) < reach).all(1)].astype(int)
            counts = np.zeros((SIDE, SIDE))
            np.add.at(
                counts,
                (SIDE - 1 - places[:, 1].clip(0, SIDE - 1), places[:, 0].clip(0, SIDE - 1)),
                1,
            )
            tile = 255 - (255 * np.minimum(1, np.sqrt(counts) / 2)).astype(np.uint8)
            image.paste(Image.fromarray(tile), (i * SIDE, j * (SIDE + MARGIN) + MARGIN))
            draw.text((i * SIDE + 6, j * (SIDE + MARGIN) + 6), name, "black")
    return image


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("models", nargs="+", help="names, and settings as key=value")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=10_000)
    options = parser.parse_intermixed_args()
    torch.set_num_threads(1)
    settings = dict(text.split("=") for text in options.models if "=" in text)
    names, rows, drawn = [name for name in options.models if "=" not in name], [], {}
    for name in names:
        known = params_of(find(name))
        hyper = {key: parse_param(known[key], value) for key, value in settings.items()} | {
            "steps": options.steps
        }
        drawn[name] = {}
        for kind, modes in SETS.items():
            found, samples = zip(
                *(learned(name, modes, seed, hyper) for seed in range(options.seeds)), strict=True
            )
            drawn[name][kind] = samples[0]
            covered, good = [one["covered"] for one in found], [one["good"] for one in found]
            row = {
                "family": name,
                "set": kind,
                "modes": len(modes.centres),
                "covered, each seed": " ".join(map(str, covered)),
            }
            rows.append(
                row
                | {
                    "good, mean": float(np.mean(good)),
                    "good, worst": min(good),
                    "core s": float(np.mean([one["core seconds"] for one in found])),
                }
            )
            print(rows[-1], flush=True)
    report("-".join(["modes", *options.models]), rows, steps=options.steps)
    picture(drawn).save(HERE / "out" / f"modes-{'-'.join(names)}.png")


if __name__ == "__main__":
    main()
