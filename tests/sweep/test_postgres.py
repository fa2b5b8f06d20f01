"""Two machines, one study: two clones with caches of their own on one PostgreSQL database."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
import toy as toy_pipeline
from optuna.trial import TrialState
from running import experiments, finish, start, trials_of, wait_until


@pytest.mark.slow
def test_two_clones_share_a_study_and_gather_its_results(postgres: str, tmp_path: Path) -> None:
    first = toy_pipeline.make_toy(tmp_path)
    toy_pipeline.write_spaces(first)
    hub, store = tmp_path / "hub.git", tmp_path / "store"
    toy_pipeline.shell("dvc", "remote", "add", "-q", "-d", "store", str(store), cwd=first)
    toy_pipeline.shell("git", "add", "-A", cwd=first)
    toy_pipeline.shell("git", "commit", "-q", "-m", "remote", cwd=first)
    toy_pipeline.shell("git", "clone", "-q", "--bare", str(first), str(hub), cwd=tmp_path)
    toy_pipeline.shell("git", "remote", "add", "origin", str(hub), cwd=first)
    second = tmp_path / "second"
    toy_pipeline.shell("git", "clone", "-q", str(hub), str(second), cwd=tmp_path)
    more = (
        *("--storage", postgres, "--push", "origin", "--n-trials", "6"),
        *("-S", "toy.seconds=0.5"),
    )
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
    toy_pipeline.shell("git", "clone", "-q", str(hub), str(third), cwd=tmp_path)
    best = max(trials, key=lambda trial: trial.value or 0.0).user_attrs["experiment"]
    toy_pipeline.shell("dvc", "exp", "pull", "-q", "origin", best, cwd=third)
    assert experiments(third, "shared").keys() == {best}
