"""DVC's command line, which SIGTERM ends without a half-changed workspace or leftovers.

`dvc exp run --temp` puts the user's changes into a git stash and edits params.yaml before it has a
copy of its own. Ended there, it would leave both behind. Ended later, it reports that its own
cleanup failed, and leaves the copy.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
from pathlib import Path
from types import FrameType

STASHING = "dvc.repo.experiments.queue.base"
"""DVC's module that is at work while the user's changes are in the stash."""
BEGIN, COPIED = "reproduce_one", "_reproduce_entry"
"""DVC's functions between whose calls the experiment waits in DVC's own stash."""
WAIT_SECONDS = 0.05
AGAIN_SECONDS = 3.0
"""An exception in a callback of a library is lost: it is raised again."""
_copies: list[Path] = []
"""Copies of the repository that this process made."""


def _stop(number: int, frame: FrameType | None) -> None:
    """End the process without a message, or try again soon while DVC is stashing."""
    modules, functions = set(), set()
    while frame is not None:
        modules.add(frame.f_globals.get("__name__"))
        functions.add(frame.f_code.co_name)
        frame = frame.f_back
    stashing = STASHING in modules or (BEGIN in functions and COPIED not in functions)
    signal.signal(signal.SIGTERM, _ignore)
    signal.signal(signal.SIGALRM, lambda _, later: _stop(number, later))
    signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS if stashing else AGAIN_SECONDS)
    if not stashing:
        silent = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        raise SystemExit(128 + number)


def _ignore(*_: object) -> None:
    """Do nothing; unlike SIG_IGN, a stage that starts now does not inherit it."""


def _make_copy(**options: str) -> str:
    _copies.append(Path(tempfile.mkdtemp(**options)))
    return str(_copies[-1])


def _remove(copy: Path) -> None:
    """Remove a copy, and the files by which DVC shows its experiment as running."""
    shutil.rmtree(copy, ignore_errors=True)
    for file in copy.parents[1].glob("**/run/*/*.run"):
        try:
            of_copy = json.loads(file.read_bytes())["root_dir"] == str(copy)
        except (OSError, ValueError, LookupError, TypeError):
            continue
        if of_copy:
            shutil.rmtree(file.parent, ignore_errors=True)


def main() -> int:
    """Run DVC; return its exit status."""
    signal.signal(signal.SIGTERM, _stop)
    from dvc.cli import main as dvc  # half a second, in which the signal may already come
    from dvc.repo.experiments.executor import local

    local.mkdtemp = _make_copy
    try:
        return int(dvc())
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        if signal.getsignal(signal.SIGTERM) is _ignore:
            for copy in _copies:
                _remove(copy)


if __name__ == "__main__":
    sys.exit(main())
