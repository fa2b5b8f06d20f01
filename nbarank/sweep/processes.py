"""Looking up and ending processes: the only file that touches psutil."""

from __future__ import annotations

import contextlib
import os

import psutil  # type: ignore[import-untyped, unused-ignore]


def started_at(pid: int) -> float:
    """Return when a process started, in seconds since 1970."""
    return float(psutil.Process(pid).create_time())


def is_alive(pid: int, started: float) -> bool:
    """Tell whether the process that had this number at that time still runs."""
    try:
        process = psutil.Process(pid)
        same = abs(float(process.create_time()) - started) < 2
        return same and str(process.status()) != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def end_marked(variable: str, value: str) -> int:
    """Kill every process whose environment holds a mark; returns how many there were.

    The mark is passed on to children, so those of a killed parent are found too.
    """
    ended = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(variable) == value:
                process.kill()
                ended.append(process)
    psutil.wait_procs(ended, timeout=10)
    return len(ended)


def end_tree(pid: int) -> None:
    """Kill a process and everything below it."""
    with contextlib.suppress(psutil.Error):
        process = psutil.Process(pid)
        for one in [*process.children(recursive=True), process]:
            with contextlib.suppress(psutil.Error):
                one.kill()
