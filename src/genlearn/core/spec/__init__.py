"""What data looks like, and the border between the user's units and the networks'.

Outside: uint8 images (N, H, W) or (N, H, W, C), tables in their own columns. Inside: float32 images
(N, C, H, W) in [-1, 1], standardised vectors (N, D). The border is crossed by ``to_internal`` and
``to_user`` and nowhere else.

**Discrete images.** With L evenly spaced values, level k fills the cell [2k/L - 1, 2(k+1)/L - 1] of
[-1, 1] and is represented by the cell's centre. A density over [-1, 1] is then a density over
dequantised data; its integral over the cell is the probability of the level. The unit of the user's
data space is one level: log p is the log-probability of the discrete image, and comparable between
models.

**Tables** in columns of different kinds become normal numbers, one a column (`columns`).

**log |dx/du|.** ``log_volume`` turns an internal log-density into one over the user's data space:
add it.
"""

from .base import Array, DataSpec
from .columns import Column
from .images import Binarise, ImageSpec
from .numbers import FeatureMapSpec, VectorSpec
from .table import TableSpec

__all__ = [
    "Array",
    "Binarise",
    "Column",
    "DataSpec",
    "FeatureMapSpec",
    "ImageSpec",
    "TableSpec",
    "VectorSpec",
]
