"""The report page: one HTML file that a person enjoys reading and a reviewer trusts.

``render_html(report, panels, spec)`` draws report.json and its panels. Small pure functions make
each part: `markup` escapes, `charts.axis` and `number_format` choose ticks and digits, `charts`
draws, and `page` puts the sections in order. Colours, sizes and themes are all in style.css;
script.js only adds to a page that is whole without it (sorting, what is under the pointer, the
theme).
"""

from .page import render_html

__all__ = ["render_html"]
