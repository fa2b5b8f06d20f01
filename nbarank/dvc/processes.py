"""Commands that run for long: none is left running when this process is stopped."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped, unused-ignore]

from nbarank.dvc.git import tool_environment

GRACE_SECONDS = 10.0
"""Time that a command and its children have to end by themselves."""


def run_to_end(command: Sequence[str], folder: Path) -> int:
    """Run a command in a folder and return its exit status.

    Ctrl-C, SIGTERM and SIGHUP end the command and everything that it started.
    """
    with (
        signals_handled(_exit, signal.SIGTERM, signal.SIGHUP),
        subprocess.Popen(command, cwd=folder, env=tool_environment()) as process,
    ):
        try:
            return process.wait()
        except BaseException:
            end_tree(process.pid)
            raise


def end_tree(pid: int) -> None:
    """End a process and its descendants: SIGTERM first, SIGKILL after `GRACE_SECONDS`."""
    try:
        parent = psutil.Process(pid)
        tree = [*parent.children(recursive=True), parent]
    except psutil.Error:
        return
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(tree, timeout=GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _exit(number: int, _: object) -> None:
    raise SystemExit(128 + number)


@contextlib.contextmanager
def signals_handled(
    handler: Callable[..., None] | signal.Handlers, *kinds: signal.Signals
) -> Iterator[None]:
    """Handle signals by `handler`, in the main thread; in another thread nothing changes."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {kind: signal.signal(kind, handler) for kind in kinds}
    try:
        yield
    finally:
        for kind, previous in before.items():
            signal.signal(kind, previous)
