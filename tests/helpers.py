"""Small data of known shape, models that train in a second, and the command line in a process of its own."""

import subprocess
import sys

import numpy as np

import genlearn as gl
from genlearn.core.registry import find


def gaussian_table(n=600, dim=6, seed=0):
    """Correlated Gaussian columns of unequal means and scales."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n, dim)) @ rng.normal(size=(dim, dim)) * rng.uniform(0.5, 20, dim) + rng.normal(size=dim) * 10


def blobs(n=160, height=12, width=9, channels=0, seed=0):
    """Bright discs at random places, uint8, not square."""
    rng = np.random.default_rng(seed)
    cy, cx = rng.uniform(2, height - 2, (n, 1, 1)), rng.uniform(2, width - 2, (n, 1, 1))
    y, x = np.mgrid[:height, :width]
    disc = 1 / (1 + np.exp(2 * (np.hypot(y - cy, x - cx) - 2.5)))
    tint = rng.uniform(0.4, 1, (n, 1, 1, channels)) if channels else 1.0
    values = 255 * (disc[..., None] if channels else disc) * tint
    return values.round().astype(np.uint8)


DATA = {"table": gaussian_table, "grey": blobs, "colour": lambda: blobs(channels=3)}


def able(ability):
    """Names of the registered models that have a capability."""
    return [name for name in gl.available() if issubclass(find(name), ability)]


def small(name, **hyper):
    """A model that trains in a second."""
    return gl.create(name, **{"size": "tiny", "steps": 30, "batch_size": 32, **hyper})


def genlearn(*arguments, cwd, check=True, **more):
    """Run the command line in a process of its own."""
    command = [sys.executable, "-m", "genlearn", *map(str, arguments)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, **more)
    assert not check or done.returncode == 0, done.stderr
    return done
