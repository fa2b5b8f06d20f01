"""Whole sweeps on the toy: results, failures, the report, the winner and its lock."""

import json
import shutil
from pathlib import Path

import pytest
from optuna.trial import TrialState
from ruamel.yaml import YAML

from nbarank.core.errors import RevisionError, SweepError
from nbarank.dvc.git import experiment_ref, experiment_refs, head, ref_exists, show
from nbarank.sweep.campaign import run_campaign
from nbarank.sweep.leaderboard import leaderboard
from nbarank.sweep.lock import lock_experiment
from nbarank.sweep.plan import SweepRequest
from nbarank.sweep.report import next_path, write_report
from nbarank.sweep.spaces import FIRST_SWEEP
from nbarank.sweep.workers import run_sweep
from tests.conftest import ROOT
from tests.reliability.small import git
from tests.sweep.running import experiments, trials_of

pytestmark = pytest.mark.xdist_group("sweeps")  # most need the same sweep


@pytest.fixture(scope="module")
def depths(toy: Path) -> Path:
    """The toy after a grid over four depths, two of which fail; two workers."""
    request = SweepRequest(
        space="depths", study="depths", jobs=2, settings={"toy.fail_above": 3}, grace=30.0
    )
    outcome = run_sweep(request, toy, quiet=True)
    assert outcome.counts == {"complete": 2, "failed": 2}
    assert not outcome.stopped
    return toy


def test_a_failing_trial_is_recorded_with_its_log_and_the_sweep_continues(depths: Path) -> None:
    trials = trials_of(depths, "depths")
    assert sorted(trial.params["model_b.max_depth"] for trial in trials) == [2, 3, 4, 5]
    for trial in trials:
        depth = trial.params["model_b.max_depth"]
        if depth > 3:
            assert trial.state is TrialState.FAIL
            assert f"fell over at depth {depth}" in trial.user_attrs["log_tail"]
            assert trial.user_attrs["failure"].startswith("ERROR: failed to reproduce 'oof_xgb'")
        else:
            assert trial.state is TrialState.COMPLETE
    # A failed trial leaves no experiment, so the baseline's figures cannot be taken for its own.
    assert len(experiments(depths, "depths")) == 2


def test_every_trial_is_an_experiment_with_its_own_parameters_and_figures(depths: Path) -> None:
    refs = experiments(depths, "depths")
    for trial in trials_of(depths, "depths"):
        if trial.state is TrialState.COMPLETE:
            commit = refs[f"depths-{trial.number}"]
            params = YAML(typ="safe").load(show(depths, commit, "params.yaml") or "")
            assert params["model_b"]["max_depth"] == trial.params["model_b.max_depth"]
            figures = json.loads(show(depths, commit, "metrics/summary.json") or "")["objectives"]
            assert figures["spearman"] == trial.value
            assert trial.user_attrs["metrics"] == figures
            # Of a stage that trials stop before: what lies there is the baseline's.
            assert trial.user_attrs["diagnostics"].keys() == {"entropy", "collapsed"}


def test_the_shared_prefix_runs_once_and_trees_never_retrain_the_deep_set(depths: Path) -> None:
    logs = depths / ".sweeps" / "logs" / "depths"
    for path in logs.glob("depths-[0-9].log"):
        printed = path.read_text()
        assert "Running stage 'oof_xgb'" in printed
        for stage in ("collect", "features", "oof_deepset", "oof_rf"):
            assert f"Running stage '{stage}'" not in printed, (path.name, stage)


def test_the_users_tree_is_untouched_and_the_best_trial_explained(depths: Path) -> None:
    status = git(depths, "status", "--porcelain")
    assert not [line for line in status.splitlines() if line[:2] != "??"]
    assert ".sweeps" not in status
    refs = git(depths, "for-each-ref", "refs/exps")
    best = max(trials_of(depths, "depths"), key=lambda trial: trial.value or -1.0)
    assert f"/depths-{best.number}-explain\n" in refs
    explained = experiment_ref(head(depths), f"depths-{best.number}-explain")
    figures = json.loads(show(depths, explained, "metrics/summary.json") or "")["objectives"]
    assert figures["spearman"] == best.value, "the figures of the baseline"


