"""Outputs of an experiment are its own: from DVC's cache or the remote, never the workspace's."""

import contextlib
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
from ruamel.yaml import YAML

from nbarank.cli.results import compare
from nbarank.core.errors import RevisionError, SweepError
from nbarank.dvc.experiment_page import explain_experiment
from nbarank.dvc.git import experiments_by_name, show
from nbarank.dvc.outputs import read_output, read_scorecard
from nbarank.sweep.gain import tuned_revision
from nbarank.sweep.leaderboard import leaderboard
from nbarank.sweep.lock import lock_experiment
from tests.reliability.small import commit_all, dvc, git
from tests.sweep import toy as toy_pipeline

pytestmark = pytest.mark.xdist_group("recorded_outputs")  # one toy for all of them
CARD = "metrics/scorecard.csv"
CACHE = Path(".dvc/cache")
# As in this project's own dvc.yaml: the scorecard is in DVC's cache, and the report reads it.
PIPELINE = (
    toy_pipeline.PIPELINE.replace(f"{CARD}: {{cache: false}}", CARD)
    + f"""\
  report:
    cmd: mkdir -p report && cp {CARD} report
    deps: [{CARD}]
    outs: [report]
"""
)
PARAMS = """\
evaluation: {interval: 0.95, reliability_bins: 5, sleeper_slots: 2}
repro: {seed: 1, threads: 1, device: cpu}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a cached scorecard and the experiments exp-a, exp-b and, cut short, part."""
    root = tmp_path_factory.mktemp("recorded")
    repository = toy_pipeline.make_toy(root, pipeline=PIPELINE)
    with (repository / "params.yaml").open("a") as params:
        params.write(PARAMS)
    commit_all(repository, "params")
    numbers = f"data.folder.path={root / 'numbers.txt'}"
    for name, depth, targets in (("exp-a", 4, ()), ("exp-b", 12, ()), ("part", 8, ("oof_xgb",))):
        settings = ("-S", numbers, "-S", f"model_b.max_depth={depth}")
        dvc(repository, "exp", "run", "--temp", "-q", "--name", name, *settings, *targets)
    return repository


@pytest.fixture
def copied(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(made.parent / "numbers.txt", tmp_path)
    repository = shutil.copytree(made, tmp_path / "toy", symlinks=True)
    monkeypatch.chdir(repository)
    return repository


def figure(revision: str) -> float:
    """Return spearman as in the summary that git has."""
    summary = YAML(typ="safe").load(show(Path.cwd(), revision, "metrics/summary.json") or "")
    return float(summary["objectives"]["spearman"])


def compared(first: str, second: str) -> pd.DataFrame:
    """Return what `nbarank compare` prints: rows of final_rank by checkpoint."""
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        compare(first, second, ranker="ensemble", as_csv=True)
    frame = pd.read_csv(io.StringIO(printed.getvalue()), dtype={"checkpoint": str})
    frame = frame[frame["metric"] == "spearman"]
    frame = frame[frame["target"] == "final_rank"].set_index("checkpoint")
    return frame[["first", "second", "difference"]].astype(float)


def cached_card(name: str) -> Path:
    lock = YAML(typ="safe").load(
        show(Path.cwd(), experiments_by_name(Path.cwd())[name], "dvc.lock") or ""
    )
    (md5,) = [out["md5"] for out in lock["stages"]["evaluate"]["outs"] if out["path"] == CARD]
    return CACHE / "files" / "md5" / md5[:2] / md5[2:]


def test_compare_reads_each_experiments_own_scorecard(copied: Path) -> None:
    refs = experiments_by_name(Path.cwd())
    a, b, here = figure(refs["exp-a"]), figure(refs["exp-b"]), figure("HEAD")
    assert len({a, b, here}) == 3
    for first, second, gap in (
        ("exp-a", "exp-b", a - b),
        ("exp-a", "workspace", a - here),
        ("workspace", "exp-b", here - b),
    ):
        found = compared(first, second)
        assert len(found) == 6
        assert found["difference"].to_numpy() == pytest.approx(gap, abs=1e-4)


def test_a_comparison_of_different_box_scores_says_so(
    copied: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "They have different box scores"
    for output, pairs in (
        ("data/xgb.json", {("exp-a", "exp-b"), ("exp-a", "workspace")}),  # depth changes it
        ("data/raw", set()),  # the toy has none
    ):
        monkeypatch.setattr("nbarank.results.scores.BOX_SCORES", output)
        for pair in (("exp-a", "exp-b"), ("exp-a", "workspace"), ("exp-a", "exp-a")):
            compare(*pair, ranker="ensemble", full=True)
            assert (said in capsys.readouterr().out) == (pair in pairs)


def test_a_missing_scorecard_is_an_error_and_the_next_command_works(copied: Path) -> None:
    before = compared("exp-a", "exp-b")
    cached_card("exp-a").unlink()
    with pytest.raises(RevisionError, match="exp-a is not in DVC's cache") as caught:
        compared("exp-a", "workspace")
    assert "there is no default remote" in caught.value.what
    assert caught.value.where and caught.value.allowed
    assert (caught.value.next_command or "").endswith("nbarank explain --experiment exp-a")
    explain_experiment("exp-a", copied.parent / "page")
    pd.testing.assert_frame_equal(compared("exp-a", "exp-b"), before)


def test_a_scorecard_is_fetched_from_the_remote(copied: Path, tmp_path: Path) -> None:
    before = compared("exp-a", "exp-b")
    add = ("remote", "add", "-q", "--local", "--default")
    dvc(copied, *add, "store", str(tmp_path / "store"))
    stored, kept = cached_card("exp-a"), tmp_path / "kept"
    shutil.move(stored, kept)
    with pytest.raises(RevisionError, match="remote 'store' does not have it either"):
        compared("exp-a", "exp-b")
    place = tmp_path / "store" / stored.relative_to(CACHE)
    place.parent.mkdir(parents=True)
    shutil.move(kept, place)
    pd.testing.assert_frame_equal(compared("exp-a", "exp-b"), before)


def test_figures_of_the_commit_in_a_partial_experiment_are_refused(copied: Path) -> None:
    reason = "stage evaluate did not run with the current data/xgb.json"
    with pytest.raises(RevisionError, match=reason) as caught:
        compared("part", "workspace")
    command = caught.value.next_command or ""
    assert command.startswith("nbarank run --name part-again -S data.folder.path=")
    assert command.endswith(" -S model_b.max_depth=8")
    with pytest.raises(RevisionError, match=reason):
        lock_experiment("part", copied, force=True)
    assert "part: these are not its own figures: stage evaluate" in leaderboard(copied)


def test_a_commit_does_not_replace_a_studys_missing_reference(copied: Path) -> None:
    base = git(copied, "rev-parse", "HEAD").strip()
    assert tuned_revision(copied, "mini-3", base, has_reference=False) == base
    with pytest.raises(SweepError, match="mini-locked, is missing") as caught:
        tuned_revision(copied, "mini-3", base, has_reference=True)
    assert "run the sweep's command again" in str(caught.value.next_command)


def test_a_revision_without_the_output_is_an_error(copied: Path) -> None:
    assert read_output(copied, "HEAD", "metrics/none.csv") is None
    git(copied, "rm", "-q", "--cached", "dvc.lock")
    git(copied, "commit", "-qm", "no lock")
    with pytest.raises(RevisionError, match=f"has no {CARD}"):
        read_scorecard(copied, "HEAD")
