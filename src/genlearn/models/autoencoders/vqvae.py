r"""Vector quantisation: an autoencoder whose codes are words of a finite vocabulary.

The encoder gives a vector at each place of a grid; the nearest vector of a *codebook* takes its
place, and the decoder sees nothing else. A code is a grid of whole numbers, each of log2 K bits: a
compression of known size, and a language that a second model can learn.

**Gradients.** Choosing the nearest has none. The decoder's are handed to the encoder as if nothing
had been chosen (straight-through), one term draws the vectors to what the encoder says, and another
commits the encoder to the vectors:

    L = |x - g(e)|^2 + |sg[f(x)] - e|^2 + beta |f(x) - sg[e]|^2,

    e = e_k,  k = argmin_j |f(x) - e_j|,

sg: what is held fixed. Vectors that nothing is near to would stay unused for ever; they are put
where the encoder is.

**Drawing.** The codes have no simple distribution. `sample` draws each place by how often its words
occur there, as if places knew nothing of one another, which shows how much they do: the prior that
this model needs is to be learned on its codes (`latent`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ...core.capabilities import Array, DatasetProtocol, EncodesWords
from ...core.errors import UserError
from ...core.params import param
from ...core.seeding import random_rows, seed_for, uniform
from ...core.spec import DataSpec
from ...nets.buffers import Buffer
from ...nets.coders.autoencoder_nets import Network, check_network, default_network
from ...nets.layers.codebook import Codebook
from ._autoencoding import AutoencoderBase

# numbers at each place; places in a code that is no grid, at most
_DEFAULT_DIM, _MAX_PLACES = 4, 16
_PRIOR_EXAMPLES = 4096  # examples by which the words of each place are counted
_RESTART_AFTER = 50  # batches for which a vector may be unused
# share of the training in which unused vectors are put elsewhere: the average of the weights has to
# follow
_RESTART_SHARE = 0.5


@dataclass(kw_only=True, eq=False, repr=False)
class VQVAE(AutoencoderBase, EncodesWords):
    r"""Vector-quantised autoencoder: min E |x - g(e)|^2 + |sg[f(x)] - e|^2 + beta |f(x) - sg[e]|^2,
    e the vector of the codebook nearest to f(x).

    van den Oord, Vinyals & Kavukcuoglu 2017, "Neural discrete representation learning", arXiv
    1711.00937, equation 3; unused vectors are put elsewhere as in Dhariwal et al. 2020, "Jukebox",
    arXiv 2005.00341, section 3.

    x: data; f(x): ``latent_dim`` numbers at each place of a grid (tables: of up to 16 places); K =
    ``codebook_size`` vectors; beta = ``commitment_cost``. `encode` gives f(x), which `decode`
    quantises; `encode_indices` and `decode_indices` the numbers k.
    """

    use: ClassVar[str] = "Codes that are words of a vocabulary, to compress or to build on."
    takes: ClassVar[str] = "5 minutes"

    latent_dim: int | None = param(None, "numbers at each place of a code (default: 4)", low=1)
    codebook_size: int = param(512, "vectors in the codebook", low=2)
    commitment_cost: float = param(0.25, "how strongly the encoder is drawn to the codebook", low=0)
    network: Literal["auto", "linear", "mlp", "conv", "grid"] = param(
        "auto", "kind of coders (auto: grid for images, mlp for tables)"
    )

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for convolutions of what is no image. No code is too large: it is words
        of a finite vocabulary."""
        check_network(self.network, self.downsamplings, spec)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        coders, latent = self.coder_config(spec), self.latent_dim_
        prior = Buffer(
            torch.full((math.prod(self._grid), self.codebook_size), 1 / self.codebook_size)
        )
        codebook = Codebook(self.codebook_size, self.latent_shape_[0])
        return {
            "encoder": coders.encoder(latent),
            "decoder": coders.decoder(latent),
            "codebook": codebook,
            "prior": prior,
        }

    def on_step_start(self, progress: float) -> None:
        self.restarting_ = progress < _RESTART_SHARE

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The three terms, each the mean over its numbers, in the networks' units."""
        z = self._places(self.networks_["encoder"](x))
        indices = self._codebook.nearest(z)
        e = self._codebook(indices)
        if self.restarting_:
            self._codebook.restart_unused(
                z.detach().flatten(0, 1), indices.flatten(), _RESTART_AFTER
            )
        through = z + (e - z).detach()
        error = (self.networks_["decoder"](self._flat(through)) - x).square().mean()
        loss: Tensor = (
            error
            + (z.detach() - e).square().mean()
            + self.commitment_cost * (z - e.detach()).square().mean()
        )
        return loss

    def post_training(self, data: DatasetProtocol) -> None:
        """How often each word occurs at each place."""
        rows = np.sort(random_rows(self.seed, len(data), _PRIOR_EXAMPLES, "words"))
        indices = self._map(self._indices, data.user(rows))
        counts = torch.zeros(indices.shape[1], self.codebook_size).scatter_add_(
            1, indices.T, torch.ones(indices.T.shape)
        )
        cast(Buffer, self.networks_["prior"]).value.copy_(counts / len(indices))

    def encode_indices(self, X: Any) -> Array:
        """Codes as whole numbers below ``codebook_size``: (n, height, width) of a grid, else (n,
        places)."""
        indices: Array = self._map(self._indices, self._values(X)).reshape(-1, *self._grid).numpy()
        return indices

    def decode_indices(self, indices: Any) -> Array:
        """Examples in the user's units from such numbers. Raises `UserError` for another shape, or
        numbers that are not in the codebook."""
        return self.decode(self.codes_of_indices(indices))

    def codes_of_indices(self, indices: Any) -> Array:
        given, shape = np.asarray(indices), ", ".join(map(str, self._grid))
        if (
            given.shape[1:] != self._grid
            or given.dtype.kind not in "iu"
            or given.size == 0
            or not 0 <= given.min() <= given.max() < self.codebook_size
        ):
            raise UserError(
                f"indices of shape {given.shape} were given; this model's have shape (n, {shape}),"
                f" whole numbers below {self.codebook_size}"
            )
        words = torch.from_numpy(given.reshape(len(given), -1).astype(np.int64))
        codes: Array = self._vectors(words).cpu().numpy()
        return codes

    def encode_tensor(self, x: Tensor) -> Tensor:
        z: Tensor = self.networks_["encoder"](x)
        return z

    def decode_tensor(self, z: Tensor) -> Tensor:
        x: Tensor = self.networks_["decoder"](
            self._vectors(self._codebook.nearest(self._places(z)))
        )
        return x

    def _indices(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, places)."""
        return self._codebook.nearest(self._places(self.encode_tensor(x)))

    def _sample_codes(self, n: int, seed: int, start: int) -> Tensor:
        u = uniform(seed_for(seed, "words"), start, n, (math.prod(self._grid),))
        prior = cast(Buffer, self.networks_["prior"]).value.cpu().double().cumsum(1)
        return self._vectors(
            torch.searchsorted(prior, u.T.contiguous()).T.clamp(max=self.codebook_size - 1)
        )

    def _vectors(self, indices: Tensor) -> Tensor:
        """(B, places) -> (B, latent)."""
        return self._flat(self._codebook(indices.to(self._codebook.vectors.device)).detach())

    def _places(self, z: Tensor) -> Tensor:
        """(B, latent) -> (B, places, numbers)."""
        return z.reshape(z.shape[0], self.latent_shape_[0], -1).transpose(1, 2)

    def _flat(self, e: Tensor) -> Tensor:
        return e.transpose(1, 2).reshape(e.shape[0], -1)

    def latent_shape(self, spec: DataSpec) -> tuple[int, ...]:
        """(numbers, height, width) of a grid, else (numbers, places)."""
        places = self.coder_config(spec).places
        return (
            self.latent_dim or _DEFAULT_DIM,
            *(places or (min(_MAX_PLACES, max(1, spec.dim // 2)),)),
        )

    def _resolved_network(self, spec: DataSpec) -> Network:
        usual = default_network(spec.shape)
        return ("grid" if usual == "conv" else usual) if self.network == "auto" else self.network

    @property
    def vocabulary_(self) -> int:  # type: ignore[override]
        return self.codebook_size

    @property
    def word_shape_(self) -> tuple[int, ...]:  # type: ignore[override]
        return self._grid

    @property
    def _grid(self) -> tuple[int, ...]:
        return self.latent_shape_[1:]

    @property
    def _codebook(self) -> Codebook:
        return cast(Codebook, self.networks_["codebook"])

    @property
    def bits_(self) -> float:
        """How many bits a code takes."""
        return math.prod(self._grid) * math.log2(self.codebook_size)
