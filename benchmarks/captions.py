"""The memory that captions take while they are embedded and learned from.

    python benchmarks/captions.py 100000 300000

Peak memory of a process, in MB, beyond what it had before, for so many different captions of twelve
tokens of 384 numbers (those of ``minilm``), which are made up: no language model is timed here.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

import numpy as np
import torch
from common import report

from genlearn.data.text.caption_embeddings import embed_captions, unique_captions
from genlearn.data.text.text_encoder import Embedded, TextEncoder


class MadeUp(TextEncoder):
    """Twelve equal tokens for each caption."""

    name, width, key = "made up", 384, "made up"

    def embed(self, captions: list[str]) -> Embedded:
        return Embedded([np.full((12, 384), len(text), np.float16) for text in captions], 0)


def measure(count: int) -> None:
    """In a process of its own, whose peak is its alone."""
    captions = [f"a caption number {number}" for number in range(count)]
    before = peak()
    different, numbers = unique_captions(captions)
    embed_captions(different, MadeUp(), print).rows(torch.from_numpy(numbers[:128]))
    print(peak() - before)


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(counts: list[str]) -> None:
    rows = []
    for count in counts:
        with tempfile.TemporaryDirectory() as cache:
            done = subprocess.run(
                [sys.executable, __file__, "one", count],
                env=os.environ | {"GENLEARN_CACHE": cache},
                capture_output=True,
                text=True,
                check=True,
            )
        rows.append({"captions": int(count), "MB": float(done.stdout)})
    report("captions", rows)


if __name__ == "__main__":
    if sys.argv[1] == "one":
        measure(int(sys.argv[2]))
    else:
        main(sys.argv[1:])
