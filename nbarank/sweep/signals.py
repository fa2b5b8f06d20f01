"""Ctrl-C and SIGTERM: the same clean end, and no interruption of the cleaning up."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def signals_as_interrupts() -> Iterator[None]:
    """Let SIGTERM and SIGINT end a sweep as cleanly as ctrl-C does (only in the main thread).

    SIGINT too: a shell that starts a job in the background hands it down ignored, and Python then
    installs no handler of its own.
    """

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, interrupt) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)


@contextlib.contextmanager
def signals_ignored() -> Iterator[None]:
    """Let nothing interrupt the cleaning up: it takes a second."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    kinds = (signal.SIGINT, signal.SIGTERM)
    before = [signal.signal(kind, signal.SIG_IGN) for kind in kinds]
    try:
        yield
    finally:
        for kind, handler in zip(kinds, before, strict=True):
            signal.signal(kind, handler)
