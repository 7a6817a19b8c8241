"""One-step students of diffusion models."""
