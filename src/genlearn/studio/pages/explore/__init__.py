"""What a run has learned, to be explored: the map of its codes, its latents, its samples, and what
it makes of a picture that somebody brings."""

from . import between, latents, picture, samples
from . import map as map_page

_PAGES = (map_page, between, latents, samples, picture)
routes = [route for page in _PAGES for route in page.routes]
