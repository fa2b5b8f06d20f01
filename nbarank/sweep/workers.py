"""Engine `workers`: every trial is one `dvc exp run --temp` in the worker's own clone."""

from __future__ import annotations

import time

from nbarank.dvc.git import experiment_ref, ref_exists
from nbarank.sweep.engine import InClone, Job, Outcome, tail_of


class WorkersEngine(InClone):
    """One worker: a clone and a process that runs one experiment at a time."""

    def run(self, job: Job) -> Outcome:
        """Run a job to its end."""
        begin = time.monotonic()
        status = self.server.run(
            [*("exp", "run", "--temp", "--name", job.name), *job.set_arguments(), *job.targets],
            job.log,
        )
        if status is None:
            return self.interrupted(job, begin)
        seconds = time.monotonic() - begin
        if ref_exists(self.clone.folder, experiment_ref(self.clone.base, job.name)):
            return Outcome("finished", seconds=seconds)
        return Outcome("failed", tail_of(job.log), seconds)