def test_the_report_answers_what_readers_ask_and_takes_the_next_number(depths: Path) -> None:
    shutil.rmtree(depths / "reports", ignore_errors=True)
    path = write_report("depths", depths)
    assert path == depths / "reports" / "sweeps" / "depths" / "ANALYSIS_01.md"
    text = path.read_text()
    for words in (
        "2 complete, 2 failed of 4",
        "fell over at depth",
        "## Attention",
        "entropy",
        "## Compared with the tuned values",
        "over 6 seasons",
        "all checkpoints",
    ):
        assert words in text, words
    figure = (path.with_suffix("") / "trials.svg").read_text()
    assert "model_b.max_depth" in figure and figure.count('aria-label="model_b.max_depth: ') == 2
    assert write_report("depths", depths).name == "ANALYSIS_02.md"
    (path.parent / "ANALYSIS_07.md").write_text("by hand")
    assert next_path(path.parent).name == "ANALYSIS_08.md"


def test_the_leaderboard_names_the_winner_and_what_it_changed(depths: Path) -> None:
    text = leaderboard(depths, "spearman", top=3)
    assert text.splitlines()[0].split()[:2] == ["experiment", "spearman"]
    assert "next: nbarank lock " in text
    assert "model_b.max_depth: 6 ->" in text
    assert "data.folder.path" not in text, "a path made absolute is no finding"
    assert "-explain" not in text
    with pytest.raises(SweepError, match="test"):
        leaderboard(depths, "test")


def test_lists_are_swept_as_lists(toy: Path) -> None:
    request = SweepRequest(space="windows", study="windows", explain=False)
    outcome = run_sweep(request, toy, quiet=True)
    assert outcome.counts["complete"] == 3
    best = experiments(toy, "windows")[str(outcome.best)]
    params = YAML(typ="safe").load(show(toy, best, "params.yaml") or "")
    assert params["features"]["rolling_windows"] == [10, 30]
    # The same command makes a run of the tuned values that is missing in this clone.
    reference = experiment_ref(head(toy), "windows-locked")
    git(toy, "update-ref", "-d", reference)
    assert run_sweep(request, toy, quiet=True) == outcome
    assert ref_exists(toy, reference)


def test_a_shared_stage_that_fails_ends_the_sweep(toy: Path) -> None:
    settings = {"features.rolling_windows": []}
    request = SweepRequest(space="mini", study="shared_fails", settings=settings)
    with pytest.raises(SweepError, match="'features', which all trials share, fails") as caught:
        run_sweep(request, toy, quiet=True)
    _, log = str(caught.value.next_command).split()
    assert "ZeroDivisionError" in Path(log).read_text()
    assert trials_of(toy, "shared_fails") == []


def test_a_leaderboard_without_experiments_names_a_first_sweep(pristine: Path) -> None:
    with pytest.raises(SweepError, match="Nothing to compare yet") as caught:
        leaderboard(pristine)
    assert caught.value.next_command == FIRST_SWEEP
    assert (ROOT / "sweeps" / f"{FIRST_SWEEP.split()[-1]}.yaml").exists()


def test_halving_runs_few_trials_to_the_end_and_keeps_the_best(toy: Path) -> None:
    request = SweepRequest(space="halving", study="halving", explain=False)
    outcome = run_sweep(request, toy, quiet=True)
    assert outcome.counts["complete"] + outcome.counts["pruned"] == 4
    assert outcome.counts["pruned"] >= 1
    trials = trials_of(toy, "halving")
    best_rung = max(trials, key=lambda trial: trial.intermediate_values[1])
    assert best_rung.state is TrialState.COMPLETE, "the best of the cheap rung must continue"
    full = [f"halving-{t.number}" for t in trials if t.state is TrialState.COMPLETE]
    assert experiments(toy, "halving").keys() == set(full)


