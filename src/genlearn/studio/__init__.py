"""The studio: one local web application over the same runs as the command line, for people who
would rather look than type, and for a room that takes the Turing test.

Pages are rendered on the server; what trains is the command line, as processes of their own in one
queue, so that everything that a page starts can be gone on with in a shell and the other way about.
`server` listens, `app` joins the pages behind one wall (`security`), `library` knows what lies in
the folders that were given, `jobs` trains, `serving` asks models.
"""

import sys
from types import ModuleType
from typing import Any

from .settings import Settings

__all__ = ["Settings"]


class _Callable(ModuleType):
    """A package that has the name of a function of the package above, and stands for it once it is
    imported."""

    def __call__(self, folder: Any = ".", **options: Any) -> Any:
        """As `genlearn.studio`."""
        from .notebook import open_studio

        return open_studio(folder, **options)


sys.modules[__name__].__class__ = _Callable
