"""Compression of images by a fitted model: lossless, or as finely as is asked for.

``compress_lossless`` and ``compress_lossy`` give the content of a .glc file, which ``unpack`` and
``decompress`` turn back into images.
"""

from .compress import Compressed, compress_lossless, compress_lossy
from .container import unpack
from .decompress import Decompressed, decompress
from .images import exact_images, read_images

__all__ = [
    "Compressed",
    "Decompressed",
    "compress_lossless",
    "compress_lossy",
    "decompress",
    "exact_images",
    "read_images",
    "unpack",
]
