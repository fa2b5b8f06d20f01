"""Engine `queue`: trials go through DVC's own queue and its celery worker, one of each per clone.

`dvc queue status`, run in the clone, shows them. What the queue gets wrong by itself is mended
here: the worker runs in the foreground as our child, so its death is seen at once (DVC would call
the experiment Running for ever); a failed experiment is known by DVC's stash of failed ones and by
the absence of its ref, never by its metrics, which would be the baseline's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

from nbarank.dvc.git import experiment_ref, git, ref_exists, tool_environment
from nbarank.sweep.clone import Clone
from nbarank.sweep.engine import InClone, Job, Outcome, tail_of

QUEUED = "refs/exps/celery/stash"
FAILED = "refs/exps/celery/failed"
POLL_SECONDS = 0.1
GRACE_SECONDS = 15.0


class QueueEngine(InClone):
    """One clone with its queue and its queue worker."""

    def __init__(self, clone: Clone, study: str) -> None:
        super().__init__(clone, study)
        self.worker: subprocess.Popen[bytes] | None = None
        self.guard = threading.Lock()

    def run(self, job: Job) -> Outcome:
        """Queue a job and wait until DVC's worker has finished, failed or died."""
        begin = time.monotonic()
        ref = experiment_ref(self.clone.base, job.name)
        failed_before = self._failed()
        status = self.server.run(
            [*("exp", "run", "--queue", "--name", job.name), *job.set_arguments(), *job.targets],
            job.log,
        )
        if status is None:
            return self.interrupted(job, begin)
        if status:
            return Outcome("failed", tail_of(job.log), time.monotonic() - begin)
        entry = git(self.clone.folder, "rev-parse", QUEUED, check=False).strip()
        worker = self._alive_worker(job)
        ended: float | None = None
        while not ref_exists(self.clone.folder, ref):
            if self.server.stopped:
                return self.interrupted(job, begin)
            if self._failed() != failed_before:
                self._keep_output(entry, job)
                return Outcome("failed", tail_of(job.log), time.monotonic() - begin)
            if worker is None or worker.poll() is not None:
                if ref_exists(self.clone.folder, ref):
                    break
                if worker is not None and worker.returncode == 0 and not self._began(entry):
                    worker = self._alive_worker(job)  # it left just before the job arrived
                else:
                    return self.interrupted(job, begin)
            if self._over(entry):
                # Neither a result nor DVC's record of a failure: give it a moment, then call it.
                ended = ended or time.monotonic()
                if time.monotonic() - ended > GRACE_SECONDS:
                    self._keep_output(entry, job)
                    return Outcome("failed", tail_of(job.log), time.monotonic() - begin)
            time.sleep(POLL_SECONDS)
        self._keep_output(entry, job)
        return Outcome("finished", seconds=time.monotonic() - begin)

    def interrupted(self, job: Job, begin: float) -> Outcome:
        """Start over; ends the queue's worker too, because it carries the clone's mark."""
        self.worker = None
        return super().interrupted(job, begin)

    def _alive_worker(self, job: Job) -> subprocess.Popen[bytes] | None:
        with self.guard:
            if self.server.stopped:
                return None
            if self.worker is None or self.worker.poll() is not None:
                name = f"{self.study}-{self.clone.folder.name}@localhost"
                with self.clone.folder.with_suffix(".queue.log").open("ab") as log:
                    self.worker = subprocess.Popen(
                        [sys.executable, "-m", "dvc", "exp", "queue-worker", name, "--clean"],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=log,
                        cwd=self.clone.folder,
                        env=tool_environment(self.clone.environment),
                        start_new_session=True,
                    )
            return self.worker

    def _failed(self) -> str:
        return git(self.clone.folder, "rev-parse", "-q", "--verify", FAILED, check=False).strip()

    def _info(self, entry: str) -> Path:
        return self.clone.folder / ".dvc" / "tmp" / "exps" / "run" / entry / f"{entry}.json"

    def _began(self, entry: str) -> bool:
        return self._info(entry).exists()

    def _over(self, entry: str) -> bool:
        """Tell whether DVC's own record says that the run has ended (status 3 and above)."""
        try:
            return int(json.loads(self._info(entry).read_text())["status"]) >= 3
        except (OSError, ValueError, KeyError):
            return False

    def _keep_output(self, entry: str, job: Job) -> None:
        """Append what the queue's run printed to the trial's log."""
        for output in self._info(entry).parent.glob("*.out"):
            with job.log.open("ab") as log:
                log.write(output.read_bytes())
