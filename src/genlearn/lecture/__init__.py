"""A course on generative models with figures that are computed on the reader's data."""

from .lecture import lecture as lecture
