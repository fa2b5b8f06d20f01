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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

import optuna

from nbarank.core.errors import NbarankError, SweepError
from nbarank.dvc.git import experiment_ref, ref_exists, tool_environment
from nbarank.dvc.processes import signals_handled
from nbarank.sweep.clone import rescue_abandoned, sweep_folder, take_clone
from nbarank.sweep.gain import REFERENCE
from nbarank.sweep.plan import Plan, SweepRequest, make_plan
from nbarank.sweep.progress import Progress
from nbarank.sweep.queue_engine import QueueEngine
from nbarank.sweep.result import Result, read_result
from nbarank.sweep.storage import DATABASE_ERRORS, database_error_behind
from nbarank.sweep.study import SECONDS, STATES, Study, experiment_of
from nbarank.sweep.trial import Claim, SweepStopped, TrialFailed, TrialInterrupted
from nbarank.sweep.trial_engines import Engine, Job, Outcome

ENGINES: dict[str, type[Engine]] = {"workers": Engine, "queue": QueueEngine}
WAIT_SECONDS = 2.0
REFRESH_SECONDS = 4.0
DATABASE_RETRIES = 5
"""Times that an operation is repeated while the database answers."""
ValueT = TypeVar("ValueT")
STOPPING = (signal.SIGINT, signal.SIGTERM)
"""SIGINT too: a shell starts background jobs with SIGINT ignored, which Python keeps."""


