"""DVC's command line, which a signal ends without a half-changed workspace.

`dvc exp run --temp` puts the user's changes into a git stash and edits params.yaml before it has a
copy of its own. Ended there, it would leave both behind.
"""

from __future__ import annotations

import signal
import sys
from types import FrameType

STASHING = "dvc.repo.experiments.queue.base"
"""DVC's module that is at work while the user's changes are in the stash."""
WAIT_SECONDS = 0.05


def _stop(number: int, frame: FrameType | None) -> None:
    """End the process, or try again soon while DVC is stashing."""
    while frame is not None:
        if frame.f_globals.get("__name__") == STASHING:
            signal.signal(signal.SIGALRM, lambda _, later: _stop(number, later))
            signal.setitimer(signal.ITIMER_REAL, WAIT_SECONDS)
            return
        frame = frame.f_back
    for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        signal.signal(kind, signal.SIG_IGN)  # what ends now cleans up undisturbed
    raise SystemExit(128 + number)


if __name__ == "__main__":
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, _stop)
    from dvc.cli import main  # half a second, in which a signal may already come

    sys.exit(main())
