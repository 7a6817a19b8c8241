"""The report page: one HTML file that a person enjoys reading and a reviewer trusts.

``page(report, panels, spec)`` draws report.json and its panels. Small pure functions make each part: `html` escapes, `scale` and `numbers` choose
ticks and digits, `dots`, `curves` and `scatter` draw, and `document` puts the sections in order. Colours, sizes and themes are all in style.css;
script.js only adds to a page that is whole without it (sorting, what is under the pointer, the theme).
"""

from .document import page

__all__ = ["page"]
