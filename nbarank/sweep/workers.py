"""Run a sweep: workers claim trials, DVC runs them, their results are read and recorded.

Kill any process at any moment and start the same command again: finished trials are kept and
interrupted ones run again. All state is in the study's database and in git refs.
"""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import optuna
from optuna.trial import TrialState

from nbarank.core.errors import NbarankError, SweepError
from nbarank.dvc.git import experiment_ref, git, ref_exists, tool_environment
from nbarank.sweep.clone import rescue_abandoned, sweep_folder, take_clone
from nbarank.sweep.plan import EXPLAIN_STAGE, Plan, SweepRequest, make_plan
from nbarank.sweep.progress import Progress
from nbarank.sweep.queue_engine import QueueEngine
from nbarank.sweep.result import REFERENCE, Result, read_result
from nbarank.sweep.sampling import rung_step
from nbarank.sweep.storage import DATABASE_ERRORS
from nbarank.sweep.study import Study, experiment_of
from nbarank.sweep.trial import Claim, SweepStopped, TrialFailed, TrialInterrupted
from nbarank.sweep.trial_engines import Engine, Job, Outcome, WorkersEngine

ENGINES: dict[str, type[Engine]] = {"workers": WorkersEngine, "queue": QueueEngine}
WAIT_SECONDS = 2.0
REFRESH_SECONDS = 4.0
DATABASE_RETRIES = 5
"""Times that an operation is repeated while the database answers."""
ValueT = TypeVar("ValueT")
STATES = {
    "complete": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "failed": TrialState.FAIL,
    "running": TrialState.RUNNING,
}


@dataclass(frozen=True)
class SweepOutcome:
    """State of a sweep when its command ends.

    Parameters
    ----------
    counts
        Trials by state: complete, pruned, failed, running.
    best
        Name of the best experiment, or None.
    value
        Its objective.
    stopped
        Ended by Ctrl-C or a signal; rerun to resume.
    """

    study: str
    counts: dict[str, int]
    best: str | None
    value: float | None
    stopped: bool


