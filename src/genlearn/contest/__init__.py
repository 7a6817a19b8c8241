"""A comparison: every model that suits the data, under one clock and one yardstick."""

from .compare import compare
from .single import evaluate

__all__ = ["compare", "evaluate"]
