"""Kill -9 any process in mid-trial, rerun: N trials complete, none is lost, none counts twice."""

import os
import signal
import subprocess
import zlib
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from optuna.trial import TrialState

from nbarank.sweep.queue_engine import QueueEngine
from tests.reliability.small import git, wait_until
from tests.sweep.running import experiments, finish, kill, opened, start, trials_of, working_for

WORKER = {"workers": "exp run --temp", "queue": "queue-worker"}


@pytest.fixture
def hold(tmp_path: Path) -> Path:
    """A file: while it exists, every trial but the first waits in its stage."""
    path = tmp_path / "hold"
    path.touch()
    return path


def _options(study: str, n_trials: int) -> tuple[str, ...]:
    """Return options of a study whose trials can be struck.

    Every study has a number of trees of its own: equal trials of two studies would be served from
    DVC's run cache and be over before anything can be killed.
    """
    trees = 1000 + zlib.crc32(study.encode()) % 1_000_000
    return ("-S", f"model_b.n_estimators={trees}", "--n-trials", str(n_trials))


def _wait_in_stage(sweep: subprocess.Popen[str], repository: Path, study: str, number: int) -> None:
    """Wait until a trial (not the reference run) is in one of its stages."""
    log = repository / ".sweeps" / "logs" / study / f"{study}-{number}.log"
    wait_until(log.exists, f"the log of trial {number}", sweep)
    in_stage = partial(working_for, repository, study, "toy.py oof_xgb")
    wait_until(in_stage, f"trial {number} in its stage", sweep)


def _assert_whole(repository: Path, study: str, wanted: int, before: dict[str, str]) -> None:
    trials = trials_of(repository, study)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * wanted
    kept = experiments(repository, study)
    assert len(kept) == wanted
    for name, commit in before.items():
        assert kept[name] == commit, f"{name} was finished before the kill and ran again"
    assert {trial.user_attrs["experiment"] for trial in trials} == set(kept), "one counts twice"
    for trial in trials:
        # The toy's value is a function of its parameters.
        depth, rate = (trial.params[f"model_b.{name}"] for name in ("max_depth", "learning_rate"))
        xgb = -abs(depth - 4) / 8 - abs(rate - 0.08)
        assert trial.value == pytest.approx(0.8 + (-12 / 20 + xgb - 0.1) / 10, abs=1e-9)
    assert not working_for(repository, study), "processes outlived their sweep"
    assert git(repository, "status", "--porcelain", "params.yaml") == ""
    assert git(repository, "branch", "--show-current").strip() == "main"


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["wrapper", "worker", "both"])
@pytest.mark.parametrize("engine", ["workers", "queue"])
def test_kill_in_mid_trial_and_the_same_command_again(
    toy: Path, hold: Path, engine: str, victim: str
) -> None:
    study = f"kill_{engine}_{victim}"
    more = (*_options(study, 2), "--engine", engine)
    sweep = start(toy, "mini", study, *more, TOY_HOLD=str(hold))
    _wait_in_stage(sweep, toy, study, 1)
    before = experiments(toy, study)
    assert set(before) == {f"{study}-0"}
    if victim in ("wrapper", "both"):
        os.kill(sweep.pid, signal.SIGKILL)
    if victim in ("worker", "both"):
        struck = working_for(toy, study, WORKER[engine])
        assert struck, "no worker to kill"
        kill(struck)
    hold.unlink()
    if victim == "worker":
        finish(sweep)  # the sweep itself lives: it runs the trial again by itself
    else:
        sweep.communicate()
        assert trials_of(toy, study)[1].state is TrialState.RUNNING
        finish(start(toy, "mini", study, *more))
    _assert_whole(toy, study, 2, before)
    assert len(opened(toy, study).trials()) == 3, "the second trial ran twice"
    if victim != "both":
        return
    # And once more: nothing is left to do, nothing is recorded again.
    ends = [trial.datetime_complete for trial in trials_of(toy, study)]
    finish(start(toy, "mini", study, *more))
    assert [trial.datetime_complete for trial in trials_of(toy, study)] == ends


def test_a_job_that_a_queue_worker_took_with_it_is_queued_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DVC's worker may leave for an empty queue just as it takes a job, which no other finds."""
    clone: Any = SimpleNamespace(study="s", folder=tmp_path / "0")
    engine, ended = QueueEngine(clone), SimpleNamespace(poll=lambda: 0)
    monkeypatch.setattr(engine, "start", lambda *_: ended)
    job, later = tmp_path / "job.json", tmp_path / "later.json"
    assert engine._is_worked_on(job), "without a worker, one is started"
    assert not engine._is_worked_on(job), "it left and did not run the job"
    assert engine._is_worked_on(later)


@pytest.mark.slow
def test_kill_of_two_workers_at_once(toy: Path, hold: Path) -> None:
    study = "kill_two"
    more = (*_options(study, 4), "--jobs", "2")
    sweep = start(toy, "mini", study, *more, TOY_HOLD=str(hold))
    _wait_in_stage(sweep, toy, study, 2)
    before = experiments(toy, study)
    os.kill(sweep.pid, signal.SIGKILL)
    kill(working_for(toy, study))
    hold.unlink()
    sweep.communicate()
    finish(start(toy, "mini", study, *more))
    _assert_whole(toy, study, 4, before)


@pytest.mark.slow
def test_a_killed_sweep_leaves_no_process_running_for_long(toy: Path, hold: Path) -> None:
    study = "kill_alone"
    sweep = start(toy, "mini", study, *_options(study, 2), TOY_HOLD=str(hold))
    _wait_in_stage(sweep, toy, study, 1)
    os.kill(sweep.pid, signal.SIGKILL)
    hold.unlink()
    sweep.communicate()
    wait_until(lambda: not working_for(toy, study), "the orphans to end by themselves")


@pytest.mark.slow
@pytest.mark.parametrize("kind", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_cleanly_and_a_rerun_resumes(
    toy: Path, hold: Path, kind: signal.Signals
) -> None:
    study = f"ctrl_c_{kind.name.lower()}"
    sweep = start(toy, "mini", study, *_options(study, 2), TOY_HOLD=str(hold))
    _wait_in_stage(sweep, toy, study, 1)
    sweep.send_signal(kind)
    printed = finish(sweep, status=130)
    assert "rerun the same command to resume" in printed
    assert "Traceback" not in printed
    assert not working_for(toy, study)
    before = experiments(toy, study)
    hold.unlink()
    finish(start(toy, "mini", study, *_options(study, 2)))
    _assert_whole(toy, study, 2, before)
