"""The teacher of a student: found by its run, checked, and noted in the student, which is complete
without it."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn

from ....core.errors import UserError
from ....core.processes import noise_like, uniform_rows
from ....core.registry import name_of
from ....core.spec import DataSpec
from ....engine.optimizers.ema import ema_update
from ....engine.runs.loading import load
from ....engine.runs.run import from_manifest, to_manifest
from ....nets.buffers import Document, tensor_to_json
from ....nets.density.mixture_denoiser import MixtureDenoiser
from ....nets.gan.feature_discriminator import FeatureDiscriminator
from ....nets.layers.conditioning import Conditioning
from ....nets.layers.text_conditioning import TextEncoding
from ....prob.diffusion.denoiser import Denoiser
from ....prob.diffusion.few_steps import generation_levels
from ....prob.diffusion.guidance import ClassifierFreeGuidance
from ....prob.diffusion.schedules import NoiseLevel
from .._diffusion import DiffusionModel
from ._game import FeatureGame

NETWORKS = ("student", "teacher")
SHARED = ("normalizer", "anchor", "probe")  # parts that both have in common
# of a teacher that is trained for its student
SETTINGS = (
    "network",
    "width",
    "condition",
    "text_encoder",
    "template",
    "size",
    "precision",
    "seed",
)


class TeacherSpec(Document):
    """The teacher's model and hyper-parameters, so that a student is complete without it; steps
    that a teacher trained here has learned."""

    learned: Tensor

    def __init__(self, model: DiffusionModel) -> None:
        super().__init__(to_manifest(model))
        self.register_buffer("learned", torch.zeros((), dtype=torch.long))

    @staticmethod
    def model(text: Tensor) -> DiffusionModel:
        """The model, not fitted."""
        return cast(DiffusionModel, from_manifest(tensor_to_json(text)))


def load_teacher(run: str) -> DiffusionModel:
    """The diffusion model of ``run``. Raises `UserError` where there is none."""
    try:
        model = load(run)
    except UserError as error:
        raise UserError(f"teacher={run!r} was given; {error}") from error
    if not isinstance(model, DiffusionModel):
        raise UserError(
            f"teacher={run!r} is a run of {name_of(type(model))}; a student learns from a diffusion"
            " model, such as flow or edm"
        )
    return model


def check_teacher(teacher: DiffusionModel, spec: DataSpec) -> None:
    """Raise `UserError` for a ``teacher`` that learned from data of another kind than ``spec``."""
    there = teacher.spec_
    if type(there) is not type(spec) or there.shape != spec.shape:
        raise UserError(
            f"the teacher learned from examples of shape {there.user_shape}, these have"
            f" {spec.user_shape}; fit both on the same data"
        )
    if teacher.classes_in_ and teacher.classes_in_ != spec.classes:
        raise UserError(
            f"the teacher knows the classes {', '.join(teacher.classes_in_)}; fit its student on"
            " data with the same, or a teacher without"
        )


@dataclass(frozen=True)
class DistillationNetworks:
    """The ``networks`` of a distillation: student and teacher, each a denoiser of the model
    ``origin``, the parts that they have in common, and the discriminator of their game."""

    origin: DiffusionModel
    networks: nn.ModuleDict

    def model(self, name: str) -> DiffusionModel:
        """The teacher's model with the network ``name`` as its denoiser."""
        model = copy.copy(self.origin)
        shared = {part: self.networks[part] for part in self.shared}
        own = nn.ModuleDict({"denoiser": self.networks[name], **shared})
        own.training = self.networks.training  # as its parts are
        model.networks_ = own
        return model

    @property
    def shared(self) -> list[str]:
        """The parts that both have in common."""
        return [name for name in SHARED if name in self.networks]

    @property
    def learned(self) -> Tensor:
        """Steps that a teacher trained here has learned, until the student takes over."""
        return cast(TeacherSpec, self.networks["origin"]).learned

    def levels(self, steps: int) -> list[NoiseLevel]:
        """Where a student of so many ``steps`` guesses."""
        return generation_levels(self.origin.schedule, self.origin.sigma_data_, steps)

    def begun(
        self, x: Tensor, condition: Conditioning | None, steps: int
    ) -> tuple[Tensor, NoiseLevel]:
        """What a student of so many ``steps`` guesses from at one of its levels, drawn at random:
        what it begins with, or noisy examples ``x``, inside."""
        levels, eps = self.levels(steps), noise_like(x)
        place = int(torch.randint(len(levels), ()))
        if place:
            return levels[place].noised(x, eps), levels[place]
        u = uniform_rows(len(x)).to(x)
        return self.noisiest(eps, u, levels[0], condition), levels[0]

    def noisiest(
        self, eps: Tensor, u: Tensor, level: NoiseLevel, condition: Conditioning | None
    ) -> Tensor:
        """What a student begins with at ``level``, by ``eps`` ~ N(0, I), (B, *shape), and ``u`` ~
        U(0, 1), (B,): noisy examples of the anchor; or, where there is none, or a caption, which it
        does not know, noise of the deviation of noisy data."""
        if "anchor" not in self.networks or isinstance(condition, TextEncoding):
            return eps * self.model("student").denoiser.std(level)
        anchor = cast(MixtureDenoiser, self.networks["anchor"])
        y = condition if isinstance(condition, Tensor) else None
        return anchor.noised(eps, u, *level.per_example(eps), y)

    def guided_teacher(self, condition: Conditioning | None, scale: float) -> Denoiser:
        """The teacher under ``condition``, guided by ``scale``; unguided where there is none."""
        teacher = self.model("teacher").denoiser
        told, scale = teacher.given(condition), 1.0 if condition is None else scale
        return ClassifierFreeGuidance(told, teacher.given(None), scale)

    @property
    def game(self) -> FeatureGame:
        """Between the student and the discriminator."""
        discriminator = cast(FeatureDiscriminator, self.networks["discriminator"])
        return FeatureGame(self.model("teacher").denoiser, discriminator)

    def begin(self, learned: nn.Module) -> None:
        """Student and teacher become copies of ``learned``."""
        for name in NETWORKS:
            self.networks[name].load_state_dict(learned.state_dict())
        self.learned.zero_()

    def average(self, decay: float) -> None:
        """What the student begins with is the running average of the teacher's weights."""
        student: list[Tensor] = list(self.networks["student"].parameters())
        teacher: list[Tensor] = list(self.networks["teacher"].parameters())
        ema_update(student, teacher, decay, int(self.learned))
        self.learned.add_(1)
