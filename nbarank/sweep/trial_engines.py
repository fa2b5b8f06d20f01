"""How one experiment runs in a worker's clone: engine `workers`, the default.

A job ends finished (the experiment's ref is in the user's repository or in the clone), failed,
pruned (stopped by its curve) or interrupted (a process was killed; no result is known).
"""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nbarank.core.live_curve import read_points
from nbarank.dvc.git import experiment_ref, ref_exists, tool_environment
from nbarank.dvc.param_values import set_param_arguments
from nbarank.sweep.clone import Clone, end_processes_of

TAIL_LINES = 40
TAIL_BYTES = 20_000
LOCK_BUSY = re.compile(r"[Uu]nable to acquire lock|is busy, it is being blocked")
LOCK_RETRIES = 6
POLL_SECONDS = 0.1
State = Literal["finished", "failed", "interrupted", "pruned"]
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Job:
    """One experiment: values to set by dotted key, and the stages to run up to.

    All output is appended to `log`; `is_hopeless` decides by the validation curve whether to stop;
    with `keep_going` a failing stage does not stop those that do not need it.
    """

    name: str
    values: dict[str, Any]
    targets: tuple[str, ...]
    log: Path
    is_hopeless: Callable[[dict[int, float]], bool] = lambda _: False
    keep_going: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a job ended: for a failure with the end of its log; `seconds` of wall time."""

    state: State
    tail: str = ""
    seconds: float = 0.0


class Engine:
    """Runs one job after the other in one clone, each as one `dvc exp run --temp`."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone
        self.stopped = self.pruned = False
        self.guard = threading.Lock()

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        begin = time.monotonic()
        state = self.attempt(job)
        lines = _COLOURS.sub("", _text_of(job.log, -TAIL_BYTES)).splitlines()[-TAIL_LINES:]
        tail = "\n".join(lines) if state == "failed" else ""
        return Outcome(state, tail, time.monotonic() - begin)

    def attempt(self, job: Job) -> State:
        """Run a job in the foreground."""
        if self.dvc("--temp", job) is None:
            return self.interrupted(job)
        return "finished" if self.has(job) else "failed"

    def has(self, job: Job, where: Path | None = None) -> bool:
        """Return whether the clone, or another repository, has a job's experiment."""
        ref = experiment_ref(self.clone.base, job.name)
        return ref_exists(where or self.clone.folder, ref)

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

    def prune_if_hopeless(self, job: Job) -> None:
        """End all processes of the clone if the job's curve is hopeless."""
        if job.is_hopeless(read_points(self.clone.curve)):
            self.pruned = True
            end_processes_of(self.clone.folder)

    def dvc(self, how: str, job: Job) -> int | None:
        """Run `dvc exp run` in the clone; return its exit status, None if it was stopped.

        `how` is `--temp` or `--queue`.
        """
        self.clone.curve.unlink(missing_ok=True)
        log, status = job.log, 0
        arguments = ["exp", "run", how, "--name", job.name, *set_param_arguments(job.values)]
        arguments += ["--keep-going"] * job.keep_going + [*job.targets]
        for attempt in range(LOCK_RETRIES):
            before = log.stat().st_size if log.exists() else 0
            process = self.start(arguments, log)
            status = -1 if process is None else self._wait_for(process, job)
            if status < 0 or self.stopped or self.pruned:
                return None
            if not status or not LOCK_BUSY.search(_text_of(log, before)):
                break
            time.sleep(0.5 * 2**attempt)
        return status

    def _wait_for(self, process: subprocess.Popen[bytes], job: Job) -> int:
        while (status := process.poll()) is None:
            self.prune_if_hopeless(job)
            time.sleep(POLL_SECONDS)
        return status

    def interrupted(self, job: Job) -> State:
        """Make the clone again after a kill, which can strike between two writes of git.

        A result that was complete when the kill came is brought home and counts.
        """
        killed: State = "pruned" if self.pruned else "interrupted"
        self.pruned = False
        end_processes_of(self.clone.folder)
        if not self.stopped:
            self.clone.make()
        return "finished" if self.has(job, self.clone.home) else killed


def _text_of(log: Path, start: int) -> str:
    return log.read_bytes()[start:].decode("utf-8", errors="replace") if log.exists() else ""
