"""Each sampler agrees with the scheduler of that name in diffusers: same network, same noise.

Schedulers keep their tables in single precision; where they allow it they are given these in double
precision, which tightens the agreement.
"""

import numpy as np
import pytest
import torch
from closed_forms import Function, Mixture

from genlearn.prob.diffusion.predictions import (
    EDMPreconditioning,
    EpsPrediction,
    VelocityPrediction,
    VPrediction,
    X0Prediction,
)
from genlearn.prob.diffusion.samplers import create_sampler
from genlearn.prob.diffusion.schedules import (
    CosineSchedule,
    LinearSchedule,
    NoiseLevel,
    VarianceExploding,
    VariancePreserving,
)

# how the schedulers call NumPy
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
DATA, STEPS = Mixture.example(), 20
PREDICTIONS = {"epsilon": EpsPrediction(), "sample": X0Prediction(), "v_prediction": VPrediction()}
predictions = pytest.mark.parametrize("prediction", PREDICTIONS)
preserving = pytest.mark.parametrize(
    ("schedule", "betas"),
    [
        (VariancePreserving(), {"beta_schedule": "linear", "beta_start": 1e-4, "beta_end": 0.02}),
        (CosineSchedule(), {"beta_schedule": "squaredcos_cap_v2"}),
    ],
    ids=["linear", "cosine"],
)


def scheduler_of(kind, **how):
    """One of diffusers, whose seconds of import the other tests do without."""
    import diffusers

    return getattr(diffusers, kind)(**how)


def generator():
    return torch.Generator().manual_seed(3)


def start(level):
    return level.sigma * torch.randn(
        4, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64
    )


def network(target, x_t, level):
    """What a perfect network would say."""
    expected = DATA.posterior_mean(x_t, level)
    return target.target(expected, (x_t - level.alpha * expected) / level.sigma, level)


def ours(target, levels, sampler, eta=0.0):
    """Our trajectory without its start."""

    def denoise(x, level):
        return target.denoised(network(target, x, level), x, level)

    stream, x = generator(), start(levels[0])

    def draw(i):
        return torch.randn(x.shape, generator=stream, dtype=x.dtype)

    points = list(create_sampler(sampler, eta=eta).trajectory(Function(denoise), x, levels, draw))
    return torch.stack([point.x for point in points[1:]])


def theirs(scheduler, target, levels, scale=lambda level: 1.0, **more):
    """Their trajectory; their samples are ours times ``scale``. ``levels`` has one entry for each
    evaluation, and the last for clean data."""
    x, points = start(levels[0]) * scale(levels[0]), []
    for time, level, reached in zip(scheduler.timesteps, levels, levels[1:], strict=False):
        if type(scheduler).__name__ in ALREADY_SCALED:
            scheduler.scale_model_input(x, time)
        x = scheduler.step(
            network(target, x.double() / scale(level), level), time, x, **more
        ).prev_sample
        points.append(x.double() / scale(reached))
    return torch.stack(points)


ALREADY_SCALED = (
    "EulerDiscreteScheduler",
    "HeunDiscreteScheduler",
    "EDMEulerScheduler",
    "EDMDPMSolverMultistepScheduler",
)


def agree(a, b, rtol=1e-5):
    torch.testing.assert_close(a, b, rtol=rtol, atol=rtol * b.abs().max().item())


def in_ratio(level):
    """x_t / alpha, the samples of the schedulers that follow Karras."""
    return 1 / level.alpha


def twice(levels):
    """Levels at which Heun's method evaluates."""
    return [levels[0], *(level for level in levels[1:-1] for _ in (0, 1)), levels[-1]]


def corrected(points):
    """Those that Heun's method ends its steps with; the last step is an Euler step."""
    return torch.cat([points[1:-1:2], points[-1:]])


@preserving
def test_tables(schedule, betas):
    scheduler = scheduler_of("DDPMScheduler", **betas)
    t = torch.arange(1, 1001, dtype=torch.float64) / 1000
    torch.testing.assert_close(
        schedule.alpha(t).square(), scheduler.alphas_cumprod.double(), rtol=1e-4, atol=0
    )


@pytest.mark.parametrize(
    ("schedule", "kind", "how"),
    [
        (VariancePreserving(), "DDIMScheduler", {"timestep_spacing": "trailing"}),
        (CosineSchedule(), "DDIMScheduler", {"timestep_spacing": "trailing"}),
        (LinearSchedule(), "FlowMatchEulerDiscreteScheduler", {"shift_terminal": 1 / STEPS}),
        (VarianceExploding(), "EDMDPMSolverMultistepScheduler", {}),
    ],
)
def test_levels_are_called_what_the_schedulers_call_them(schedule, kind, how):
    scheduler = scheduler_of(kind, **how)
    scheduler.set_timesteps(STEPS)
    ratios = [level.ratio for level in schedule.levels(STEPS)[:-1]]
    found = schedule.timestep(torch.tensor(ratios, dtype=torch.float64))
    torch.testing.assert_close(found, scheduler.timesteps.double(), rtol=1e-6, atol=1e-6)


def double(scheduler, schedule):
    scheduler.alphas_cumprod = schedule.alpha(
        torch.arange(1, 1001, dtype=torch.float64) / 1000
    ).square()
    scheduler.set_timesteps(STEPS)
    return scheduler