@dataclass(frozen=True)
class SweepOutcome:
    """State of a sweep when its command ends: trials by state, the best one, the tuned values."""

    study: str
    counts: dict[str, int]
    best: str | None
    value: float | None
    tuned: float | None
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
            with signals_handled(_interrupt, *STOPPING):
                for _ in range(plan.request.jobs):
                    clone = take_clone(plan.home, plan.name, plan.record.base, self.study.token)
                    engines.append(ENGINES[plan.request.engine](clone))
                if self.study.tuned_value is not None or self._patiently(self._is_unfinished):
                    self._run_reference(engines[0])
                self._work_all(engines, threads)
                if plan.request.explain and not self.errors:
                    self._explain_best(engines[0])
        except KeyboardInterrupt:
            pass
        finally:
            with signals_handled(signal.SIG_IGN, *STOPPING):
                self.stopping.set()
                for engine in engines:
                    engine.stop()
                for thread in threads:
                    if thread.ident is not None:  # it was started
                        thread.join()
                for engine in engines:
                    engine.clone.lock.close()
                with contextlib.suppress(*DATABASE_ERRORS), self.progress.bar:
                    self.progress.refresh()
        if self.errors:
            raise self.errors[0]
        return self.outcome()

    def outcome(self) -> SweepOutcome:
        """Return the state of the study."""
        trials = self.study.counted_trials()
        best = self.study.best()
        return SweepOutcome(
            study=self.plan.name,
            counts=Counter(STATES[trial.state] for trial in trials),
            best=None if best is None else experiment_of(self.plan.name, best),
            value=None if best is None else best.value,
            tuned=self.study.tuned_value,
            stopped=self._is_unfinished(),
        )

    def _is_unfinished(self) -> bool:
        return self.study.n_finished() < self.study.n_trials

    def _run_reference(self, engine: Engine) -> None:
        """Run the tuned values up to the metric, and with it the shared stages, once a clone.

        Trials are compared with it: it has the sweep's own profile and fixed values.
        """
        name, values = f"{self.plan.name}-{REFERENCE}", self.plan.trial_values({})
        if self.study.tuned_value is not None and ref_exists(self.plan.home, self._ref(name)):
            return
        self.progress.say(f"{name}: shared stages, and the tuned values to compare with")
        outcome = self._experiment(engine, name, values, self.plan.target, keep_going=True)
        if outcome.state == "finished":
            self._push(name)
            result = self._read(name, values)
            reference = {"value": result.value, "metrics": result.metrics}
            self._patiently(lambda: self.study.study.set_user_attr(REFERENCE, reference))
            return
        self.progress.say(f"{name}: {outcome.state}\n{outcome.tail}")
        for stage in self.plan.prefix:
            if f"failed to reproduce '{stage}'" in outcome.tail:
                raise SweepError(
                    f"Stage '{stage}', which all trials share, fails, so no trial can run.",
                    where=f"{name}, with the values of all trials",
                    next_command=f"tail {shlex.quote(str(self._log(name)))}",
                )

    def _explain_best(self, engine: Engine) -> None:
        """Explain the best trial, in an experiment of its own that has its metrics too."""
        best = self.study.best()
        if best is None or self._is_unfinished():
            return
        name = f"{experiment_of(self.plan.name, best)}-explain"
        values = self.plan.trial_values(self.study.space.decoded(best.params))
        outcome = self._experiment(engine, name, values, "explain", self.plan.target)
        how = {"finished": "the best trial, explained"}.get(outcome.state, outcome.state)
        self.progress.say(f"{name}: {how}\n{outcome.tail}".rstrip())

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
        values, halving = self.plan.trial_values(claim.values), self.plan.space.halving
        seconds, step = 0.0, 1  # steps are 1, r, r*r, ... as the pruner counts
        for rung, cheap in enumerate(halving.rungs if halving else ()):
            name = f"{claim.experiment}-rung{rung}"
            result, took = self._result_of(engine, name, {**values, **cheap})
            seconds += took
            if self.study.is_hopeless(claim, {step: result.value}):
                raise optuna.TrialPruned
            step *= halving.reduction if halving else 1

        sign = self.plan.objective.sign

        def is_hopeless(curve: dict[int, float]) -> bool:
            try:
                return self.study.is_hopeless(claim, {k: sign * v for k, v in curve.items()})
            except Exception as error:
                if database_error_behind(error) is None:
                    raise
                return False  # asked again in a moment

        watch = {} if halving else {"is_hopeless": is_hopeless}
        result, took = self._result_of(engine, claim.experiment, values, **watch)
        self._push(claim.experiment)  # before recording: a kill in between pushes again
        claim.trial.set_user_attr("metrics", result.metrics)
        claim.trial.set_user_attr("diagnostics", result.diagnostics)
        claim.trial.set_user_attr(SECONDS, round(seconds + took, 3))
        return result.value

    def _result_of(
        self, engine: Engine, name: str, values: dict[str, Any], **watch: Any
    ) -> tuple[Result, float]:
        """Return the result of an experiment up to the metric, and the seconds it took."""
        outcome = self._experiment(engine, name, values, self.plan.target, **watch)
        if outcome.state == "pruned":
            raise optuna.TrialPruned
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
        plan, ref = self.plan, self._ref(name)
        return read_result(plan.home, ref, plan.objective, values, plan.diagnostics())

    def _ref(self, name: str) -> str:
        return experiment_ref(self.plan.record.base, name)

    def _log(self, name: str) -> Path:
        return sweep_folder(self.plan.home) / "logs" / self.plan.name / f"{name}.log"

    def _experiment(
        self, engine: Engine, name: str, values: dict[str, Any], *targets: str, **more: Any
    ) -> Outcome:
        """Run an experiment and bring it home; one that is home already is not run again."""
        ref = self._ref(name)
        if ref_exists(self.plan.home, ref):
            return Outcome("finished")
        outcome = engine.run(Job(name, values, targets, self._log(name), **more))
        if outcome.state == "finished":
            with self.home_guard:
                engine.clone.bring_home(ref)
        return outcome

    def _push(self, name: str) -> None:
        """Share a finished experiment with other machines; a failure is printed, not fatal."""
        if not (remote := self.plan.request.push):
            return
        push = [sys.executable, "-m", "dvc", "exp", "push", remote, name]
        with self.home_guard:
            done = subprocess.run(
                push, cwd=self.plan.home, env=tool_environment(), capture_output=True, text=True
            )
        if done.returncode:
            self.progress.say(
                f"{name} was not pushed: {done.stderr.strip()[-300:]}\n"
                f"  next: dvc exp push {shlex.quote(remote)} {name}"
            )


def run_sweep(request: SweepRequest, folder: Path, *, quiet: bool = False) -> SweepOutcome:
    """Start or resume a sweep from any folder of the user's repository.

    A SweepError or ParamsError if it cannot start; a failing trial is recorded and is no error.
    """
    plan, study = make_plan(request, folder)
    with study.storage.reporting_errors():
        study.describe(request.note, request.tags)
        return Sweep(plan, study, quiet=quiet).run()


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt
