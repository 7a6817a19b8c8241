"""What autoencoders share: an encoder, a decoder, and codes to draw new data from."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, cast

from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from ...core.capabilities import Array, AutoencoderParts, DatasetProtocol, SamplesCodes
from ...core.errors import UserError
from ...core.estimator_types import ANY_BATCH_SIZE, GradientTrained
from ...core.params import Range, inherited, param
from ...core.processes import filled_by_first
from ...core.spec import DataSpec
from ...nets.coders.autoencoder_nets import (
    GRIDS,
    CoderConfig,
    Network,
    check_network,
    default_network,
)
from ...nets.coders.principal_start import PrincipalStart, silence
from .._encoding import ExactDecoderModel, map_codes
from ..base import UnconditionalSampler
from ..density._pca import PrincipalAxes, principal_axes
from ._export import autoencoder_parts

ANCHORED = ("mlp", "conv")  # networks that can begin as a linear map
_DEFAULT_LATENT_DIM, _DEFAULT_CHANNELS = 16, 4  # numbers in a code, and at each place of a grid


@dataclass(kw_only=True, eq=False, repr=False)
class AutoencoderBase(GradientTrained, ExactDecoderModel, UnconditionalSampler, SamplesCodes):
    """An encoder to codes z, a decoder from them, and a density of z to draw from."""

    batch_size: int | None = inherited(GradientTrained, "batch_size", None, help=ANY_BATCH_SIZE)
    latent_dim: int | None = param(
        None,
        "numbers in a code, or at each place of a grid (default: 16, or half the numbers in an"
        " example; 4)",
        low=1,
        search=Range(2, 64, log=True),
    )
    overcomplete: bool = param(False, "allow codes larger than the data, which can simply copy it")
    network: Literal["auto", "linear", "mlp", "conv", "grid", "autoencoder_kl"] = param(
        "auto",
        "kind of coders (auto: conv for images, mlp for tables; grid: codes of images are small"
        " images, too; autoencoder_kl: grids by those of the diffusers library, for `genlearn"
        " export RUN --to diffusers`)",
    )
    downsamplings: int = param(
        2, "how often a grid is half as high and wide as the image", low=1, high=6
    )
    hidden: tuple[int, ...] | None = param(
        None, "widths of the mlp's hidden layers (default: by size)", low=1
    )
    activation: Literal["silu", "relu", "tanh"] = param("silu", "activation of the mlp")

    @abstractmethod
    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The objective of a batch: (B, *shape) -> ()."""

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        yield self.networks_, self.loss(x, y)

    def start_parts(self, spec: DataSpec, *networks: nn.Module) -> dict[str, nn.Module]:
        """The linear start of the coders, where there is one; their ``networks`` give zero then."""
        if not self.anchored_:
            return {}
        for network in networks:
            silence(network)
        return {"start": PrincipalStart(spec.shape, self.latent_dim_)}

    @property
    def start(self) -> PrincipalStart:
        return cast(PrincipalStart, self.networks_["start"])

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """Principal axes, where the coders begin as those."""
        super().fit_normalizer(data)
        if self.anchored_ and not self.fine_tuned_:
            filled_by_first(self.networks_, lambda: self._begin_as_pca(data))

    def _begin_as_pca(self, data: DatasetProtocol) -> None:
        r = min(self.latent_dim_, data.spec.dim, len(data) - 1)
        with threadpool_limits(1):
            self.begin_as(principal_axes(data, r, self.seed))

    def begin_as(self, axes: PrincipalAxes) -> None:
        """Let the coders be those of ``axes``."""
        self.start.fill(axes.mean, axes.basis, axes.variances, 0.0)

    @abstractmethod
    def _sample_codes(self, n: int, seed: int, start: int) -> Tensor:
        """Codes number ``start`` to ``start + n`` of the stream named by ``seed``: (n, latent)."""

    def sample_codes(self, n: int = 1, *, seed: int | None = None) -> Array:
        """Codes (n, latent_dim), float32, that samples of ``seed`` (default: the model's) are
        decoded from."""
        return self._sample_codes(n, self.seed if seed is None else seed, 0).cpu().numpy()

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``latent_shape_`` is the shape of a code, and ``latent_dim_`` how many numbers that
        is."""
        self.latent_shape_ = self.latent_shape(spec)
        self.latent_dim_ = math.prod(self.latent_shape_)

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for codes larger than the data, and convolutions of what is no
        image."""
        check_network(self.network, self.downsamplings, spec)
        if math.prod(self.latent_shape(spec)) > spec.dim and not self.overcomplete:
            raise UserError(
                f"latent_dim={self.latent_dim} makes codes larger than the data"
                f" (n_features={spec.dim}), so that it could simply be copied; take fewer"
                f" numbers{' or more downsamplings' if self.network in GRIDS else ''}, or set"
                " overcomplete"
            )

    def coder_config(self, spec: DataSpec) -> CoderConfig:
        """The design of the networks."""
        return CoderConfig(
            spec.shape,
            self._resolved_network(spec),
            self.size,
            self.hidden,
            self.activation,
            self.downsamplings,
        )

    def _resolved_network(self, spec: DataSpec) -> Network:
        return default_network(spec.shape) if self.network == "auto" else self.network

    def latent_shape(self, spec: DataSpec) -> tuple[int, ...]:
        """(latent,), or (channels, height, width) of a grid."""
        places = self.coder_config(spec).places
        if places:
            return (self.latent_dim or _DEFAULT_CHANNELS, *places)
        return (self.latent_dim or min(_DEFAULT_LATENT_DIM, max(1, spec.dim // 2)),)

    def autoencoder_parts(self) -> AutoencoderParts:
        return autoencoder_parts(self)

    def sample_batch(self, n: int, seed: int, start: int) -> Array:
        return self.spec_.to_user(
            map_codes(self, self._sample_codes(n, seed, start), self.decode_tensor)
        )