@preserving
@predictions
def test_ancestral(schedule, betas, prediction):
    scheduler = scheduler_of(
        "DDPMScheduler",
        **betas,
        variance_type="fixed_small",
        clip_sample=False,
        timestep_spacing="trailing",
        prediction_type=prediction,
    )
    levels, target = schedule.levels(STEPS), PREDICTIONS[prediction]
    agree(
        ours(target, levels, "ancestral"),
        theirs(double(scheduler, schedule), target, levels, generator=generator()),
        1e-8,
    )


@preserving
@predictions
@pytest.mark.parametrize("eta", [0.0, 0.5])
def test_ddim(schedule, betas, prediction, eta):
    scheduler = scheduler_of(
        "DDIMScheduler",
        **betas,
        clip_sample=False,
        set_alpha_to_one=True,
        timestep_spacing="trailing",
        prediction_type=prediction,
    )
    levels, target = schedule.levels(STEPS), PREDICTIONS[prediction]
    scheduler.final_alpha_cumprod = scheduler.final_alpha_cumprod.double()
    agree(
        ours(target, levels, "ddim", eta),
        theirs(double(scheduler, schedule), target, levels, eta=eta, generator=generator()),
        1e-8,
    )


@pytest.mark.parametrize("prediction", ["epsilon", "v_prediction"])
@pytest.mark.parametrize(
    ("kind", "sampler"),
    [("EulerDiscreteScheduler", "euler"), ("HeunDiscreteScheduler", "heun")],
)
def test_euler_and_heun(kind, sampler, prediction):
    """Not on the cosine schedule, where their samples x_t / alpha start 20 000 wide, in single
    precision."""
    scheduler = scheduler_of(
        kind,
        beta_start=1e-4,
        beta_end=0.02,
        timestep_spacing="trailing",
        prediction_type=prediction,
    )
    levels, target = (schedule := VariancePreserving()).levels(STEPS), PREDICTIONS[prediction]
    visited = twice(levels) if sampler == "heun" else levels
    found = theirs(double(scheduler, schedule), target, visited, in_ratio)
    agree(ours(target, levels, sampler), corrected(found) if sampler == "heun" else found)


@preserving
@predictions
def test_dpm_solver(schedule, betas, prediction):
    scheduler = scheduler_of(
        "DPMSolverMultistepScheduler",
        **betas,
        algorithm_type="dpmsolver++",
        solver_order=2,
        solver_type="midpoint",
        timestep_spacing="trailing",
        final_sigmas_type="zero",
        prediction_type=prediction,
    )
    levels, target = schedule.levels(STEPS), PREDICTIONS[prediction]
    agree(ours(target, levels, "dpm++2m"), theirs(double(scheduler, schedule), target, levels))


@preserving
@predictions
@pytest.mark.parametrize("steps", [5, STEPS])
def test_unipc(schedule, betas, prediction, steps):
    """Order 3 with the corrector, from the first step on, and lower orders at both ends."""
    scheduler = scheduler_of(
        "UniPCMultistepScheduler",
        **betas,
        solver_order=3,
        solver_type="bh2",
        timestep_spacing="trailing",
        final_sigmas_type="zero",
        prediction_type=prediction,
    )
    levels, target = schedule.levels(steps), PREDICTIONS[prediction]
    scheduler.set_timesteps(steps)
    scheduler.sigmas = torch.tensor([level.ratio for level in levels], dtype=torch.float64)
    agree(ours(target, levels, "unipc"), theirs(scheduler, target, levels))


@pytest.mark.parametrize(
    ("kind", "sampler"),
    [("EDMEulerScheduler", "euler"), ("EDMDPMSolverMultistepScheduler", "dpm++2m")],
)
def test_karras(kind, sampler):
    scheduler = scheduler_of(kind, sigma_min=0.002, sigma_max=80.0, sigma_data=0.5, rho=7.0)
    schedule = VarianceExploding()
    scheduler.set_timesteps(STEPS)
    levels, target = schedule.levels(STEPS), EDMPreconditioning(0.5)
    agree(ours(target, levels, sampler), theirs(scheduler, target, levels))


def flow_levels(scheduler):
    """Their levels, each once: they end at another place than ours."""
    sigmas = dict.fromkeys(scheduler.sigmas.double().tolist())
    return [
        *(LinearSchedule().level(t) for t in sigmas if t),
        NoiseLevel(0.0, 1.0, 0.0, LinearSchedule.coordinates),
    ]


def test_flow_matching_euler():
    scheduler, levels = (
        scheduler_of("FlowMatchEulerDiscreteScheduler"),
        LinearSchedule().levels(STEPS),
    )
    scheduler.set_timesteps(sigmas=np.array([level.sigma for level in levels[:-1]]))
    agree(
        ours(VelocityPrediction(), levels, "euler"), theirs(scheduler, VelocityPrediction(), levels)
    )


def test_flow_matching_heun():
    scheduler = scheduler_of("FlowMatchHeunDiscreteScheduler")
    scheduler.set_timesteps(STEPS)
    levels = flow_levels(scheduler)
    found = theirs(scheduler, VelocityPrediction(), twice(levels))
    agree(ours(VelocityPrediction(), levels, "heun"), corrected(found))


def test_flow_matching_dpm_solver():
    scheduler = scheduler_of(
        "DPMSolverMultistepScheduler",
        algorithm_type="dpmsolver++",
        prediction_type="flow_prediction",
        use_flow_sigmas=True,
        solver_type="midpoint",
        final_sigmas_type="zero",
    )
    scheduler.set_timesteps(STEPS)
    levels = flow_levels(scheduler)
    agree(
        ours(VelocityPrediction(), levels, "dpm++2m"),
        theirs(scheduler, VelocityPrediction(), levels),
    )
