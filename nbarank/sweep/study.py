"""A study: which trial runs next, and what has been recorded.

Optuna owns the trials: a running trial has a heartbeat, and a trial without one is failed and
enqueued again with the same values under a new number. Trials are claimed under the study's lock,
so any number of processes on any number of machines complete exactly the trials asked for.
"""

from __future__ import annotations

import contextlib
import platform
import shlex
import time
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import optuna
import pandas as pd
from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial, TrialState

from nbarank.core.errors import SweepError, did_you_mean, nearest
from nbarank.sweep.gain import REFERENCE
from nbarank.sweep.objectives import OBJECTIVES, Objective
from nbarank.sweep.samplers_and_pruners import pruner_of, sampler_of
from nbarank.sweep.spaces import FIRST_SWEEP, Space, parse_space
from nbarank.sweep.storage import (
    FAILURE,
    MAX_RETRIES,
    WORKER,
    Storage,
    database_error_behind,
    retry_interrupted,
)
from nbarank.sweep.trial import Claim, SweepStopped, TrialFailed, TrialInterrupted

RECORD = "nbarank"
EXPERIMENT = "experiment"
POINT = "point"
NOTE, TAGS = "note", "tags"
CAMPAIGN = "campaign_"
"""Beginning of the names of studies without trials, which have the commit of a campaign."""
SECONDS, CURVE_SECONDS = "seconds", "curve_seconds"
STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


