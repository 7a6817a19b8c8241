"""Densities in closed form, or estimated in one go."""
