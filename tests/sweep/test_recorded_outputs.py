"""Outputs of an experiment are its own: from DVC's cache or the remote, never the workspace's."""

from __future__ import annotations

import contextlib
import io
import shutil
from pathlib import Path

import pandas as pd
import pytest
import toy as toy_pipeline
from ruamel.yaml import YAML

from nbarank.cli.results import compare
from nbarank.core.errors import RevisionError, SweepError
from nbarank.dvc.experiment_page import explain_experiment
from nbarank.dvc.git import experiments_by_name, show
from nbarank.dvc.outputs import read_output, read_scorecard
from nbarank.sweep.leaderboard import leaderboard
from nbarank.sweep.lock import lock_experiment
from nbarank.sweep.result import tuned_revision

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
evaluation: {bootstrap_samples: 200, interval: 0.95, reliability_bins: 5, sleeper_slots: 2}
repro: {seed: 1, threads: 1, device: cpu}
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The toy with a cached scorecard and the experiments exp-a, exp-b and, cut short, part."""
    root = tmp_path_factory.mktemp("recorded")
    repository = toy_pipeline.make_toy(root, pipeline=PIPELINE)
    with (repository / "params.yaml").open("a") as params:
        params.write(PARAMS)
    toy_pipeline.shell("git", "commit", "-aqm", "params", cwd=repository)
    for name, depth, targets in (
        ("exp-a", 4, ()),
        ("exp-b", 12, ()),
        ("part", 8, ("oof_xgb",)),
    ):
        toy_pipeline.shell(
            *("dvc", "exp", "run", "--temp", "-q", "--name", name),
            *("-S", f"data.folder.path={root / 'numbers.txt'}"),
            *("-S", f"model_b.max_depth={depth}", *targets),
            cwd=repository,
        )
    return repository


@pytest.fixture
def toy_with_experiments(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of `made`, which is the working directory."""
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
        compare(first, second, ranker="ensemble", metric=["spearman"])
    rows = [line.split() for line in printed.getvalue().splitlines()[1:]]
    frame = pd.DataFrame(rows[1:], columns=rows[0])
    frame = frame[frame["target"] == "final_rank"].set_index("checkpoint")
    return frame[["first", "second", "difference"]].astype(float)


def cached_card(name: str) -> Path:
    """Return where DVC's cache has an experiment's scorecard."""
    lock = YAML(typ="safe").load(
        show(Path.cwd(), experiments_by_name(Path.cwd())[name], "dvc.lock") or ""
    )
    (md5,) = [out["md5"] for out in lock["stages"]["evaluate"]["outs"] if out["path"] == CARD]
    return CACHE / "files" / "md5" / md5[:2] / md5[2:]


def test_compare_reads_each_experiments_own_scorecard(toy_with_experiments: Path) -> None:
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


def test_a_scorecard_that_is_nowhere_is_an_error_and_the_next_command_works(
    toy_with_experiments: Path,
) -> None:
    before = compared("exp-a", "exp-b")
    cached_card("exp-a").unlink()
    with pytest.raises(RevisionError, match="exp-a is not in DVC's cache") as caught:
        compared("exp-a", "workspace")
    assert "there is no default remote" in caught.value.what
    assert caught.value.where and caught.value.allowed
    assert (caught.value.next_command or "").endswith("nbarank explain --experiment exp-a")
    explain_experiment("exp-a", toy_with_experiments.parent / "page")
    pd.testing.assert_frame_equal(compared("exp-a", "exp-b"), before)


def test_a_scorecard_is_fetched_from_the_remote(toy_with_experiments: Path, tmp_path: Path) -> None:
    before = compared("exp-a", "exp-b")
    toy_pipeline.shell(
        *("dvc", "remote", "add", "-q", "--local", "--default", "store", str(tmp_path / "store")),
        cwd=toy_with_experiments,
    )
    stored, kept = cached_card("exp-a"), tmp_path / "kept"
    shutil.move(stored, kept)
    with pytest.raises(RevisionError, match="remote 'store' does not have it either"):
        compared("exp-a", "exp-b")
    place = tmp_path / "store" / stored.relative_to(CACHE)
    place.parent.mkdir(parents=True)
    shutil.move(kept, place)
    pd.testing.assert_frame_equal(compared("exp-a", "exp-b"), before)


def test_figures_that_a_partial_experiment_has_from_its_commit_are_refused(
    toy_with_experiments: Path,
) -> None:
    reason = "stage evaluate did not run with the current data/xgb.json"
    with pytest.raises(RevisionError, match=reason) as caught:
        compared("part", "workspace")
    command = caught.value.next_command or ""
    assert command.startswith("nbarank run --name part-again -S data.folder.path=")
    assert command.endswith(" -S model_b.max_depth=8")
    with pytest.raises(RevisionError, match=reason):
        lock_experiment("part", toy_with_experiments, force=True)
    assert "part: these are not its own figures: stage evaluate" in leaderboard(
        toy_with_experiments
    )


def test_a_commit_does_not_replace_a_studys_missing_reference(toy_with_experiments: Path) -> None:
    root = toy_with_experiments
    base = toy_pipeline.shell("git", "rev-parse", "HEAD", cwd=root).strip()
    assert tuned_revision(root, "mini-3", base, has_reference=False) == base
    with pytest.raises(SweepError, match="mini-locked, is missing") as caught:
        tuned_revision(root, "mini-3", base, has_reference=True)
    assert caught.value.next_command == "dvc exp pull REMOTE mini-locked"


def test_a_revision_without_the_output_is_an_error(toy_with_experiments: Path) -> None:
    assert read_output(toy_with_experiments, "HEAD", "metrics/none.csv") is None
    toy_pipeline.shell("git", "rm", "-q", "--cached", "dvc.lock", cwd=toy_with_experiments)
    toy_pipeline.shell("git", "commit", "-qm", "no lock", cwd=toy_with_experiments)
    with pytest.raises(RevisionError, match=f"has no {CARD}"):
        read_scorecard(toy_with_experiments, "HEAD")
