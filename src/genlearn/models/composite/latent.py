r"""Latent diffusion: an autoencoder takes away what nobody would miss, and a diffusion model learns
the distribution of what is left.

Most numbers of an image say little: they are textures and edges that an autoencoder restores from a
code of a fraction of their number. A diffusion model of the codes works on a smaller grid at each
of its steps, and spends nothing on details that the decoder fills in:

    z = f(x),    diffusion on (z - mean) / scale,    x = g(z).

**Two stages.** The autoencoder is trained first, and all data is encoded once; from then on images
are not looked at any more. The codes are brought to mean 0 and standard deviation 1 in each
channel, for the noise of diffusion is measured by that.

**Which autoencoder.** One whose codes are grids keeps the geography of the image, which networks
for images rely on. Little is asked of the distribution of its codes, for that will be learned,
whatever it is: a divergence from the prior that is weighted low, or a codebook, keeps codes from
growing without bound and small errors of them from mattering.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Unpack

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ...core.capabilities import (
    Array,
    DatasetProtocol,
    DiffusionProcess,
    InterpolatesPrompts,
    PipelineParts,
    Samples,
)
from ...core.errors import UserError
from ...core.options import DiffusionOptions, Quality
from ...core.params import Range, param
from ...core.spec import DataSpec
from ...data import Dataset
from ...data.code_spec import code_spec
from ...data.dataset import scratch
from ...engine.runs.loading import load
from ...engine.runs.run import WHERE, to_manifest
from ...nets.coders.autoencoder_nets import default_network
from .._encoding import EncoderModel
from ..autoencoders._autoencoding import AutoencoderBase
from ..diffusion._diffusion import DiffusionModel
from ._composite import NO_DIFFUSION, CompositeModel, require_kind
from ._export import latent_pipeline_parts

_CHUNK = 512  # examples encoded at a time
_CODER, _DIFFUSION = "autoencoder", "diffusion"
_NO_CODER = "makes no codes: take vae, vqvae or autoencoder"
_GRID, _VECTOR = "vae network=grid beta=0.1", "vae"


@dataclass(kw_only=True, eq=False, repr=False)
class Latent(CompositeModel, EncoderModel, Samples, InterpolatesPrompts, DiffusionProcess):
    r"""Latent diffusion: a diffusion model of (f(x) - mean) / scale, whose samples g decodes.

    Rombach, Blattmann, Lorenz, Esser & Ommer 2021, "High-resolution image synthesis with latent
    diffusion models", arXiv 2112.10752.

    f, g: the ``autoencoder``, any that encodes, trained here or a run; mean, scale: of each channel
    of the codes of all data; ``diffusion``: any diffusion model, told classes or captions where
    there are any.
    """

    use: ClassVar[str] = "Large images: diffusion on the codes of an autoencoder."
    takes: ClassVar[str] = "20 minutes"
    sampling_options: ClassVar[type[DiffusionOptions]] = DiffusionOptions

    autoencoder: str | None = param(
        None,
        f"run of an autoencoder, or a model and settings for one trained first (default: {_GRID!r};"
        f" tables: {_VECTOR!r})",
    )
    diffusion: str = param("flow", "diffusion model of the codes, and settings as in: edm width=64")
    autoencoder_share: float = param(
        0.3,
        "share of the training that an autoencoder trained here gets",
        low=0.01,
        high=0.99,
        search=Range(0.1, 0.6),
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for parts that are not what they should be, or do not suit the data."""
        coder = self._coder(spec)
        coder.check_data(spec)
        self._create_diffusion().check_data(code_spec(spec, code_shape(coder, spec)))
        if self._run is not None and (
            type(coder.spec_) is not type(spec) or coder.spec_.shape != spec.shape
        ):
            there = coder.spec_.user_shape
            raise UserError(
                f"the autoencoder learned from examples of shape {there}, these have"
                f" {spec.user_shape}; fit both on the same data"
            )

    @property
    def shares_(self) -> dict[str, float]:
        if self._run is not None:
            return {_DIFFUSION: 1.0}
        return {_CODER: self.autoencoder_share, _DIFFUSION: 1 - self.autoencoder_share}

    def parts(self, data: DatasetProtocol) -> Iterator[tuple[str, Any, DatasetProtocol]]:
        assert isinstance(data, Dataset)
        coder = self._coder(data.spec)
        if self._run is None:
            yield _CODER, coder, data
        self.parts_[_CODER] = coder
        yield _DIFFUSION, self._create_diffusion(), encode_dataset(coder, data)

    def part_validation(self, name: str, data: DatasetProtocol, spec: DataSpec) -> DatasetProtocol:
        assert isinstance(data, Dataset)
        if name == _CODER:
            return data
        return replace(encode_dataset(self.autoencoder_, data), spec=spec)

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[DiffusionOptions],
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's); ``options`` as the diffusion model takes them. Raises
        `UserError` as it does."""
        check_is_fitted(self)
        if options.get("init") is not None:
            options["init"] = self.encode(options["init"]).reshape(-1, *self.diffusion_.spec_.shape)
        z = self.diffusion_.sample(
            n, seed=self.seed if seed is None else seed, start=start, **options
        )
        return self.decode(z.reshape(len(z), -1))

    def interpolate_prompts(
        self,
        a: str,
        b: str,
        n: int = 8,
        *,
        seed: int | None = None,
        steps: int | None = None,
        guidance: float | None = None,
    ) -> Array:
        """Decoded examples of what the diffusion model gives between two prompts."""
        check_is_fitted(self)
        z = self.diffusion_.interpolate_prompts(
            a, b, n, seed=self.seed if seed is None else seed, steps=steps, guidance=guidance
        )
        return self.decode(z.reshape(n, -1))

    def diffuse(self, X: Any, columns: int = 8, *, seed: int | None = None) -> Array:
        """What noisy codes decode to: each example at ``columns`` levels, from data to noise; (n,
        columns, *user_shape)."""
        codes = self.encode(X).reshape(-1, *self.diffusion_.spec_.shape)
        return self._decode_strip(
            self.diffusion_.diffuse(codes, columns, seed=self.seed if seed is None else seed)
        )

    def sample_trajectory(
        self, n: int = 1, columns: int = 8, *, seed: int | None = None
    ) -> tuple[Array, Array]:
        """What the codes of ``n`` samples decode to on their way from noise, and what those
        expected do; (n, columns, *user_shape)."""
        check_is_fitted(self)
        states, expected = self.diffusion_.sample_trajectory(
            n, columns, seed=self.seed if seed is None else seed
        )
        return self._decode_strip(states), self._decode_strip(expected)

    def _decode_strip(self, codes: Array) -> Array:
        """(n, columns, ...) codes, decoded."""
        n, columns = codes.shape[:2]
        return self.decode(codes.reshape(n * columns, -1)).reshape(
            n, columns, *self.spec_.user_shape
        )

    def convergence_curve(self, sampler: str | None = None) -> dict[int, float]:
        check_is_fitted(self)
        return self.diffusion_.convergence_curve(sampler)

    def steps_for_quality(
        self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None
    ) -> tuple[str, int]:
        check_is_fitted(self)
        return self.diffusion_.steps_for_quality(quality, curve, sampler)

    def pipeline_parts(self, steps: int) -> PipelineParts:
        return latent_pipeline_parts(self, steps)

    @property
    def text_conditioned_(self) -> bool:
        return self.diffusion_.text_conditioned_

    @property
    def latent_dim_(self) -> int:  # type: ignore[override]
        return self.autoencoder_.latent_dim_

    @property
    def autoencoder_(self) -> EncoderModel:
        """The autoencoder, a fitted model of its own."""
        coder: EncoderModel = self.parts_[_CODER]
        return coder

    @property
    def diffusion_(self) -> DiffusionModel:
        """The diffusion model of the codes, a fitted model of its own."""
        model: DiffusionModel = self.parts_[_DIFFUSION]
        return model

    def encode_tensor(self, x: Tensor) -> Tensor:
        return self.autoencoder_.encode_tensor(x)

    def decode_tensor(self, z: Tensor) -> Tensor:
        return self.autoencoder_.decode_tensor(z)

    @property
    def _run(self) -> str | None:
        """The run that the autoencoder comes from, if it does."""
        text = self.autoencoder
        return text if text is not None and (Path(text) / "manifest.json").is_file() else None

    def _coder(self, spec: DataSpec) -> EncoderModel:
        """The autoencoder, not fitted unless it comes from a run."""
        if self._run is not None:
            return require_kind(
                load(self._run), self._run, "an autoencoder", EncoderModel, _NO_CODER
            )
        usual = _GRID if default_network(spec.shape) == "conv" else _VECTOR
        return self.create_part(
            self.autoencoder or usual,
            "an autoencoder",
            self.autoencoder_share,
            EncoderModel,
            _NO_CODER,
            condition="none",
        )

    def _create_diffusion(self) -> DiffusionModel:
        share = self.shares_[_DIFFUSION]
        return self.create_part(
            self.diffusion, "a diffusion model", share, DiffusionModel, NO_DIFFUSION
        )


def encode_dataset(coder: EncoderModel, data: Dataset) -> Dataset:
    """The codes of ``data``, each computed once and kept in half precision, with its classes and
    captions."""
    shape = code_shape(coder, data.spec)
    values = scratch((len(data), *shape), np.float16)
    for start in range(0, len(data), _CHUNK):
        part = coder.encode(data.user(slice(start, start + _CHUNK)))
        values[start : start + len(part)] = part.reshape(-1, *shape)
    settings = {
        key: value for key, value in to_manifest(coder)["hyper"].items() if key not in WHERE
    }
    made_of = f"{data.fingerprint} {type(coder).__name__} {settings}"
    return Dataset(
        values=values,
        spec=code_spec(data.spec, shape, values),
        labels=data.labels,
        captions=data.captions,
        digest=made_of,
    )


def code_shape(coder: EncoderModel, spec: DataSpec) -> tuple[int, ...]:
    """Of one code: (C, H, W) where codes of such data are grids, else (numbers,); (1,) where only a
    fitted coder knows how many."""
    if not isinstance(coder, AutoencoderBase):
        return (coder.latent_dim_ if coder.__sklearn_is_fitted__() else 1,)
    shape = coder.latent_shape(spec)
    return shape if len(shape) in (1, 3) else (math.prod(shape),)
