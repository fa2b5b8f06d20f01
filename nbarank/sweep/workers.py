"""Engine `workers`: every trial is one `dvc exp run --temp` in the worker's own clone."""

from __future__ import annotations

import time

from nbarank.sweep.clone import Clone
from nbarank.sweep.engine import DvcServer, Job, Outcome, tail_of
from nbarank.sweep.git import experiment_ref, ref_exists


class WorkersEngine:
    """One worker: a clone and a process that runs one experiment at a time.

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

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        begin = time.monotonic()
        status = self.server.run(
            [*("exp", "run", "--temp", "--name", job.name), *job.set_arguments(), *job.targets],
            job.log,
        )
        seconds = time.monotonic() - begin
        ref = experiment_ref(self.clone.base, job.name)
        if ref_exists(self.clone.folder, ref):
            return Outcome("finished", seconds=seconds)
        if status is None:
            # A kill can strike anywhere, also between two writes of git: start from a new clone.
            self.server.restart()
            if not self.server.stopped:
                self.clone.make(self.study)
            return Outcome("interrupted", seconds=seconds)
        return Outcome("failed", tail_of(job.log), seconds)

    def stop(self) -> None:
        """End whatever runs."""
        self.server.stop()
