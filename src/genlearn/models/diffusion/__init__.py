"""Diffusion models and what is learned from them."""
