"""One command does everything, a second does nothing, and a change re-runs what depends on it."""

import csv
import json
import os
import re
from pathlib import Path

from nbarank.core.sections import read_yaml
from nbarank.dvc.pipeline import downstream, read_pipeline
from tests.reliability.small import (
    assert_reported,
    commit_all,
    dvc,
    edit_params,
    experiment_file,
    git,
    leftovers,
    lock_of,
    nbarank,
    run,
    stages_that_ran,
    without_install,
    wrong_outputs,
)

FOLLOWING_A_MODEL = ["stack", "calibrate", "forecast", "evaluate"]
"""Run after any base model, at the least; what else follows is read from dvc.yaml."""


def test_one_command_runs_every_stage(reproduced: Path, stages_of_first_run: list[str]) -> None:
    assert sorted(stages_of_first_run) == sorted(read_yaml(reproduced / "dvc.yaml")["stages"])
    assert wrong_outputs(reproduced) == []
    assert leftovers(reproduced) == []
    with (reproduced / "metrics" / "scorecard.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["season"] for row in rows} == {"2013-14", "2014-15"}
    assert {"ensemble", "deepset", "xgb", "rf", "standings"} <= {row["ranker"] for row in rows}
    assert json.loads((reproduced / "metrics" / "summary.json").read_text())
    # What git is to track, and nothing else: dvc.lock, and outputs that DVC does not cache.
    stages = read_yaml(reproduced / "dvc.yaml")["stages"].values()
    tracked = {
        path
        for stage in stages
        for out in stage["outs"]
        if isinstance(out, dict)
        for path, options in out.items()
        if not options.get("cache", True)
    }
    status = git(reproduced, "status", "--porcelain", "--untracked-files=all")
    changed = {line[3:] for line in status.splitlines()}
    assert changed <= {"dvc.lock", *tracked}


def test_a_second_repro_runs_nothing(repository: Path) -> None:
    before = lock_of(repository)
    assert stages_that_ran(dvc(repository, "repro")) == []
    assert lock_of(repository) == before


def test_make_repro_shows_stages_and_no_hints_of_dvc(repository: Path) -> None:
    without_install(repository)
    edit_params(repository, {"report.first_run": 2})
    printed = run(["make", "repro"], repository, PYTHONPATH=str(repository))
    assert "I report: done in" in printed
    assert not re.search(r"git add|dvc push|autostage|stage \d+ of", printed), printed


def test_make_repro_reports_another_repro(repository: Path) -> None:
    without_install(repository)
    holder = {"pid": os.getpid(), "cmd": "dvc repro"}
    lock = {str(repository / "data" / "raw"): {"write": holder}}
    (repository / ".dvc" / "tmp" / "rwlock").write_text(json.dumps(lock))
    printed = run(["make", "repro"], repository, fails=True, PYTHONPATH=str(repository))
    assert "Another repro runs in this folder. Next: " in printed


def test_a_profile_reruns_xgboost_and_what_follows_and_leaves_params_as_they_are(
    repository: Path,
) -> None:
    (repository / "profiles" / "shallow.yaml").write_text("model_b: {max_depth: 2}\n")
    commit_all(repository, "Reproduced")
    before = (repository / "params.yaml").read_bytes()
    printed = nbarank(repository, "run", "--profile", "shallow", "--name", "a-profile")
    assert "Recorded as a-profile" in printed
    ran = stages_that_ran(printed)
    assert ran[0] == "oof_xgb"
    declared = read_yaml(repository / "dvc.yaml"), read_yaml(repository / "params.yaml")
    assert set(ran[1:]) <= set(downstream(read_pipeline(*declared), ["oof_xgb"]))
    assert set(FOLLOWING_A_MODEL) <= set(ran)
    assert (repository / "params.yaml").read_bytes() == before
    assert git(repository, "status", "--porcelain") == ""
    assert "max_depth: 2" in experiment_file(repository, "a-profile", "params.yaml")
    assert "Spearman" in nbarank(repository, "scorecard", "--experiment", "a-profile")
    # Back again: everything comes from the run cache, except what git tracks and is made anew.
    dvc(repository, "exp", "apply", "a-profile")
    assert "max_depth: 2" in (repository / "params.yaml").read_text()
    edit_params(repository, {"model_b.max_depth": 3})
    assert not set(stages_that_ran(dvc(repository, "repro"))) & {"oof_xgb", *FOLLOWING_A_MODEL}


def test_a_plot_title_reruns_nothing(repository: Path) -> None:
    file = repository / "dvc.yaml"
    text = file.read_text(encoding="utf-8")
    assert "title: " in text
    file.write_text(text.replace("title: ", "title: A new title, ", 1), encoding="utf-8")
    assert stages_that_ran(dvc(repository, "repro")) == []


def test_a_queued_experiment_runs(repository: Path) -> None:
    commit_all(repository, "Reproduced")
    before = (repository / "params.yaml").read_bytes()
    setting = "report.first_run=15"
    dvc(repository, "exp", "run", "--queue", "--name", "queued", "-S", setting)
    dvc(repository, "exp", "run", "--run-all")
    shown = json.loads(dvc(repository, "exp", "show", "--json", "-A"))
    assert "queued" in json.dumps(shown)
    assert "first_run: 15" in experiment_file(repository, "queued", "params.yaml")
    assert (repository / "params.yaml").read_bytes() == before
    assert git(repository, "status", "--porcelain") == ""


def test_a_run_has_the_next_free_id_and_its_predictions_bear_it(repository: Path) -> None:
    edit_params(repository, {"report.first_run": 26})
    commit_all(repository, "Reproduced; runs are numbered from 26")
    for expected, threads in [("run-026", 1), ("run-027", 2)]:
        printed = nbarank(repository, "run", "-S", f"repro.threads={threads}")
        assert f"Recorded as {expected}" in printed
        assert "Compared with" in printed and "|---" not in printed
    again = nbarank(repository, "run", "--name", "run-026", fails=True)
    assert "There is already a run run-026." in again
    dvc(repository, "exp", "apply", "run-026")
    report = repository / "report"
    files = [report / "predictions.json", *(report / "seasons").glob("*.json")]
    assert len(files) > 1
    assert {json.loads(file.read_text())["run_id"] for file in files} == {"run-026"}
    assert "run-026" in (report / "index.html").read_text()


def test_a_typo_in_params_stops_before_any_work(repository: Path) -> None:
    edit_params(repository, {"features.rolling_windows": [-15, 30]})
    before = lock_of(repository)
    printed = dvc(repository, "repro", fails=True)
    assert_reported(printed, "ParamsError", "features.rolling_windows")
    assert lock_of(repository) == before
    assert leftovers(repository) == []