class Sweep:
    """One run of a sweep on this machine; `study` has been created or joined."""

    def __init__(self, plan: Plan, study: Study, *, quiet: bool = False) -> None:
        self.plan = plan
        self.study = study
        self.progress = Progress(study, quiet=quiet)
        self.stopping = threading.Event()
        self.home_guard = threading.Lock()
        self.errors: list[BaseException] = []

    def run(self) -> SweepOutcome:
        """Run until every trial has ended, or until stopped."""
        plan = self.plan
        self.study.retry_trials_of(rescue_abandoned(plan.home, plan.name))
        engines: list[Engine] = []
        threads: list[threading.Thread] = []
        try:
            with _signals(_interrupt):
                for _ in range(plan.request.jobs):
                    clone = take_clone(
                        plan.home, plan.name, plan.record.base, plan.cache, self.study.token
                    )
                    engines.append(ENGINES[plan.request.engine](clone, plan.name))
                if self._patiently(self._is_unfinished):
                    self._run_reference(engines[0])
                self._work_all(engines, threads)
                if plan.request.explain and not self.errors:
                    self._explain_best(engines[0])
        except KeyboardInterrupt:
            pass
        finally:
            with _signals(signal.SIG_IGN):  # ending takes a second and must not be interrupted
                self.stopping.set()
                for engine in engines:
                    engine.stop()
                for thread in threads:
                    if thread.ident is not None:  # it was started
                        thread.join()
                for engine in engines:
                    engine.clone.release()
                with contextlib.suppress(*DATABASE_ERRORS):
                    self.progress.close()
        if self.errors:
            raise self.errors[0]
        return self.outcome()

    def outcome(self) -> SweepOutcome:
        """Return the state of the study."""
        trials = self.study.counted_trials()
        best = self.study.best()
        return SweepOutcome(
            study=self.plan.name,
            counts={name: sum(t.state is s for t in trials) for name, s in STATES.items()},
            best=None if best is None else experiment_of(self.plan.name, best),
            value=None if best is None else best.value,
            stopped=self._is_unfinished(),
        )

    def _is_unfinished(self) -> bool:
        return self.study.n_finished() < self.study.n_trials

    def _run_reference(self, engine: Engine) -> None:
        """Run the tuned values up to the metric, and with it the shared prefix, once.

        Trials are compared with it: it has the sweep's own profile and fixed values. On a machine
        that joins later, and where it fails, only the shared prefix runs.
        """
        name = f"{self.plan.name}-{REFERENCE}"
        attributes = self.study.study.user_attrs
        values = self.plan.trial_values({})
        if REFERENCE not in attributes:
            self.progress.say(f"{name}: shared stages, and the tuned values to compare with")
            outcome = self._experiment(engine, name, values, self.plan.target)
            if outcome.state == "finished":
                result = self._read(name, values)
                reference = {"value": result.value, "metrics": result.metrics}
                self._patiently(lambda: self.study.study.set_user_attr(REFERENCE, reference))
                return
            self.progress.say(f"{name}: {outcome.state}\n{outcome.tail}")
        elif ref_exists(self.plan.home, experiment_ref(self.plan.record.base, name)):
            return
        if self.plan.prefix:
            job = self._job(f"{self.plan.name}-prefix", values, *self.plan.prefix)
            outcome = engine.run(job)
            if outcome.state == "failed":
                raise SweepError(
                    "The stages that all trials share fail, so no trial can run.",
                    where=f"{job.log}\n{outcome.tail}",
                    next_command=f"dvc repro {shlex.join(self.plan.prefix)}",
                )
            ref = experiment_ref(self.plan.record.base, job.name)
            git(engine.clone.folder, "update-ref", "-d", ref)

    def _explain_best(self, engine: Engine) -> None:
        """Run the explain stage on the best trial, as an experiment of its own."""
        best = self.study.best()
        if best is None or self._is_unfinished():
            return
        if EXPLAIN_STAGE not in self.plan.stages:
            self.progress.say(f"no explanation: dvc.yaml has no stage '{EXPLAIN_STAGE}'")
            return
        name = f"{experiment_of(self.plan.name, best)}-explain"
        if not ref_exists(self.plan.home, experiment_ref(self.plan.record.base, name)):
            values = self.plan.trial_values(self.study.space.decoded(best.params))
            outcome = self._experiment(engine, name, values, EXPLAIN_STAGE)
            finished = outcome.state == "finished"
            how = "the best trial, explained" if finished else f"{outcome.state}\n{outcome.tail}"
            self.progress.say(f"{name}: {how}")

    def _work_all(self, engines: list[Engine], threads: list[threading.Thread]) -> None:
        """Run a thread per engine; `threads` receives them before the first one starts."""
        threads += [threading.Thread(target=self._work, args=(engine,)) for engine in engines]
        for thread in [*threads, threading.Thread(target=self._refresh, daemon=True)]:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            for thread in threads:
                thread.join(timeout=0.2 / len(threads))

    def _refresh(self) -> None:
        """Show every few seconds what other processes have finished."""
        while not self.stopping.wait(REFRESH_SECONDS):
            # A database that does not answer for a moment does not stop a sweep.
            with contextlib.suppress(Exception):
                self.progress.refresh()

    def _work(self, engine: Engine) -> None:
        """Run trials in one clone until none is left."""
        waiting = False
        try:
            while not self.stopping.is_set():
                ended = self._patiently(lambda: self._run_next(engine))
                if ended is None:
                    return
                if ended != "wait":
                    continue
                if not waiting:
                    self.progress.say("waiting for trials that run elsewhere")
                waiting = True
                self.stopping.wait(WAIT_SECONDS)
        except BaseException as error:
            self.errors.append(error)
            self.stopping.set()

    def _run_next(self, engine: Engine) -> Claim | Literal["wait"] | None:
        """Run one trial, if there is one, and print how it ended."""
        tuned = self.plan.tuned_values()
        ended = self.study.run_next(tuned, lambda claim: self._run_trial(engine, claim))
        if isinstance(ended, Claim):
            with contextlib.suppress(*DATABASE_ERRORS):
                self.progress.trial_ended(ended)
        return ended

    def _patiently(self, action: Callable[[], ValueT]) -> ValueT:
        """Return the result of an action; repeat it while the database does not answer.

        A trial whose result could not be recorded runs again: its experiment is found at once.
        """
        failures = 0
        while True:
            try:
                return action()
            except DATABASE_ERRORS:
                away = self.study.storage.is_away()
                failures = 0 if away else failures + 1
                embedded = self.study.storage.embedded
                if embedded or self.stopping.is_set() or failures > DATABASE_RETRIES:
                    raise
                self.progress.say("waiting for the database, which does not answer")
                self.stopping.wait(WAIT_SECONDS)

    def _run_trial(self, engine: Engine, claim: Claim) -> float:
        """Run one trial through its rungs and to the end; return its value."""
        values = self.plan.trial_values(claim.values)
        halving = self.plan.space.halving
        seconds = 0.0
        for rung, cheap in enumerate(halving.rungs if halving else ()):
            name = f"{claim.experiment}-rung{rung}"
            result, took = self._result_of(engine, name, {**values, **cheap})
            seconds += took
            claim.trial.report(result.value, rung_step(self.plan.space, rung))
            if self.study.is_hopeless(claim):
                claim.trial.set_user_attr("seconds", round(seconds, 3))
                raise optuna.TrialPruned
        result, took = self._result_of(engine, claim.experiment, values)
        self._push(claim.experiment)  # before recording: a kill in between pushes again
        claim.trial.set_user_attr("metrics", result.metrics)
        claim.trial.set_user_attr("diagnostics", result.diagnostics)
        claim.trial.set_user_attr("seconds", round(seconds + took, 3))
        return result.value

    def _result_of(self, engine: Engine, name: str, values: dict[str, Any]) -> tuple[Result, float]:
        """Return the result of an experiment up to the metric, and the seconds it took."""
        outcome = self._experiment(engine, name, values, self.plan.target)
        if outcome.state == "interrupted":
            raise SweepStopped if self.stopping.is_set() else TrialInterrupted
        if outcome.state == "failed":
            lines = [line for line in outcome.tail.splitlines() if line.startswith("ERROR")]
            raise TrialFailed(lines[-1] if lines else "the experiment failed", outcome.tail)
        try:
            return self._read(name, values), outcome.seconds
        except NbarankError as error:
            raise TrialFailed(error.what, str(error)) from error

    def _read(self, name: str, values: dict[str, Any]) -> Result:
        plan = self.plan
        ref = experiment_ref(plan.record.base, name)
        return read_result(plan.home, ref, plan.objective, values, plan.made_by_trials())

    def _job(self, name: str, values: dict[str, Any], *targets: str) -> Job:
        logs = sweep_folder(self.plan.home) / "logs" / self.plan.name
        return Job(name, values, targets, logs / f"{name}.log")

    def _experiment(
        self, engine: Engine, name: str, values: dict[str, Any], target: str
    ) -> Outcome:
        """Run an experiment and bring it home; one that is home already is not run again."""
        ref = experiment_ref(self.plan.record.base, name)
        if ref_exists(self.plan.home, ref):
            return Outcome("finished")
        outcome = engine.run(self._job(name, values, target))
        if outcome.state == "finished":
            with self.home_guard:
                engine.clone.bring_home(ref)
        return outcome

    def _push(self, name: str) -> None:
        """Share a finished experiment with other machines; a failure is printed, not fatal."""
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
            self.progress.say(
                f"{name} was not pushed: {done.stderr.strip()[-300:]}\n"
                f"  next: dvc exp push {shlex.quote(remote)} {name}"
            )


def run_sweep(request: SweepRequest, folder: Path, *, quiet: bool = False) -> SweepOutcome:
    """Start or resume a sweep from any folder of the user's repository.

    Raises
    ------
    SweepError, ParamsError
        If it cannot start; a failing trial is recorded and is no error.
    """
    plan, study = make_plan(request, folder)
    with study.storage.reporting_errors():
        study.describe(request.note, request.tags)
        return Sweep(plan, study, quiet=quiet).run()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


@contextlib.contextmanager
def _signals(handler: Callable[..., None] | signal.Handlers) -> Iterator[None]:
    """Handle SIGINT and SIGTERM by `handler`, in the main thread.

    SIGINT too: a shell starts background jobs with SIGINT ignored, which Python keeps.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {kind: signal.signal(kind, handler) for kind in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for kind, previous in before.items():
            signal.signal(kind, previous)
