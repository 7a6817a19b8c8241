r"""Vector quantisation: an autoencoder whose codes are words of a finite vocabulary.

The encoder gives a vector at each place of a grid; the nearest vector of a *codebook* takes its place, and the decoder sees nothing else. A code is a
grid of whole numbers, each of log2 K bits: a compression of known size, and a language that a second model can learn.

**Gradients.** Choosing the nearest has none. The decoder's are handed to the encoder as if nothing had been chosen (straight-through), one term draws
the vectors to what the encoder says, and another commits the encoder to the vectors:

    L = |x - g(e)|^2 + |sg[f(x)] - e|^2 + beta |f(x) - sg[e]|^2,    e = e_k,  k = argmin_j |f(x) - e_j|,

sg: what is held fixed. Vectors that nothing is near to would stay unused for ever; they are put where the encoder is.

**Drawing.** The codes have no simple distribution. `sample` draws each place by how often its words occur there, as if places knew nothing of one
another, which shows how much they do: the prior that this model needs is to be learned on its codes (`latent`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, cast

import numpy as np
import torch
from torch import Tensor, nn

from ..core.capabilities import Array, Examples
from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.random import derive, uniform
from ..core.spec import DataSpec
from ..nets.codebook import Codebook
from ..nets.coders import Network, default_network
from ._coding import CodingModel
from ._kept import Kept

_NUMBERS, _PLACES = 4, 16  # numbers at each place; places in a code that is no grid, at most
_COUNTED = 4096  # examples by which the words of each place are counted
_LONGEST = 50  # batches for which a vector may be unused
_REVIVING = 0.5  # share of the training in which unused vectors are put elsewhere: the average of the weights has to follow


@dataclass(kw_only=True, eq=False, repr=False)
class VQVAE(CodingModel):
    r"""Vector-quantised autoencoder: min E |x - g(e)|^2 + |sg[f(x)] - e|^2 + beta |f(x) - sg[e]|^2, e the vector of the codebook nearest to f(x).

    van den Oord, Vinyals & Kavukcuoglu 2017, "Neural discrete representation learning", arXiv 1711.00937, equation 3; unused vectors are put
    elsewhere as in Dhariwal et al. 2020, "Jukebox", arXiv 2005.00341, section 3.

    x: data; f(x): ``latent_dim`` numbers at each place of a grid (tables: of up to 16 places); K = ``codebook`` vectors; beta = ``commitment``.
    `encode` gives f(x), which `decode` quantises; `words` and `from_words` the numbers k.
    """

    latent_dim: int | None = hyper(None, "numbers at each place of a code (default: 4)", low=1)
    codebook: int = hyper(512, "vectors in the codebook", low=2)
    commitment: float = hyper(0.25, "how strongly the encoder is drawn to the codebook", low=0)
    network: Literal["auto", "linear", "mlp", "conv", "grid"] = hyper("auto", "kind of coders (auto: grid for images, mlp for tables)")

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for convolutions of what is no image. No code is too large: it is words of a finite vocabulary."""
        self._check_network(spec)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        coders, latent = self.coders(spec), self.latent_dim_
        prior = Kept(torch.full((math.prod(self._grid), self.codebook), 1 / self.codebook))
        codebook = Codebook(self.codebook, self.latent_shape_[0])
        return {"encoder": coders.encoder(latent), "decoder": coders.decoder(latent), "codebook": codebook, "prior": prior}

    def before_step(self, progress: float) -> None:
        self.reviving_ = progress < _REVIVING

    def loss(self, x: Tensor, y: Tensor | None = None) -> Tensor:
        """The three terms, each the mean over its numbers, in the networks' units."""
        z = self._places(self.networks_["encoder"](x))
        words = self._codebook.nearest(z)
        e = self._codebook(words)
        if self.reviving_:
            self._codebook.revive(z.detach().flatten(0, 1), words.flatten(), _LONGEST)
        through = z + (e - z).detach()
        error = (self.networks_["decoder"](self._flat(through)) - x).square().mean()
        loss: Tensor = error + (z.detach() - e).square().mean() + self.commitment * (z - e.detach()).square().mean()
        return loss

    def calibrate(self, data: Examples) -> None:
        """How often each word occurs at each place."""
        rows = np.sort(np.random.default_rng(derive(self.seed, "words")).permutation(len(data))[:_COUNTED])
        words = self._map(self._word, data.user(rows))
        counts = torch.zeros(words.shape[1], self.codebook).scatter_add_(1, words.T, torch.ones(words.T.shape))
        cast(Kept, self.networks_["prior"]).value.copy_(counts / len(words))

    def words(self, X: Any) -> Array:
        """Codes as whole numbers below ``codebook``: (n, height, width) of a grid, else (n, places)."""
        words: Array = self._map(self._word, self._values(X)).reshape(-1, *self._grid).numpy()
        return words

    def from_words(self, words: Any) -> Array:
        """Examples in the user's units from such numbers. Raises `UserError` for another shape, or numbers that are not in the codebook."""
        given, shape = np.asarray(words), ", ".join(map(str, self._grid))
        if given.shape[1:] != self._grid or given.dtype.kind not in "iu" or given.size == 0 or not 0 <= given.min() <= given.max() < self.codebook:
            raise UserError(f"words of shape {given.shape} were given; this model's have shape (n, {shape}), whole numbers below {self.codebook}")
        return self.decode(self._vectors(torch.from_numpy(given.reshape(len(given), -1).astype(np.int64))).numpy())

    def _encode(self, x: Tensor) -> Tensor:
        z: Tensor = self.networks_["encoder"](x)
        return z

    def _decode(self, z: Tensor) -> Tensor:
        x: Tensor = self.networks_["decoder"](self._vectors(self._codebook.nearest(self._places(z))))
        return x

    def _word(self, x: Tensor) -> Tensor:
        """(B, *shape) -> (B, places)."""
        return self._codebook.nearest(self._places(self._encode(x)))

    def _draw_codes(self, n: int, seed: int, start: int) -> Tensor:
        u = uniform(derive(seed, "words"), start, n, (math.prod(self._grid),))
        prior = cast(Kept, self.networks_["prior"]).value.cpu().double().cumsum(1)
        return self._vectors(torch.searchsorted(prior, u.T.contiguous()).T.clamp(max=self.codebook - 1))

    def _vectors(self, words: Tensor) -> Tensor:
        """(B, places) -> (B, latent)."""
        return self._flat(self._codebook(words.to(self._codebook.vectors.device)).detach())

    def _places(self, z: Tensor) -> Tensor:
        """(B, latent) -> (B, places, numbers)."""
        return z.reshape(len(z), self.latent_shape_[0], -1).transpose(1, 2)

    def _flat(self, e: Tensor) -> Tensor:
        return e.transpose(1, 2).reshape(len(e), -1)

    def latent_shape(self, spec: DataSpec) -> tuple[int, ...]:
        """(numbers, height, width) of a grid, else (numbers, places)."""
        places = self.coders(spec).places
        return (self.latent_dim or _NUMBERS, *(places or (min(_PLACES, max(1, spec.dim // 2)),)))

    def _network(self, spec: DataSpec) -> Network:
        usual = default_network(spec.shape)
        return ("grid" if usual == "conv" else usual) if self.network == "auto" else self.network

    @property
    def _grid(self) -> tuple[int, ...]:
        return self.latent_shape_[1:]

    @property
    def _codebook(self) -> Codebook:
        return cast(Codebook, self.networks_["codebook"])

    @property
    def bits_(self) -> float:
        """How many bits a code takes."""
        return math.prod(self._grid) * math.log2(self.codebook)
