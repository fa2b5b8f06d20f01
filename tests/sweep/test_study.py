"""Which trial runs next: the trials asked for, each recorded once, whichever process dies."""

import dataclasses
import queue
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import optuna
import pytest
from optuna.trial import TrialState

from nbarank.core.errors import SweepError
from nbarank.sweep.spaces import Space, parse_space
from nbarank.sweep.storage import MAX_RETRIES, Storage
from nbarank.sweep.study import Record, Study
from nbarank.sweep.trial import Claim, SweepStopped, TrialFailed, TrialInterrupted
from tests.conftest import ROOT
from tests.reliability.small import wait_until

BODY = {
    "name": "test",
    "description": "test",
    "method": "optuna",
    "n_trials": 5,
    "space": {"a.x": {"type": "float", "low": 0.0, "high": 1.0}},
}
SPACE = parse_space(BODY, "test")
RECORD = Record("0" * 40, SPACE.model_dump(mode="json"), "spearman", {}, None)
GRID = {"a.x": {"type": "float", "low": 0.0, "high": 1.0, "step": 0.25}}
TUNED = {"a.x": 0.25}
Open = Callable[..., Study]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def open_study(n_trials: int = 5, grace: float = 120.0, space: Space = SPACE) -> Study:
        study = Study(Storage(f"sqlite:///{tmp_path}/studies.sqlite3", grace), "s")
        record = dataclasses.replace(RECORD, space=space.model_dump(mode="json"))
        study.create_or_join(record, n_trials)
        return study

    return open_study


def x(claim: Claim) -> float:
    """Run a trial at once: its value is its parameter."""
    return float(claim.values["a.x"])


def raising(error: Exception) -> Callable[[Claim], float]:
    def run(_: Claim) -> float:
        raise error

    return run


def take(study: Study, run: Callable[[Claim], float] = x) -> Claim:
    claim = study.run_next(TUNED, run)
    assert isinstance(claim, Claim)
    return claim


def killed(study: Study) -> Claim:
    """Claim a trial and leave it running, as a process does that is killed."""
    claims: queue.Queue[Claim] = queue.Queue()

    def run(claim: Claim) -> float:
        claims.put(claim)
        threading.Event().wait()  # for ever
        raise AssertionError

    threading.Thread(target=study.run_next, args=(TUNED, run), daemon=True).start()
    return claims.get(timeout=300)


