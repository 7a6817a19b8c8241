"""The runs that chapters share, by what they are for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .training import Training

if TYPE_CHECKING:
    from ..course import Course

_PLAIN = {"anchor": "none"}  # begins at random, so that its loss is seen to go down
COPIED = 1024  # numbers in an example, at most, of which a code as large is learned
_FEW_AXES = 6
_CODE = 16  # numbers in a code, where there is no reason for another


def code_of(course: Course) -> int:
    """Numbers in the usual code: 16, or half of those in an example."""
    return min(_CODE, max(1, course.spec.dim // 2))


def axes_of(course: Course) -> int:
    """Principal axes of the chapter on them: a few, with the largest fall of variance after the
    last, since only a subspace that is well apart from the next axis is found soon."""
    values = course.principal.explained_variance_[: _FEW_AXES + 1]
    if len(values) < 3:
        return 1
    falls = values[1:-1] / np.maximum(values[2:], 1e-12 * values[0])
    return 2 + int(np.argmax(falls))


def principal(course: Course) -> Training:
    """Principal components, as probabilistic PCA has them."""
    return Training("pca", "ppca", {"latent_dim": axes_of(course)}, rank=0)


def linear(course: Course) -> Training:
    """The linear autoencoder, from a random start."""
    # the loss rests at a saddle before each component that it finds: small rates stay there long
    rate = min(0.05, 40 / course.spec.dim)
    hyper = {"network": "linear", "latent_dim": axes_of(course), "latent_density": "none"}
    return Training("linear", "autoencoder", hyper | {"lr": rate}, weight=4, rank=1)


def autoencoder(course: Course) -> Training:
    """The usual autoencoder, from a random start."""
    hyper: dict[str, Any] = {"latent_dim": code_of(course)} | _PLAIN
    return Training("autoencoder", "autoencoder", hyper, weight=6, rank=0)


def sized(course: Course, latent: int) -> Training:
    """An autoencoder of so many numbers in a code."""
    hyper = {"latent_dim": latent, "latent_density": "none"}
    return Training(f"autoencoder-{latent}", "autoencoder", hyper, weight=3, rank=3)


def plane(course: Course) -> Training:
    """An autoencoder whose codes can be drawn as they are."""
    return Training("autoencoder-2", "autoencoder", {"latent_dim": 2}, weight=4, rank=1)


def overcomplete(course: Course) -> Training:
    """Codes as large as the data: all principal components, to begin with, are a copy."""
    hyper = {
        "latent_dim": course.spec.dim,
        "overcomplete": True,
        "network": "mlp",
        "latent_density": "none",
    }
    return Training("overcomplete", "autoencoder", hyper, weight=3, rank=3)


def denoising(course: Course) -> Training:
    """An autoencoder that is given noisy examples."""
    code = min(64, max(1, course.spec.dim // 2))  # more than embeds
    hyper = {"corruption": "gaussian", "corruption_level": 0.5, "latent_dim": code}
    return Training("denoising", "autoencoder", hyper, weight=5, rank=1)


def vae(course: Course) -> Training:
    """The usual variational autoencoder."""
    return Training("vae", "vae", weight=8, rank=0)


def vae_plane(course: Course) -> Training:
    """One whose posteriors can be drawn."""
    return Training("vae-2", "vae", {"latent_dim": 2}, weight=5, rank=1)


def first_gan(course: Course) -> Training:
    """The game of 2014."""
    return Training("gan", "gan", {"condition": "none"}, weight=8, rank=2)


def r3gan(course: Course) -> Training:
    """The game of 2025."""
    return Training("r3gan", "r3gan", {"condition": "none"}, weight=12, rank=2)


def flow(course: Course) -> Training:
    """Diffusion."""
    # words have a chapter of their own, and classes are what its features are probed for
    return Training("flow", "flow", {"condition": "none"}, weight=24, rank=0)
