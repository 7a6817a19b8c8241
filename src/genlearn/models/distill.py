r"""Distillation: a diffusion model's many steps pressed into one.

The *teacher* knows the denoiser D(x_t) = E[x | x_t] of the data at every level of noise. The *student* is a generator, x = G(z), one pass from noise
to data; it starts as a copy of the teacher, asked for its guess where there is almost nothing but noise. What it generates has a denoiser too, D_G,
and two distributions are equal exactly where their denoisers are equal at all levels: so are their scores then, by Tweedie's formula.

**Score distillation.** A third network, the *fake*, learns D_G from the student's samples as a diffusion model learns from data, and the student is
moved so that the difference delta = D - D_G at its noisy samples x_t vanishes. E |delta|^2 is a Fisher divergence, but how D_G moves with G is not
known; as E[x | x_t] = D_G(x_t), the same number is E <delta, D - x>, whose gradient errs in another way. Their combination

    L = E  w (<delta, D - x> - a |delta|^2),    w = 1 / mean |D - x|,

is the objective (Zhou et al. 2024, arXiv 2404.04057). It takes no data, and gradients pass through both denoisers to x. Fake and student take turns.

**A few steps.** Noise is added back to a sample, less of it each time, and the student guesses again (Song et al. 2023, arXiv 2303.01469, algorithm
1). It is trained on samples of its own after one step, after two, and so on, in equal shares, with gradients through the last step alone (Yin et al.
2024, arXiv 2405.14867; Zhou et al. 2025, arXiv 2505.12674); it is their mixture that learns the distribution. All networks share one design, so each
step costs one evaluation of the teacher.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Literal, cast

import torch
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ..core.capabilities import Array, Examples
from ..core.drawing import Guided, Stepwise
from ..core.errors import UserError
from ..core.hyper import Between, hyper
from ..core.spec import DataSpec
from ..data import Dataset
from ..data.encoder import MINILM
from ..engine.optim import average_in
from ..nets.condition import Given
from ..prob.paths import Level
from ..prob.times import stratified
from ._diffusion import like
from ._reverse import Reverse
from ._steering import Recipe
from ._teacher import Origin, check_teacher, taught
from .base import Chunked, Trained
from .flow import Flow

_NOISIEST = 5.0  # ratio of noise at which the student starts: Zhou et al. 2024, sigma_init = 2.5 for data of standard deviation 0.5
_BIAS = 1.0  # a: 1 and 1.2 are best in Zhou et al. 2024, table 1
_SHARE = 0.5  # of the steps, in which a teacher is trained where none is given
_MOST = 4  # steps
_NETWORKS = ("student", "fake", "teacher")
_TEACHERS = ("network", "width", "condition", "text_encoder", "template", "size", "precision", "seed")  # settings of a teacher trained here
_SHARED = ("units", "probe")  # parts that all three have in common
_STUDENT, _FAKE = 1 / 12, 3 / 4  # of the learning rate: the fake has to keep up, or it would lead the student astray


@dataclass(kw_only=True, eq=False, repr=False)
class Distill(Trained, Chunked, Guided, Stepwise):
    r"""Score identity distillation: min E w (<delta, D - x> - a |delta|^2) over G, delta = D(x_t) - D_G(x_t), x = G(z), x_t = alpha x + sigma eps.

    Zhou, Zheng, Wang, Yin & Huang 2024, "Score identity distillation", arXiv 2404.04057; Yin et al. 2024, arXiv 2311.18828 (the weight w).

    D: the ``teacher``'s denoiser, frozen; D_G: a denoiser that is learned from G's samples; z, eps: N(0, I); t: by the teacher's law of times; w: one
    number for each example, without gradient. Without a ``teacher`` the first half of the steps trains one, a `Flow` of the network given here, and
    the rest learns from the running average of its weights.
    """

    teacher: str | None = hyper(None, "run of the diffusion model to learn from (default: one is trained first, in half of the steps)")
    student_steps: int = hyper(2, "steps from noise to data that it is trained for", low=1, high=_MOST)
    network: Literal["auto", "unet", "transformer", "mlp"] = hyper("auto", "kind of network, where no teacher brings its own")
    width: int | None = hyper(None, "channels of the network at its widest grid, where no teacher brings its own (default: by size)", low=8)
    condition: Literal["auto", "text", "label", "none"] = hyper(
        "auto", "what to learn with, where no teacher decides it (auto: captions, else classes, where the data has them)"
    )
    text_encoder: str = hyper(MINILM, "language model that reads captions, where no teacher brings its own")
    template: str = hyper("{}", "what a class is called where captions are to be made of classes, as in: a photo of a {}")
    optimizer: Literal["adamw", "muon"] = hyper("muon", "how the gradient moves the weights")
    schedule: Literal["cosine", "linear", "constant", "stages"] = hyper("constant", "how the learning rate falls after the warm-up")
    ema: float = hyper(0.99, "decay of the average of the weights, which is what is sampled (0: the last weights)", low=0, high=0.999999)
    lr: float = hyper(
        4e-3, "learning rate at its highest, of a teacher; a student's is a twelfth of it", low=1e-9, search=Between(1e-3, 1e-2, log=True)
    )

    @property
    def uses_labels(self) -> bool:
        return self._origin().uses_labels

    @property
    def reads_(self) -> bool:
        return self.origin_.reads_

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a teacher that is not there, is no diffusion model, or learned from other data."""
        model = self._origin()
        model.check_data(spec)
        if self.teacher is not None:
            check_teacher(taught(self.teacher), spec)
        self.origin_ = model

    def settle(self, spec: DataSpec) -> None:
        """``origin_`` is the teacher's model, without its weights."""
        if "origin_" not in vars(self):
            self.origin_ = self._origin()
        self.origin_.spec_ = spec
        self.origin_.settle(spec)
        self.classes_in_ = self.origin_.classes_in_

    def prepare(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """As the teacher's model was given it."""
        return self.origin_.prepare(data, tell)

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        """Become the fitted student of ``weights``; the teacher need not be there."""
        self.origin_ = Origin.model(weights["origin.text"])
        self.origin_.recall(weights)
        super().restore(spec, weights, n_samples)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        parts = self.origin_.build(spec)
        three = {name: copy.deepcopy(parts["denoiser"]) for name in _NETWORKS}
        kept = {name: parts[name] for name in _SHARED if name in parts}
        return {**three, **kept, "origin": Origin(self.origin_)}

    def measure(self, data: Examples) -> None:
        """Take over the teacher's weights and units, or measure the units of a teacher to be trained."""
        self.origin_.move(self.device_)
        if self.teacher is None:
            self._model("student").measure(data)
            return
        learned = taught(self.teacher).networks_
        for name in self._kept():
            self.networks_[name].load_state_dict(learned[name].state_dict())
        self._begin(learned["denoiser"])

    def before_step(self, progress: float) -> None:
        """Whether a teacher is still being trained; once it is done, all three go on as copies of its average."""
        share = _SHARE if self.teacher is None else 0.0
        self.teaching_ = progress < share
        self.left_ = 1 - progress / share if self.teaching_ else min(1.0, 2 * (1 - progress) / (1 - share))
        if not self.teaching_ and self._learned:
            self._begin(self.networks_["student"])

    def rate(self, network: str) -> float:
        """A teacher's rate falls linearly to 0 over its share of the steps, a student's over the last half of its own; the fake's stays as it is."""
        return {"teacher": self.left_, "student": self.left_ * _STUDENT, "fake": _FAKE}[network]

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        if self.teaching_:
            yield self.networks_["teacher"], self._model("teacher").loss(x, y)
            self._average()
        else:
            fake = self._model("fake")
            given = fake._withheld(y)
            yield self.networks_["fake"], fake.error(self._generated(x, given).detach(), given)
            yield self.networks_["student"], self._divergence(self._generated(x, given), given)

    def sample(
        self,
        n: int = 1,
        *,
        seed: int | None = None,
        start: int = 0,
        steps: int | None = None,
        label: str | int | None = None,
        guidance: float | None = None,
        prompt: str | Sequence[str] | None = None,
        negative: str | None = None,
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by ``seed`` (default: the model's).

        ``steps``: 1 to 4 (default: the model's); ``label``: a class by name or number (default: any, as often as in the data); ``prompt``: what they
        show, or several, in turn; ``negative``: what guidance leads away from; ``guidance``: 1 for none; any other doubles the work.
        Raises `UserError` for other numbers of steps, an unknown label, and for labels, prompts and guidance where the teacher learned no classes or
        captions.
        """
        check_is_fitted(self)
        taken = self.student_steps if steps is None else steps
        if not 1 <= taken <= _MOST:
            raise UserError(f"steps={taken} was given; a student takes at least 1 step and at most {_MOST}; for more, sample from its teacher")
        student = self._model("student")
        recipe = student._recipe(taken, label=label, guidance=1.0 if guidance is None else guidance, prompt=prompt, negative=negative)
        return self._chunks(n, seed, start, partial(self._draw, recipe=recipe))

    def _draw(self, n: int, seed: int, start: int, recipe: Recipe) -> Array:
        student = self._model("student")
        denoise = student.denoiser(student.told(n, seed, start, recipe), recipe.guidance, against=student._texts(n, 0, recipe.negative))
        x, fresh = torch.zeros((), device=self.device_), student._fresh(seed, start, n)  # the mean of all data
        with student._sampling():
            for step, level in enumerate(self._levels(recipe.steps)):
                x = denoise(_noisy(x, level, fresh(step)), level)
        return self.spec_.to_user(student.units.inverse(x).cpu())

    def _generated(self, like: Tensor, given: Given | None) -> Tensor:
        """Samples, as many as ``like``, after a random number of steps; inside the networks' units. Gradients pass through the last step."""
        student, levels = self._model("student"), self._levels(self.student_steps)
        *before, last = levels[: 1 + int(torch.randint(len(levels), ()))]
        x = torch.zeros_like(like)
        with torch.no_grad():
            for level in before:
                x = student._expected(_noisy(x, level, torch.randn_like(x)), level, given)
        return student._expected(_noisy(x, last, torch.randn_like(x)), last, given)

    def _divergence(self, x: Tensor, given: Given | None) -> Tensor:
        """L of samples ``x``, inside the networks' units."""
        t = self.origin_.times(stratified(len(x))).to(x)
        alpha, sigma = (like(part, x) for part in (self.origin_.path.alpha(t), self.origin_.path.sigma(t)))
        x_t = alpha * x + sigma * torch.randn_like(x)
        real, fake = (self._model(name)._expected_at(x_t, alpha, sigma, given) for name in ("teacher", "fake"))
        delta, off = real - fake, real - x
        weight = 1 / off.detach().abs().flatten(1).mean(1).clamp(min=1e-5)
        return (like(weight, x) * (delta * off - _BIAS * delta.square())).mean()

    def _levels(self, steps: int) -> list[Level]:
        """The levels at which the student guesses, even in sigma / (alpha + sigma), the noisiest first."""
        noisiest = _NOISIEST * self.origin_.spread_
        shares = noisiest / (1 + noisiest) * (1 - torch.arange(steps, dtype=torch.float64) / steps)
        return [self.origin_.path.level(t) for t in self.origin_.path.time(shares / (1 - shares)).tolist()]

    def _model(self, name: str) -> Reverse:
        """The teacher's model with the network ``name`` as its denoiser."""
        model = copy.copy(self.origin_)
        kept = {part: self.networks_[part] for part in self._kept()}
        model.networks_ = nn.ModuleDict({"denoiser": self.networks_[name], **kept}).train(self.networks_.training)
        return model

    def _kept(self) -> list[str]:
        """The parts that teacher, student and fake have in common."""
        return [name for name in _SHARED if name in self.networks_]

    def _begin(self, learned: nn.Module) -> None:
        """Student, fake and teacher become copies of ``learned``."""
        for name in _NETWORKS:
            self.networks_[name].load_state_dict(learned.state_dict())
        self._learned.zero_()

    def _average(self) -> None:
        """What the student begins with is the running average of the teacher's weights."""
        average_in(list(self.networks_["student"].parameters()), list(self.networks_["teacher"].parameters()), self.ema, int(self._learned))
        self._learned.add_(1)

    @property
    def _learned(self) -> Tensor:
        """Steps that a teacher trained here has learned, until the student takes over."""
        return cast(Origin, self.networks_["origin"]).learned

    def _origin(self) -> Reverse:
        """The model of the teacher, or of the one to be trained; not fitted."""
        if self.teacher is None:
            return Flow(**{name: getattr(self, name) for name in _TEACHERS})
        return cast(Reverse, clone(taught(self.teacher)))


def _noisy(x: Tensor, level: Level, eps: Tensor) -> Tensor:
    """x_t."""
    return level.alpha * x + level.sigma * eps
