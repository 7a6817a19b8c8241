"""Invertible networks: maps of x to noise and back, and the logarithm of how they change volume."""
