"""The algebra of diffusion: schedules, predictions, denoisers, samplers, and what follows from a
denoiser."""