@pytest.fixture
def swept_toy(toy: Path, tmp_path: Path) -> Path:
    """A copy of the toy, after sweeps, that a test may change."""
    shutil.copytree(toy.parent, tmp_path / "copy", symlinks=True)
    return tmp_path / "copy" / "toy"


def test_lock_keeps_comments_and_notes_the_origin(depths: Path, swept_toy: Path) -> None:
    best = max(trials_of(swept_toy, "depths"), key=lambda trial: trial.value or -1.0)
    path = swept_toy / "params.yaml"
    before = path.read_text()
    locked, _ = lock_experiment(f"depths-{best.number}", swept_toy)
    assert locked.gain.beyond_noise
    assert locked.gain.seasons == 6
    after = path.read_text()
    assert YAML(typ="safe").load(after)["model_b"]["max_depth"] == 3
    added = [line for line in after.splitlines() if line not in before.splitlines()]
    assert added[0].strip().startswith(f"# Origin: depths-{best.number}, spearman +")
    assert added[1] == "  max_depth: 3  # depth of a tree"
    # `toy.fail_above` was fixed by --set-param and is not a result of the search.
    assert len(added) == 2
    lines = [line for line in after.splitlines() if line not in added]
    assert lines == [line for line in before.splitlines() if "max_depth" not in line]
    with pytest.raises(RevisionError, match="no experiment"):
        lock_experiment("depths-99", swept_toy)


def test_lock_refuses_a_gain_inside_the_noise_unless_forced(swept_toy: Path) -> None:
    """A sweep whose worst trial loses: no interval above zero, so no lock without force."""
    request = SweepRequest(
        space="windows",
        study="noise",
        explain=False,
        settings={"features.rolling_windows": [10, 30]},
    )
    run_sweep(request, swept_toy, quiet=True)
    worst = min(trials_of(swept_toy, "noise"), key=lambda trial: trial.value or 1.0)
    name = f"noise-{worst.number}"
    with pytest.raises(SweepError, match="inside the noise") as caught:
        lock_experiment(name, swept_toy)
    assert caught.value.next_command == f"nbarank compare {name} workspace"
    with pytest.raises(SweepError, match="changes no value"):
        lock_experiment("noise-locked", swept_toy)
    # The leaderboard suggests no lock that is refused.
    for ref in experiment_refs(swept_toy):
        if not ref.endswith((f"/{name}", "/noise-locked")):
            git(swept_toy, "update-ref", "-d", ref)
    board = leaderboard(swept_toy)
    assert "Not to be locked" in board and "next: nbarank lock" not in board
    assert lock_experiment(name, swept_toy, force=True)[0].gain.mean < 0


def test_a_campaign_runs_in_order_from_one_commit_and_resumes(swept_toy: Path) -> None:
    folder = swept_toy / "sweeps" / "campaigns"
    folder.mkdir(exist_ok=True)
    (folder / "small.yaml").write_text(
        "description: two targets\n"
        "sweeps:\n"
        "  - {space: windows, objective: spearman, listmle_target: final_rank, n_trials: 2}\n"
        "  - {space: windows, objective: rank_rmse, listmle_target: playoff_outcome, n_trials: 2}\n"
    )
    said: list[str] = []
    request = SweepRequest(space="", explain=False)
    outcomes = run_campaign("small", request, swept_toy, said.append, quiet=True)
    assert [outcome.study for outcome in outcomes] == [
        "windows_spearman_final_rank",
        "windows_rank_rmse_playoff_outcome",
    ]
    before = [experiments(swept_toy, outcome.study) for outcome in outcomes]
    assert [len(found) for found in before] == [2, 2]
    # A later commit does not change what the campaign hangs off, and nothing runs again.
    (swept_toy / "toy.py").write_text((swept_toy / "toy.py").read_text() + "\n# later\n")
    git(swept_toy, "commit", "-q", "-am", "later")
    again = run_campaign("small", request, swept_toy, said.append, quiet=True)
    assert [outcome.best for outcome in again] == [outcome.best for outcome in outcomes]
    assert [experiments(swept_toy, outcome.study) for outcome in again] == before
