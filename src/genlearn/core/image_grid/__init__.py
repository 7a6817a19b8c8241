"""Pictures of examples: a grid of images, and the names of its rows and columns."""

from .grid import grid_zoom, image_grid, shown_size, to_bytes
from .labels import Labels, font, shortened

__all__ = ["Labels", "font", "grid_zoom", "image_grid", "shortened", "shown_size", "to_bytes"]
