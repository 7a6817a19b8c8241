r"""Distillation: a diffusion model's many steps pressed into one.

The *teacher* knows the denoiser D(x_t) = E[x | x_t] of the data at every level of noise. The
*student* is a generator, x = G(z), one pass from noise to data; it starts as a copy of the teacher,
asked for its guess where there is almost nothing but noise. What it generates has a denoiser too,
D_G, and two distributions are equal exactly where their denoisers are equal at all levels: so are
their scores then, by Tweedie's formula.

**Score distillation.** A third network, the *fake*, learns D_G from the student's samples as a
diffusion model learns from data, and the student is moved so that the difference delta = D - D_G at
its noisy samples x_t vanishes (`prob.diffusion.score_distillation`):

    L = E  w (<delta, D - x> - a |delta|^2),    w = 1 / mean |D - x|.

It takes no data, and gradients pass through both denoisers to x. Fake and student take turns.

**A few steps.** Noise is added back to a sample, less of it each time, and the student guesses
again. It is trained on samples of its own after one step, after two, and so on, in equal shares,
with gradients through the last step alone (Yin et al. 2024, arXiv 2405.14867; Zhou et al. 2025,
arXiv 2505.12674); it is their mixture that learns the distribution. All networks share one design,
so each step costs one evaluation of the teacher.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal, Unpack, cast

import torch
from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ....core.capabilities import Array, DatasetProtocol, Samples
from ....core.errors import UserError
from ....core.estimator_types import GradientTrained, LRSchedule
from ....core.options import StepOptions, check_options
from ....core.params import Range, inherited, param
from ....core.seeding import noise_like
from ....core.spec import DataSpec
from ....data import Dataset
from ....data.text.text_encoder import MINILM
from ....nets.layers.conditioning import Conditioning
from ....prob.diffusion.guidance import ClassifierFreeGuidance
from ....prob.diffusion.schedules import NoiseLevel
from ....prob.diffusion.score_distillation import generate, generation_levels, sid_loss
from ..._drawing import NoiseStream, in_batches
from ...base import Estimator
from .._diffusion import DiffusionModel
from .._sampling_config import SamplingConfig
from ..flow import Flow
from ._teacher import (
    NETWORKS,
    SETTINGS,
    SHARED,
    DistillationNetworks,
    TeacherSpec,
    check_teacher,
    load_teacher,
)

_SHARE = 0.5  # of the steps, in which a teacher is trained where none is given
_MOST = 4  # steps
# of the learning rate: the fake has to keep up, or it would lead the student astray
_STUDENT, _FAKE = 1 / 12, 3 / 4


@dataclass(kw_only=True, eq=False, repr=False)
class Distill(GradientTrained, Estimator, Samples):
    r"""Score identity distillation: min E w (<delta, D - x> - a |delta|^2) over G, delta = D(x_t) -
    D_G(x_t), x = G(z), x_t = alpha x + sigma eps.

    Zhou, Zheng, Wang, Yin & Huang 2024, "Score identity distillation", arXiv 2404.04057; Yin et al.
    2024, arXiv 2311.18828 (the weight w).

    D: the ``teacher``'s denoiser, frozen; D_G: a denoiser that is learned from G's samples; z, eps:
    N(0, I); t: by the teacher's law of times; w: one number for each example, without gradient.
    Without a ``teacher`` the first half of the steps trains one, a `Flow` of the network given
    here, and the rest learns from the running average of its weights.
    """

    use: ClassVar[str] = "To draw from a trained diffusion model in one to four steps."
    takes: ClassVar[str] = "10 minutes"
    sampling_options: ClassVar[type[StepOptions]] = StepOptions
    has_held_out_loss: ClassVar[bool] = False  # a student's is that of its own samples
    learns_in_parts: ClassVar[bool] = False  # its teacher comes first

    teacher: str | None = param(
        None,
        "run of the diffusion model to learn from (default: one is trained first, in half of the"
        " steps)",
    )
    student_steps: int = param(
        2, "steps from noise to data that it is trained for", low=1, high=_MOST
    )
    network: Literal["auto", "unet", "transformer", "mlp"] = param(
        "auto", "kind of network, where no teacher brings its own"
    )
    width: int | None = param(
        None,
        "channels of the network at its widest grid, where no teacher brings its own (default: by"
        " size)",
        low=8,
    )
    condition: Literal["auto", "text", "label", "none"] = param(
        "auto",
        "what to learn with, where no teacher decides it (auto: captions, else classes, where the"
        " data has them)",
    )
    text_encoder: str = param(
        MINILM, "language model that reads captions, where no teacher brings its own"
    )
    template: str = param(
        "{}",
        "what a class is called where captions are to be made of classes, as in: a photo of a {}",
    )
    optimizer: Literal["adamw", "muon"] = inherited(GradientTrained, "optimizer", "muon")
    lr_schedule: LRSchedule = inherited(GradientTrained, "lr_schedule", "constant")
    ema: float = inherited(GradientTrained, "ema", 0.99)
    lr: float = inherited(
        GradientTrained,
        "lr",
        4e-3,
        help="learning rate at its highest, of a teacher; a student's is a twelfth of it",
        search=Range(1e-3, 1e-2, log=True),
    )

    @property
    def uses_labels(self) -> bool:
        return self._origin(self._teacher()).uses_labels

    @property
    def text_conditioned_(self) -> bool:
        return self.origin_.text_conditioned_

    def check_data(self, spec: DataSpec) -> None:
        """Raise `UserError` for a teacher that is not there, is no diffusion model, or learned from
        other data."""
        teacher = self._teacher()
        model = self._origin(teacher)
        model.check_data(spec)
        if teacher is not None:
            check_teacher(teacher, spec)
        self.origin_ = model

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``origin_`` is the teacher's model, without its weights."""
        if "origin_" not in vars(self):
            self.origin_ = self._origin(self._teacher())
        self.origin_.spec_ = spec
        self.origin_.resolve_hyperparameters(spec)
        self.classes_in_ = self.origin_.classes_in_

    def prepare_data(self, data: Dataset, tell: Callable[[str], None]) -> Dataset:
        """As the teacher's model was given it."""
        return self.origin_.prepare_data(data, tell)

    def restore(self, spec: DataSpec, weights: dict[str, Tensor], n_samples: int) -> None:
        """Become the fitted student of ``weights``; the teacher need not be there."""
        self.origin_ = TeacherSpec.model(weights["origin.text"])
        self.origin_.restore_condition(weights)
        super().restore(spec, weights, n_samples)

    def build(self, spec: DataSpec) -> dict[str, nn.Module]:
        parts = self.origin_.build(spec)
        three = {name: copy.deepcopy(parts["denoiser"]) for name in NETWORKS}
        shared = {name: parts[name] for name in SHARED if name in parts}
        return {**three, **shared, "origin": TeacherSpec(self.origin_)}

    def fit_normalizer(self, data: DatasetProtocol) -> None:
        """Take over the teacher's weights and units, or measure the units of a teacher to be
        trained."""
        self.origin_.move_captions(self.device_)
        if self.teacher is None:
            self.model_of("student").fit_normalizer(data)
            return
        learned = load_teacher(self.teacher).networks_
        for name in self._networks.shared:
            self.networks_[name].load_state_dict(learned[name].state_dict())
        self._networks.begin(learned["denoiser"])

    def on_step_start(self, progress: float) -> None:
        """Whether a teacher is still being trained; once it is done, all three go on as copies of
        its average."""
        share = _SHARE if self.teacher is None else 0.0
        self.teaching_ = progress < share
        self.left_ = (
            1 - progress / share if self.teaching_ else min(1.0, 2 * (1 - progress) / (1 - share))
        )
        if not self.teaching_ and self._networks.learned:
            self._networks.begin(self.networks_["student"])

    def lr_multiplier(self, network: str) -> float:
        """A teacher's rate falls linearly to 0 over its share of the steps, a student's over the
        last half of its own; the fake's stays as it is."""
        return {"teacher": self.left_, "student": self.left_ * _STUDENT, "fake": _FAKE}[network]

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        if self.teaching_:
            yield self.networks_["teacher"], self.model_of("teacher").loss(x, y)
            self._networks.average(self.ema)
        else:
            condition = self.origin_.dropped_condition(y)
            yield (
                self.networks_["fake"],
                self.fake_loss(self.generated(x, condition).detach(), condition),
            )
            yield (
                self.networks_["student"],
                self.divergence(self.generated(x, condition), condition),
            )

    def sample(
        self, n: int = 1, *, seed: int | None = None, start: int = 0, **options: Unpack[StepOptions]
    ) -> Array:
        """``n`` new examples in the user's units, number ``start`` and on of the stream named by
        ``seed`` (default: the model's).

        ``steps``: 1 to 4 (default: the model's); ``guidance``: 1 for none, by default; any other
        doubles the work; all else as in `sample` of a diffusion model. Raises `UserError` for other
        numbers of steps, an unknown label, and for labels, prompts and guidance where the teacher
        learned no classes or captions.
        """
        check_is_fitted(self)
        check_options(options, self.sampling_options, type(self).__name__)
        steps = options.get("steps") or self.student_steps
        if steps > _MOST:
            raise UserError(
                f"steps={steps} was given; a student takes at most {_MOST}; for more, sample from"
                " its teacher"
            )
        given = {key: value for key, value in options.items() if value is not None}
        given = {"guidance": 1.0, **given, "steps": steps}
        config = self.model_of("student").sampling_config(given)
        return in_batches(self, n, seed, start, partial(self.sample_batch, config=config))

    def sample_batch(self, n: int, seed: int, start: int, config: SamplingConfig) -> Array:
        student = self.model_of("student")
        stream = NoiseStream(seed, start, n, self.spec_.shape, self.device_)
        condition, negative = (
            student.denoiser.given(one) for one in student.conditions(stream, config)
        )
        denoiser = ClassifierFreeGuidance(condition, negative, config.guidance)
        start_x = torch.zeros((), device=self.device_)  # the mean of all data
        with student.sampling():
            x = generate(denoiser, start_x, self._levels(config.steps), stream.step)
        return self.spec_.to_user(student.normalizer.inverse(x).cpu())

    def generated(self, like: Tensor, condition: Conditioning | None) -> Tensor:
        """Samples, as many as ``like``, after a random number of steps; in the networks' units.
        Gradients pass through the last step."""
        denoiser = self.model_of("student").denoiser.given(condition)
        levels = self._levels(self.student_steps)
        *before, last = levels[: 1 + int(torch.randint(len(levels), ()))]
        noise = lambda step: noise_like(like)  # noqa: E731
        with torch.no_grad():
            x = generate(denoiser, torch.zeros_like(like), before, noise)
        return generate(denoiser, x, [last], noise)

    def divergence(self, x: Tensor, condition: Conditioning | None) -> Tensor:
        """L of samples ``x``, in the networks' units."""
        level = self.origin_.schedule.at(self.origin_.training_times(len(x))).like(x)
        teacher, fake = (self.model_of(name).denoiser for name in ("teacher", "fake"))
        return sid_loss(teacher, fake, x, level, noise_like(x), condition)

    def fake_loss(self, x: Tensor, condition: Conditioning | None) -> Tensor:
        """The objective of the fake, for samples ``x`` in the networks' units."""
        fake = self.model_of("fake")
        eps, t = noise_like(x), self.origin_.training_times(len(x))
        return fake.denoiser.loss(fake.normalizer.inverse(x), eps, t, condition)

    def _levels(self, steps: int) -> list[NoiseLevel]:
        return generation_levels(self.origin_.schedule, self.origin_.sigma_data_, steps)

    def model_of(self, name: str) -> DiffusionModel:
        """The teacher's model with the network ``name`` as its denoiser."""
        return self._networks.model(name)

    @property
    def _networks(self) -> DistillationNetworks:
        return DistillationNetworks(self.origin_, self.networks_)

    def _origin(self, teacher: DiffusionModel | None) -> DiffusionModel:
        """The model of the ``teacher``, or of the one to be trained; not fitted."""
        if teacher is None:
            return Flow(**{name: getattr(self, name) for name in SETTINGS})
        return cast(DiffusionModel, clone(teacher))

    def _teacher(self) -> DiffusionModel | None:
        """The model to learn from, where there is one. Raises `UserError`."""
        return None if self.teacher is None else load_teacher(self.teacher)
