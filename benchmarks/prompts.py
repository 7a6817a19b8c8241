"""Text to image from scratch: a model learns captioned scenes for so many core minutes, and is
asked for pairs that it has seen and has not.

    OMP_NUM_THREADS=1 python benchmarks/prompts.py flow 10 [resolution=64] [guidance=1,3] [width=48]

Shares of 1,000 pictures that show what was asked, by guidance; for comparison, real scenes, and a
model that is asked for nothing. The picture shows pairs held out, at the guidance of the best line
of theirs.
"""

from __future__ import annotations

import sys
from typing import Any

import torch
from common import HERE, report
from quality import trained

from genlearn.core.image_grid import image_grid
from genlearn.core.params import params_of, parse_param
from genlearn.core.registry import find
from genlearn.data import open_data
from genlearn.data.sources.toy_captions import caption, draw_attributes
from genlearn.evaluate.probes.prompt_following import prompt_adherence

GUIDANCE = "1,2,3,5"
ASKED, SHOWN, COLUMNS = 1000, 64, 16


def main(name: str, minutes: float, settings: list[str]) -> None:
    torch.set_num_threads(1)
    known, asked = params_of(find(name)), dict(setting.split("=", 1) for setting in settings)
    data = open_data("scenes", resolution=int(asked.pop("resolution", 32)))
    scales = [float(scale) for scale in asked.pop("guidance", GUIDANCE).split(",")]
    hyper = {"condition": "text"} | {
        key: parse_param(known[key], value) for key, value in asked.items()
    }
    model, spent = trained(name, data, minutes, hyper)
    speed = model.n_steps_ * model.batch_size_ / spent
    print(f"{spent / 60:.1f} core minutes, {speed:.0f} images/s", flush=True)
    rows: list[dict[str, Any]] = []
    for guidance in scales:
        found = prompt_adherence(model, ASKED, guidance=guidance)
        rows += [
            {"guidance": guidance, "asked for": what, **found[what]}
            for what in ("seen", "held out")
        ]
    rows += [
        {"guidance": "", "asked for": what, **found[what]}
        for what in ("real, seen", "real, held out", "asked for nothing")
    ]
    best = max(
        (row for row in rows if row["asked for"] == "held out"), key=lambda row: float(row["all"])
    )
    shown = [caption(row) for row in draw_attributes(SHOWN, 0, held=True)]
    picture = model.sample(SHOWN, seed=3, prompt=shown, guidance=best["guidance"])
    side = data.spec.shape[1]
    image_grid(picture, model.spec_, COLUMNS).save(HERE / "out" / f"prompts-{side}.png")
    run = "-".join(
        [f"run-scenes-{name}-{minutes:g}-{side}", *(f"{k}={v}" for k, v in asked.items())]
    )
    model.save(HERE / "out" / run)
    report("prompts", rows, minutes=spent / 60, settings=settings, speed=speed)


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), sys.argv[3:])
