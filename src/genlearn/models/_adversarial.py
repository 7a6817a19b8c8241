r"""Generative adversarial networks: two players, and a distribution as the outcome of their game.

A *generator* makes samples x = G(z) from noise z; a *discriminator* D is shown data and samples, and learns to tell them apart. Its answer is a loss
that is learned along with the generator: no density is ever written down, so none can be evaluated, but a sample takes one pass. In turn (Goodfellow
et al. 2014, arXiv 1406.2661, algorithm 1), D takes k steps up the value of the game (`prob.games`) and G one step down, which sees the new D; each
step is made for one player, and the other's weights are constants in it.

**What goes wrong.** If G finds one example that D takes for data, nothing in a single answer asks it to make others: *mode collapse*. If D is sure of
everything, its slope at the samples vanishes and G learns nothing; if the game has no resting place, the players go round in circles. Losses tell
little, since each is measured against a moving opponent. What can be watched is how sure D is of data and of samples: both come near 1/2.

**Classes.** A *code* is z and, where there are classes, a 1 in the place of the example's; G makes a sample of it. D answers for every class at once,
and the answer for the class in question counts: a projection of its features on a vector for each class (Miyato & Koyama 2018, arXiv 1802.05637).
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal, cast

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn
from torch.func import functional_call

from ..core.capabilities import Array, Discriminates, Examples, Illustrates
from ..core.drawing import Conditional
from ..core.errors import UserError
from ..core.hyper import hyper
from ..core.panel import Curves, Panel
from ..core.random import derive, normal, scope
from ..core.spec import DataSpec, ImageSpec
from ..engine.device import autocast
from ..nets.norms import batch_norms, measuring
from ..prob.augmentation import adapted, augmented
from ..prob.games import Game
from ..prob.penalties import Critic
from ._classes import Classes
from ._inverting import Inverting
from ._kept import Kept
from ._record import Record
from ._spread import LOOKED_AT, Spread
from .base import Chunked, evaluating

_LATENTS = 64
_FEW = 10_000  # examples, below which what the discriminator sees is changed
_ADAPTING = 50_000  # examples in which the probability of a change may rise to 1; 500,000 in Karras et al. 2020, whose trainings take longer
_OTHERS = 512  # samples beside which an example is judged
_MEASURED, _TOGETHER = 2048, 128  # examples by which batch norms are measured, and how many at a time
_WATCHED = ("value", "data", "samples")


@dataclass(kw_only=True, eq=False, repr=False)
class TwoPlayer(Classes, Chunked, Inverting, Conditional, Discriminates, Illustrates):
    """A generator and a discriminator that play a game in turn."""

    condition: Literal["auto", "label", "none"] = hyper(
        "auto", "what examples are learned with, so that it can be asked for (auto: their class, where the data has classes)"
    )
    latent_dim: int | None = hyper(None, "numbers of noise that a sample is made from (default: 64, or as many as an example has)", low=1)
    augment: Literal["auto", "on", "off"] = hyper(
        "auto", "change the images that the discriminator sees, as far as it overfits (auto: sets below 10,000)"
    )
    discriminator_steps: int = hyper(1, "steps of the discriminator for one of the generator, which share the batch", low=1)

    @property
    @abstractmethod
    def game(self) -> Game:
        """What they play for."""

    @abstractmethod
    def generator(self, spec: DataSpec, code: int) -> nn.Module:
        """G: codes (B, ``code``) -> (B, *shape)."""

    @abstractmethod
    def discriminator(self, spec: DataSpec, classes: int) -> nn.Module:
        """D: examples (B, *shape) and their classes (B,) -> logits (B,); without classes, for all of them: (B, ``classes``)."""

    def penalty(self, x: Tensor, real: Tensor, samples: Tensor, fake: Tensor, critic: Critic) -> Tensor | float:
        """What the discriminator's loss has beside the game. ``real``, ``fake``: the logits of the examples ``x`` and ``samples``, by way of which
        they can be differentiated; ``critic``: the logits of other examples of the same classes."""
        return 0.0

    def generator_penalty(self, n: int, y: Tensor | None) -> Tensor | float:
        """What the generator's loss has beside the game, for a batch of ``n`` examples of the classes ``y``."""
        return 0.0

    def prior(self, eps: Tensor) -> Tensor:
        """z from ``eps``, N(0, I)."""
        return eps

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for classes that are not there, and batches too small to share."""
        super().check_data(spec)
        if self.discriminator_steps > self.batch_size:
            raise UserError(f"discriminator_steps={self.discriminator_steps} share batch_size={self.batch_size}; a step takes at least one example")

    def settle(self, spec: DataSpec) -> None:
        """``latent_dim_`` is the number of numbers in a code: noise, and a place for each class."""
        super().settle(spec)
        self.latent_dim_ = (self.latent_dim or min(_LATENTS, spec.dim)) + len(self.classes_in_)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        classes = len(self.classes_in_)
        players = {"generator": self.generator(spec, self.latent_dim_), "discriminator": self.discriminator(spec, max(1, classes))}
        kept = {"classes": Kept(torch.ones(classes) / max(1, classes)), "strength": Kept(torch.zeros(()))}
        return {**players, **kept, "record": Record(len(_WATCHED)), "spread": Spread()}

    def measure(self, data: Examples) -> None:
        """How often each class occurs, and how far apart examples are."""
        self.spread.measure(data.batch(np.sort(self._some(len(data), LOOKED_AT)))[0])
        if self.classes_in_ and data.labels is not None:
            self.frequencies_.copy_(torch.from_numpy(np.bincount(data.labels, minlength=len(self.classes_in_)) / len(data)))

    @torch.no_grad()
    def trouble(self) -> str | None:
        """Mode collapse, by what the generator makes of one noise as it does in training: batch norms go by the batch, and keep no trace of it."""
        generator, codes = self.networks_["generator"], self._code(*self._starts(LOOKED_AT, derive(self.seed, "watch")))
        buffers = {name: buffer.clone() for name, buffer in generator.named_buffers()}
        parts = codes.tensor_split(-(-LOOKED_AT // self.batch_size))
        return self.spread.trouble(torch.cat([functional_call(generator, buffers, (part,)) for part in parts]))

    def calibrate(self, data: Examples) -> None:
        """Measure what batch norms go by outside training, on as much data as samples."""
        norms = batch_norms(self.networks_)
        if not norms:
            return
        rows = self._some(len(data), _MEASURED)
        with scope(derive(self.seed, "norms")), autocast(self.precision, self.device_, self.spec_), measuring(norms):
            for part in np.array_split(rows, -(-len(rows) // _TOGETHER)):
                x, y = data.batch(np.sort(part))
                y = y.to(self.device_) if y is not None and self.classes_in_ else None
                self._logits(x.to(self.device_), y)
                self._logits(self._made(len(x), y), y)

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        y = y if self.classes_in_ else None
        for rows in torch.arange(len(x), device=x.device).tensor_split(self.discriminator_steps):
            yield self.networks_["discriminator"], self._told_apart(x[rows], None if y is None else y[rows])
        yield self.networks_["generator"], self._deceived(x, y)

    def sample(self, n: int = 1, *, seed: int | None = None, start: int = 0, label: str | int | None = None) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed`` (default: the model's).

        ``label``: a class by name or number (default: any, as often as in the data). Each example depends on the seed, its number and the label
        alone. Raises `UserError` for an unknown label, and for any where the model learned no classes.
        """
        check_is_fitted(self)
        return self._chunks(n, seed, start, partial(self._draw, label=self._class(label)))

    def discriminate(self, X: Any) -> Array:
        """How sure the discriminator is that each example is data and not one of the model's samples, (n,), in [0, 1]."""
        logits, others = self._map(self._best, self._values(X)), self._map(self._best, self.sample(_OTHERS, seed=self.seed))
        return self.game.belief(logits, others).numpy()

    def panels(self, data: Examples) -> list[Panel]:
        """The game over time: how sure the discriminator was, and the value."""
        steps, value, real, fake = self.record.curves().T
        ends, half, rest = steps[[0, -1]], [0.5, 0.5], [self.game.equilibrium] * 2
        sure = {"data": np.c_[steps, real], "samples": np.c_[steps, fake], "cannot tell": np.c_[ends, half]}
        worth = {"V": np.c_[steps, value], "cannot tell": np.c_[ends, rest]}
        meaning = "How sure the discriminator was that data and samples are data, during training; both come near 1/2 where it cannot tell."
        told = (
            f"V(D, G), which the discriminator raises and the generator lowers; {self.game.equilibrium:.3g} where samples cannot be told from data."
        )
        return [
            Curves(title="The game", meaning=meaning, x="step", y="D", series=sure),
            Curves(title="Its value", meaning=told, x="step", y="V", series=worth),
        ]

    @property
    def frequencies_(self) -> Tensor:
        return cast(Kept, self.networks_["classes"]).value

    @property
    def record(self) -> Record:
        return cast(Record, self.networks_["record"])

    @property
    def spread(self) -> Spread:
        return cast(Spread, self.networks_["spread"])

    @property
    def _strength(self) -> Tensor:
        return cast(Kept, self.networks_["strength"]).value

    @property
    def _augments(self) -> bool:
        few = self.augment == "auto" and self.n_samples_ < _FEW
        return isinstance(self.spec_, ImageSpec) and (few or self.augment == "on")

    @property
    def _noises(self) -> int:
        return self.latent_dim_ - len(self.classes_in_)

    def _some(self, n: int, most: int) -> Array:
        """``most`` of ``n`` rows, or all of them, in random order."""
        return np.random.default_rng(derive(self.seed, "rows")).permutation(n)[:most]

    def _told_apart(self, x: Tensor, y: Tensor | None) -> Tensor:
        """The discriminator's loss; the game is noted."""
        x, samples = x.requires_grad_(), self._made(len(x), y).detach().requires_grad_()
        real, fake = self._logits(x, y), self._logits(samples, y)
        self._note(real.detach(), fake.detach())
        return self.game.discriminator(real, fake) + self.penalty(x, real, samples, fake, partial(self._logits, y=y))

    def _deceived(self, x: Tensor, y: Tensor | None) -> Tensor:
        """The generator's loss."""
        fake = self._logits(self._made(len(x), y), y)
        return self.game.generator(fake, torch.no_grad()(partial(self._logits, x, y))) + self.generator_penalty(len(x), y)

    def _note(self, real: Tensor, fake: Tensor) -> None:
        belief = [self.game.belief(real, fake).mean(), self.game.belief(fake, real).mean()]
        self.record.add(torch.stack([self.game.value(real, fake), *belief]))
        if self._augments:
            self._strength.fill_(adapted(float(self._strength), float(self.game.certainty(real, fake)), len(real) / _ADAPTING))

    def _made(self, n: int, y: Tensor | None) -> Tensor:
        """``n`` samples from fresh noise, for training."""
        x: Tensor = self.networks_["generator"](self._code(torch.randn(n, self._noises, device=self.device_), y))
        return x

    def _code(self, eps: Tensor, y: Tensor | None) -> Tensor:
        """z and the place of the class ``y``."""
        z = self.prior(eps)
        return z if y is None else torch.cat([z, F.one_hot(y, len(self.classes_in_)).to(z)], 1)

    def _logits(self, x: Tensor, y: Tensor | None) -> Tensor:
        """D(x), (B,), for the classes ``y``."""
        if self.networks_.training and self._augments:
            x = augmented(x, float(self._strength))
        return self.networks_["discriminator"](x, x.new_zeros(len(x), dtype=torch.long) if y is None else y)  # type: ignore[no-any-return]

    def _best(self, x: Tensor) -> Tensor:
        """D(x), (B,), for the class that suits each example best."""
        logits: Tensor = self.networks_["discriminator"](x)
        return logits.amax(1)

    def _decode(self, z: Tensor) -> Tensor:
        with autocast(self.precision, self.device_, self.spec_):
            x: Tensor = self.networks_["generator"](z)
        return x.float()

    def _starts(self, n: int, seed: int) -> tuple[Tensor, Tensor | None]:
        return self._noise(n, seed, 0), self._labels(n, seed, 0, None)

    def _noise(self, n: int, seed: int, start: int) -> Tensor:
        return normal(seed, start, n, (self._noises,)).to(self.device_)

    def _draw(self, n: int, seed: int, start: int, label: int | None) -> Array:
        with evaluating(self.networks_):
            code = self._code(self._noise(n, seed, start), self._labels(n, seed, start, label))
            return self.spec_.to_user(self._decode(code).cpu())
