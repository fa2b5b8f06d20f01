"""Engine `queue`: every trial goes through DVC's own queue, with one queue and worker per clone.

`dvc queue status`, run in the clone, shows them. The worker is a child process, so its death is
noticed at once, where DVC would report the experiment as Running for ever. A failure is known from
DVC's stash of failed experiments, never from metrics, which would be the baseline's.
"""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path

from nbarank.dvc.git import commit_of
from nbarank.sweep.trial_engines import POLL_SECONDS, Engine, Job, State

QUEUED, FAILED = "refs/exps/celery/stash", "refs/exps/celery/failed"
GRACE_SECONDS = 15.0
ENDED = 3
"""Lowest status in DVC's record of a run that means that the run has ended."""


class QueueEngine(Engine):
    """One clone with its queue and its queue worker."""

    worker: subprocess.Popen[bytes] | None = None
    record: Path | None = None  # of the job that the worker was started for

    def attempt(self, job: Job) -> State:
        """Queue a job and wait until DVC's worker has finished, failed or died."""
        if self.worker is not None and self.worker.poll() is not None:
            self.worker = None  # it left after the last job
        failed_before = commit_of(self.clone.folder, FAILED)
        status = self.dvc("--queue", job)
        if status is None:
            return self.interrupted(job)
        if status:
            return "failed"
        entry = commit_of(self.clone.folder, QUEUED)
        record = self.clone.folder / ".dvc" / "tmp" / "exps" / "run" / entry / f"{entry}.json"
        ended: float | None = None
        while not self.has(job):
            self.prune_if_hopeless(job)
            if self.pruned or not self._is_worked_on(record):
                # The worker may have finished the job between the two looks.
                if self.has(job):
                    break
                return self.interrupted(job)
            if self._has_ended(record):
                ended = ended or time.monotonic()
            # An ended run without result or record of its failure gets a moment to write either.
            overdue = ended is not None and time.monotonic() - ended > GRACE_SECONDS
            if overdue or commit_of(self.clone.folder, FAILED) != failed_before:
                self._append_output(record, job)
                return "failed"
            time.sleep(POLL_SECONDS)
        self._append_output(record, job)
        return "finished"

    def _is_worked_on(self, record: Path) -> bool:
        """Return whether a worker lives; one that left, maybe with the job, is replaced once."""
        status = self.worker.poll() if self.worker is not None else 0
        if self.stopped or status is None:
            return not self.stopped
        if status or record.exists() or self.record == record:
            return False
        name = f"{self.clone.study}-{self.clone.folder.name}@localhost"
        log = self.clone.folder.with_suffix(".queue.log")
        self.worker, self.record = self.start(["exp", "queue-worker", name, "--clean"], log), record
        return self.worker is not None

    @staticmethod
    def _has_ended(record: Path) -> bool:
        try:
            return int(json.loads(record.read_text())["status"]) >= ENDED
        except (OSError, ValueError, KeyError):
            return False

    @staticmethod
    def _append_output(record: Path, job: Job) -> None:
        """Append what the queue's run printed to the trial's log."""
        for output in record.parent.glob("*.out"):
            with job.log.open("ab") as log:
                log.write(output.read_bytes())
