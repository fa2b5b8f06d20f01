"""Who may run which trial: exactly the trials asked for, each told once, whoever dies."""

from __future__ import annotations

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from optuna.trial import TrialState
from running import wait_until

from nbarank.core.errors import SweepError
from nbarank.sweep.owner import Owner, Watch
from nbarank.sweep.record import MAX_ATTEMPTS, Claim, Record
from nbarank.sweep.results import Result
from nbarank.sweep.spaces import parse_space
from nbarank.sweep.storage import Storage
from nbarank.sweep.study import WAIT, Study

SPACE = parse_space(
    {
        "name": "test",
        "description": "test",
        "method": "optuna",
        "n_trials": 5,
        "space": {"a.x": {"type": "float", "low": 0.0, "high": 1.0}},
    },
    "test",
)
RECORD = Record("0" * 40, SPACE.model_dump(mode="json"), "spearman", {}, None)
LOCKED = {"a.x": 0.25}
Open = Callable[..., Study]


@pytest.fixture
def opened(tmp_path: Path) -> Open:
    def open_study(owner: Owner | None = None, n_trials: int = 5, grace: float = 120.0) -> Study:
        study = Study(Storage(f"sqlite:///{tmp_path}/studies.sqlite3"), "s", owner, grace)
        study.create_or_join(RECORD, n_trials)
        return study

    return open_study


def _result(value: float) -> Result:
    return Result(value, {"spearman": value}, {})


def _take(study: Study) -> Claim:
    claim = study.claim(LOCKED)
    assert isinstance(claim, Claim)
    return claim


def _dead_owner() -> Owner:
    """An owner on this host whose process has ended."""
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    return dataclasses.replace(Owner.current(), pid=ended.pid, started=1.0, token="dead")


def test_a_study_makes_exactly_the_trials_asked_for(opened: Open) -> None:
    study = opened()
    for number in range(5):
        claim = _take(study)
        assert claim.number == number
        assert study.tell(number, _result(claim.values["a.x"]), 1.0, f"s-{number}")
    assert study.claim(LOCKED) is None
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE] * 5
    assert opened(n_trials=7).n_trials == 7
    assert _take(study).number == 5


def test_the_first_trial_is_the_locked_configuration(opened: Open) -> None:
    study = opened()
    assert _take(study).values == LOCKED
    assert _take(study).values != LOCKED


def test_a_dead_owners_trial_runs_again_with_its_number_and_values(opened: Open) -> None:
    dead = opened(_dead_owner())
    first = _take(dead)
    study = opened()
    again = _take(study)
    assert (again.number, again.values, again.attempt) == (first.number, first.values, 2)
    assert not dead.tell(first.number, _result(0.1), 1.0, "s-0"), "it is another's by now"
    assert study.tell(again.number, _result(0.2), 1.0, "s-0")
    assert not study.tell(again.number, _result(0.3), 1.0, "s-0"), "told once is told"
    assert study.trials()[0].value == 0.2
    assert len(study.trials()) == 1


def test_a_trial_between_asked_and_owned_is_nobodys(opened: Open) -> None:
    study = opened()
    study.study.ask()  # as if killed here: no values yet, no owner
    claim = _take(study)
    assert claim.number == 0
    assert 0.0 <= claim.values["a.x"] <= 1.0
    assert len(study.trials()) == 1


def test_a_live_owners_trial_is_left_alone(opened: Open) -> None:
    one = opened()
    other = opened(dataclasses.replace(Owner.current(), token="other"))
    numbers = {_take(study).number for study in (one, other, one, other, one)}
    assert numbers == {0, 1, 2, 3, 4}
    assert other.claim(LOCKED) == WAIT
    assert one.tell(0, _result(0.5), 1.0, "s-0")
    assert not other.tell(2, _result(0.5), 1.0, "s-2"), "that is the first one's trial"


