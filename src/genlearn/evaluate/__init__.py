"""Evaluating models by what they can do: knows capabilities, never a model by name."""
