"""One command does everything, a second does nothing, and a change re-runs what depends on it."""

import csv
import json
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
    stages_that_ran,
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


def test_an_xgboost_parameter_reruns_xgboost_and_what_follows(repository: Path) -> None:
    edit_params(repository, {"model_b.max_depth": 2})
    ran = stages_that_ran(dvc(repository, "repro"))
    assert ran[0] == "oof_xgb"
    declared = read_yaml(repository / "dvc.yaml"), read_yaml(repository / "params.yaml")
    assert set(ran[1:]) <= set(downstream(read_pipeline(*declared), ["oof_xgb"]))
    assert set(FOLLOWING_A_MODEL) <= set(ran)
    # Back again: everything comes from the run cache, except what git tracks and is made anew.
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
    setting = "evaluation.reliability_bins=15"
    dvc(repository, "exp", "run", "--queue", "--name", "queued", "-S", setting)
    dvc(repository, "exp", "run", "--run-all")
    shown = json.loads(dvc(repository, "exp", "show", "--json", "-A"))
    assert "queued" in json.dumps(shown)
    assert "reliability_bins: 15" in experiment_file(repository, "queued", "params.yaml")
    assert (repository / "params.yaml").read_bytes() == before
    assert git(repository, "status", "--porcelain") == ""


def test_a_profile_is_recorded_and_params_stay_as_they_are(repository: Path) -> None:
    commit_all(repository, "Reproduced")
    before = (repository / "params.yaml").read_bytes()
    printed = nbarank(repository, "run", "--profile", "medium", "--name", "a-profile")
    assert "Recorded as a-profile" in printed
    assert not set(stages_that_ran(printed)) & {"collect", "ingest", "ratings", "team_features"}
    assert (repository / "params.yaml").read_bytes() == before
    assert git(repository, "status", "--porcelain") == ""
    assert "history_days: 120" in experiment_file(repository, "a-profile", "params.yaml")
    assert "Spearman" in nbarank(repository, "scorecard", "--experiment", "a-profile")


def test_a_run_has_the_next_free_id_and_its_predictions_bear_it(repository: Path) -> None:
    edit_params(repository, {"report.first_run": 26})
    commit_all(repository, "Reproduced; runs are numbered from 26")
    for expected, setting in [
        ("run-026", "evaluation.reliability_bins=9"),
        ("run-027", "evaluation.reliability_bins=11"),
    ]:
        assert f"Recorded as {expected}" in nbarank(repository, "run", "-S", setting)
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
