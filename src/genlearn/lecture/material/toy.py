r"""A distribution in the plane of which everything is known: a ring of eight Gaussians.

    p(x) = 1/8 sum_k N(x; mu_k, s^2 I),    mu_k = r (cos 2 pi k / 8, sin 2 pi k / 8)

With noise of deviation sigma it is the same with s^2 + sigma^2 in place of s^2, so its score and
E[x | x + noise] are at hand (Tweedie): x~ + sigma^2 grad log p_sigma(x~).
"""

from __future__ import annotations

import numpy as np

from ...core.capabilities import Array
from ...core.seeding import seed_for

MODES, RADIUS, SPREAD = 8, 2.0, 0.15
EXTENT = (-3.0, 3.0, -3.0, 3.0)  # of drawings: left, right, bottom, top
DEVIATION = (RADIUS**2 / 2 + SPREAD**2) ** 0.5  # of each coordinate


def centres() -> Array:
    """The means, (8, 2)."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], 1)


def draw(n: int, seed: int) -> Array:
    """``n`` points, (n, 2)."""
    rng = np.random.default_rng(seed_for(seed, "ring"))
    which = rng.integers(MODES, size=n)
    return centres()[which] + SPREAD * rng.standard_normal((n, 2))


def density(x: Array) -> Array:
    """p(x) at points (n, 2)."""
    squares = ((x[:, None] - centres()[None]) ** 2).sum(2)
    modes = np.exp(-squares / (2 * SPREAD**2)) / (2 * np.pi * SPREAD**2)
    return np.asarray(modes.mean(1))


def score(x: Array, sigma: float) -> Array:
    """grad log p_sigma at points (n, 2)."""
    variance = SPREAD**2 + sigma**2
    away = centres()[None] - x[:, None]
    logits = -(away**2).sum(2) / (2 * variance)
    weights = np.exp(logits - logits.max(1, keepdims=True))
    weights /= weights.sum(1, keepdims=True)
    found: Array = (weights[:, :, None] * away).sum(1) / variance
    return found


def expected(x: Array, sigma: float) -> Array:
    """E[clean | noisy] at noisy points (n, 2)."""
    return np.asarray(x + sigma**2 * score(x, sigma))


def modes_reached(x: Array) -> int:
    """How many of the eight have a sample within three deviations, of points (n, 2)."""
    distance = np.linalg.norm(x[:, None] - centres()[None], axis=2)
    return int((distance.min(0) < 3 * SPREAD).sum())


def lattice(side: int, reach: float = EXTENT[1]) -> Array:
    """Points of a square lattice, row by row from the bottom, (side^2, 2)."""
    line = np.linspace(-reach, reach, side)
    across, up = np.meshgrid(line, line)
    return np.stack([across.ravel(), up.ravel()], 1)
