"""Attention written out against torch's fused one, forward and backward, on one core in bf16.

OMP_NUM_THREADS=1 python benchmarks/attention.py
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from common import report
from torch.nn.functional import scaled_dot_product_attention

from genlearn.nets.layers.attention import attend

# examples, heads, rows, tokens
CASES = {"256 pixels to a caption of 12": (64, 2, 256, 12), "among 64 tokens": (64, 4, 64, 64)}
NUMBERS, TURNS = 32, 15


def timed(of: Callable[..., Any], case: tuple[int, ...]) -> float:
    """Milliseconds of one pass there and back."""
    examples, heads, rows, tokens = case
    parts = [
        torch.randn(examples, heads, count, NUMBERS, dtype=torch.bfloat16, requires_grad=True)
        for count in (rows, tokens, tokens)
    ]
    start = time.perf_counter()
    of(*parts).square().sum().backward()
    return 1e3 * (time.perf_counter() - start)


def main() -> None:
    torch.set_num_threads(1)
    rows: list[dict[str, Any]] = []
    for what, case in CASES.items():
        turns = [
            (timed(scaled_dot_product_attention, case), timed(attend, case)) for _ in range(TURNS)
        ]
        fused, written = np.median(turns[2:], 0).tolist()
        rows.append(
            {
                "attention": what,
                "fused ms": fused,
                "written out ms": written,
                "ratio": fused / written,
            }
        )
    report("attention", rows)


if __name__ == "__main__":
    main()
