"""A comparison: every model that suits the data, under one clock and one reference set."""

from .compare import compare
from .evaluate_run import evaluate_run

__all__ = ["compare", "evaluate_run"]
