"""Codes at work: search, clusters, maps, and how few labels they need.

What of a model stands for an example, its code, is a row of numbers; everything here is a function
of such rows, whatever model they come from, or of data with its rows.
"""

from .clusters import Clusters, cluster_codes
from .label_efficiency import LabelledAccuracy, label_efficiency
from .mapping import map_codes
from .nearest import Neighbours, nearest_neighbours, same_class_share
from .represent import Representation, representation_of
from .search import Found, search, search_own

__all__ = [
    "Clusters",
    "Found",
    "LabelledAccuracy",
    "Neighbours",
    "Representation",
    "cluster_codes",
    "label_efficiency",
    "map_codes",
    "nearest_neighbours",
    "representation_of",
    "same_class_share",
    "search",
    "search_own",
]
