"""Memory that stays in use, told to the collector of garbage.

It looks through all objects from time to time, and half a million of them, which the libraries
bring, take it a third of a second, in which nobody is answered. What is there after loading stays
there; so it is left out from then on.
"""

from __future__ import annotations

import gc


def keep_what_is_there() -> None:
    """Look through all of it once more, and then no more."""
    gc.collect()
    gc.freeze()
