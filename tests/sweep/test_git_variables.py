"""A sweep started by a git alias, a hook or with GIT_DIR leaves the caller's repository alone."""

import sys
from pathlib import Path

import pytest

from nbarank.dvc.git import experiments_by_name
from tests.conftest import ROOT
from tests.reliability.small import git, run
from tests.sweep.toy import make_toy

SWEEP = ("-m", "nbarank.cli", "sweep", "run", "mini", "--n-trials", "1", "--no-explain")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make_toy(tmp_path)


def state(repository: Path) -> tuple[str, ...]:
    return (
        git(repository, "branch", "--show-current"),
        git(repository, "rev-parse", "HEAD"),
        git(repository, "status", "--porcelain"),
        git(repository, "for-each-ref", "refs/heads"),
        git(repository, "config", "--local", "--list"),
    )


@pytest.mark.slow
def test_a_sweep_by_an_alias_in_a_worktree(home: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(home, "worktree", "add", "-q", str(tree))
    before = state(home), state(tree)
    words = " ".join(f"'{word}'" for word in (sys.executable, *SWEEP, "--study", "by_alias"))
    run(["git", "-c", f"alias.sw=!{words}", "sw"], tree, PYTHONPATH=str(ROOT))
    assert (state(home), state(tree)) == before
    assert "by_alias-0" in experiments_by_name(home)


@pytest.mark.slow
def test_a_sweep_with_git_dir(home: Path) -> None:
    before = state(home)
    variables = {
        "GIT_DIR": str(home / ".git"),
        "GIT_WORK_TREE": str(home),
        "GIT_INDEX_FILE": str(home / ".git" / "index"),
        "GIT_PREFIX": "",
        "PYTHONPATH": str(ROOT),
    }
    run([sys.executable, *SWEEP, "--study", "by_variable"], home, **variables)
    assert state(home) == before
    assert "by_variable-0" in experiments_by_name(home)
