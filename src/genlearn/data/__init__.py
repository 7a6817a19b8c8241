"""Data: from what people have to what training reads.

``open_data`` takes a folder, an array, a data-frame, a file, the name of a set or a torch dataset,
and gives a `Dataset`: values in the user's units, a spec that was read from them, and notes on all
that was fixed. ``inspect_data`` reports what is there.
"""

from .dataset import Dataset
from .inspect.inspect import DataReport, inspect_data
from .open.opening import has_split, open_data, splits
from .sources.dataframes import check_names
from .validation import with_validation

__all__ = [
    "DataReport",
    "Dataset",
    "check_names",
    "has_split",
    "inspect_data",
    "open_data",
    "splits",
    "with_validation",
]
