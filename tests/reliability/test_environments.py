"""Every run says on what it was made, and two machines can be told apart by it."""

import json
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from nbarank.dvc.doctor import _reach, hide_secrets
from tests.reliability.small import (
    COMMAND,
    assert_reported,
    commit_all,
    configure,
    dvc,
    edit_params,
    experiment_file,
    git,
    lock_of,
    nbarank,
    run,
)

RECORD = Path("metrics/environment.json")


def test_a_run_leaves_a_record_that_git_and_dvc_do_not_track(reproduced: Path) -> None:
    record = json.loads((reproduced / RECORD).read_text())
    assert record["python"].startswith("3.")
    assert record["libraries"]["torch"]
    assert {"seed", "threads", "device", "wsl", "system"} <= set(record)
    assert "environment.json" not in git(reproduced, "status", "--porcelain")
    assert b"environment.json" not in lock_of(reproduced)


def test_an_experiment_holds_the_record_of_its_machine(repository: Path) -> None:
    commit_all(repository, "Reproduced")
    (repository / RECORD).unlink()
    nbarank(repository, "run", "--name", "recorded", "-S", "report.first_run=16")
    assert json.loads(experiment_file(repository, "recorded", RECORD))["libraries"]["torch"]
    assert git(repository, "status", "--porcelain") == ""
    printed = nbarank(repository, "compare-environments", "recorded", "HEAD")
    assert_reported(printed, "report.first_run", "not recorded by HEAD")


def test_equal_runs_are_told_to_be_equal(reproduced: Path, repository: Path) -> None:
    printed = nbarank(repository, "compare-environments", str(reproduced), ".")
    assert_reported(printed, "Environment: 0 difference(s)", "every stage gave the same bytes")
    assert "every number is the same" in printed


def test_the_first_number_that_differs_is_named(reproduced: Path, repository: Path) -> None:
    """As if another machine had computed one table and one metric a little differently."""
    record = json.loads((repository / RECORD).read_text())
    (repository / RECORD).write_text(json.dumps({**record, "python": "3.99.0"}))
    path = repository / "data" / "oof" / "xgb.parquet"
    table = pd.read_parquet(path)
    table.loc[table.index[6], "rank_score"] += 1e-4
    table.to_parquet(path, index=False)
    dvc(repository, "commit", "--force", "oof_xgb")
    summary = repository / "metrics" / "summary.json"
    content = json.loads(summary.read_text())
    content["objectives"]["spearman"] += 0.25
    summary.write_text(json.dumps(content))
    printed = nbarank(reproduced, "compare-environments", str(reproduced), str(repository))
    assert "oof_xgb is the first stage that gave other bytes; its inputs are the same" in printed
    assert_reported(printed, "3.99.0", "rank_score, row 7", "0.0001 apart")
    assert_reported(printed, "objectives.spearman", "0.25 apart")


def test_an_unknown_side_is_told(repository: Path) -> None:
    printed = nbarank(repository, "compare-environments", "nowhere", ".", fails=True)
    assert_reported(printed, "neither a folder nor an experiment")


def test_doctor_says_what_lacks(repository: Path) -> None:
    # A small test machine may be short of memory or disk; nothing else may lack.
    told = run([*COMMAND, "doctor"], repository, may_fail=True)
    lacking = [line for line in told.splitlines() if line.startswith("!!")]
    assert all(line.split()[1] == "free" for line in lacking), told
    edit_params(repository, {"repro.threads": 64, "features.rolling_windows": [-1]})
    configure(repository, "core", remote="gone")
    configure(repository, "'remote \"gone\"'", url="ssh://joe:word@127.0.0.1:9/x")
    printed = nbarank(repository, "doctor", fails=True)
    assert_reported(printed, "features.rolling_windows", "remote gone", "verify true")
    assert "word" not in printed.replace("password", "")
    assert "joe" not in printed


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("s3://bucket/folder", "s3://bucket/folder"),
        ("ssh://joe:secret@host:22/x", "ssh://host:22/x"),
        ("https://host/x?token=abc", "https://host/x"),
    ],
)
def test_addresses_are_shown_without_secrets(address: str, shown: str) -> None:
    assert hide_secrets(address) == shown


def test_doctor_names_the_missing_plugin_of_a_remote() -> None:
    def missing(_name: str) -> None:
        raise ImportError("s3 is supported, but requires 'dvc-s3' to be installed")

    repository = SimpleNamespace(cloud=SimpleNamespace(get_remote_odb=missing))
    assert _reach(repository, "shared", "s3://bucket/x").fix == "pip install 'dvc[s3]'"