def test_an_owner_on_another_host_is_dead_when_its_heart_stops(opened: Open) -> None:
    far = opened(dataclasses.replace(Owner.current(), host="far", token="far"), n_trials=2)
    lost, kept = _take(far).number, _take(far).number
    near = opened(n_trials=2, grace=1.0)
    beats = 0

    def taken_over() -> Claim | None:
        nonlocal beats
        beats += 1
        far.beat(kept, beats)
        found = near.claim(LOCKED)
        return found if isinstance(found, Claim) else None

    claims: list[Claim | None] = []
    wait_until(lambda: claims.append(taken_over()) or claims[-1], "the lost trial")
    assert claims[-1] is not None
    assert claims[-1].number == lost
    assert far.tell(kept, _result(0.4), 1.0, "s-1"), "its heart was beating"


def test_clocks_that_disagree_kill_nobody() -> None:
    me = Owner.current()
    watch = Watch(me, grace=1000.0)
    far = dataclasses.replace(me, host="far", token="far", started=9e9).as_dict()
    assert not watch.is_abandoned(0, far, 1)
    assert not watch.is_abandoned(0, far, 1)


def test_a_released_trial_is_free_at_once_and_not_counted_as_an_attempt(opened: Open) -> None:
    study = opened()
    claim = _take(study)
    study.release(claim.number)
    again = _take(opened())
    assert (again.number, again.attempt) == (claim.number, 1)


def test_a_trial_that_always_dies_is_told_failed_in_the_end(opened: Open) -> None:
    study = opened()
    claim: Claim | None = _take(study)
    for attempt in range(1, MAX_ATTEMPTS + 1):
        assert claim is not None
        assert claim.attempt == attempt
        claim = study.retry(0)
    assert claim is None
    trial = study.trials()[0]
    assert trial.state is TrialState.FAIL
    assert "interrupted" in trial.user_attrs["failure"]


def test_another_sweep_cannot_join_under_the_same_name(opened: Open) -> None:
    study = opened()
    changed = {**RECORD.space, "seed": 7}
    with pytest.raises(SweepError, match="another space"):
        study.create_or_join(dataclasses.replace(RECORD, space=changed), 5)
    with pytest.raises(SweepError, match="another fixed"):
        study.create_or_join(dataclasses.replace(RECORD, fixed={"a.y": 1}), 5)
    worded = {**RECORD.space, "description": "in other words", "n_trials": 50}
    study.create_or_join(dataclasses.replace(RECORD, space=worded), 5)


JOINING = """
import sys
from nbarank.sweep.record import Claim, Record
from nbarank.sweep.results import Result
from nbarank.sweep.spaces import parse_space
from nbarank.sweep.storage import Storage
from nbarank.sweep.study import Study
import json
record = Record(*json.loads(sys.argv[2]))
study = Study(Storage(sys.argv[1]), "crowd")
study.create_or_join(record, 12)
while isinstance(claim := study.claim({"a.x": 0.25}), Claim):
    study.tell(claim.number, Result(claim.values["a.x"], {}, {}), 0.0, "x")
    print(claim.number)
"""


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["embedded", "postgres"])
def test_many_processes_share_a_study_without_doubling_a_trial(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """Also the race of creating the database's tables and the study: all start at once."""
    url = f"sqlite:///{tmp_path}/crowd.sqlite3"
    if kind == "postgres":
        url = request.getfixturevalue("postgres")
    record = json.dumps([RECORD.base, RECORD.space, RECORD.objective, RECORD.fixed, None])
    crowd = [
        subprocess.Popen(
            [sys.executable, "-c", JOINING, url, record],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    printed = [process.communicate(timeout=180) for process in crowd]
    assert [process.returncode for process in crowd] == [0] * 4, [
        text[1][-2000:] for text in printed
    ]
    told = sorted(int(number) for text, _ in printed for number in text.split())
    assert told == list(range(12))
    study = Study(Storage(url), "crowd")
    study.join()
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE] * 12
    assert len({trial.params["a.x"] for trial in study.trials()}) == 12
