"""Looking inside a diffusion model: its units, its levels, and how far its denoiser is from a
closed form."""

import torch


def inside(model, data):
    """``data`` in the networks' units, in double precision."""
    return model.normalizer(model.spec_.to_internal(data)).double()


def level_of(model, ratio):
    """The level of the model's schedule at ``ratio``."""
    return model.schedule.level(
        model.schedule.time(torch.tensor(ratio, dtype=torch.float64)).item()
    )


def expected(model, noisy, level, label=None):
    """D(x_t), in double precision."""
    with torch.inference_mode():
        return model.denoiser.posterior_mean(noisy.float(), level, label).double()


def noised(x, level, seed=0):
    """x_t."""
    return level.alpha * x + level.sigma * torch.randn(
        x.shape, generator=torch.Generator().manual_seed(seed), dtype=x.dtype
    )
