r"""StyleGAN: a generator in which each layer is told the style, and styles can be mixed.

Noise reaches the image of a plain generator through its first layer only, and one number of it
changes form and colour at once. Here a mapping turns z into a style w that every layer is given:
whoever changes w at some layers changes what these decide and nothing else. Three things follow,
two of which are controls of ``sample``:

*Truncation.* Styles near the average are those that most was learned of. w <- w_mean + psi (w -
w_mean), psi < 1, buys quality with variety.

*Mixing.* The coarse layers follow one noise and the fine ones another: the form of one sample in
the colours of another.

*Noise.* What is only chance enters as noise at each pixel, and need not be decided by z.

**Path length.** A step in w should change the image by about as much anywhere: the length of J^T y,
J = dG/dw and y a random image, is held at its mean (Karras et al. 2019, section 3.2). Both
penalties are computed at some steps only, with a larger weight (ibid., section 3.1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Unpack, cast

import torch
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, MixesStyles
from ...core.errors import UserError
from ...core.options import StyleOptions, check_options
from ...core.panels import Panel
from ...core.params import Range, inherited, param
from ...core.processes import mean_over_batch, normal_rows
from ...core.seeding import normal, seed_for
from ...core.spec import DataSpec, ImageSpec
from ...nets.buffers import Buffer
from ...nets.coders.autoencoder_nets import HIDDEN, WIDTH, default_network
from ...nets.coders.mlp import MLPEncoder
from ...nets.gan.style import (
    MappingNetwork,
    StyleDiscriminator,
    StyleGenerator,
    Synthesis,
    TabularSynthesis,
)
from ...nets.layers.class_projection import ClassLogitSelector
from ...prob.gan_losses import GANLoss, NonSaturatingLoss
from ...prob.gradient_penalties import Critic, path_lengths, r1_penalty
from .._drawing import in_batches
from ..base import evaluating
from ._gan import GANBase
from ._mixing_panel import mixing_panel

_PATH_LENGTH_DECAY = 0.99  # of the mean path length: Karras et al. 2019, appendix B
# of the mapping; 8: Karras et al. 2018; 2 for small images: 2020, arXiv 2006.06676
_MAPPING_DEPTH = {"tiny": 2, "small": 2, "base": 4, "large": 8}
# from so many pixels on; off for smaller images, as in Karras et al. 2020, which learn faster
# without
_PATH_LENGTH_WEIGHT, _PATH_LENGTH_MIN_SIDE = 2.0, 64
_SHOWN = 6  # coarse and fine noises of a panel


@dataclass(kw_only=True, eq=False, repr=False)
class StyleGAN(GANBase, MixesStyles):
    r"""StyleGAN: D raises E log D(x) + E log(1 - D(G(z))) - gamma/2 E ||grad D(x)||^2, G raises E
    log D(G(z)) - lambda E (||J^T y|| - a)^2.

    Karras, Laine & Aila 2018, "A style-based generator architecture for generative adversarial
    networks", arXiv 1812.04948; Karras, Laine, Aittala, Hellsten, Lehtinen & Aila 2019, "Analyzing
    and improving the image quality of StyleGAN", arXiv 1912.04958.

    x: data, of D numbers; z: N(0, I), ``latent_dim`` numbers; G: a synthesis of the style w = f(z);
    J: its derivative with respect to w; y: a random image, N(0, I) / sqrt(D); a: the mean of ||J^T
    y||; gamma / D: ``gamma``; lambda: ``path_length_weight``. For tables the synthesis is a
    perceptron, with one layer that has a style.
    """

    use: ClassVar[str] = "Styles for each layer, to mix and to truncate."
    takes: ClassVar[str] = "20 minutes"

    sampling_options: ClassVar[type[StyleOptions]] = StyleOptions

    width: int | None = param(
        None, "channels of the networks at their widest grid (default: by size)", low=8
    )
    style_dim: int = param(64, "numbers in a style", low=1)
    gamma: float = param(
        0.005,
        "weight of the penalty on the discriminator's slope, for each number in an example",
        low=0,
        search=Range(1e-4, 0.1, log=True),
    )
    penalty_interval: int = param(16, "steps of which one has that penalty", low=1)
    path_length_weight: float | None = param(
        None,
        "weight of the penalty on path lengths (default: 2, for small images and tables 0)",
        low=0,
    )
    path_length_interval: int = param(4, "steps of which one has that penalty", low=1)
    momentum: float = inherited(GANBase, "momentum", 0.0)
    batch_size: int = inherited(GANBase, "batch_size", 32)
    lr: float = inherited(GANBase, "lr", 2e-2, search=Range(2e-3, 3e-2, log=True))
    clip: float | None = inherited(GANBase, "clip", None)

    @property
    def gan_loss(self) -> GANLoss:
        return NonSaturatingLoss()

    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        rows = default_network(spec.shape) == "mlp"
        synthesis = (
            TabularSynthesis(spec.shape, HIDDEN[self.size], self.style_dim)
            if rows
            else Synthesis(spec.shape, self._width, self.style_dim)
        )
        return StyleGenerator(
            MappingNetwork(code, self.style_dim, _MAPPING_DEPTH[self.size]),
            synthesis,
            self.style_dim,
            code - len(self.classes_in_),
        )

    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        if default_network(spec.shape) == "mlp":
            return ClassLogitSelector(
                MLPEncoder(spec.shape, classes, HIDDEN[self.size], "leaky_relu")
            )
        return ClassLogitSelector(StyleDiscriminator(spec.shape, classes, self._width))

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        return {**super().build(spec), "mean_path_length": Buffer(torch.zeros(()))}

    def penalty(
        self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic
    ) -> Tensor | float:
        """R1, at one step of ``penalty_interval``."""
        return (
            0.0
            if self._step_index % self.penalty_interval
            else r1_penalty(real, x, self.penalty_interval * self.gamma * self.spec_.dim)
        )

    def generator_penalty(self, n: int, y: Tensor | None) -> Tensor | float:
        """The path length's variance about its mean, at one step of ``path_length_interval``; on
        half of the batch, which suffices."""
        if (
            not self._path_length_weight
            or self._step_index // self.discriminator_steps % self.path_length_interval
        ):
            return 0.0
        half = -(-n // 2)
        eps = normal_rows(half, self._noise_dim, device=self.device_)
        code = self._latent_code(eps, None if y is None else y[::2])
        lengths = path_lengths(*self._generator(code, with_styles=True))
        self._mean_path_length.lerp_(mean_over_batch(lengths.detach()), 1 - _PATH_LENGTH_DECAY)
        return (
            self.path_length_interval
            * self._path_length_weight
            * (lengths - self._mean_path_length).square().mean()
        )

    def sample(  # type: ignore[override]
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        **options: Unpack[StyleOptions],
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        ``label``: a class by name or number (default: any, as often as in the data);
        ``truncation``: psi, 1 for none; ``mixing``: so many layers, from the coarsest, follow the
        sample's noise, the others another one (default: all follow it). Each example depends on the
        seed, its number and these alone. Raises `UserError` for an unknown label, and for more
        layers than there are.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        layers = self._generator.synthesis.layers
        mixing = options.get("mixing")
        psi = options.get("truncation")
        if mixing is not None and not 0 <= mixing <= layers:
            raise UserError(
                f"mixing={mixing} was given; this model has {layers} layers that follow a style:"
                f" give 0 to {layers}"
            )
        draw = partial(
            self._sample_styled,
            label=self.class_index(options.get("label")),
            truncation=1.0 if psi is None else psi,
            mixing=mixing,
        )
        return in_batches(self, n, seed, start, draw)

    def panels(self, data: DatasetProtocol) -> list[Panel]:
        """The game, and for images coarse styles mixed with fine ones."""
        if not isinstance(self.spec_, ImageSpec):
            return super().panels(data)
        mixed = mixing_panel(*self.mix_styles(_SHOWN, _SHOWN))
        return [mixed, *super().panels(data)]

    def mix_styles(
        self, rows: int, columns: int, *, seed: int | None = None
    ) -> tuple[Array, Array, Array]:
        """``rows`` samples whose style the coarse half of the layers follows, ``columns`` whose
        style the others follow, and each pair (rows, columns, *user_shape)."""
        check_is_fitted(self)
        name = seed_for(self.seed if seed is None else seed, "mixing")
        eps, y = self._initial_noise(rows + columns, name)
        coarse, fine = torch.split(self._latent_code(eps, y), [rows, columns])
        half = max(1, self._generator.synthesis.layers // 2)
        with evaluating(self.networks_):
            mixed = [self._synthesise(one.expand(columns, -1), fine, half).cpu() for one in coarse]
            ends = [self._synthesise(one).cpu() for one in (coarse, fine)]
        above, beside, between = (self.spec_.to_user(x) for x in (*ends, torch.cat(mixed)))
        return above, beside, between.reshape(rows, columns, *self.spec_.user_shape)

    @property
    def _width(self) -> int:
        return self.width or WIDTH[self.size]

    @property
    def _path_length_weight(self) -> float:
        if self.path_length_weight is not None:
            return self.path_length_weight
        return (
            _PATH_LENGTH_WEIGHT
            if min(self.spec_.shape[1:], default=0) >= _PATH_LENGTH_MIN_SIDE
            else 0.0
        )

    @property
    def _generator(self) -> StyleGenerator:
        return cast(StyleGenerator, self.networks_["generator"])

    @property
    def _mean_path_length(self) -> Tensor:
        return cast(Buffer, self.networks_["mean_path_length"]).value

    def _sample_styled(
        self,
        n: int,
        seed: int,
        start: int,
        label: int | None,
        truncation: float,
        mixing: int | None,
    ) -> Array:
        y = self.sampled_labels(n, seed, start, label)
        code, other = (
            self._latent_code(self._noise(n, name, start), y)
            for name in (seed, seed_for(seed, "other"))
        )
        shapes = self._generator.synthesis.noise_shapes
        noise = [
            normal(seed_for(seed, "pixels", layer), start, n, shape).to(self.device_)
            for layer, shape in enumerate(shapes)
        ]
        with evaluating(self.networks_):
            return self.spec_.to_user(
                self._synthesise(code, other, mixing, truncation, noise).cpu()
            )

    def _synthesise(
        self,
        code: Tensor,
        other: Tensor | None = None,
        mixing: int | None = None,
        truncation: float = 1.0,
        noise: list[Tensor] | None = None,
    ) -> Tensor:
        """Samples in fp32: rounded to bf16, demodulation differs by grey levels from batch to
        batch."""
        x: Tensor = self._generator(code, other, mixing, truncation, noise)
        return x

    def decode_tensor(self, z: Tensor) -> Tensor:
        return self._synthesise(z)
