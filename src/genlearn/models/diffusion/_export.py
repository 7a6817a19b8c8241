"""A denoiser, and a sampler with all its steps, as functions of tensors; and both as parts of the
diffusers library.

A class is a number; the number of classes stands for any. Captions stay out: their language model
is another package's, so what is exported was told of none.

**Schedulers.** A network of that library is trained on a schedule for which it has a scheduler: its
levels, its timesteps and its rule for a step are those of a sampler here
(tests/prob/test_against_diffusers.py), so that nothing is lost but rounding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from ...core.capabilities import Graph, PipelineParts
from ...core.errors import UserError
from ...nets.traced import Traced
from ...prob.diffusion.samplers import Heun, create_sampler
from ...prob.diffusion.schedules import (
    CosineSchedule,
    LinearSchedule,
    NoiseLevel,
    Schedule,
    VarianceExploding,
    VariancePreserving,
)

if TYPE_CHECKING:
    from ._sampling import ReverseProcess

_DDIM = {"prediction_type": "v_prediction", "timestep_spacing": "trailing", "clip_sample": False}
_KARRAS = "EDMDPMSolverMultistepScheduler"


def diffusion_graphs(model: ReverseProcess) -> dict[str, Graph]:
    """The denoiser in the networks' units, and the sampler from noise to examples."""
    x, t = torch.zeros(2, *model.spec_.shape), torch.tensor([0.25, 0.75])
    labels = {"label": torch.zeros(2, dtype=torch.long)} if model.classes_in_ else {}
    any_class = f"; label {len(model.classes_in_)}: any class" if labels else ""
    return {
        "denoiser": Graph(
            Traced(model.networks_, _denoiser(model)),
            {"x_t": x, "alpha": 1 - t, "sigma": t, **labels},
            "expected",
            f"E[x | x_t], x_t = alpha x + sigma eps, in the networks' units{any_class}",
        ),
        "sampler": Graph(
            Traced(model.networks_, _sampler(model)),
            {"noise": x, **labels},
            "x",
            f"a sample from N(0, I) noise, by {model.sampling_steps} steps of"
            f" {model.sampler}{any_class}",
        ),
    }


def _denoiser(model: ReverseProcess) -> Callable[..., Tensor]:
    denoiser = model.denoiser

    def expected(x: Tensor, alpha: Tensor, sigma: Tensor, y: Tensor | None = None) -> Tensor:
        places = (-1, *(1,) * (x.ndim - 1))
        level = NoiseLevel(None, alpha.reshape(places), sigma.reshape(places))
        return denoiser.posterior_mean(x, level, y)

    return expected


def _sampler(model: ReverseProcess) -> Callable[..., Tensor]:
    """Levels and guidance are what they are when this is called; noise is drawn outside, once."""
    config, denoiser, normalizer = model.sampling_config({}), model.denoiser, model.normalizer
    sampler = Heun() if config.sampler.stochastic else config.sampler
    levels = model.schedule.levels(config.steps)
    deviation = denoiser.std(levels[0])

    def draw(noise: Tensor, y: Tensor | None = None) -> Tensor:
        told = config.in_range(config.guided(denoiser, y), normalizer)
        return normalizer.inverse(sampler.sample(told, noise * deviation, levels, _no_noise))

    return draw


@dataclass(frozen=True)
class _Scheduler:
    """A class of the library, its settings, the sampler that it is, the pipeline that draws by it,
    and whether it scales what the network sees."""

    name: str
    settings: dict[str, Any]
    sampler: str
    pipeline: str | None = None
    scales_input: bool = False


def pipeline_parts(model: ReverseProcess, steps: int) -> PipelineParts:
    """Raises `UserError` for a network or a schedule that the library does not have. A pipeline
    gives no labels to a network."""
    if not model.foreign_:
        raise UserError(
            f"network={model.network!r} is no network of the diffusers library; fit one with"
            " network='unet2d', which is (`genlearn fit MODEL DATA --network unet2d`)"
        )
    found = _scheduler(model.schedule, steps, model.sigma_data_)
    settings = {"guidance": model.guidance, "threshold": model.threshold}
    levels, denoiser = model.schedule.levels(steps), model.denoiser
    sampler, scale = create_sampler(found.sampler), denoiser.std(levels[0])

    def draw(noise: Tensor, label: Tensor | None) -> Tensor:
        with model.sampling():
            x = sampler.sample(denoiser.given(label), scale * noise, levels, _no_noise)
        return model.normalizer.inverse(x)

    return PipelineParts(
        model.networks_["denoiser"].unet,
        model.spec_.shape,
        model.classes_in_,
        found.name,
        found.settings,
        found.sampler,
        scale,
        found.scales_input,
        None if model.classes_in_ else found.pipeline,
        draw,
        {name: value for name, value in settings.items() if value not in (1, "none")},
    )


def _scheduler(schedule: Schedule, steps: int, sigma_data: float) -> _Scheduler:
    match schedule:
        case LinearSchedule():  # which ends at 1 / steps, before clean data
            end = {"shift_terminal": 1 / steps}
            return _Scheduler("FlowMatchEulerDiscreteScheduler", end, "euler", "DDPMPipeline")
        case VariancePreserving(1000, low, high):
            betas = {"beta_schedule": "linear", "beta_start": low, "beta_end": high}
            return _Scheduler("DDIMScheduler", {**_DDIM, **betas}, "ddim", "DDIMPipeline")
        case CosineSchedule(0.008, 1000, 0.999):
            betas = {"beta_schedule": "squaredcos_cap_v2"}
            return _Scheduler("DDIMScheduler", {**_DDIM, **betas}, "ddim", "DDIMPipeline")
        case VarianceExploding(low, high, rho):
            levels = {"sigma_min": low, "sigma_max": high, "rho": rho, "sigma_data": sigma_data}
            return _Scheduler(_KARRAS, levels, "dpm++2m", scales_input=True)
    raise UserError(
        f"the diffusers library has no scheduler for {type(schedule).__name__}; take flow, ddpm or"
        " edm"
    )


def _no_noise(step: int) -> Tensor:
    raise AssertionError(f"step {step} of a sampler without fresh noise asks for some")
