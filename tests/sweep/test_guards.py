"""What is refused before the first trial, with the command to type."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbarank.cli.main import app
from nbarank.core.errors import NbarankError, SweepError
from nbarank.dvc.outputs import read_params, read_pipeline_file
from nbarank.dvc.pipeline import read_pipeline, shared_prefix, stage_that_makes, unread_keys
from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.preflight import refuse_unseen_changes
from tests.reliability.small import git


def test_untracked_and_changed_files_are_refused_with_the_git_add_to_type(toy: Path) -> None:
    refuse_unseen_changes(toy)
    new, params = toy / "model helper.py", toy / "params.yaml"
    before = params.read_text()
    try:
        new.write_text("x = 1\n")
        params.write_text(before + "\n# a thought\n")
        with pytest.raises(SweepError) as caught:
            refuse_unseen_changes(toy)
        assert caught.value.next_command is not None
        assert caught.value.next_command.startswith("git add params.yaml 'model helper.py'")
        with pytest.raises(SweepError, match="would miss"):
            make_plan(SweepRequest(space="mini"), toy, join=False)
    finally:
        new.unlink()
        params.write_text(before)


def test_files_no_stage_reads_do_not_stop_a_sweep(toy: Path) -> None:
    reports = ("docs/new.md", "reports/sweeps/x/ANALYSIS_01.md", "NOTES.md")
    for name in (*reports, "sweeps/new.yaml", "ledger/2026-01-15.json"):
        path = toy / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("words\n")
    refuse_unseen_changes(toy)


def test_only_what_trials_change_is_left_out_of_the_shared_prefix(toy: Path) -> None:
    params = read_params(toy, "HEAD")
    stages = read_pipeline(read_pipeline_file(toy, "HEAD"), params)
    target = stage_that_makes(stages, "metrics/summary.json")
    assert target == "evaluate"
    prefix, varying = shared_prefix(stages, target, ["model_b.max_depth"])
    assert prefix == ["collect", "features", "oof_deepset", "oof_rf"]
    assert varying == ["oof_xgb", "evaluate"]
    prefix, _ = shared_prefix(stages, target, ["features.rolling_windows"])
    assert prefix == ["collect"]
    assert unread_keys(stages, target, ["data.folder.path", "seasons.test"]) == ["seasons.test"]


def test_paths_out_of_the_repository_are_made_absolute(toy: Path) -> None:
    plan, _ = make_plan(SweepRequest(space="mini"), toy, join=False)
    assert plan.paths == {"data.folder.path": str(toy.parent / "numbers.txt")}
    (toy.parent / "other.txt").write_text("1\n")
    settings = {"data.folder.path": "../other.txt"}
    plan, _ = make_plan(SweepRequest(space="mini", settings=settings), toy, join=False)
    assert plan.trial_values({})["data.folder.path"] == str(toy.parent / "other.txt")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (SweepRequest(space="mini", objective="test.spearman"), "test"),
        (SweepRequest(space="mini", settings={"toy.seasons": ["2022-23"]}), "test"),
        (SweepRequest(space="mini", settings={"model_b.depth": 3}), "not a key"),
        (SweepRequest(space="mini", study="a-b"), "cannot name a study"),
        (SweepRequest(space="mini", study=""), "cannot name a study"),
        (SweepRequest(space="mini", push="nowhere"), "no git remote"),
        (SweepRequest(space="mini", push=""), "no git remote"),
        (
            SweepRequest(space="mini", push="https://u:secret@h/x?key=secret"),
            "remote 'https://h/x'",
        ),
        (SweepRequest(space="mini", listmle_target="title"), "listmle_target"),
        (SweepRequest(space="mini", profile="huge"), "no profile"),
        (SweepRequest(space="mini", storage="postgresql+psycopg://x@127.0.0.1:1/y"), "database"),
    ],
)
def test_what_cannot_work_is_refused(toy: Path, request_: SweepRequest, message: str) -> None:
    with pytest.raises(NbarankError) as caught:
        make_plan(request_, toy, join=False)
    assert message in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.next_command


@pytest.mark.parametrize("seconds", ["-1", "0", "nan", "inf", "1e9", "9" * 30])
def test_a_grace_that_means_nothing_is_refused(seconds: str) -> None:
    done = CliRunner().invoke(app, ["sweep", "run", "mini", "--dry-run", "--grace", seconds])
    assert done.exit_code == 2
    assert "--grace" in done.output


def test_dry_run_says_what_would_run_and_starts_no_study(toy: Path) -> None:
    plan, study = make_plan(SweepRequest(space="mini", study="dry"), toy, join=False)
    text = plan.describe()
    assert "each trial  oof_xgb, evaluate" in text
    assert "trials      4 (TPE, seed 42), 1 at a time" in text
    assert "model_b.max_depth      3 to 6 (tuned: 6)" in text
    assert "{" not in text
    assert not study.exists()


def test_dry_run_refuses_what_the_command_refuses(toy: Path) -> None:
    make_plan(SweepRequest(space="mini", study="started"), toy)
    other = SweepRequest(space="mini", study="started", settings={"model_c.min_samples_leaf": 7})
    with pytest.raises(SweepError, match="started with another fixed") as caught:
        make_plan(other, toy, join=False)
    caught.value.correct(["sweep", "run", "mini", "--study=started", "--dry-run"])
    assert caught.value.next_command == "nbarank sweep run mini --dry-run --study started_2"


def test_experiments_of_a_lost_study_cannot_pass_for_new_ones(toy: Path) -> None:
    head = git(toy, "rev-parse", "HEAD").strip()
    ref = f"refs/exps/{head[:2]}/{head[2:]}/lost-0"
    git(toy, "update-ref", ref, head)
    try:
        with pytest.raises(SweepError, match="earlier study 'lost'"):
            make_plan(SweepRequest(space="mini", study="lost"), toy, join=False)
    finally:
        git(toy, "update-ref", "-d", ref)