def process(code: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", f"from tests.sweep.test_study import *\n{code}"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def complete(study: Study) -> list[str]:
    return sorted(
        trial.user_attrs["experiment"]
        for trial in study.trials()
        if trial.state is TrialState.COMPLETE
    )


def test_a_study_makes_exactly_the_trials_asked_for(opened: Open) -> None:
    study = opened()
    claims = [take(study) for _ in range(5)]
    assert [claim.experiment for claim in claims] == [f"s-{number}" for number in range(5)]
    assert study.run_next(TUNED, x) is None
    assert [trial.value for trial in study.trials()] == [x(claim) for claim in claims]
    assert opened(n_trials=7).n_trials == 7
    assert take(study).experiment == "s-5"


def test_the_first_trial_has_the_tuned_values(opened: Open) -> None:
    study = opened()
    assert take(study).values == TUNED
    assert take(study).values != TUNED


def test_a_trial_that_ends_while_another_is_claimed_is_not_lost(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    study, started, end = opened(), threading.Event(), threading.Event()

    def run(claim: Claim) -> float:
        started.set()
        end.wait()
        return x(claim)

    worker = threading.Thread(target=study.run_next, args=(TUNED, run))
    worker.start()
    started.wait()
    listed = study.study.get_trials

    def ends_meanwhile(**states: Any) -> list[optuna.trial.FrozenTrial]:
        found = listed(**states)
        end.set()
        worker.join()
        return found

    monkeypatch.setattr(study.study, "get_trials", ends_meanwhile)
    study.retry_trials_of(())
    assert [trial.state for trial in listed()] == [TrialState.COMPLETE]


def test_a_killed_sweeps_trial_runs_again_with_its_experiment_and_values(opened: Open) -> None:
    dead = opened()
    first = killed(dead)
    study = opened()
    assert take(study).experiment == "s-1", "its owner is not known to be dead yet"
    study.retry_trials_of({dead.token})
    again = take(study)
    assert (again.experiment, again.values) == (first.experiment, first.values)
    assert again.trial.number != first.trial.number
    assert [take(study).experiment for _ in range(3)] == ["s-3", "s-4", "s-5"]
    assert study.run_next(TUNED, x) is None
    assert len(complete(study)) == len(set(complete(study))) == 5


def test_a_result_that_comes_after_the_retry_does_not_count(opened: Open) -> None:
    slow = opened(n_trials=1)

    def overtaken(claim: Claim) -> float:
        quick = opened(n_trials=1)
        quick.retry_trials_of({slow.token})
        assert take(quick).experiment == claim.experiment
        return 9.9

    take(slow, overtaken)
    assert complete(slow) == ["s-0"]
    assert slow.best().value == TUNED["a.x"]
    assert slow.run_next(TUNED, x) is None


def test_a_trial_killed_while_it_was_claimed_runs_again(opened: Open) -> None:
    study = opened(n_trials=1)
    study.study.ask()  # as if killed here: no values yet, no worker
    assert 0.0 <= x(take(study)) <= 1.0
    assert study.run_next(TUNED, x) is None
    assert len(complete(study)) == 1


def test_a_live_owners_trial_is_left_alone(opened: Open) -> None:
    one, other = opened(n_trials=1), opened(n_trials=1)
    states = []

    def run(claim: Claim) -> float:
        states.append(other.run_next(TUNED, x))
        states.append(one.run_next(TUNED, x))
        return x(claim)

    take(one, run)
    assert states == ["wait", None], "the sweep itself does not wait for its own threads"
    assert other.run_next(TUNED, x) is None


def test_only_a_trial_without_heartbeat_runs_again(opened: Open, tmp_path: Path) -> None:
    opened(n_trials=2)
    far = process(
        f"""
study = Study(Storage("sqlite:///{tmp_path}/studies.sqlite3", 3.0), "s")
study.create_or_join(RECORD, 2)
killed(study), killed(study)
print("claimed", flush=True)
threading.Event().wait()
"""
    )
    assert far.stdout
    assert far.stdout.readline() == "claimed\n"
    near = opened(n_trials=2, grace=3.0)
    for _ in range(12):
        assert near.run_next(TUNED, x) == "wait", "it has heartbeats"
        threading.Event().wait(0.5)
    far.kill()
    far.communicate()
    wait_until(lambda: near.run_next(TUNED, x) is None, "the lost trials")
    assert complete(near) == ["s-0", "s-1"]


def test_a_stopped_trial_runs_again_and_no_retry_is_counted(opened: Open) -> None:
    study = opened(n_trials=1)
    for _ in range(MAX_RETRIES + 2):
        claim = take(study, raising(SweepStopped()))
    assert (claim.experiment, claim.values) == ("s-0", TUNED)
    again = take(study)
    assert (again.experiment, again.values) == ("s-0", TUNED)
    assert study.run_next(TUNED, x) is None


def test_an_unexpected_error_is_raised_and_its_trial_runs_again(opened: Open) -> None:
    study = opened(n_trials=1)
    with pytest.raises(SweepError, match="broken"):
        study.run_next(TUNED, raising(SweepError("broken")))
    assert take(study).experiment == "s-0"


def test_a_trial_that_is_always_killed_counts_as_failed_in_the_end(opened: Open) -> None:
    study = opened(n_trials=1)
    for _ in range(MAX_RETRIES):
        assert take(study, raising(TrialInterrupted())).experiment == "s-0"
    take(study, raising(SweepStopped()))  # counts anew after a stop
    for _ in range(MAX_RETRIES + 1):
        assert take(study, raising(TrialInterrupted())).experiment == "s-0"
    assert study.run_next(TUNED, x) is None
    assert [trial.state for trial in study.counted_trials()] == [TrialState.FAIL]


def test_a_failed_trial_keeps_the_end_of_its_log_and_is_not_run_again(opened: Open) -> None:
    study = opened(n_trials=2)
    take(study, raising(TrialFailed("ERROR: it fell over", "the last line")))
    take(study, raising(optuna.TrialPruned()))
    assert study.run_next(TUNED, x) is None
    failed, pruned = study.trials()
    assert failed.state is TrialState.FAIL
    assert failed.user_attrs["failure"] == "ERROR: it fell over"
    assert failed.user_attrs["log_tail"] == "the last line"
    assert pruned.state is TrialState.PRUNED


def test_a_grid_has_every_point_once_although_trials_are_killed(opened: Open) -> None:
    space = parse_space({**BODY, "method": "grid", "space": GRID}, "test")
    study = opened(space=space)
    take(study, raising(SweepStopped()))
    study.study.ask()  # killed while it was claimed
    take(study, raising(TrialInterrupted()))
    while study.run_next(TUNED, x) is not None:
        pass
    values = [trial.value for trial in study.trials() if trial.state is TrialState.COMPLETE]
    assert sorted(values) == [0.0, 0.25, 0.5, 0.75, 1.0]


def test_another_sweep_cannot_join_under_the_same_name(opened: Open) -> None:
    study = opened()
    changed = {**RECORD.space, "seed": 7}
    with pytest.raises(SweepError, match="another space"):
        study.create_or_join(dataclasses.replace(RECORD, space=changed), 5)
    with pytest.raises(SweepError, match="another fixed"):
        study.create_or_join(dataclasses.replace(RECORD, fixed={"a.y": 1}), 5)
    worded = {**RECORD.space, "description": "in other words", "n_trials": 50}
    study.create_or_join(dataclasses.replace(RECORD, space=worded), 5)


def test_a_study_of_another_program_is_refused(opened: Open) -> None:
    storage = opened().storage
    optuna.create_study(storage=storage.optuna, study_name="foreign").add_trial(
        optuna.create_trial(value=1.0)
    )
    study = Study(storage, "foreign")
    study.join()
    for use in (lambda: study.record, lambda: study.space, study.best):
        with pytest.raises(SweepError, match="'foreign' was not made by nbarank") as caught:
            use()
        assert caught.value.next_command


@pytest.mark.parametrize(("sign", "state"), [(1, TrialState.PRUNED), (-1, TrialState.COMPLETE)])
def test_only_a_curve_that_predicts_the_objective_stops_a_trial(
    opened: Open, sign: int, state: TrialState
) -> None:
    pruner = {"name": "median", "startup_trials": 3, "min_seasons": 1}
    study = opened(n_trials=5, space=parse_space({**BODY, "pruner": pruner}, "test"))
    values = iter((0.3, 0.2, 0.4, 0.1, 0.35))

    def run(claim: Claim) -> float:
        value = next(values)
        if study.is_hopeless(claim, {1: -1.0 if value == 0.1 else sign * value}):
            raise optuna.TrialPruned
        return value

    for _ in range(5):
        take(study, run)
    states = [trial.state for trial in study.trials()]
    complete = TrialState.COMPLETE
    assert states == [complete, complete, complete, state, complete]
    assert study.run_next(TUNED, x) is None


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "postgres"])
def test_many_processes_share_a_study_without_doubling_a_trial(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Also the race of creating the database's tables and the study: all start at once."""
    embedded = f"sqlite:///{tmp_path}/crowd.sqlite3"
    url = embedded if kind == "embedded" else request.getfixturevalue("postgres")
    joining = f"""
study = Study(Storage({url!r}), "crowd")
study.create_or_join(RECORD, 12)
while claim := study.run_next(TUNED, x):
    if claim != "wait":
        print(claim.trial.number)
"""
    crowd = [process(joining) for _ in range(4)]
    ran = [int(number) for one in crowd for number in one.communicate(timeout=600)[0].split()]
    assert [one.returncode for one in crowd] == [0] * 4
    assert sorted(ran) == list(range(12))
    study = Study(Storage(url), "crowd")
    study.join()
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE] * 12
    assert len({trial.params["a.x"] for trial in study.trials()}) == 12
