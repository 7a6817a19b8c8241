"""Data: from what people have to what training reads.

``open_data`` takes a folder, an array, a data-frame, a file, the name of a set or a torch dataset, and gives a `Dataset`: values in the user's
units, a spec that was read from them, and notes on all that was fixed. ``inspect_data`` reports what is there.
"""

from .dataset import Dataset
from .opening import open_data, splits
from .report import Report, inspect_data

__all__ = ["Dataset", "Report", "inspect_data", "open_data", "splits"]
