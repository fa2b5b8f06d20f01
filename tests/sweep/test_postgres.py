"""Two machines, one study: two clones with caches of their own on one PostgreSQL database."""

import os
import signal
from pathlib import Path

import pytest
from optuna.trial import TrialState

from tests.reliability.small import commit_all, dvc, git, settle, wait_until
from tests.sweep.running import experiments, finish, start, trials_of


@pytest.mark.slow
def test_two_clones_share_a_study_and_gather_its_results(
    postgres: str, own_toy: Path, tmp_path: Path
) -> None:
    first = own_toy
    hub, store = tmp_path / "hub.git", tmp_path / "store"
    dvc(first, "remote", "add", "-q", "-d", "store", str(store))
    commit_all(first, "remote")
    git(tmp_path, "clone", "-q", "--bare", str(first), str(hub))
    git(first, "remote", "add", "origin", str(hub))
    second = tmp_path / "second"
    git(tmp_path, "clone", "-q", str(hub), str(second))
    settle(second)
    more = ("--storage", postgres, "--push", "origin", "--n-trials", "6", "-S", "toy.seconds=0.5")
    sweeps = [start(clone, "mini", "shared", *more) for clone in (first, second)]
    # One of them is killed in mid-sweep and started again, as a machine that lost power.
    wait_until(lambda: experiments(second, "shared"), "a trial of the second clone", sweeps[1])
    os.kill(sweeps[1].pid, signal.SIGKILL)
    sweeps[1].communicate()
    sweeps[1] = start(second, "mini", "shared", *more)
    for sweep in sweeps:
        finish(sweep)

    trials = trials_of(first, "shared", postgres)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 6
    here, there = experiments(first, "shared"), experiments(second, "shared")
    wanted = {trial.user_attrs["experiment"] for trial in trials}
    assert len(wanted) == 6, "a trial counts twice"
    assert here.keys() | there.keys() == wanted
    assert here, "the first clone ran nothing"
    assert there, "the second clone ran nothing"
    assert experiments(hub, "shared").keys() == wanted, "the hub gathers all results"

    # A third clone gets every experiment, and the best one's figures, from the remotes alone.
    third = tmp_path / "third"
    git(tmp_path, "clone", "-q", str(hub), str(third))
    best = max(trials, key=lambda trial: trial.value or 0.0).user_attrs["experiment"]
    dvc(third, "exp", "pull", "-q", "origin", best)
    assert experiments(third, "shared").keys() == {best}
