"""Randomness is an argument, and every draw has a name.

A *seed* and a few *keys* name a stream: ``seed_for(seed, "train", step)``. Nothing is carried from
one draw to the next, so the i-th sample does not depend on how many are drawn beside it, and
training can be resumed at any step without saving the state of a generator.

Samples use the counter-based generator Philox (Salmon et al. 2011, "Parallel random numbers: as
easy as 1, 2, 3"): its stream can be entered at any position. Uniforms are mapped through the
inverse normal distribution function, because that spends exactly one of them on each normal number;
rejection methods spend a varying number and would lose the position.

torch draws from generators that all threads of a process share. So who seeds them has them alone:
the steps of two trainings in two threads, or samples drawn beside a training, come one after the
other, and are what each would be alone.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

_SPACING = 4  # Philox yields 64-bit words in blocks of four; one counter tick is one block


def seed_for(seed: int, *keys: int | str) -> int:
    """A 63-bit seed named by ``seed`` and ``keys``; different names give independent streams."""
    name = "/".join(str(part) for part in (seed, *keys))
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=8).digest(), "little") >> 1


def uniform(seed: int, start: int, count: int, shape: tuple[int, ...]) -> Tensor:
    """Rows ``start .. start + count`` of an endless table of uniforms in (0, 1), float64, shape
    (count, *shape)."""
    width = int(np.prod(shape, dtype=np.int64))
    blocks = -(-width // _SPACING)
    stream = np.random.Philox(key=seed_for(seed)).advance(start * blocks)
    rows = np.random.Generator(stream).random((count, blocks * _SPACING))[:, :width]
    return torch.from_numpy(np.maximum(rows, 2.0**-54)).reshape(count, *shape)


def normal(seed: int, start: int, count: int, shape: tuple[int, ...]) -> Tensor:
    """Rows ``start .. start + count`` of an endless table of standard normals, float32, shape
    (count, *shape)."""
    z: Tensor = torch.special.ndtri(uniform(seed, start, count, shape))
    return z.float()


_TURN = threading.RLock()  # of the thread that torch's generators belong to now


@contextmanager
def untouched(device: torch.device | None = None) -> Iterator[None]:
    """Inside, torch's global generators belong to this thread; outside, they are as if nothing had
    happened.

    ``device``: where the block computes, whose generator is looked after beside the CPU's (default:
    those of all devices, which takes time).
    """
    with _TURN:
        mps = torch.mps.get_rng_state() if _uses_mps(device) else None
        cuda = None if device is None else [device] if device.type == "cuda" else []
        try:
            with torch.random.fork_rng(cuda):
                yield
        finally:
            if mps is not None:  # of accelerators, fork_rng knows CUDA alone
                torch.mps.set_rng_state(mps)


@contextmanager
def seeded(seed: int, device: torch.device | None = None) -> Iterator[None]:
    """As `untouched`, and inside, the generators are seeded with ``seed``."""
    with untouched(device):
        # torch.manual_seed notes a stack for every kind of device that is not there: milliseconds
        torch.default_generator.manual_seed(seed)
        if device is None and torch.cuda.is_available():
            torch.cuda.manual_seed_all(seed)
        elif device is not None and device.type == "cuda":
            torch.cuda.manual_seed(seed)
        if _uses_mps(device):
            torch.mps.manual_seed(seed)
        yield


def _uses_mps(device: torch.device | None) -> bool:
    return torch.backends.mps.is_available() and (device is None or device.type == "mps")


def random_rows(seed: int, n: int, most: int, *keys: int | str) -> NDArray[np.int64]:
    """``most`` of ``n`` row numbers, or all, in the random order that ``seed`` and ``keys``
    name."""
    return np.random.default_rng(seed_for(seed, *keys)).permutation(n)[:most]


def _own_turn() -> None:
    """In a child that was forked, no thread has the turn: those that had it stayed behind."""
    global _TURN  # noqa: PLW0603
    _TURN = threading.RLock()


if os.name == "posix":
    os.register_at_fork(after_in_child=_own_turn)
