"""What leaves for other runtimes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from torch import Tensor, nn


@dataclass(frozen=True, eq=False)
class Graph:
    """A part of a fitted model as a function of tensors, of any number of examples in one batch.

    ``module`` takes ``inputs`` in their order, examples of two rows by name, and gives ``output``;
    ``meaning`` says in a sentence what of.
    """

    module: nn.Module
    inputs: dict[str, Tensor]
    output: str
    meaning: str


@runtime_checkable
class Exports(Protocol):
    """Has parts that run without this package."""

    def graphs(self) -> dict[str, Graph]:
        """The parts by name: of tensors inside, in evaluation mode."""
        ...


@dataclass(frozen=True, eq=False)
class AutoencoderParts:
    """A fitted autoencoder as a network of the diffusers library.

    ``network``: an `AutoencoderKL`, an object of the library; ``code_shape``: (C, H, W) of a code.
    ``encode`` (its mean) and ``decode``: what the model itself gives of images (B, *shape) and
    codes (B, *code_shape), inside.
    """

    network: Any
    code_shape: tuple[int, ...]
    encode: Callable[[Tensor], Tensor]
    decode: Callable[[Tensor], Tensor]


@runtime_checkable
class ExportsAutoencoder(Protocol):
    """May encode and decode by the diffusers library without this package."""

    def autoencoder_parts(self) -> AutoencoderParts:
        """The parts. Raises `UserError` where the library has none for what was learned."""
        ...


@dataclass(frozen=True, eq=False)
class PipelineParts:
    """A fitted model as parts of the diffusers library.

    ``unet``: its network, an object of the library, for tensors (B, *shape) of ``shape``, and
    ``classes``, if it learned any; ``scheduler``: a class of it, and its
    ``settings``, in whose steps ``sampler`` of this package walks from ``scale`` times noise;
    ``scales_input``: whether the scheduler scales what the network sees; ``pipeline``: the
    library's class that draws with both, where there is one. ``draw``: what the model itself draws
    so, of noise (B, *shape) and labels (B,), if it learned any, inside; ``left_out``: settings of
    the model that it does without; ``autoencoder``: what decodes what the network gives, in the
    units of its ``latents_mean`` and ``latents_std``, if it sees codes.
    """

    unet: Any
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    scheduler: str
    settings: dict[str, Any]
    sampler: str
    scale: float
    scales_input: bool
    pipeline: str | None
    draw: Callable[[Tensor, Tensor | None], Tensor]
    left_out: dict[str, Any]
    autoencoder: AutoencoderParts | None = None


@runtime_checkable
class ExportsPipeline(Protocol):
    """May run by the diffusers library without this package."""

    def pipeline_parts(self, steps: int) -> PipelineParts:
        """The parts, to draw with in so many ``steps``. Raises `UserError` where the library has
        none for what was learned."""
        ...
