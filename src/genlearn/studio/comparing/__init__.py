"""Comparisons of models: asked for, followed, and read; and runs side by side."""
