"""A sweep started by a git alias, a hook or with GIT_DIR leaves the caller's repository alone."""

import sys
from pathlib import Path

import pytest

from nbarank.dvc.git import experiments_by_name
from tests.conftest import ROOT
from tests.reliability.small import git, run

SWEEP = ("-m", "nbarank.cli", "sweep", "run", "mini", "--n-trials", "1", "--no-explain")


def state(repository: Path) -> tuple[str, ...]:
    return (
        git(repository, "branch", "--show-current"),
        git(repository, "rev-parse", "HEAD"),
        git(repository, "status", "--porcelain"),
        git(repository, "for-each-ref", "refs/heads"),
        git(repository, "config", "--local", "--list"),
    )


@pytest.mark.slow
def test_a_sweep_by_an_alias_in_a_worktree(own_toy: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    git(own_toy, "worktree", "add", "-q", str(tree))
    before = state(own_toy), state(tree)
    words = " ".join(f"'{word}'" for word in (sys.executable, *SWEEP, "--study", "by_alias"))
    run(["git", "-c", f"alias.sw=!{words}", "sw"], tree, PYTHONPATH=str(ROOT))
    assert (state(own_toy), state(tree)) == before
    assert "by_alias-0" in experiments_by_name(own_toy)


@pytest.mark.slow
def test_a_sweep_with_git_dir(own_toy: Path) -> None:
    before = state(own_toy)
    variables = {
        "GIT_DIR": str(own_toy / ".git"),
        "GIT_WORK_TREE": str(own_toy),
        "GIT_INDEX_FILE": str(own_toy / ".git" / "index"),
        "GIT_PREFIX": "",
        "PYTHONPATH": str(ROOT),
    }
    run([sys.executable, *SWEEP, "--study", "by_variable"], own_toy, **variables)
    assert state(own_toy) == before
    assert "by_variable-0" in experiments_by_name(own_toy)
