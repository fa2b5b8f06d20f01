"""Run a sweep: workers claim trials, DVC runs them, results are read and told.

Kill any process at any moment and start the same command again: finished trials are kept, the
interrupted ones run again under their numbers. Nothing here is remembered but in the study's
database and in git refs.
"""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optuna.trial import TrialState

from nbarank.core.errors import NbarankError, SweepError
from nbarank.dvc.git import experiment_ref, git, ref_exists, tool_environment
from nbarank.sweep.clone import Clone, rescue_abandoned, sweep_folder, take_clone
from nbarank.sweep.engine import Engine, Job, Outcome
from nbarank.sweep.owner import HEARTBEAT_SECONDS
from nbarank.sweep.plan import EXPLAIN_STAGE, Plan, SweepRequest, make_plan
from nbarank.sweep.progress import Progress
from nbarank.sweep.queue import QueueEngine
from nbarank.sweep.record import Claim, rung_step
from nbarank.sweep.results import REFERENCE, Result, read_result
from nbarank.sweep.signals import signals_as_interrupts, signals_ignored
from nbarank.sweep.study import WAIT, Study
from nbarank.sweep.workers import WorkersEngine

ENGINES: dict[str, Callable[[Clone, str], Engine]] = {
    "workers": WorkersEngine,
    "queue": QueueEngine,
}
WAIT_SECONDS = 2.0


@dataclass(frozen=True)
class SweepOutcome:
    """How a sweep stands when its command ends.

    Parameters
    ----------
    counts
        Trials by state: complete, pruned, failed, running.
    best
        Name of the best experiment, or None.
    value
        Its objective.
    stopped
        Ended by ctrl-C or a signal; the same command goes on.
    """

    study: str
    counts: dict[str, int]
    best: str | None
    value: float | None
    stopped: bool


