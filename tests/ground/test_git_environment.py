"""The caller's git variables never reach a command that is meant for another repository."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nbarank.core.git_variables import clean_environment, forget_git_variables
from nbarank.dvc.git import git, repository_root, tool_environment
from tests.conftest import ROOT
from tests.reliability.small import commit_new

CONFIGURATION = {"GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"}
"""Kept, as git keeps them for submodules: safe.directory and credentials may come from there."""


def repository(folder: Path) -> Path:
    (folder / ".dvc").mkdir(parents=True)
    return commit_new(folder)


def variables() -> list[str]:
    listed = subprocess.run(
        ["git", "rev-parse", "--local-env-vars"], capture_output=True, text=True, check=True
    ).stdout.split()
    return sorted({*listed, "GIT_NAMESPACE", "GIT_LITERAL_PATHSPECS"} - CONFIGURATION)


@pytest.mark.parametrize("name", variables())
def test_each_repository_variable_is_removed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "x")
    assert name not in clean_environment()
    assert name not in tool_environment({"A": "b"})
    forget_git_variables()
    assert name not in os.environ


def test_identity_and_configuration_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GIT_AUTHOR_NAME", "GIT_SSH_COMMAND", "GIT_CONFIG_COUNT", "GIT_ASKPASS"):
        monkeypatch.setenv(name, "0")
        assert clean_environment()[name] == "0"


def test_git_works_in_the_named_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own, other = repository(tmp_path / "own"), repository(tmp_path / "other")
    before = (own / ".git" / "config").read_bytes(), git(own, "rev-parse", "HEAD")
    monkeypatch.setenv("GIT_DIR", str(own / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(own))
    monkeypatch.setenv("GIT_INDEX_FILE", str(own / ".git" / "index"))
    monkeypatch.setenv("GIT_COMMON_DIR", str(own / ".git"))
    assert repository_root(other) == other
    git(other, "checkout", "-q", "-B", "sweep")
    git(other, "config", "gc.auto", "0")
    git(other, "commit", "-q", "--allow-empty", "-m", "more")
    assert ((own / ".git" / "config").read_bytes(), git(own, "rev-parse", "HEAD")) == before
    assert git(own, "branch", "--show-current").strip() == "main"


def test_the_command_itself_forgets_them(tmp_path: Path) -> None:
    """As an alias in a worktree: git sets GIT_DIR and GIT_PREFIX for it."""
    home = repository(tmp_path / "home")
    git(home, "worktree", "add", "-q", str(tmp_path / "tree"))
    seen = tmp_path / "seen"
    code = (
        "import os, pathlib, sys; from nbarank.cli import main; main.app = lambda: "
        f"pathlib.Path({str(seen)!r}).write_text(' '.join(os.environ)); main.main()"
    )
    alias = f"!PYTHONPATH='{ROOT}' '{sys.executable}' -c \"{code}\""
    subprocess.run(["git", "-c", f"alias.sw={alias}", "sw"], cwd=tmp_path / "tree", check=True)
    assert not {"GIT_DIR", "GIT_PREFIX", "GIT_WORK_TREE"} & set(seen.read_text().split())
