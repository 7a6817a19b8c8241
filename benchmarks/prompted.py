"""Classes as captions: a flow learns digits with "a photo of the digit 3" for a caption; a frozen
classifier says whether it draws what is asked.

    OMP_NUM_THREADS=1 python benchmarks/prompted.py 10

1,000 prompts, by guidance; beside them the classifier on real images, and the same model asked for
nothing.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import torch
from common import HERE, report
from frozen import Frozen
from pairs import classes
from quality import trained

from genlearn.core.image_grid import image_grid
from genlearn.data import open_data

TEMPLATE, ASKED, GUIDANCE = "a photo of the digit {}", 1000, (1.0, 1.5, 2.0, 3.0, 5.0)


def main(minutes: float) -> None:
    torch.set_num_threads(1)
    data, frozen = open_data("mnist"), Frozen("mnist")
    model, spent = trained(
        "flow", data, minutes, {"condition": "text", "template": TEMPLATE, "sampling_steps": 12}
    )
    truth = np.arange(ASKED) % 10
    prompts = [TEMPLATE.format(data.spec.classes[digit]) for digit in truth]
    test = open_data("mnist", split="test")
    right = float((classes(frozen, test.user(slice(None))) == test.labels).mean())
    rows: list[dict[str, Any]] = [
        {"asked": "real test images", "guidance": "", "right": right, "distance": "", "recall": ""}
    ]
    for guidance in GUIDANCE:
        drawn = model.sample(ASKED, seed=1, prompt=prompts, guidance=guidance)
        share = float((classes(frozen, drawn) == truth).mean())
        rows.append(
            {
                "asked": "prompts",
                "guidance": guidance,
                "right": share,
                "distance": frozen.distance(drawn),
            }
        )
        rows[-1] |= {"recall": frozen.coverage(drawn)["recall"]}
        print(rows[-1], flush=True)
    nothing = model.sample(ASKED, seed=1)
    row = {
        "asked": "nothing",
        "guidance": "",
        "right": float((classes(frozen, nothing) == truth).mean()),
        "distance": frozen.distance(nothing),
    }
    rows.append(row | {"recall": frozen.coverage(nothing)["recall"]})
    image_grid(model.sample(50, seed=2, prompt=prompts[:50], guidance=2.0), model.spec_, 10).save(
        HERE / "out" / "prompted.png"
    )
    report("prompted", rows, minutes=spent / 60, steps=model.n_steps_)


if __name__ == "__main__":
    main(float(sys.argv[1]))
