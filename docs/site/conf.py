"""How the pages of docs/ become a site (`make docs`, into build/docs): Markdown by MyST, links and
anchors as GitHub has them, nothing loaded from elsewhere, so that it is read from a disk too."""

import sys
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

from genlearn import __version__

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from executed import gallery  # noqa: E402  it lies beside this file, which is on no path before

project, version, release = "genlearn", __version__, __version__
author = copyright = "the authors of genlearn"
extensions = ["myst_parser"]
exclude_patterns = ["site", "gallery"]
myst_heading_anchors = 4
myst_links_external_new_tab = False
highlight_language = "text"  # blocks without a language are formulas
nitpicky = True

html_theme = "furo"
html_title = "genlearn"
html_static_path = [str(HERE / "static")]
html_css_files = ["pages.css"]
html_copy_source = False
html_show_sphinx = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#0a5db0", "color-brand-content": "#0a5db0"},
    "dark_css_variables": {"color-brand-primary": "#7fb7f0", "color-brand-content": "#7fb7f0"},
}

linkcheck_timeout = 20
linkcheck_retries = 2


def as_in_the_site(app: Sphinx, name: str, source: list[str]) -> None:
    """Links to the benchmarks lead to their page of the site; the gallery is made of its scripts,
    executed now."""
    source[0] = source[0].replace("../benchmarks/README.md", "benchmarks.md")
    if name == "gallery" and app.config.execute_gallery:
        source[0] += gallery(HERE.parent / "gallery", HERE.parent.parent / "build/gallery")


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect what is done to a page when it is read."""
    app.add_config_value("execute_gallery", True, "env", bool)
    app.connect("source-read", as_in_the_site)
    return {"parallel_read_safe": True}
