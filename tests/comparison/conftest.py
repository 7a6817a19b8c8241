"""Comparisons here are of seconds."""

import numpy as np
import pytest
from helpers import blobs
from quick_judging import judge_quickly

import genlearn as gl


@pytest.fixture(scope="module", autouse=True)
def _quick_judges():
    with pytest.MonkeyPatch.context() as patch:
        judge_quickly(patch.setattr)
        yield


@pytest.fixture(scope="session")
def pictures():
    """Images of three classes."""
    return gl.open_data(blobs(150), labels=np.arange(150) % 3)
