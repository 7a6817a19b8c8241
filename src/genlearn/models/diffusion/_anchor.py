"""The Gaussian mixture that a diffusion model begins as: fitted in seconds, and chosen by its loss
on examples that were kept from it.

Where classes are learned, each has a mixture of its own. Covariances are drawn towards their mean,
as by a prior: a mixture that knows its examples by heart would leave the network nothing to learn.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from sklearn.decomposition import PCA
from sklearn.mixture import GaussianMixture
from threadpoolctl import threadpool_limits
from torch import Tensor

from ...core.capabilities import Array
from ...core.cpu_threads import cpu_threads
from ...core.processes import noise_like
from ...core.seeding import seed_for, seeded
from ...nets.density.mixture_denoiser import MixtureDenoiser
from ...prob.diffusion.denoiser import LearnedDenoiser

MAX_DIM = 2**14  # numbers in an example, beyond which no mixture is fitted
EXAMPLES = 10_000  # that it is fitted to and chosen by, at most
_KEPT = 10  # one example in so many is kept from the fit
# components of all classes together, and dimensions
_CANDIDATES = ((1, 64), (10, 16), (10, 64), (30, 24), (30, 64), (60, 64))
_PER_COMPONENT = 20  # examples, at least
_ITERATIONS, _LEAST = 30, 1e-4  # of EM, and the least variance, where that of the data is 1/4
_WORTH = 0.997  # of the loss, below which a mixture that costs more is taken
# multiplications that EM may take in all, and for each second of a budget
_WORK, _WORK_PER_SECOND = 3e11, 3e9
_DENSE = 1024  # dimensions up to which all axes are computed


class Examples(NamedTuple):
    """Examples (n, *shape) in the networks' units, and their classes, if these are learned."""

    x: Tensor
    y: Tensor | None

    def part(self, index: slice) -> Examples:
        return Examples(self.x[index], None if self.y is None else self.y[index])


class _Mixture(NamedTuple):
    """Weights (K,), means (K, q), covariances (K, q, q), and weights in each class (classes, K)."""

    weights: Array
    means: Array
    covariances: Array
    of_class: Array


def objective(
    denoiser: LearnedDenoiser, times: Callable[[int], Tensor], seed: int
) -> Callable[[Examples], float]:
    """What a model of ``denoiser`` and training ``times`` minimises, of examples; by the same noise
    each time."""

    def loss(examples: Examples) -> float:
        with seeded(seed_for(seed, "anchor")):
            eps, t = noise_like(examples.x), times(len(examples.x))
        x = denoiser.normalizer.inverse(examples.x)
        return float(denoiser.loss(x, eps, t, examples.y))

    return loss


def fit_anchor(
    anchor: MixtureDenoiser,
    examples: Examples,
    loss: Callable[[Examples], float],
    budget: float | None,
    seed: int,
) -> None:
    """Fill ``anchor`` with the mixture that has the least ``loss`` on examples kept from it.

    ``budget``: seconds of the whole training, of which this takes a share; the first candidate is
    fitted whatever it takes.
    """
    work = _WORK if budget is None else budget * _WORK_PER_SECOND
    # beside another program, threads that wait for one another take many times as long
    with threadpool_limits(1), cpu_threads(0):
        _fit_best(anchor, examples, loss, work, seed)


