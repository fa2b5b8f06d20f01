"""A sweep started by a git alias, a hook or with GIT_DIR leaves the caller's repository alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import toy as toy_pipeline

from nbarank.dvc.git import experiments_by_name
from tests.conftest import ROOT

SWEEP = ("-m", "nbarank.cli", "sweep", "run", "mini", "--n-trials", "1", "--no-explain")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A toy repository whose search spaces are committed."""
    home = toy_pipeline.make_toy(tmp_path)
    toy_pipeline.write_spaces(home)
    toy_pipeline.shell("git", "add", "-A", cwd=home)
    toy_pipeline.shell("git", "commit", "-qm", "spaces", cwd=home)
    return home


def state(repository: Path) -> tuple[str, ...]:
    """Return branch, commit, status and configuration."""
    shell = toy_pipeline.shell
    return (
        shell("git", "branch", "--show-current", cwd=repository),
        shell("git", "rev-parse", "HEAD", cwd=repository),
        shell("git", "status", "--porcelain", cwd=repository),
        shell("git", "for-each-ref", "refs/heads", cwd=repository),
        shell("git", "config", "--local", "--list", cwd=repository),
    )


def run(command: list[str], cwd: Path, **variables: str) -> None:
    environment = {**toy_pipeline.environment(), "PYTHONPATH": str(ROOT), **variables}
    done = subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_a_sweep_by_an_alias_in_a_worktree(home: Path, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    toy_pipeline.shell("git", "worktree", "add", "-q", str(tree), cwd=home)
    before = state(home), state(tree)
    words = " ".join(f"'{word}'" for word in (sys.executable, *SWEEP, "--study", "by_alias"))
    run(["git", "-c", f"alias.sw=!{words}", "sw"], tree)
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
    }
    run([sys.executable, *SWEEP, "--study", "by_variable"], home, **variables)
    assert state(home) == before
    assert "by_variable-0" in experiments_by_name(home)
