"""A study: who may run which trial, and what has been told.

Every change is made under the study's lock, so any number of processes on any number of machines
may work on one study, and be killed at any moment:

- a trial has one owner; a dead owner's trial goes to whoever asks next, under the same number and
  with the same values, so the study never holds more than the trials asked for;
- a trial is told once: who lost a trial in the meantime cannot tell it any more.
"""

from __future__ import annotations

import contextlib
import threading
import time
import warnings
from collections.abc import Callable
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from nbarank.core.errors import SweepError
from nbarank.sweep.objectives import OBJECTIVES, Objective
from nbarank.sweep.owner import Owner, Watch
from nbarank.sweep.record import (
    MAX_ATTEMPTS,
    Claim,
    Record,
    essence,
    pruner_of,
    rung_step,
    sampler_of,
)
from nbarank.sweep.results import Result
from nbarank.sweep.spaces import Space, parse_space
from nbarank.sweep.storage import Storage

RECORD = "nbarank"
OWNER = "owner"
BEAT = "beat"

optuna.logging.set_verbosity(optuna.logging.WARNING)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


WAIT = "wait"


class Study:
    """One study in a storage.

    Parameters
    ----------
    storage
        Where it lives.
    name
        Its name.
    owner
        On whose behalf trials are claimed.
    grace
        Seconds without a heartbeat after which another host's trial is taken over.
    """

    def __init__(
        self, storage: Storage, name: str, owner: Owner | None = None, grace: float = 120.0
    ) -> None:
        self.storage = storage
        self.name = name
        self.owner = owner or Owner.current()
        self.watch = Watch(self.owner, grace)
        self.guard = threading.RLock()
        self._study: optuna.Study | None = None
        self._space: Space | None = None

    # ---------------------------------------------------------------- opening

    def exists(self) -> bool:
        """Tell whether the storage holds this study."""
        return self.name in optuna.get_all_study_names(self.storage.optuna)

    def create_or_join(self, record: Record, n_trials: int) -> None:
        """Create the study, or join it if it wants the same.

        Parameters
        ----------
        record
            What to start with. The base of an existing study is kept, see `record`.
        n_trials
            Trials the study makes in all; may be raised later.

        Raises
        ------
        SweepError
            If a study of this name wants something else.
        """
        with self.storage.exclusive(self.name):
            if not self.exists():
                optuna.create_study(
                    storage=self.storage.optuna,
                    study_name=self.name,
                    direction=OBJECTIVES[record.objective].direction,
                )
            self._open()
            known = self.study.user_attrs.get(RECORD)
            if known is None:
                self.study.set_user_attr(RECORD, record.as_dict())
            else:
                self._refuse_another(known, record)
            self.study.set_user_attr(
                "n_trials", max(n_trials, int(self.study.user_attrs.get("n_trials", 0)))
            )
        self._open()

    def join(self) -> None:
        """Open a study that exists, to read or to go on with it.

        Raises
        ------
        SweepError
            If there is none of this name.
        """
        if not self.exists():
            names = optuna.get_all_study_names(self.storage.optuna)
            raise SweepError(
                f"There is no study '{self.name}'.",
                where=self.storage.url.split("@")[-1],
                allowed=", ".join(sorted(names)) or "none has been started",
                next_command=f"nbarank sweep run SPACE --study {self.name}",
            )
        self._open()

    def _open(self) -> None:
        self._study = optuna.load_study(study_name=self.name, storage=self.storage.optuna)
        record = self._study.user_attrs.get(RECORD)
        if record:
            self._space = parse_space(record["space"], f"study {self.name}")
            self._study.pruner = pruner_of(self._space)

    @property
    def study(self) -> optuna.Study:
        """Return Optuna's study."""
        assert self._study is not None, "create_or_join or join first"
        return self._study

    @property
    def space(self) -> Space:
        """Return the search space the study was started with."""
        assert self._space is not None, "create_or_join or join first"
        return self._space

    @property
    def record(self) -> Record:
        """Return what the study was started with."""
        known = self.study.user_attrs[RECORD]
        return Record(**{key: known[key] for key in Record.__dataclass_fields__})

    @property
    def objective(self) -> Objective:
        """Return the study's objective."""
        return OBJECTIVES[self.record.objective]

    @property
    def n_trials(self) -> int:
        """Return how many trials the study makes in all."""
        return int(self.study.user_attrs["n_trials"])

    def _refuse_another(self, known: dict[str, Any], record: Record) -> None:
        wanted = record.as_dict()
        for key in ("objective", "fixed", "profile", "space"):
            if essence(known[key]) != essence(wanted[key]):
                raise SweepError(
                    f"Study '{self.name}' was started with another {key}.",
                    where=f"then {known[key]!r}; now {wanted[key]!r}"[:1500],
                    allowed="the same space, objective, target and profile as when it started",
                    next_command="the same command with --study ANOTHER_NAME",
                )

    # ---------------------------------------------------------------- asking

    def claim(self, locked: dict[str, Any]) -> Claim | str | None:
        """Take a trial: an abandoned one first, else a new one.

        Parameters
        ----------
        locked
            Values of params.yaml as locked: trial 0, if the space starts from them.

        Returns
        -------
            The claim; `WAIT` while another owner's trials run; None when all are told.
        """
        with self.guard, self.storage.exclusive(self.name):
            trials = self.study.get_trials(deepcopy=False)
            for trial in trials:
                if trial.state is TrialState.RUNNING and self._abandoned(trial):
                    claimed = self._adopt(trial)
                    if claimed is not None:
                        return claimed
            trials = self.study.get_trials(deepcopy=False)
            waiting = any(trial.state is TrialState.WAITING for trial in trials)
            if waiting or len(trials) < self.n_trials:
                return self._ask(len(trials) - waiting, waiting, locked)
            others = any(
                trial.state is TrialState.RUNNING
                and (trial.user_attrs.get(OWNER) or {}).get("token") != self.owner.token
                for trial in trials
            )
            return WAIT if others else None

    def _ask(self, number: int, waiting: bool, locked: dict[str, Any]) -> Claim:
        point = None if waiting else self._given_point(number, locked)
        if point is not None:
            self.study.enqueue_trial(point)
        self.study.sampler = sampler_of(self.space, number)
        trial = self.study.ask(self.space.distributions())
        return self._take(trial, attempt=1)

    def _given_point(self, number: int, locked: dict[str, Any]) -> dict[str, Any] | None:
        if self.space.method == "grid":
            return self.space.grid()[number]
        starts = self.space.method in ("optuna", "halving") and self.space.start_from_locked
        return self.space.encoded(locked) if number == 0 and starts else None

    def _adopt(self, frozen: FrozenTrial) -> Claim | None:
        attempt = int(frozen.user_attrs.get("attempt", 0)) + 1
        if attempt > MAX_ATTEMPTS:
            self._set(frozen.number, "failure", f"interrupted {MAX_ATTEMPTS} times")
            self.study.tell(frozen.number, state=TrialState.FAIL)
            return None
        self.study.sampler = sampler_of(self.space, frozen.number)
        trial = optuna.trial.Trial(self.study, frozen._trial_id)
        for key, distribution in self.space.distributions().items():
            trial._suggest(key, distribution)  # keeps what was drawn, draws what was not
        return self._take(trial, attempt)

    def _take(self, trial: optuna.Trial, attempt: int) -> Claim:
        trial.set_user_attr("attempt", attempt)
        trial.set_user_attr(BEAT, 0)
        trial.set_user_attr(OWNER, self.owner.as_dict())  # last: until then nobody's
        frozen = self._frozen(trial.number)
        return Claim(
            number=trial.number,
            values=self.space.decoded({key: trial.params[key] for key in self.space.space}),
            attempt=attempt,
            reported=dict(frozen.intermediate_values),
        )

    def _abandoned(self, trial: FrozenTrial) -> bool:
        attrs = trial.user_attrs
        return self.watch.is_abandoned(trial.number, attrs.get(OWNER), int(attrs.get(BEAT, 0)))

    def beat(self, number: int, count: int) -> None:
        """Say that the owner of a trial is alive; nothing happens if it is no longer this one's."""
        with self.guard, contextlib.suppress(optuna.exceptions.UpdateFinishedTrialError):
            if self._mine(number):
                self._set(number, BEAT, count)

    def release(self, number: int) -> None:
        """Let a trial go, for whoever asks next; the interruption does not count against it."""
        with self.guard, self.storage.exclusive(self.name):
            if self._mine(number):
                attempt = int(self._frozen(number).user_attrs.get("attempt", 1))
                self._set(number, "attempt", attempt - 1)
                self._set(number, OWNER, None)

    def retry(self, number: int) -> Claim | None:
        """Take a trial of one's own again after its run was killed; None if that was too often."""
        with self.guard, self.storage.exclusive(self.name):
            return self._adopt(self._frozen(number)) if self._mine(number) else None

    # ---------------------------------------------------------------- telling

    def tell(self, number: int, result: Result, seconds: float, experiment: str) -> bool:
        """Tell a finished trial; False if it is no longer this owner's."""

        def finish() -> None:
            self._set(number, "metrics", result.metrics)
            self._set(number, "diagnostics", result.diagnostics)
            self._set(number, "seconds", round(seconds, 3))
            self._set(number, "experiment", experiment)
            self.study.tell(number, result.value)

        return self._finish(number, finish)

    def tell_failed(self, number: int, reason: str, tail: str) -> bool:
        """Record a failed trial with the end of its log; False if it is no longer this owner's."""

        def finish() -> None:
            self._set(number, "failure", reason)
            self._set(number, "log_tail", tail[-3000:])
            self.study.tell(number, state=TrialState.FAIL)

        return self._finish(number, finish)

    def report_rung(self, number: int, rung: int, value: float | None) -> bool:
        """Report a rung of a halving trial; True if the trial is hopeless and shall stop.

        `value` is None where the rung was reported before a kill and only the verdict is missing.
        """
        with self.guard, self.storage.exclusive(self.name):
            frozen = self._frozen(number)
            trial = optuna.trial.Trial(self.study, frozen._trial_id)
            if value is not None:
                trial.report(value, step=rung_step(self.space, rung))
            return trial.should_prune()

    def tell_pruned(self, number: int, seconds: float) -> bool:
        """Record a trial that was stopped at a cheap rung."""

        def finish() -> None:
            self._set(number, "seconds", round(seconds, 3))
            self.study.tell(number, state=TrialState.PRUNED)

        return self._finish(number, finish)

    def _finish(self, number: int, action: Callable[[], None]) -> bool:
        with self.guard, self.storage.exclusive(self.name):
            if not self._mine(number):
                return False
            self._set(number, "ended", time.time())
            action()
            return True

    # ---------------------------------------------------------------- reading

    def trials(self) -> list[FrozenTrial]:
        """Return all trials, in order."""
        return self.study.get_trials(deepcopy=False)

    def best(self) -> FrozenTrial | None:
        """Return the best complete trial; the earlier one where two are equal."""
        done = [t for t in self.trials() if t.state is TrialState.COMPLETE and t.value is not None]
        sign = self.objective.sign
        return max(done, key=lambda t: (sign * (t.value or 0.0), -t.number), default=None)

    def _frozen(self, number: int) -> FrozenTrial:
        return self.study.get_trials(deepcopy=False)[number]

    def _mine(self, number: int) -> bool:
        trial = self._frozen(number)
        owner = trial.user_attrs.get(OWNER) or {}
        return trial.state is TrialState.RUNNING and owner.get("token") == self.owner.token

    def _set(self, number: int, key: str, value: Any) -> None:
        trial_id = self._frozen(number)._trial_id
        self.storage.optuna.set_trial_user_attr(trial_id, key, value)