class Sweep:
    """One run of a sweep on this machine.

    Parameters
    ----------
    plan
        What to run.
    study
        The study, created or joined.
    quiet
        Show no progress.
    """

    def __init__(self, plan: Plan, study: Study, *, quiet: bool = False) -> None:
        self.plan = plan
        self.study = study
        self.progress = Progress(study, quiet=quiet)
        self.stopping = threading.Event()
        self.home_guard = threading.Lock()
        self.running: set[int] = set()
        self.faults: list[BaseException] = []
        self.not_pushed: list[str] = []

    def run(self) -> SweepOutcome:
        """Run until every trial is told, or until stopped."""
        rescue_abandoned(self.plan.home, self.plan.name)
        clones: list[Clone] = []
        engines: list[Engine] = []
        try:
            with signals_as_interrupts():
                for _ in range(self.plan.request.jobs):
                    clone = take_clone(
                        self.plan.home, self.plan.name, self.plan.record.base, self.plan.cache
                    )
                    clones.append(clone)
                    engines.append(ENGINES[self.plan.request.engine](clone, self.plan.name))
                if self._left():
                    self._prepare(engines[0], clones[0])
                self._work_all(engines, clones)
                if self.plan.request.explain and not self.faults:
                    self._explain(engines[0], clones[0])
        except KeyboardInterrupt:
            self.stopping.set()
        finally:
            with signals_ignored():
                self.stopping.set()
                for engine in engines:
                    engine.stop()
                for thread in threading.enumerate():
                    if thread.name.startswith(f"{self.plan.name}-worker"):
                        thread.join()
                for clone in clones:
                    clone.release()
                self.progress.close()
        if self.faults:
            raise self.faults[0]
        return self.outcome()

    def outcome(self) -> SweepOutcome:
        """Return how the study stands."""
        trials = self.study.trials()
        best = self.study.best()
        names = {
            "complete": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "failed": TrialState.FAIL,
            "running": TrialState.RUNNING,
        }
        counts = {name: sum(t.state is state for t in trials) for name, state in names.items()}
        done = sum(trial.state.is_finished() for trial in trials)
        return SweepOutcome(
            study=self.plan.name,
            counts=counts,
            best=None if best is None else f"{self.plan.name}-{best.number}",
            value=None if best is None else best.value,
            stopped=done < self.study.n_trials,
        )

    # ---------------------------------------------------------------- before and after

    def _left(self) -> bool:
        trials = self.study.trials()
        return sum(trial.state.is_finished() for trial in trials) < self.study.n_trials

    def _prepare(self, engine: Engine, clone: Clone) -> None:
        """Run the locked configuration up to the metric, and with it the shared prefix, once.

        The locked configuration under the sweep's own profile and fixed values is what trials are
        compared with. On a machine that joins later only the shared prefix runs.
        """
        name = f"{self.plan.name}-{REFERENCE}"
        ref = experiment_ref(self.plan.record.base, name)
        told = self.study.study.user_attrs.get(REFERENCE)
        if told and ref_exists(self.plan.home, ref):
            return
        if not told:
            values = self.plan.trial_values({})
            self.progress.say(
                f"{name}: shared stages, and the locked configuration to compare with"
            )
            outcome = self._experiment(engine, clone, name, values, (self.plan.target,))
            if outcome.state == "finished":
                result = self._read(name, values)
                self.study.study.set_user_attr(
                    REFERENCE, {"value": result.value, "metrics": result.metrics}
                )
                return
            self.progress.say(f"{name}: {outcome.state}\n{outcome.tail}")
        if self.plan.prefix:
            job = self._job(
                f"{self.plan.name}-prefix", self.plan.trial_values({}), tuple(self.plan.prefix)
            )
            outcome = engine.run(job)
            if outcome.state == "failed":
                raise SweepError(
                    "The stages that all trials share fail, so no trial can run.",
                    where=f"{job.log}\n{outcome.tail}",
                    next_command=f"dvc repro {' '.join(self.plan.prefix)}",
                )
            git(clone.folder, "update-ref", "-d", experiment_ref(clone.base, job.name))

    def _explain(self, engine: Engine, clone: Clone) -> None:
        """Run the explain stage on the best trial, as an experiment of its own."""
        best = self.study.best()
        if best is None or self._left():
            return
        if EXPLAIN_STAGE not in self.plan.stages:
            self.progress.say(f"no explanation: dvc.yaml has no stage '{EXPLAIN_STAGE}'")
            return
        name = f"{self.plan.name}-{best.number}-explain"
        if ref_exists(self.plan.home, experiment_ref(self.plan.record.base, name)):
            return
        values = self.plan.trial_values(self.study.space.decoded(best.params))
        outcome = self._experiment(engine, clone, name, values, (EXPLAIN_STAGE,))
        if outcome.state == "finished":
            self.progress.say(f"{name}: the best trial, explained")
        else:
            self.progress.say(f"{name}: {outcome.state}\n{outcome.tail}")

    # ---------------------------------------------------------------- trials

    def _work_all(self, engines: list[Engine], clones: list[Clone]) -> None:
        threads = [
            threading.Thread(
                target=self._work, args=(engine, clone), name=f"{self.plan.name}-worker-{number}"
            )
            for number, (engine, clone) in enumerate(zip(engines, clones, strict=True))
        ]
        for thread in threads:
            thread.start()
        # Not in this thread: ctrl-C strikes here, and must not strike inside a transaction.
        ticker = threading.Thread(target=self._tick, name=f"{self.plan.name}-ticker", daemon=True)
        ticker.start()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(timeout=0.2 / len(threads))

    def _tick(self) -> None:
        """Say that this sweep's trials are alive, and show what others have told."""
        count = 0
        while not self.stopping.wait(HEARTBEAT_SECONDS):
            count += 1
            try:
                for number in list(self.running):
                    self.study.beat(number, count)
                self.progress.refresh()
            except Exception as fault:  # a database that is away for a moment is no reason to stop
                self.progress.say(f"no heartbeat: {fault}")

    def _work(self, engine: Engine, clone: Clone) -> None:
        try:
            told_to_wait = False
            while not self.stopping.is_set():
                claim = self.study.claim(self.plan.locked_values())
                if claim is None:
                    return
                if not isinstance(claim, Claim):
                    if not told_to_wait:
                        self.progress.say("waiting for trials that run elsewhere")
                    told_to_wait = claim == WAIT
                    self.stopping.wait(WAIT_SECONDS)
                    continue
                self.running.add(claim.number)
                try:
                    self._run_trial(engine, clone, claim)
                finally:
                    self.running.discard(claim.number)
        except BaseException as fault:
            self.faults.append(fault)
            self.stopping.set()

    def _run_trial(self, engine: Engine, clone: Clone, claim: Claim) -> None:
        current: Claim | None = claim
        while current is not None:
            ended = self._try_trial(engine, clone, current)
            if ended:
                self.progress.trial_ended(claim.number)
                return
            if self.stopping.is_set():
                self.study.release(claim.number)
                return
            self.progress.say(f"{self.plan.name}-{claim.number}: interrupted, runs again")
            current = self.study.retry(claim.number)

    def _try_trial(self, engine: Engine, clone: Clone, claim: Claim) -> bool:
        """Run one trial through its rungs; False if it was interrupted."""
        name = f"{self.plan.name}-{claim.number}"
        values = self.plan.trial_values(claim.values)
        seconds = 0.0
        for rung, cheap in enumerate(
            self.plan.space.halving.rungs if self.plan.space.halving else ()
        ):
            value: float | None = None
            if rung_step(self.plan.space, rung) not in claim.reported:
                outcome = self._experiment(
                    engine, clone, f"{name}-rung{rung}", {**values, **cheap}, (self.plan.target,)
                )
                seconds += outcome.seconds
                if outcome.state != "finished":
                    return self._not_finished(claim.number, outcome)
                try:
                    value = self._read(f"{name}-rung{rung}", {**values, **cheap}).value
                except NbarankError as error:
                    self.study.tell_failed(claim.number, error.what, str(error))
                    return True
            if self.study.report_rung(claim.number, rung, value):
                self.study.tell_pruned(claim.number, seconds)
                return True
        outcome = self._experiment(engine, clone, name, values, (self.plan.target,))
        if outcome.state != "finished":
            return self._not_finished(claim.number, outcome)
        try:
            result = self._read(name, values)
        except NbarankError as error:
            self.study.tell_failed(claim.number, error.what, str(error))
            return True
        self._push(name)  # before telling: a kill in between pushes again and loses nothing
        self.study.tell(claim.number, result, seconds + outcome.seconds, name)
        return True

    def _read(self, name: str, values: dict[str, Any]) -> Result:
        ref = experiment_ref(self.plan.record.base, name)
        return read_result(
            self.plan.home,
            ref,
            self.plan.objective,
            values,
            self.plan.made_by_trials(),
        )

    def _not_finished(self, number: int, outcome: Outcome) -> bool:
        if outcome.state == "interrupted":
            return False
        reason = next(
            (line for line in reversed(outcome.tail.splitlines()) if line.startswith("ERROR")),
            "the experiment failed",
        )
        self.study.tell_failed(number, reason, outcome.tail)
        return True

    def _job(self, name: str, values: dict[str, Any], targets: tuple[str, ...]) -> Job:
        logs = sweep_folder(self.plan.home) / "logs" / self.plan.name
        return Job(name, values, targets, logs / f"{name}.log")

    def _experiment(
        self,
        engine: Engine,
        clone: Clone,
        name: str,
        values: dict[str, Any],
        targets: tuple[str, ...],
    ) -> Outcome:
        """Run an experiment and bring it home; one that is home already is not run again."""
        ref = experiment_ref(self.plan.record.base, name)
        if ref_exists(self.plan.home, ref):
            return Outcome("finished")
        outcome = engine.run(self._job(name, values, targets))
        if outcome.state == "finished":
            with self.home_guard:
                clone.bring_home(ref)
        return outcome

    def _push(self, name: str) -> None:
        """Share a finished experiment with the other machines; a failure is told, not fatal."""
        remote = self.plan.request.push
        if not remote:
            return
        with self.home_guard:
            done = subprocess.run(
                [sys.executable, "-m", "dvc", "exp", "push", remote, name],
                cwd=self.plan.home,
                env=tool_environment(),
                capture_output=True,
                text=True,
                check=False,
            )
        if done.returncode:
            self.not_pushed.append(name)
            self.progress.say(
                f"{name} was not pushed: {done.stderr.strip()[-300:]}\n"
                f"  next: dvc exp push {remote} {name}"
            )


def run_sweep(request: SweepRequest, folder: Path, *, quiet: bool = False) -> SweepOutcome:
    """Run a sweep, or go on with it.

    Parameters
    ----------
    request
        What to run.
    folder
        Any folder of the user's repository.

    Raises
    ------
    SweepError, ParamsError
        If it cannot start; a failing trial is recorded and is no error.
    """
    plan, study = make_plan(request, folder)
    return Sweep(plan, study, quiet=quiet).run()
