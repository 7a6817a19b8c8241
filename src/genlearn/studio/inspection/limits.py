"""How much a process that decodes files may take of the machine."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

CPU_SECONDS = 900
WALL_SECONDS = 1800.0
_MEMORY = 4 << 30  # bytes of its own, on top of files that are mapped
_FILE = 32 << 30  # bytes of one file


def take_limits() -> None:
    """From here on this process, and each that it starts, is held to these limits; what cannot be
    limited here is not."""
    if sys.platform == "win32":
        return
    import resource

    limits = {
        resource.RLIMIT_DATA: min(_MEMORY, _memory() // 2),
        resource.RLIMIT_CPU: CPU_SECONDS,
        resource.RLIMIT_FSIZE: _FILE,
        resource.RLIMIT_CORE: 0,
    }
    for kind, wanted in limits.items():
        hard = resource.getrlimit(kind)[1]
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with suppress(ValueError, OSError):
            resource.setrlimit(kind, (most, most))


def _memory() -> int:
    """Bytes of the machine."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return 2 * _MEMORY
