"""A course on generative models whose every figure is computed on the reader's own data."""

from .lecture import lecture as lecture
