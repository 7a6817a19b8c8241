r"""Distillation: a diffusion model's many steps pressed into one.

The *teacher* knows the denoiser D(x_t) = E[x | x_t] of the data at every level of noise. The
*student* is a generator, x = G(x_t), one pass from much noise to data; it starts as a copy of the
teacher, whose guess is a blur there: the mean of all that could be.

**Where it begins.** There is noise of which data and the data's best Gaussian mixture, the anchor,
can hardly be told apart. The student begins there, with noisy examples that the mixture draws: pure
noise would leave more to learn.

**The teacher's paths.** A student that began to play with blurs would find some of what data can be
and leave the rest out. So it first learns where the teacher's own paths, the probability-flow ODE,
lead from what it begins with: all samples are there then, if not sharp.

**The game.** Then a *discriminator* looks at data and samples through the teacher: noise is added,
and small heads judge what the layers of the teacher, which is frozen, answer to them. The student
is moved until they cannot tell (`nets.gan.feature_discriminator`). The teacher has learned what
data is made of, at every level of noise, so the game begins where a GAN's would be after a long
time, and settles within hundreds of steps; and as it is about distributions, the student is not
held to the teacher's paths, and may come nearer to the data than its teacher.

**Captions.** What a caption asks for, a teacher draws by guidance. Its student follows guided
paths, so that one evaluation does what takes the teacher two; and its discriminator learns to tell
data with their own captions from the same data with those of others, too (Reed et al. 2016, arXiv
1605.05396): a sharp picture of something else is no success.

**A few steps.** Noise is added back to a sample, less of it each time, and the student guesses
again (`prob.diffusion.few_steps`); it is trained for each of these levels in equal shares, by noisy
data.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal, Unpack, cast

from sklearn.base import clone
from sklearn.utils.validation import check_is_fitted
from torch import Tensor, nn

from ....core.capabilities import Array, DatasetProtocol, Samples
from ....core.errors import UserError
from ....core.estimator_types import GradientTrained, LRSchedule, OptimizerName
from ....core.options import StepOptions, check_options
from ....core.params import Range, inherited, param
from ....core.processes import shifted
from ....core.spec import DataSpec
from ....data import Dataset
from ....data.text.text_encoder import MINILM
from ....prob.diffusion.few_steps import generate, path_end
from ....prob.diffusion.guidance import ClassifierFreeGuidance
from ..._drawing import NoiseStream, in_batches
from ...base import Estimator
from .._diffusion import DiffusionModel
from .._sampling_config import SamplingConfig
from ..flow import Flow
from ._game import compared_levels, feature_discriminator
from ._phases import phase, pseudo_huber, rate
from ._teacher import (
    NETWORKS,
    SETTINGS,
    SHARED,
    DistillationNetworks,
    TeacherSpec,
    check_teacher,
    load_teacher,
)

# of the steps, in which a teacher is trained where none is given, and of a student's, along paths
_TEACHER, _PATH = 0.6, 0.4
_PART = 2  # one in so many of a batch is learned by a student, whose steps cost more
_MOST = 4  # steps
_TEXT_GUIDANCE = 3.0


@dataclass(kw_only=True, eq=False, repr=False)
class Distill(GradientTrained, Estimator, Samples):
    r"""Adversarial distillation: min over G, max over C, of E log s(C(h(x, t)) - C(h(G(z), t))),
    h(x, t) = layers of D at x_t = alpha x + sigma eps.

    Sauer et al. 2024, "Fast high-resolution image synthesis with latent adversarial diffusion
    distillation", arXiv 2403.12015; Huang et al. 2025, arXiv 2501.05441 (the game and its penalties
    R1 and R2, here on the layers); Zheng et al. 2022, arXiv 2202.09671 (the beginning).

    D: the ``teacher``'s denoiser, frozen; C: the discriminator; s(u) = 1 / (1 + e^-u); z: a noisy
    example of the anchor, or N(0, I) where there is none; eps: N(0, I); log sigma / alpha normal.
    Without a ``teacher`` most of the steps train one, a `Flow` of the network given here, and the
    rest learns from the running average of its weights.
    """

    use: ClassVar[str] = "To draw from a trained diffusion model in one to four steps."
    takes: ClassVar[str] = "10 minutes"
    sampling_options: ClassVar[type[StepOptions]] = StepOptions
    has_held_out_loss: ClassVar[bool] = False  # a student's is that of its own samples
    learns_in_parts: ClassVar[bool] = False  # its teacher comes first

    teacher: str | None = param(
        None,
        "run of the diffusion model to learn from (default: one is trained first, in most of the"
        " steps)",
    )
    student_steps: int = param(
        2, "steps from noise to data that it is trained for", low=1, high=_MOST
    )
    teacher_guidance: float | None = param(
        None,
        "guidance of the teacher whose paths its student follows first (default: 3 with captions,"
        " unless it has learned some; else 1, none)",
        low=0,
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
        help="learning rate at its highest; in the game a student's is an eighth of it",
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
        other data, and for guidance with nothing to act on."""
        teacher = self._teacher()
        model = self._origin(teacher)
        model.check_data(spec)
        if teacher is not None:
            check_teacher(teacher, spec)
        if self.teacher_guidance is not None:
            model.check_guidance("teacher_guidance", self.teacher_guidance, spec)
        self.origin_ = model

    def resolve_hyperparameters(self, spec: DataSpec) -> None:
        """``origin_`` is the teacher's model, without its weights."""
        if "origin_" not in vars(self):
            self.origin_ = self._origin(self._teacher())
        self.origin_.spec_ = spec
        self.origin_.resolve_hyperparameters(spec)
        self.classes_in_ = self.origin_.classes_in_
        learned = self.origin_.training_guidance != 1
        usual = _TEXT_GUIDANCE if self.text_conditioned_ and not learned else 1.0
        self.teacher_guidance_ = usual if self.teacher_guidance is None else self.teacher_guidance

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
        both = {name: copy.deepcopy(parts["denoiser"]) for name in NETWORKS}
        shared = {name: parts[name] for name in SHARED if name in parts}
        shape = ((2 if "anchor" in parts else 1) * spec.shape[0], *spec.shape[1:])
        discriminator = feature_discriminator(parts["denoiser"], shape)
        origin = TeacherSpec(self.origin_)
        return {**both, **shared, "discriminator": discriminator, "origin": origin}

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
        """The phase of training, and how much of it is done. Once a teacher has learned, both go on
        as copies of its average."""
        taught = _TEACHER if self.teacher is None else 0.0
        self.phase_, self.done_ = phase(progress, taught, taught + (1 - taught) * _PATH)
        if self.phase_ != "teacher" and self._networks.learned:
            self._networks.begin(self.networks_["student"])

    def optimizer_of(self, network: str) -> tuple[OptimizerName, float]:
        """Momentum lets players of a game overshoot."""
        if network == "discriminator":
            return "adamw", 0.0
        return self.optimizer, self.momentum if network == "teacher" else 0.0

    def lr_multiplier(self, network: str) -> float:
        return rate(network, self.phase_, self.done_)

    def objectives(self, x: Tensor, y: Tensor | None = None) -> Iterator[tuple[nn.Module, Tensor]]:
        if self.phase_ == "teacher":
            yield self.networks_["teacher"], self.model_of("teacher").loss(x, y)
            self._networks.average(self.ema)
            return
        x, y = x[::_PART], None if y is None else y[::_PART]
        condition, student = self.origin_.dropped_condition(y), self.model_of("student")
        x = student.normalizer(x)
        x_t, level = self._networks.begun(x, condition, self.student_steps)
        guess = student.denoiser.posterior_mean(x_t, level, condition)
        if self.phase_ == "path":
            teacher = self._networks.guided_teacher(condition, self.teacher_guidance_)
            yield self.networks_["student"], pseudo_huber(guess, path_end(teacher, x_t, level))
            return
        game, ratios = self._networks.game, compared_levels(len(x), self.origin_.sigma_data_)
        other = None
        if y is not None and self.text_conditioned_:
            other = self.origin_.dropped_condition(shifted(y))
        losses = game.losses(x, guess, ratios, condition, other)
        for name, loss in zip(("discriminator", "student"), losses, strict=True):
            yield self.networks_[name], loss

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
        asked, negative = student.conditions(stream, config)
        told, away = (student.denoiser.given(one) for one in (asked, negative))
        denoiser = ClassifierFreeGuidance(told, away, config.guidance)
        levels = self._networks.levels(config.steps)
        x_t = self._networks.noisiest(stream.first(), stream.uniform("component"), levels[0], asked)
        with student.sampling():
            x = generate(denoiser, x_t, levels, stream.step)
        return self.spec_.to_user(student.normalizer.inverse(x).cpu())

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
