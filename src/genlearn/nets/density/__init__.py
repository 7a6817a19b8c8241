"""Densities whose parameters are buffers."""
