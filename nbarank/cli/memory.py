"""Memory of a command that runs for seconds."""

from __future__ import annotations

import ctypes
import sys

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_THRESHOLD = -1, -2, -3
"""From malloc.h of glibc."""


def keep_freed_memory() -> None:
    """Let this process use the memory of freed arrays again; without glibc, do nothing.

    By default glibc returns that of a large array, and the next one costs a page fault per 4 KiB.
    """
    allocator = getattr(ctypes.CDLL(None), "mallopt", None) if sys.platform == "linux" else None
    if allocator is not None:
        allocator(_M_MMAP_THRESHOLD, 1 << 30)
        allocator(_M_TRIM_THRESHOLD, (1 << 31) - 1)
        allocator(_M_TOP_PAD, 1 << 26)
