"""Commands that run for long: none is left running when this process is stopped."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped, unused-ignore]

from nbarank.dvc.git import tool_environment

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
GRACE_SECONDS = 60.0
"""Time that a command and its children have to end by themselves: DVC hashes files before it puts
the user's changes back."""


def run_to_end(command: Sequence[str], folder: Path) -> int:
    """Run a command in a folder and return its exit status.

    Ctrl-C, SIGTERM and SIGHUP end the command and everything that it started. A terminal sends
    Ctrl-C and SIGHUP to all of them: they ignore both, print nothing, and end by SIGTERM.
    """
    kinds = [kind for kind in STOPPING if signal.getsignal(kind) != signal.SIG_IGN]  # nohup, &
    with (
        signals_handled(_exit, *kinds),
        subprocess.Popen(
            command,
            cwd=folder,
            env=tool_environment(),
            preexec_fn=_ignore_signals_of_a_terminal,
        ) as process,
    ):
        try:
            return process.wait()
        except BaseException:
            print("stopping; rerun the same command to resume", file=sys.stderr)
            end_tree(process.pid)
            raise


def end_tree(pid: int) -> None:
    """End a process and its descendants: SIGTERM first, SIGKILL after `GRACE_SECONDS`."""
    try:
        parent = psutil.Process(pid)
        tree = [parent, *parent.children(recursive=True)]  # its children's end is no error to it
    except psutil.Error:
        return
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.terminate()
    _, alive = psutil.wait_procs(tree, timeout=GRACE_SECONDS)
    for process in alive:
        with contextlib.suppress(psutil.Error):
            process.kill()


def _ignore_signals_of_a_terminal() -> None:
    for kind in (signal.SIGINT, signal.SIGHUP):
        signal.signal(kind, signal.SIG_IGN)


def _exit(number: int, _: object) -> None:
    for kind in STOPPING:
        signal.signal(kind, signal.SIG_IGN)  # another Ctrl-C would leave processes behind
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