def _fit_best(
    anchor: MixtureDenoiser,
    examples: Examples,
    loss: Callable[[Examples], float],
    work: float,
    seed: int,
) -> None:
    n = len(examples.x)
    kept, learned = examples.part(slice(n // _KEPT)), examples.part(slice(n // _KEPT, n))
    axes, z = _axes(learned.x.flatten(1), seed)
    y = np.zeros(len(z), int) if learned.y is None else learned.y.cpu().numpy()
    least, best = float("inf"), dict[str, Tensor]()
    for components, dimensions in _candidates(*z.shape):
        work -= len(z) * components * dimensions**2 * 4.0 * _ITERATIONS
        if best and work < 0:
            break
        _fill(anchor, axes, _em(z[:, :dimensions], y, max(1, anchor.classes), components, seed))
        found = 2 * loss(kept) - loss(learned.part(slice(len(kept.x))))
        if not best or found < _WORTH * least:
            least, best = found, {k: v.clone() for k, v in anchor.state_dict().items()}
    anchor.load_state_dict(best)
    _measure_error(anchor, kept)


def _axes(x: Tensor, seed: int) -> tuple[PCA, Array]:
    """Principal axes, and coordinates (n, q) along them."""
    most = max(q for _, q in _CANDIDATES)
    solver = "covariance_eigh" if x.shape[1] <= _DENSE else "randomized"
    axes = PCA(min(most, *x.shape), svd_solver=solver, random_state=seed % 2**32)
    with np.errstate(invalid="ignore"):  # shares of a variance of zero
        return axes, axes.fit_transform(x.double().cpu().numpy())


def _candidates(n: int, q: int) -> list[tuple[int, int]]:
    """Components and dimensions that ``n`` examples in ``q`` dimensions allow, by rising cost."""
    allowed = ((min(k, max(1, n // _PER_COMPONENT)), min(dim, q)) for k, dim in _CANDIDATES)
    return sorted(dict.fromkeys(allowed), key=lambda pair: pair[0] * pair[1] ** 2)


def _em(z: Array, y: Array, classes: int, components: int, seed: int) -> _Mixture:
    """About so many ``components``, a share of them for each class."""
    each = max(1, components // classes)
    fits = {c: _em_of_class(z[y == c], each, seed) for c in range(classes) if (y == c).sum() > 1}
    counts = np.concatenate([(y == c).sum() * fit.weights_ for c, fit in fits.items()])
    covariances = np.concatenate([fit.covariances_ for fit in fits.values()])
    weights = counts / counts.sum()
    prior, pooled = z.shape[1] / 2, np.einsum("k,kij->ij", weights, covariances)
    owner = np.repeat(list(fits), [len(fit.weights_) for fit in fits.values()])
    of_class = np.stack(
        [np.where(owner == c, counts, 0) if c in fits else counts for c in range(classes)]
    )
    return _Mixture(
        weights,
        np.concatenate([fit.means_ for fit in fits.values()]),
        (counts[:, None, None] * covariances + prior * pooled) / (counts[:, None, None] + prior),
        of_class / of_class.sum(1, keepdims=True),
    )


def _em_of_class(z: Array, components: int, seed: int) -> GaussianMixture:
    mixture = GaussianMixture(
        min(components, max(1, len(z) // _PER_COMPONENT)),
        reg_covar=_LEAST,
        max_iter=_ITERATIONS,
        random_state=seed % 2**32,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an EM that stops early is still a mixture
        return mixture.fit(z)


def _fill(anchor: MixtureDenoiser, axes: PCA, mixture: _Mixture) -> None:
    q, total = mixture.means.shape[1], axes.mean_.size
    left = axes.explained_variance_[q:].sum()
    beyond = total - len(axes.explained_variance_)
    across = (left + beyond * axes.noise_variance_) / max(1, total - q)
    parts = (axes.mean_, axes.components_[:q].T.copy(), *mixture, np.array(max(across, _LEAST)))
    anchor.fill(*map(torch.from_numpy, parts))


def _measure_error(anchor: MixtureDenoiser, examples: Examples) -> None:
    x = examples.x
    eps, one = noise_like(x), x.new_ones(len(x))
    for place, ratio in enumerate(anchor.ratios.tolist()):
        alpha, sigma = 1 / (1 + ratio), ratio / (1 + ratio)
        guess = anchor(alpha * x + sigma * eps, alpha * one, sigma * one, examples.y)
        anchor.error[place] = (guess - x).square().mean().sqrt().clamp(min=1e-6)
