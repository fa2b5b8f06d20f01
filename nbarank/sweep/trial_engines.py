"""How one experiment runs in a worker's clone; `WorkersEngine` is the default engine.

Every engine's `run` returns finished (the experiment's ref is in the user's repository or in the
clone), failed (with the end of the log) or interrupted (a process was killed; no result is known).
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbarank.dvc.git import experiment_ref, ref_exists, tool_environment
from nbarank.dvc.param_values import set_param_arguments
from nbarank.sweep.clone import Clone, end_processes_of

TAIL_LINES = 40
TAIL_BYTES = 20_000
LOCK_BUSY = re.compile(r"[Uu]nable to acquire lock|is busy, it is being blocked")
LOCK_RETRIES = 6
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Job:
    """One experiment to run.

    Parameters
    ----------
    values
        Parameters to set, by dotted key.
    targets
        Stages to run up to.
    log
        File to which all output is appended.
    """

    name: str
    values: dict[str, Any]
    targets: tuple[str, ...]
    log: Path

    def arguments(self, how: str) -> list[str]:
        """Return the arguments of `dvc` that run the job; `how` is `--temp` or `--queue`."""
        settings = set_param_arguments(self.values)
        return ["exp", "run", how, "--name", self.name, *settings, *self.targets]


@dataclass(frozen=True)
class Outcome:
    """How a job ended: for a failure with the end of its log; `seconds` of wall time."""

    state: Literal["finished", "failed", "interrupted"]
    tail: str = ""
    seconds: float = 0.0


class Engine:
    """Runs one job after the other in one clone.

    Parameters
    ----------
    clone
        The worker's clone.
    study
        Study whose finished experiments are saved when the clone is made again.
    """

    def __init__(self, clone: Clone, study: str) -> None:
        self.clone = clone
        self.study = study
        self.stopped = False
        self.guard = threading.Lock()

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        raise NotImplementedError

    def stop(self) -> None:
        """End all processes of the clone, from any thread; `run` then returns interrupted."""
        with self.guard:
            self.stopped = True
        end_processes_of(self.clone.folder)

    def start(self, arguments: list[str], log: Path) -> subprocess.Popen[bytes] | None:
        """Start `dvc` in the clone, its output appended to `log`; None once stopped."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with self.guard, log.open("ab") as output:
            if self.stopped:
                return None
            return subprocess.Popen(
                [sys.executable, "-m", "dvc", *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self.clone.folder,
                env=tool_environment(self.clone.environment),
                start_new_session=True,
            )

    def dvc(self, arguments: list[str], log: Path) -> int | None:
        """Run `dvc` in the clone; return its exit status, None if it was killed or stopped."""
        status = 0
        for attempt in range(LOCK_RETRIES):
            before = log.stat().st_size if log.exists() else 0
            process = self.start(arguments, log)
            status = -1 if process is None else process.wait()
            if status < 0 or self.stopped:
                return None
            if not status or not LOCK_BUSY.search(_text_of(log, before)):
                break
            time.sleep(0.5 * 2**attempt)
        return status

    def failed(self, job: Job, begin: float) -> Outcome:
        """Return the outcome of a job that failed by itself."""
        return Outcome("failed", tail_of(job.log), time.monotonic() - begin)

    def interrupted(self, job: Job, begin: float) -> Outcome:
        """Make the clone again after a kill, which can strike between two writes of git.

        A result that was complete when the kill came is brought home and counts.
        """
        end_processes_of(self.clone.folder)
        if not self.stopped:
            self.clone.make(self.study)
        home = ref_exists(self.clone.home, experiment_ref(self.clone.base, job.name))
        state: Literal["finished", "interrupted"] = "finished" if home else "interrupted"
        return Outcome(state, seconds=time.monotonic() - begin)


class WorkersEngine(Engine):
    """Every job is one `dvc exp run --temp`."""

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        begin = time.monotonic()
        if self.dvc(job.arguments("--temp"), job.log) is None:
            return self.interrupted(job, begin)
        if ref_exists(self.clone.folder, experiment_ref(self.clone.base, job.name)):
            return Outcome("finished", seconds=time.monotonic() - begin)
        return self.failed(job, begin)


def tail_of(log: Path) -> str:
    """Return the last lines of a log, without colours."""
    size = log.stat().st_size if log.exists() else 0
    text = _COLOURS.sub("", _text_of(log, max(0, size - TAIL_BYTES)))
    return "\n".join(text.splitlines()[-TAIL_LINES:])


def _text_of(log: Path, offset: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(offset)
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
