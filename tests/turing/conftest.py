"""Discs that are real, and two models that make others."""

import numpy as np
import pytest
from helpers import blobs

from genlearn.core.spec import ImageSpec
from genlearn.turing import make_trials

SPEC = ImageSpec(shape=(1, 12, 9), dtype="uint8", low=0, high=255, levels=256)


@pytest.fixture
def discs():
    """``discs(kind, ...)``: trials of noisy and of faint discs among clean ones."""

    def make(kind="one", n=12, seed=0, **more):
        faint = (blobs(80, seed=2) * 0.6).round().astype(np.uint8)
        noise = np.random.default_rng(3).integers(0, 60, (80, 12, 9))
        noisy = np.minimum(blobs(80, seed=4) + noise, 255).astype(np.uint8)
        real = blobs(200, seed=1)
        return make_trials(
            real, {"noisy": noisy, "faint": faint}, n=n, kind=kind, seed=seed, **more
        )

    return make


@pytest.fixture
def spec():
    return SPEC
