"""A generator: samples G(z), and codes of examples by inversion.

A *code* is z and, where there are classes, a 1 in the place of the example's.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Unpack

import torch
import torch.nn.functional as F
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ...core.capabilities import (
    Array,
    Graph,
    InvertsByOptimization,
    Samples,
    SamplesCodes,
)
from ...core.estimator_types import GradientTrained
from ...core.options import ClassOptions, check_options
from ...core.seeding import normal, seed_for
from ...engine.hardware.device import autocast
from ...nets.traced import Traced
from ...prob.inversion import invert
from .._class_conditioning import ClassConditional
from .._drawing import in_batches
from .._encoding import decode_codes
from ..base import evaluating

# samples where inversion may begin, and examples inverted at a time
_INVERSION_STARTS, _INVERSION_BATCH = 512, 256


@dataclass(kw_only=True, eq=False, repr=False)
class GeneratorModel(
    ClassConditional, GradientTrained, Samples, InvertsByOptimization, SamplesCodes
):
    """x = G(z), z from noise; ``networks_["generator"]`` is G, codes (B, latent_dim_) -> (B,
    *shape)."""

    sampling_options: ClassVar[type[ClassOptions]] = ClassOptions

    def prior(self, eps: Tensor) -> Tensor:
        """z from ``eps``, N(0, I)."""
        return eps

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[ClassOptions],
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        ``label``: a class by name or number (default: any, as often as in the data). Each example
        depends on the seed, its number and the label alone. Raises `UserError` for an unknown
        label, and for any where the model learned no classes.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        label = self.class_index(options.get("label"))
        return in_batches(self, n, seed, start, partial(self.sample_batch, label=label))

    def sample_codes(self, n: int = 1, *, seed: int | None = None) -> Array:
        """Codes (n, latent_dim), float32, that samples of ``seed`` (default: the model's) are made
        of."""
        check_is_fitted(self)
        name = self.seed if seed is None else seed
        return self._latent_code(*self._initial_noise(n, name)).cpu().numpy()

    def encode(self, X: Any) -> Array:
        """Codes (n, latent_dim), float32, of examples in the user's units, by inversion:
        approximate, and slow.

        The search begins at the nearest of several samples; the class of a code stays that of the
        start.
        """
        values = self._values(X)
        (eps, y) = self._initial_noise(_INVERSION_STARTS, seed_for(self.seed, "invert"))
        with evaluating(self.networks_):
            codes = torch.split(self._latent_code(eps, y), _INVERSION_BATCH)
            samples = torch.cat([self.decode_tensor(part) for part in codes]).flatten(1)
        found = []
        for first in range(0, len(values), _INVERSION_BATCH):
            x = self.spec_.to_internal(values[first : first + _INVERSION_BATCH]).to(self.device_)
            nearest = torch.cdist(x.flatten(1), samples).argmin(1)
            found.append(self._invert_batch(x, eps[nearest], None if y is None else y[nearest]))
        return torch.cat(found).cpu().numpy()

    def decode(self, Z: Any) -> Array:
        """Examples in the user's units from codes (n, latent_dim)."""
        return decode_codes(self, Z, self.decode_tensor)

    def decode_tensor(self, z: Tensor) -> Tensor:
        with autocast(self.precision, self.device_, self.spec_):
            x: Tensor = self.networks_["generator"](z)
        return x.float()

    def graphs(self) -> dict[str, Graph]:
        z = torch.from_numpy(self.sample_codes(2))
        generator = Traced(self.networks_, self.decode_tensor)
        meaning = "a sample of a code: noise N(0, I), and a 1 in the place of the class, if any"
        return {"generator": Graph(generator, {"z": z}, "x", meaning)}

    def _invert_batch(self, x: Tensor, start: Tensor, y: Tensor | None) -> Tensor:
        """The codes at which the search ends that begins at the noise ``start``."""
        training = self.networks_.training
        self.networks_.eval()
        try:
            return self._latent_code(
                invert(lambda eps: self.decode_tensor(self._latent_code(eps, y)), x, start), y
            )
        finally:
            self.networks_.train(training)

    def _latent_code(self, eps: Tensor, y: Tensor | None) -> Tensor:
        """z and the place of the class ``y``."""
        z = self.prior(eps)
        return z if y is None else torch.cat([z, F.one_hot(y, len(self.classes_in_)).to(z)], 1)

    @property
    def _noise_dim(self) -> int:
        return self.latent_dim_ - len(self.classes_in_)

    def _initial_noise(self, n: int, seed: int) -> tuple[Tensor, Tensor | None]:
        return self._noise(n, seed, 0), self.sampled_labels(n, seed, 0, None)

    def _noise(self, n: int, seed: int, start: int) -> Tensor:
        return normal(seed, start, n, (self._noise_dim,)).to(self.device_)

    def sample_batch(self, n: int, seed: int, start: int, label: int | None) -> Array:
        with evaluating(self.networks_):
            code = self._latent_code(
                self._noise(n, seed, start), self.sampled_labels(n, seed, start, label)
            )
            return self.spec_.to_user(self.decode_tensor(code).cpu())
