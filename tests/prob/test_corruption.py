"""Corruptions do what their level says."""

import pytest
import torch

from genlearn.core.seeding import seeded
from genlearn.prob.corruption import CORRUPTIONS


def corrupted(name, level):
    with seeded(0):
        return CORRUPTIONS[name](torch.linspace(-1, 1, 101).repeat(400, 1), level)


CLEAN = torch.linspace(-1, 1, 101).repeat(400, 1)


def test_none_changes_nothing():
    assert torch.equal(corrupted("none", 0.9), CLEAN)


def test_gaussian_noise_has_its_standard_deviation():
    assert (corrupted("gaussian", 0.3) - CLEAN).std().item() == pytest.approx(0.3, rel=0.02)


def test_mask_erases_its_share():
    x = corrupted("mask", 0.25)
    assert ((x == 0) & (CLEAN != 0)).float().mean().item() == pytest.approx(0.25, abs=0.01)
    assert torch.equal(x[x != 0], CLEAN[x != 0])


def test_salt_and_pepper_are_equally_common():
    x = corrupted("salt_pepper", 0.2)
    changed = x != CLEAN
    assert changed.float().mean().item() == pytest.approx(0.2, abs=0.01)
    assert set(x[changed].tolist()) == {-1.0, 1.0}
    assert x[changed].mean().abs().item() < 0.05
