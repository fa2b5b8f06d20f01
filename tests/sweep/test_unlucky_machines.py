"""Clocks that jump, and maintenance of git and DVC, while trials run."""

from __future__ import annotations

import glob
import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from optuna.trial import TrialState

from nbarank.dvc.git import fetch_refs
from tests.reliability.small import COMMAND, environment, git, wait_until
from tests.sweep.running import experiments, finish, start, trials_of

TRIALS = 6
FAKETIME = next(iter(glob.glob("/usr/lib/*/faketime/libfaketimeMT.so.1")), None)
JUMPING = (
    sys.executable,
    "-c",
    "import os, threading, time; del os.environ['LD_PRELOAD']; "
    f"time.sleep = lambda seconds: threading.Event().wait(seconds) and None; {COMMAND[-1]}",
)
"""The sweep alone, with a `time.sleep` that libfaketime leaves whole.

libfaketime 0.9.10 lets every `time.sleep` of Python 3.11 fail (EINVAL) while the monotonic clock is
not faked. No real clock does: the wait is on the monotonic clock, which does not jump.
"""
MAINTENANCE = {
    "dvc gc": ("-m", "dvc", "gc", "--workspace", "--force"),
    "dvc gc of experiments": ("-m", "dvc", "gc", "--all-experiments", "--force"),
    "dvc checkout": ("-m", "dvc", "checkout", "--force"),
    "dvc checkout --relink": ("-m", "dvc", "checkout", "--relink"),
}


def _assert_whole(repository: Path, study: str, wanted: int) -> None:
    trials = trials_of(repository, study)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * wanted
    names = {trial.user_attrs["experiment"] for trial in trials}
    assert len(names) == wanted, "a trial counts twice"
    assert experiments(repository, study).keys() == names


@pytest.mark.slow
def test_maintenance_during_a_sweep_loses_no_trial(own_toy: Path) -> None:
    more = ("-S", "toy.seconds=2.0", "--jobs", "2", "--n-trials", str(TRIALS))
    sweep = start(own_toy, "mini", "kept", *more)
    wait_until(lambda: experiments(own_toy, "kept") or list_of_logs(own_toy), "a trial", sweep)
    kinds = itertools.cycle([*MAINTENANCE, "git gc"])
    runs = 0
    while sweep.poll() is None:
        kind = next(kinds)
        if kind == "git gc":
            git(own_toy, "gc", "-q", "--prune=now")
        else:
            command = [sys.executable, *MAINTENANCE[kind]]
            # Another dvc may hold DVC's lock for a moment.
            subprocess.run(
                command, cwd=own_toy, env=environment(), capture_output=True, check=False
            )
        runs += 1
    printed = finish(sweep)
    assert runs > len(MAINTENANCE), "not every kind ran"
    assert "Traceback" not in printed
    _assert_whole(own_toy, "kept", TRIALS)
    git(own_toy, "fsck", "--connectivity-only")


def test_experiments_come_home_while_git_deletes_what_has_no_ref(tmp_path: Path) -> None:
    home, clone = tmp_path / "home", tmp_path / "clone"
    commit = ("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m")
    git(tmp_path, "init", "-q", str(home))
    git(home, *commit, "first")
    git(tmp_path, "clone", "-q", "--shared", str(home), str(clone))
    ended = threading.Event()

    def collect_garbage() -> None:
        while not ended.is_set():
            subprocess.run(["git", "-C", str(home), "gc", "-q", "--prune=now"], check=False)

    collector = threading.Thread(target=collect_garbage)
    collector.start()
    try:
        for number in range(50):
            ref = f"refs/exps/kept-{number}"
            (clone / "metrics.json").write_text(f"{number}")
            git(clone, "add", ".")
            git(clone, *commit, f"{number}")
            git(clone, "update-ref", ref, "HEAD")
            fetch_refs(home, clone, [ref])
            assert git(home, "show", f"{ref}:metrics.json") == f"{number}"
            git(clone, "reset", "-q", "--hard", "origin/HEAD")
    finally:
        ended.set()
        collector.join()
    git(home, "fsck", "--connectivity-only")


def list_of_logs(toy: Path) -> list[Path]:
    return list((toy / ".sweeps" / "logs" / "kept").glob("kept-[0-9].log"))


@pytest.mark.slow
@pytest.mark.skipif(FAKETIME is None, reason="needs libfaketime (faketime)")
@pytest.mark.parametrize("jump", ["-3h", "+400d"])
def test_a_clock_that_jumps_during_heartbeats_loses_no_trial(
    own_toy: Path, tmp_path: Path, jump: str
) -> None:
    toy = own_toy
    clock = tmp_path / "clock"
    clock.write_text("+0\n")
    faked = environment(
        LD_PRELOAD=str(FAKETIME),
        FAKETIME_TIMESTAMP_FILE=str(clock),
        FAKETIME_NO_CACHE="1",
        FAKETIME_DONT_FAKE_MONOTONIC="1",
    )
    options = ("-S", "toy.seconds=2.0", "--n-trials", "3", "--jobs", "2", "--no-explain")
    sweeps = [
        subprocess.Popen(
            [*JUMPING, "sweep", "run", "mini", "--study", "jump", *options, "--grace", "30"],
            cwd=toy,
            env=faked,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        for _ in range(2)
    ]
    logs = toy / ".sweeps" / "logs" / "jump"
    wait_until(lambda: list(logs.glob("jump-[0-9].log")), "a trial", sweeps[0])
    clock.write_text(f"{jump}\n")
    time.sleep(4)
    clock.write_text("+0\n")
    for sweep in sweeps:
        assert "Traceback" not in finish(sweep)
    _assert_whole(toy, "jump", 3)
