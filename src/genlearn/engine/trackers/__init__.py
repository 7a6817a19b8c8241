"""Trackers of experiments, by name: programs that draw the curves of many runs beside one another.

Each is one file here, or an entry point of the group ``genlearn.trackers`` in another package: a
`Tracker`, made for one run as its training begins.
"""

from __future__ import annotations

from functools import partial

from ...core.registry import Registry, objects_in
from ._tracker import Tracker

TRACKERS: Registry[type[Tracker]] = Registry("tracker", partial(objects_in, __name__, "TRACKER"))
