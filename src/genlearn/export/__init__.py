"""Parts of a fitted model for other runtimes: ONNX, and PyTorch's own programs.

Each part is followed through its networks with a batch of any size, read again by the runtime that
it is for, and compared on new inputs with what the model itself gives; one that differs is not
written. Beside the files stands ``export.json``, which says what goes in, what comes out, and in
which units.
"""

from .export import export
from .formats import FORMATS

__all__ = ["FORMATS", "export"]
