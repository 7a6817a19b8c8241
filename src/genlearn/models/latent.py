r"""Latent diffusion: an autoencoder takes away what nobody would miss, and a diffusion model learns the distribution of what is left.

Most numbers of an image say little: they are textures and edges that an autoencoder restores from a code of a fraction of their number. A diffusion
model of the codes works on a smaller grid at each of its steps, and spends nothing on details that the decoder fills in:

    z = f(x),    diffusion on (z - mean) / scale,    x = g(z).

**Two stages.** The autoencoder is trained first, and all data is encoded once; from then on images are not looked at any more. The codes are brought
to mean 0 and standard deviation 1 in each channel, for the noise of diffusion is measured by that.

**Which autoencoder.** One whose codes are grids keeps the geography of the image, which networks for images rely on. Little is asked of the
distribution of its codes, for that will be learned, whatever it is: a divergence from the prior that is weighted low, or a codebook, keeps
codes from growing without bound and small errors of them from mattering.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.utils.validation import check_is_fitted
from torch import Tensor

from ..core.capabilities import Array, Examples, Quality
from ..core.drawing import Converges, Morphs
from ..core.errors import UserError
from ..core.hyper import Between, hyper
from ..core.spec import DataSpec, GridSpec
from ..data import Dataset
from ..data.dataset import scratch
from ..data.tables import vector_spec
from ..engine.run import WHERE, described, load
from ..nets.coders import default_network
from ._coding import Coding, CodingModel
from ._combined import NO_DIFFUSION, Combined, checked
from ._ways import DiffusionModel

_CHUNK = 512  # examples encoded at a time
_CODER, _DIFFUSION = "autoencoder", "diffusion"
_NO_CODER = "makes no codes: take vae, vqvae or autoencoder"
_GRID, _VECTOR = "vae network=grid beta=0.1", "vae"


@dataclass(kw_only=True, eq=False, repr=False)
class Latent(Combined, Coding, Morphs, Converges):
    r"""Latent diffusion: a diffusion model of (f(x) - mean) / scale, whose samples g decodes.

    Rombach, Blattmann, Lorenz, Esser & Ommer 2021, "High-resolution image synthesis with latent diffusion models", arXiv 2112.10752.

    f, g: the ``autoencoder``, any that encodes, trained here or a run; mean, scale: of each channel of the codes of all data; ``diffusion``: any
    diffusion model, told classes or captions where there are any.
    """

    autoencoder: str | None = hyper(
        None, f"run of an autoencoder, or a model and settings for one trained first (default: {_GRID!r}; tables: {_VECTOR!r})"
    )
    diffusion: str = hyper("flow", "diffusion model of the codes, and settings as in: edm width=64")
    coder_share: float = hyper(0.3, "share of the training that an autoencoder trained here gets", low=0.01, high=0.99, search=Between(0.1, 0.6))

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for parts that are not what they should be, or do not suit the data."""
        coder = self._coder(spec)
        coder.check_data(spec)
        self._made_diffusion().check_data(coding_spec(spec, code_shape(coder, spec)))
        if self._run is not None and (type(coder.spec_) is not type(spec) or coder.spec_.shape != spec.shape):
            there = coder.spec_.user_shape
            raise UserError(f"the autoencoder learned from examples of shape {there}, these have {spec.user_shape}; fit both on the same data")

    @property
    def shares_(self) -> dict[str, float]:
        if self._run is not None:
            return {_DIFFUSION: 1.0}
        return {_CODER: self.coder_share, _DIFFUSION: 1 - self.coder_share}

    def parts(self, data: Examples) -> Iterator[tuple[str, Any, Examples]]:
        assert isinstance(data, Dataset)
        coder = self._coder(data.spec)
        if self._run is None:
            yield _CODER, coder, data
        self.parts_[_CODER] = coder
        yield _DIFFUSION, self._made_diffusion(), codes(coder, data)

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        sampler: str | None = None,
        quality: Quality | None = None,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
        threshold: str | None = None,
        init: Any = None,
        strength: float = 0.6,
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed``; all else as the diffusion model takes it.

        Raises `UserError` for zero steps, both steps and quality, an unknown sampler or label, and for labels, prompts and guidance where the model
        learned no classes or captions.
        """
        check_is_fitted(self)
        told: dict[str, Any] = {"sampler": sampler, "quality": quality, "label": label, "guidance": guidance, "prompt": prompt, "negative": negative}
        told["threshold"] = threshold
        beginning = None if init is None else self.encode(init).reshape(-1, *self.diffusion_.spec_.shape)
        z = self.diffusion_.sample(n, seed=self.seed if seed is None else seed, start=start, steps=steps, init=beginning, strength=strength, **told)
        return self.decode(z.reshape(len(z), -1))

    def morph(self, a: str, b: str, n: int = 8, *, seed: int | None = None, steps: int | None = None, guidance: float | None = None) -> Array:
        """Decoded examples of what the diffusion model gives between two prompts."""
        check_is_fitted(self)
        z = self.diffusion_.morph(a, b, n, seed=self.seed if seed is None else seed, steps=steps, guidance=guidance)
        return self.decode(z.reshape(n, -1))

    def quality_curve(self, sampler: str | None = None) -> dict[int, float]:
        check_is_fitted(self)
        return self.diffusion_.quality_curve(sampler)

    def enough(self, quality: Quality, curve: dict[int, float] | None = None, sampler: str | None = None) -> tuple[str, int]:
        check_is_fitted(self)
        return self.diffusion_.enough(quality, curve, sampler)

    @property
    def reads_(self) -> bool:
        return self.diffusion_.reads_

    @property
    def latent_dim_(self) -> int:  # type: ignore[override]
        return self.coder_.latent_dim_

    @property
    def coder_(self) -> Coding:
        """The autoencoder, a fitted model of its own."""
        coder: Coding = self.parts_[_CODER]
        return coder

    @property
    def diffusion_(self) -> DiffusionModel:
        """The diffusion model of the codes, a fitted model of its own."""
        model: DiffusionModel = self.parts_[_DIFFUSION]
        return model

    def _encode(self, x: Tensor) -> Tensor:
        return self.coder_._encode(x)

    def _decode(self, z: Tensor) -> Tensor:
        return self.coder_._decode(z)

    @property
    def _run(self) -> str | None:
        """The run that the autoencoder comes from, if it does."""
        text = self.autoencoder
        return text if text is not None and (Path(text) / "manifest.json").is_file() else None

    def _coder(self, spec: DataSpec) -> Coding:
        """The autoencoder, not fitted unless it comes from a run."""
        if self._run is not None:
            return checked(load(self._run), self._run, "an autoencoder", Coding, _NO_CODER)  # type: ignore[type-abstract]
        usual = _GRID if default_network(spec.shape) == "conv" else _VECTOR
        return self.made(self.autoencoder or usual, "an autoencoder", self.coder_share, Coding, _NO_CODER, condition="none")  # type: ignore[type-abstract]

    def _made_diffusion(self) -> DiffusionModel:
        share = self.shares_[_DIFFUSION]
        return self.made(self.diffusion, "a diffusion model", share, DiffusionModel, NO_DIFFUSION)  # type: ignore[type-abstract]


def codes(coder: Coding, data: Dataset) -> Dataset:
    """The codes of ``data``, each computed once and kept in half precision, with its classes and captions."""
    shape = code_shape(coder, data.spec)
    values = scratch((len(data), *shape), np.float16)
    for start in range(0, len(data), _CHUNK):
        part = coder.encode(data.user(slice(start, start + _CHUNK)))
        values[start : start + len(part)] = part.reshape(-1, *shape)
    settings = {key: value for key, value in described(coder)["hyper"].items() if key not in WHERE}
    made_of = f"{data.fingerprint} {type(coder).__name__} {settings}"
    return Dataset(values=values, spec=coding_spec(data.spec, shape, values), labels=data.labels, captions=data.captions, digest=made_of)


def code_shape(coder: Coding, spec: DataSpec) -> tuple[int, ...]:
    """Of one code: (C, H, W) where codes of such data are grids, else (numbers,); (1,) where only a fitted coder knows how many."""
    if not isinstance(coder, CodingModel):
        return (coder.latent_dim_ if coder.__sklearn_is_fitted__() else 1,)
    shape = coder.latent_shape(spec)
    return shape if len(shape) in (1, 3) else (math.prod(shape),)


def coding_spec(spec: DataSpec, shape: tuple[int, ...], values: Array | None = None) -> DataSpec:
    """What codes of ``shape`` look like: grids (C, H, W), or rows, each channel or column with the mean and scale that it has in ``values``."""
    if len(shape) == 1:
        return vector_spec(np.zeros((2, *shape)) if values is None else values, classes=spec.classes, captions=spec.captions)
    channels = np.zeros((2, shape[0])) if values is None else values.transpose(0, 2, 3, 1).reshape(-1, shape[0])
    mean, scale = channels.mean(0, dtype=np.float64), channels.std(0, dtype=np.float64)
    return GridSpec(
        shape=shape, dtype="float16", classes=spec.classes, captions=spec.captions,
        mean=tuple(mean.tolist()), scale=tuple(np.where(scale > 1e-6, scale, 1.0).tolist()),
    )  # fmt: skip