@dataclass(frozen=True)
class Record:
    """What a study was started with; processes that join later must ask for the same.

    `base` is the commit of all trials, `space` the search space as data; `fixed` has the values of
    all trials (from space, profile, target and command) by dotted key.
    """

    base: str
    space: dict[str, Any]
    objective: str
    fixed: dict[str, Any]
    profile: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return plain data, with the versions that made it."""
        versions = {"optuna": optuna.__version__, "python": platform.python_version()}
        return {**self.__dict__, **versions}


class Study:
    """One study in a storage."""

    def __init__(self, storage: Storage, name: str) -> None:
        self.storage = storage
        self.name = name
        self.token = uuid.uuid4().hex
        self._active: set[int] = set()

    def exists(self) -> bool:
        """Return whether the storage has this study."""
        return self.name in self.storage.studies()

    def create_or_join(self, record: Record, n_trials: int) -> None:
        """Create the study, or join one that was started with the same record.

        An existing study keeps its base; its total number of trials may be raised. A SweepError if
        it was started with something else.
        """
        with self.storage.exclusive(self.name):
            optuna.create_study(
                storage=self.storage.optuna,
                study_name=self.name,
                direction=OBJECTIVES[record.objective].direction,
                load_if_exists=True,
            )
            if RECORD in self.study.user_attrs:
                self.refuse_another(record)
            else:
                self.study.set_user_attr(RECORD, record.as_dict())
            known = self.study.user_attrs.get("n_trials", 0)
            self.study.set_user_attr("n_trials", max(n_trials, known))

    def describe(self, note: str | None, tags: Collection[str]) -> None:
        """Replace the study's note and tags, where given; nothing depends on them."""
        if note is not None:
            self.study.set_user_attr(NOTE, note)
        if tags:
            self.study.set_user_attr(TAGS, list(tags))

    def join(self) -> None:
        """Open an existing study; a SweepError if there is none of this name."""
        names = sorted(name for name in self.storage.studies() if not name.startswith(CAMPAIGN))
        if self.name not in names:
            near = nearest(self.name, names, 1) or names
            raise SweepError(
                f"There is no study '{self.name}'{did_you_mean(self.name, names)}",
                where=self.storage.shown_url,
                allowed=", ".join(names) or "none has been started",
                next_command=f"nbarank sweep report {shlex.quote(near[0])}"
                if near
                else FIRST_SWEEP,
            )

    def base(self) -> str | None:
        """Return the commit that a study or campaign was started from; None before that."""
        attributes = self.study.user_attrs if self.exists() else {}
        base: str | None = attributes.get(RECORD, attributes).get("base")
        return base

    @property
    def tuned_value(self) -> float | None:
        """Return the objective of the tuned values; None before they have run."""
        value: float | None = self.study.user_attrs.get(REFERENCE, {}).get("value")
        return value

    @cached_property
    def study(self) -> optuna.Study:
        """Return Optuna's study, which must exist."""
        return optuna.load_study(study_name=self.name, storage=self.storage.optuna)

    @cached_property
    def space(self) -> Space:
        """Return the search space the study was started with."""
        return parse_space(self.record.space, f"study {self.name}")

    @property
    def record(self) -> Record:
        """Return what the study was started with."""
        known = self.study.user_attrs.get(RECORD)
        if known is None:
            what = f"Study '{self.name}' was not made by nbarank sweep run."
            raise SweepError(what, where=self.storage.shown_url, next_command=FIRST_SWEEP)
        return Record(**{key: known[key] for key in Record.__dataclass_fields__})

    @property
    def objective(self) -> Objective:
        """Return the study's objective."""
        return OBJECTIVES[self.record.objective]

    @property
    def n_trials(self) -> int:
        """Return the total number of trials of the study."""
        return int(self.study.user_attrs["n_trials"])

    def essence(self, space: dict[str, Any]) -> dict[str, Any]:
        """Return a space without its description and number of trials, which may change."""
        content = parse_space(space, f"study {self.name}").model_dump(mode="json")
        return {k: v for k, v in content.items() if k not in ("description", "n_trials")}

    def refuse_another(self, record: Record) -> None:
        """Raise a SweepError if the study was started with something else."""
        known, wanted = (
            {**each.__dict__, "space": self.essence(each.space)} for each in (self.record, record)
        )
        for key in ("objective", "fixed", "profile", "space"):
            if known[key] != wanted[key]:
                raise SweepError(
                    f"Study '{self.name}' was started with another {key}.",
                    where=f"then {known[key]!r}; now {wanted[key]!r}"[:1500],
                    allowed="the same space, objective, target and profile as when it started",
                    option=("--study", f"{self.name}_2"),
                )

    def run_next(
        self, tuned: dict[str, Any], run: Callable[[Claim], float]
    ) -> Claim | Literal["wait"] | None:
        """Claim a trial and run it: an interrupted one first, otherwise a new one.

        `tuned` are the values of params.yaml: trial 0, if the space starts from them. `run` returns
        the value of a trial, or raises an exception of `nbarank.sweep.trial` or Optuna's
        `TrialPruned`. Returns the trial that has ended; 'wait' while other processes run the last
        ones; None after that.
        """
        with contextlib.ExitStack() as lock:
            lock.enter_context(self.storage.exclusive(self.name))
            self._retry_abandoned()
            trials = self.trials()
            waiting = [trial.number for trial in trials if trial.state is TrialState.WAITING]
            if not waiting and len(self._counted(trials)) >= self.n_trials:
                others = [t for t in trials if t.state is TrialState.RUNNING]
                mine = all(trial.user_attrs.get(WORKER) == self.token for trial in others)
                return None if mine else "wait"
            number = waiting[0] if waiting else len(trials)
            if not waiting:
                self._enqueue_given_point(trials, tuned)
            claims: list[Claim] = []
            numbers: list[int] = []
            raised: list[Exception] = []

            def objective(trial: optuna.Trial) -> float:
                numbers.append(trial.number)
                try:
                    claims.append(self._claim(trial))
                except Exception as error:
                    raised.append(error)
                    raise
                self._active.add(trial.number)
                lock.close()
                try:
                    return run(claims[0])
                except Exception as error:
                    raised.append(error)
                    if isinstance(error, TrialFailed):
                        trial.set_user_attr("log_tail", error.tail[-3000:])
                        trial.set_user_attr(FAILURE, error.reason)
                    # No other process may claim a trial between this failure and the retry.
                    lock.enter_context(self.storage.exclusive(self.name))
                    raise

            study = optuna.load_study(
                study_name=self.name,
                storage=self.storage.optuna,
                sampler=sampler_of(self.space, number),
                pruner=pruner_of(self.space),
            )
            try:
                study.optimize(objective, n_trials=1, catch=(Exception,))
            except Exception as error:
                if failed := database_error_behind(error):
                    raise failed from error
                # Another process may have failed the trial after missing heartbeats.
                if not claims or self.trials()[numbers[0]].state is not TrialState.FAIL:
                    raise
                return claims[0]
            finally:
                self._active.difference_update(numbers)
            if raised:
                self._after_failure(numbers[0], raised[0])
        return claims[0]

    def is_hopeless(self, claim: Claim, points: Mapping[int, float]) -> bool:
        """Report the new points of a trial's curve; return whether the pruner stops the trial.

        Only a curve that predicts the objective stops one. A trial that another process has ended
        meanwhile is hopeless, too.
        """
        for step in sorted(points.keys() - claim.curve_seconds):
            try:
                claim.trial.report(points[step], step)
            except UpdateFinishedTrialError:
                return True
            claim.curve_seconds[step] = round(time.monotonic() - claim.begin, 3)
            claim.trial.set_user_attr(CURVE_SECONDS, claim.curve_seconds)
            claim.trial.set_user_attr(SECONDS, claim.curve_seconds[step])
            with self.storage.exclusive(self.name):
                predicts = self.space.halving or (self.agreement(step) or 0.0) > 0
                if predicts and claim.trial.should_prune():
                    return True
        return False

    def agreement(self, step: int) -> float | None:
        """Return Spearman of the curve at a step with the objective, over complete trials.

        None for fewer than two trials, or where one of both is constant.
        """
        trials = self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        pairs = [(t.intermediate_values.get(step), t.value) for t in trials]
        known = np.array([pair for pair in pairs if None not in pair], dtype=float)
        if len(known) < 2 or not np.ptp(known, axis=0).all():
            return None
        return float(np.corrcoef(pd.DataFrame(known).rank().T)[0, 1])

    def _claim(self, trial: optuna.Trial) -> Claim:
        suggested = self.space.suggest(trial)
        name = trial.user_attrs.get(EXPERIMENT, f"{self.name}-{trial.number}")
        trial.set_user_attr(EXPERIMENT, name)
        trial.set_user_attr(WORKER, self.token)
        return Claim(trial, name, self.space.decoded(suggested))

    def _after_failure(self, number: int, error: Exception) -> None:
        """Enqueue a trial again that did not fail by itself; unexpected errors are raised."""
        if isinstance(error, TrialFailed | optuna.TrialPruned):
            return
        trial = self.study.get_trials()[number]
        if isinstance(error, TrialInterrupted):
            retry_interrupted(self.study, trial)
            return
        kept = {key: value for key, value in trial.user_attrs.items() if key != WORKER}
        self.study.enqueue_trial(trial.params, user_attrs=kept)
        if not isinstance(error, SweepStopped):
            raise error

    def retry_trials_of(self, dead: Collection[str]) -> None:
        """Enqueue the running trials of processes that are known to have ended again."""
        with self.storage.exclusive(self.name):
            self._retry_abandoned(dead)

    def _retry_abandoned(self, dead: Collection[str] = ()) -> None:
        """Fail and retry trials without heartbeat, of dead processes, or killed while claimed."""
        optuna.storages.fail_stale_trials(self.study)
        active = {*self._active}  # before the trials: one may end while they are read
        for trial in self.study.get_trials(states=(TrialState.RUNNING,)):
            # Claims are made under the lock held here, so a trial without worker lost its process;
            # one of this process that does not run was lost while the database was away.
            worker = trial.user_attrs.get(WORKER)
            if worker in (None, *dead) or (worker == self.token and trial.number not in active):
                self.study.tell(trial.number, state=TrialState.FAIL)
                retry_interrupted(self.study, trial)

    def _enqueue_given_point(self, trials: list[FrozenTrial], tuned: dict[str, Any]) -> None:
        """Enqueue the next point of a grid, or the tuned values as trial 0."""
        if self.space.method == "grid":
            used = {trial.user_attrs.get(POINT) for trial in self._counted(trials)}
            point = next(number for number in range(self.n_trials) if number not in used)
            self.study.enqueue_trial(self.space.grid()[point], user_attrs={POINT: point})
        elif not trials and (values := self.space.start(tuned)) is not None:
            self.study.enqueue_trial(values)

    @staticmethod
    def _counted(trials: list[FrozenTrial]) -> list[FrozenTrial]:
        """Return the trials without interrupted attempts, except for a last one."""
        history = RetryHeartbeatStaleTrialCallback.retry_history
        last = {trial.user_attrs.get(EXPERIMENT): trial.number for trial in trials}
        return [
            trial
            for trial in trials
            if trial.state is not TrialState.FAIL
            or FAILURE in trial.user_attrs
            or (len(history(trial)) >= MAX_RETRIES and trial.number in last.values())
        ]

    def trials(self) -> list[FrozenTrial]:
        """Return all trials by number, interrupted ones included."""
        return self.study.get_trials(deepcopy=False)

    def counted_trials(self) -> list[FrozenTrial]:
        """Return the trials that count: each of the trials asked for once."""
        return self._counted(self.trials())

    def n_finished(self) -> int:
        """Return how many of the trials asked for have ended."""
        return sum(trial.state.is_finished() for trial in self.counted_trials())

    def best(self) -> FrozenTrial | None:
        """Return the best complete trial; the earlier one where two are equal."""
        done = [t for t in self.trials() if t.state is TrialState.COMPLETE and t.value is not None]
        sign = self.objective.sign
        return max(done, key=lambda t: (sign * (t.value or 0.0), -t.number), default=None)


def experiment_of(study: str, trial: FrozenTrial) -> str:
    """Return the name of a trial's experiment."""
    return str(trial.user_attrs.get(EXPERIMENT, f"{study}-{trial.number}"))
