r"""StyleGAN: a generator in which each layer is told the style, and styles can be mixed.

Noise reaches the image of a plain generator through its first layer only, and one number of it changes form and colour at once. Here a mapping turns
z into a style w that every layer is given: whoever changes w at some layers changes what these decide and nothing else. Three things follow, two of
which are controls of ``sample``:

*Truncation.* Styles near the average are those that most was learned of. w <- w_mean + psi (w - w_mean), psi < 1, buys quality with variety.

*Mixing.* The coarse layers follow one noise and the fine ones another: the form of one sample in the colours of another.

*Noise.* What is only chance enters as noise at each pixel, and need not be decided by z.

**Path length.** A step in w should change the image by about as much anywhere: the length of J^T y, J = dG/dw and y a random image, is held at its
mean (Karras et al. 2019, section 3.2). Both penalties are computed at some steps only, with a larger weight (ibid., section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import Array, Examples
from ..core.drawing import Styles
from ..core.errors import UserError
from ..core.hyper import Between, hyper
from ..core.panel import Panel, Pictures
from ..core.random import derive, normal
from ..core.spec import DataSpec, ImageSpec
from ..nets.answers import Answers
from ..nets.coders import HIDDEN, WIDTH, default_network
from ..nets.mlp import MLPEncoder
from ..nets.style import Mapping, RowSynthesis, StyleDiscriminator, StyleGenerator, Synthesis
from ..prob.games import Game, NonSaturating
from ..prob.penalties import Critic, path_lengths, zero_centred
from ._adversarial import TwoPlayer
from ._kept import Kept
from .base import evaluating

_MEMORY = 0.99  # of the mean path length: Karras et al. 2019, appendix B
_DEPTH = {"tiny": 2, "small": 2, "base": 4, "large": 8}  # of the mapping; 8: Karras et al. 2018; 2 for small images: 2020, arXiv 2006.06676
_PATH_LENGTH, _LARGE = 2.0, 64  # from so many pixels on; off for smaller images, as in Karras et al. 2020, which learn faster without
_SHOWN = 6  # coarse and fine noises of a panel


@dataclass(kw_only=True, eq=False, repr=False)
class StyleGAN(TwoPlayer, Styles):
    r"""StyleGAN: D raises E log D(x) + E log(1 - D(G(z))) - gamma/2 E ||grad D(x)||^2, G raises E log D(G(z)) - lambda E (||J^T y|| - a)^2.

    Karras, Laine & Aila 2018, "A style-based generator architecture for generative adversarial networks", arXiv 1812.04948; Karras, Laine, Aittala,
    Hellsten, Lehtinen & Aila 2019, "Analyzing and improving the image quality of StyleGAN", arXiv 1912.04958.

    x: data, of D numbers; z: N(0, I), ``latent_dim`` numbers; G: a synthesis of the style w = f(z); J: its derivative with respect to w; y: a random
    image, N(0, I) / sqrt(D); a: the mean of ||J^T y||; gamma / D: ``gamma``; lambda: ``path_length``. For tables the synthesis is a perceptron, with
    one layer that has a style.
    """

    width: int | None = hyper(None, "channels of the networks at their widest grid (default: by size)", low=8)
    style_dim: int = hyper(64, "numbers in a style", low=1)
    gamma: float = hyper(
        0.005, "weight of the penalty on the discriminator's slope, for each number in an example", low=0, search=Between(1e-4, 0.1, log=True)
    )
    lazy: int = hyper(16, "steps of which one has that penalty", low=1)
    path_length: float | None = hyper(None, "weight of the penalty on path lengths (default: 2, for small images and tables 0)", low=0)
    path_lazy: int = hyper(4, "steps of which one has that penalty", low=1)
    momentum: float = hyper(0.0, "decay of the mean gradient: beta1 of adamw, momentum of sgd", low=0, high=0.9999)
    batch_size: int = hyper(32, "examples in a step", low=1)
    lr: float = hyper(2e-2, "learning rate at its highest", low=1e-9, search=Between(2e-3, 3e-2, log=True))
    clip: float | None = hyper(None, "largest norm of the gradient", low=1e-9)

    @property
    def game(self) -> Game:
        return NonSaturating()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        rows = default_network(spec.shape) == "mlp"
        synthesis = RowSynthesis(spec.shape, HIDDEN[self.size], self.style_dim) if rows else Synthesis(spec.shape, self._width, self.style_dim)
        return StyleGenerator(Mapping(code, self.style_dim, _DEPTH[self.size]), synthesis, self.style_dim, code - len(self.classes_in_))

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return Answers(MLPEncoder(spec.shape, classes, HIDDEN[self.size], "leaky_relu"))
        return Answers(StyleDiscriminator(spec.shape, classes, self._width))

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {**super().build(spec), "path": Kept(torch.zeros(()))}

    def penalty(self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic) -> Tensor | float:
        """R1, at one step of ``lazy``."""
        return 0.0 if self._turn % self.lazy else zero_centred(real, x, self.lazy * self.gamma * self.spec_.dim)

    def generator_penalty(self, n: int, y: Tensor | None) -> Tensor | float:
        """The path length's variance about its mean, at one step of ``path_lazy``; on half of the batch, which suffices."""
        if not self._path_weight or self._turn // self.discriminator_steps % self.path_lazy:
            return 0.0
        half = max(1, n // 2)
        code = self._code(torch.randn(half, self._noises, device=self.device_), None if y is None else y[:half])
        generator = self._generator
        styles = generator.styles(code)
        lengths = path_lengths(generator.synthesis(styles), styles)
        self._mean_length.lerp_(lengths.detach().mean(), 1 - _MEMORY)
        return self.path_lazy * self._path_weight * (lengths - self._mean_length).square().mean()

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        label: str | int | None = None,
        truncation: float | None = None,
        mixing: int | None = None,
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed`` (default: the model's).

        ``label``: a class by name or number (default: any, as often as in the data); ``truncation``: psi, 1 for none; ``mixing``: so many layers,
        from the coarsest, follow the sample's noise, the others another one (default: all follow it). Each example depends on the seed, its
        number and these alone. Raises `UserError` for an unknown label, and for more layers than there are.
        """
        check_is_fitted(self)
        layers = self._generator.synthesis.layers
        if mixing is not None and not 0 <= mixing <= layers:
            raise UserError(f"mixing={mixing} was given; this model has {layers} layers that follow a style: give 0 to {layers}")
        psi = 1.0 if truncation is None else truncation
        return self._chunks(n, seed, start, partial(self._styled, label=self._class(label), truncation=psi, mixing=mixing))

    def panels(self, data: Examples) -> list[Panel]:
        """The game, and for images coarse styles mixed with fine ones."""
        if not isinstance(self.spec_, ImageSpec):
            return super().panels(data)
        eps = self._noise(2 * _SHOWN, derive(self.seed, "mixing"), 0)
        y = self._labels(2 * _SHOWN, derive(self.seed, "mixing"), 0, None)
        coarse, fine = torch.split(self._code(eps, y), _SHOWN)
        layers = self._generator.synthesis.layers
        with evaluating(self.networks_):
            mixed = self._made_of(coarse.repeat_interleave(_SHOWN, 0), fine.repeat(_SHOWN, 1), max(1, layers // 2))
            rows = torch.cat([torch.zeros_like(mixed[:1]), self._made_of(fine)])
            body = torch.cat([torch.cat([self._made_of(one[None]), part]) for one, part in zip(coarse, torch.split(mixed, _SHOWN), strict=True)])
        values = self.spec_.to_user(torch.cat([rows, body]).cpu())
        meaning = "Each row has the coarse style of the sample at its left, each column the fine style of the sample above it."
        return [Pictures(title="Style mixing", meaning=meaning, values=values, columns=_SHOWN + 1), *super().panels(data)]

    @property
    def _width(self) -> int:
        return self.width or WIDTH[self.size]

    @property
    def _path_weight(self) -> float:
        if self.path_length is not None:
            return self.path_length
        return _PATH_LENGTH if min(self.spec_.shape[1:], default=0) >= _LARGE else 0.0

    @property
    def _turn(self) -> int:
        """The number of the step that is being taken, from 0."""
        return int(self.record.count) - 1

    @property
    def _generator(self) -> StyleGenerator:
        return cast(StyleGenerator, self.networks_["generator"])

    @property
    def _mean_length(self) -> Tensor:
        return cast(Kept, self.networks_["path"]).value

    def _styled(self, n: int, seed: int, start: int, label: int | None, truncation: float, mixing: int | None) -> Array:
        y = self._labels(n, seed, start, label)
        code, other = (self._code(self._noise(n, name, start), y) for name in (seed, derive(seed, "other")))
        shapes = self._generator.synthesis.noise_shapes
        noise = [normal(derive(seed, "pixels", layer), start, n, shape).to(self.device_) for layer, shape in enumerate(shapes)]
        with evaluating(self.networks_):
            return self.spec_.to_user(self._made_of(code, other, mixing, truncation, noise).cpu())

    def _made_of(
        self, code: Tensor, other: Tensor | None = None, mixing: int | None = None, truncation: float = 1.0, noise: list[Tensor] | None = None
    ) -> Tensor:
        """Samples in fp32: rounded to bf16, demodulation differs by grey levels from batch to batch."""
        x: Tensor = self._generator(code, other, mixing, truncation, noise)
        return x

    def _decode(self, z: Tensor) -> Tensor:
        return self._made_of(z)
