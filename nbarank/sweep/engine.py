"""What the two engines have in common: a job, its outcome, and the process that loads DVC once.

Both engines keep the same promise: `run` returns finished (the experiment's ref is in the clone),
failed (with the end of the log) or interrupted (something was killed; nothing is known).
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from nbarank.core.errors import SweepError
from nbarank.dvc.git import experiment_ref, ref_exists, tool_environment
from nbarank.sweep.clone import Clone, end_processes_of

TAIL_LINES = 40
LOCK_BUSY = re.compile(r"[Uu]nable to acquire lock|is busy, it is being blocked")
LOCK_RETRIES = 6
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Job:
    """One experiment to run.

    Parameters
    ----------
    name
        The experiment's name.
    values
        Parameters to set, by dotted key.
    targets
        Stages to run up to.
    log
        File that receives everything the run prints.
    """

    name: str
    values: dict[str, Any]
    targets: tuple[str, ...]
    log: Path

    def set_arguments(self) -> list[str]:
        """Return the `--set-param` arguments; JSON, so lists and null arrive as what they are."""
        arguments: list[str] = []
        for key, value in self.values.items():
            text = value if isinstance(value, str) else json.dumps(value)
            arguments += ["--set-param", f"{key}={text}"]
        return arguments


@dataclass(frozen=True)
class Outcome:
    """How a job ended.

    Parameters
    ----------
    state
        'interrupted' means that something was killed: the trial is neither done nor at fault.
    tail
        End of the log, for a failure.
    seconds
        Wall time.
    """

    state: Literal["finished", "failed", "interrupted"]
    tail: str = ""
    seconds: float = 0.0


class Engine(Protocol):
    """Runs one job after the other in one clone."""

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        ...

    def stop(self) -> None:
        """End whatever runs; callable from another thread; `run` then returns interrupted."""
        ...


def tail_of(log: Path, lines: int = TAIL_LINES) -> str:
    """Return the last lines of a log, without colours."""
    try:
        with log.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - 20_000))
            text = file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(_COLOURS.sub("", text).splitlines()[-lines:])


@dataclass
class DvcServer:
    """Speaks with a `dvc_server` process of one clone; starts it when needed.

    Parameters
    ----------
    clone
        Where its commands run.
    """

    clone: Clone
    process: subprocess.Popen[bytes] | None = None
    stopped: bool = False
    guard: threading.Lock = field(default_factory=threading.Lock)

    def run(self, arguments: list[str], log: Path) -> int | None:
        """Run a DVC command; returns its exit status, or None if it or the server was killed."""
        log.parent.mkdir(parents=True, exist_ok=True)
        for attempt in range(LOCK_RETRIES):
            before = log.stat().st_size if log.exists() else 0
            status = self._ask(
                {"arguments": arguments, "folder": str(self.clone.folder), "log": str(log)}
            )
            if status is None or status < 0:
                return None
            if status and LOCK_BUSY.search(_text_after(log, before)):
                time.sleep(0.5 * 2**attempt)
                continue
            return status
        return status

    def _ask(self, job: dict[str, Any]) -> int | None:
        process = self._started()
        if process is None or process.stdin is None:
            return None
        try:
            process.stdin.write(json.dumps(job).encode() + b"\n")
            process.stdin.flush()
        except OSError:
            return None
        answer = self._answer(process)
        return None if answer is None else int(answer["status"])

    def _started(self) -> subprocess.Popen[bytes] | None:
        with self.guard:
            if self.stopped:
                return None
            if self.process is not None and self.process.poll() is None:
                return self.process
            log = self.clone.folder.with_suffix(".server.log").open("ab")
            with log:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "nbarank.sweep.dvc_server"],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self.clone.folder.parent,
                    env=tool_environment(self.clone.environment),
                    start_new_session=True,
                )
            process = self.process
        if self._answer(process) is None and not self.stopped and process.poll() not in (None, -9):
            raise SweepError(
                "The process that runs DVC did not start.",
                where=str(self.clone.folder.with_suffix(".server.log")),
                next_command="python -c 'import dvc.cli, nbarank.sweep.dvc_server'",
            )
        return process

    @staticmethod
    def _answer(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
        line = process.stdout.readline() if process.stdout else b""
        if not line.endswith(b"\n"):
            process.wait()
            return None
        answer: dict[str, Any] = json.loads(line)
        return answer

    def restart(self) -> None:
        """End everything of this clone; the next command starts afresh."""
        with self.guard:
            process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.wait()
        end_processes_of(self.clone.folder)

    def stop(self) -> None:
        """End everything of this clone, for good."""
        with self.guard:
            self.stopped = True
        self.restart()


class InClone:
    """What the engines share: a clone, a process that has DVC loaded, and how to start over.

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
        self.server = DvcServer(clone)

    def stop(self) -> None:
        """End whatever runs."""
        self.server.stop()

    def interrupted(self, job: Job, begin: float) -> Outcome:
        """Throw the clone away after a kill, which can strike between two writes of git.

        A result that was complete when the kill came is brought home with it, and counts.
        """
        self.server.restart()
        if not self.server.stopped:
            self.clone.make(self.study)
        ref = experiment_ref(self.clone.base, job.name)
        state: Literal["finished", "interrupted"] = (
            "finished" if ref_exists(self.clone.home, ref) else "interrupted"
        )
        return Outcome(state, seconds=time.monotonic() - begin)


def _text_after(log: Path, place: int) -> str:
    try:
        with log.open("rb") as file:
            file.seek(place)
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
