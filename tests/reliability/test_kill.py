"""Kill -9 at any moment, the same command again: the bytes of an undisturbed run."""

import os
import random
import signal
import sys
import time
from pathlib import Path

import pytest

from nbarank.core.sections import read_yaml
from nbarank.dvc.truncated_files import FIXES, LOCK_FILE, RWLOCK_FILE, truncated
from tests.reliability.small import (
    COMMAND,
    assert_sound,
    clone,
    commit_all,
    dvc,
    git,
    kill_group,
    lock_of,
    nbarank,
    run,
    stage_processes,
    stages_that_ran,
    start,
    wait_for_stage,
)

REPRO = (sys.executable, "-m", "dvc", "repro")


def _mend(repository: Path) -> None:
    """Do as `nbarank doctor` says of files that DVC writes in place, so that a kill cuts them."""
    for path in truncated(repository):
        assert path.name in dvc(repository, "repro", fails=True)
        (repository / path).unlink()


@pytest.mark.slow
def test_kills_in_every_stage_end_in_the_same_bytes(reproduced: Path, tmp_path: Path) -> None:
    """A fresh clone without any cache, killed once in each stage and at moments in between."""
    chance = random.Random(20)
    repository = clone(reproduced, tmp_path / "killed", share_cache=False)
    kills = 0
    stages = list(read_yaml(repository / "dvc.yaml")["stages"])
    for number in range(len(stages)):
        _mend(repository)
        process = start(REPRO, repository)
        # Or a later one: a quick machine may have got beyond this stage before the last kill.
        if wait_for_stage(process, *stages[number:]):
            time.sleep(chance.uniform(0.0, 2.0))
            if process.poll() is None:
                kill_group(process)
                kills += 1
        else:
            process.communicate()
        if kills % 3 == 2:  # and in the first second, where DVC reads and locks
            process = start(REPRO, repository)
            time.sleep(chance.uniform(0.2, 1.5))
            kill_group(process)
            kills += 1
    _mend(repository)
    assert kills >= 20, "the stages ended before they could be killed"
    dvc(repository, "repro")
    assert_sound(repository, lock_of(reproduced))
    assert stages_that_ran(dvc(repository, "repro")) == []


@pytest.mark.parametrize("size", [0, 30, 20_000])
def test_a_lock_file_that_a_kill_has_cut_off_is_named(repository: Path, size: int) -> None:
    """Cut to a size: empty, within the first stage, between two of its chunks."""
    whole = lock_of(repository)
    lock = repository / LOCK_FILE
    lock.write_bytes(whole[:size])
    readable = LOCK_FILE not in truncated(repository)
    if not readable:
        assert FIXES[LOCK_FILE] in " ".join(nbarank(repository, "doctor", fails=True).split())
        dvc(repository, "repro", fails=True)
        lock.unlink()
    dvc(repository, "repro")
    assert_sound(repository, whole)


def test_dvc_s_own_lock_that_a_kill_has_cut_off_is_named_with_its_remedy(repository: Path) -> None:
    path = repository / RWLOCK_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    assert truncated(repository) == [RWLOCK_FILE]
    assert FIXES[RWLOCK_FILE] in " ".join(nbarank(repository, "doctor", fails=True).split())
    assert "rwlock" in dvc(repository, "repro", "--force", "--single-item", "scorecard", fails=True)
    path.unlink()
    dvc(repository, "repro", "--force", "--single-item", "scorecard")
    assert truncated(repository) == []


def test_a_stage_killed_alone_is_named_and_runs_again(repository: Path) -> None:
    """As when the kernel ends the process that takes the most memory; DVC itself lives."""
    before = lock_of(repository)
    process = start((*REPRO, "--force", "--single-item", "ingest"), repository)
    assert wait_for_stage(process, "ingest")
    for pid in stage_processes(process, "ingest"):
        os.kill(pid, signal.SIGKILL)
    output, _ = process.communicate()
    assert process.returncode != 0
    assert "ingest" in output
    assert lock_of(repository) == before
    dvc(repository, "repro")
    assert_sound(repository, before)


def test_a_killed_experiment_leaves_the_workspace_alone(repository: Path) -> None:
    commit_all(repository, "Reproduced")
    before = {name: (repository / name).read_bytes() for name in ("params.yaml", "dvc.lock")}
    command = (*COMMAND, "run", "--name", "again", "-S", "report.first_run=16")
    process = start(command, repository)
    assert wait_for_stage(process, "report")
    kill_group(process)
    assert {name: (repository / name).read_bytes() for name in before} == before
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "branch", "--show-current").strip() == "main"
    assert "Recorded as again" in run(command, repository)


def test_two_repros_at_once(repository: Path) -> None:
    """The second waits or is refused; neither spoils the other's work."""
    before = lock_of(repository)
    command = (*REPRO, "--force", "--single-item", "ingest")
    processes = [start(command, repository) for _ in range(2)]
    outputs = [process.communicate()[0] for process in processes]
    codes = [process.returncode for process in processes]
    assert 0 in codes, outputs
    for code, output in zip(codes, outputs, strict=True):
        assert code == 0 or "lock" in output or "is busy" in output, output
    dvc(repository, "repro")
    assert_sound(repository, before)
