"""Pictures of examples: a grid of images, the names of its rows and columns, and files of them."""

from .files import encoded, tiled
from .grid import grid_zoom, image_grid, shown_size, to_bytes
from .labels import Labels, font, shortened

__all__ = [
    "Labels",
    "encoded",
    "font",
    "grid_zoom",
    "image_grid",
    "shortened",
    "shown_size",
    "tiled",
    "to_bytes",
]
