"""Exploring what a model has learned: pictures of its codes, its steps, its styles and its
training, and animations of what moves.

A *view* asks a fitted model for images and lays them out as a `Sheet`, whose columns are moments
where it moves; `picture` draws a sheet as one image, `animation` as a film. Views know
capabilities, never a model by name.
"""

from .display import show
from .views import VIEWS, Question, Shown

__all__ = ["VIEWS", "Question", "Shown", "show"]
