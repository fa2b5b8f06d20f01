"""Repositories in unusual states: the error names the state and a command that fits it."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from nbarank.core.errors import RevisionError
from nbarank.dvc.git import (
    experiment_named,
    git,
    lock_differs,
    repository_root,
    require_whole_repository,
)
from tests.conftest import ROOT
from tests.reliability.small import commit_new


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two branches that change the same line."""
    folder = tmp_path / "a folder; with 'signs'"
    (folder / ".dvc").mkdir(parents=True)
    (folder / "file").write_text("start\n")
    commit_new(folder)
    git(folder, "branch", "other")
    for branch in ("other", "main"):
        git(folder, "checkout", "-q", branch)
        (folder / "file").write_text(f"{branch}\n")
        git(folder, "commit", "-qam", branch)
    return folder


@pytest.mark.parametrize(
    ("command", "operation"),
    [
        (("rebase", "other"), "rebase"),
        (("merge", "other"), "merge"),
        (("cherry-pick", "other"), "cherry-pick"),
        (("revert", "--no-edit", "main~1"), "revert"),
    ],
)
def test_an_unfinished_operation_is_named(
    repository: Path, command: tuple[str, ...], operation: str
) -> None:
    require_whole_repository(repository_root(repository))
    git(repository, *command, check=False)
    with pytest.raises(RevisionError, match=f"A {operation} is in progress") as caught:
        require_whole_repository(repository_root(repository))
    assert caught.value.next_command
    git(repository, *caught.value.next_command.split(", or git ")[1].split())
    require_whole_repository(repository_root(repository))


def test_a_shallow_clone_is_named_and_its_fix_works(repository: Path, tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    git(tmp_path, "clone", "-q", "--depth", "1", repository.as_uri(), str(clone))
    for key in ("name", "email"):
        git(clone, "config", f"user.{key}", "test")
    with pytest.raises(RevisionError, match="shallow") as caught:
        require_whole_repository(clone)
    assert caught.value.next_command == "git fetch --unshallow"
    git(clone, "fetch", "-q", "--unshallow")
    require_whole_repository(clone)


@pytest.mark.parametrize("unset", [("name",), ("email",), ("name", "email")])
def test_a_missing_identity_is_named_and_its_fix_works(
    repository: Path, unset: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in ("GLOBAL", "SYSTEM"):
        monkeypatch.setenv(f"GIT_CONFIG_{file}", os.devnull)
    for key in unset:
        git(repository, "config", "--unset", f"user.{key}")
    with pytest.raises(RevisionError, match="who you are") as caught:
        require_whole_repository(repository)
    command = ["bash", "-ec", str(caught.value.next_command)]
    subprocess.run(command, cwd=repository, check=True)
    require_whole_repository(repository)
    git(repository, "config", "--unset", "user.name")
    for variable in ("AUTHOR_NAME", "AUTHOR_EMAIL", "COMMITTER_NAME", "COMMITTER_EMAIL"):
        monkeypatch.setenv(f"GIT_{variable}", "someone")
    require_whole_repository(repository)


def test_an_experiment_killed_half_way_is_named_and_removed(repository: Path) -> None:
    runs = repository / ".dvc" / "tmp" / "exps"
    clone, own = runs / "standalone" / "tmp1", runs / "run" / "abc"
    for folder in (clone, own):
        folder.mkdir(parents=True)
    content = {"name": "run-003", "root_dir": str(clone), "result_hash": None}
    (own / "abc.run").write_text(json.dumps(content))
    (own / "abd.run").write_text("[")
    with pytest.raises(RevisionError, match="killed half-way") as caught:
        experiment_named(repository, "run-003")
    command = str(caught.value.next_command).removeprefix("if it is not running: ")
    clone.rename(clone.with_name("kept"))  # DVC removes the clone of a run that ends
    with pytest.raises(RevisionError, match="There is no experiment"):
        experiment_named(repository, "run-003")
    clone.with_name("kept").rename(clone)
    subprocess.run(["bash", "-ec", command], check=True)
    assert not own.exists() and not clone.exists()
    with pytest.raises(RevisionError, match="There is no experiment"):
        experiment_named(repository, "run-003")


def test_a_changed_lock_is_noticed(repository: Path) -> None:
    assert not lock_differs(repository)
    (repository / "dvc.lock").write_text("{}")
    assert lock_differs(repository)
    git(repository, "add", "-A")
    git(repository, "commit", "-qm", "lock")
    assert not lock_differs(repository)


def test_no_repository_and_no_commit(tmp_path: Path) -> None:
    with pytest.raises(RevisionError, match="not a git repository") as caught:
        repository_root(tmp_path)
    assert "git init" in str(caught.value.next_command)
    git(tmp_path, "init", "-q")
    with pytest.raises(RevisionError, match="no commit yet"):
        repository_root(tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "HEAD").write_text("garbage"),
        lambda folder: (folder / "config").write_text("[[["),
        lambda folder: (folder / "objects").rename(folder / "elsewhere"),
    ],
)
def test_a_damaged_repository_is_kept(repository: Path, damage: Callable[[Path], object]) -> None:
    damage(repository / ".git")
    with pytest.raises(RevisionError) as caught:
        repository_root(repository)
    assert "git init" not in str(caught.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a repository away")
def test_a_repository_of_another_user_is_named(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    subprocess.run(["chown", "-R", "nobody", str(repository)], check=True)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.delenv("SUDO_UID", raising=False)
    with pytest.raises(RevisionError, match="belongs to another user") as caught:
        repository_root(repository)
    command = shlex.split(str(caught.value.next_command))
    assert command[:4] == ["git", "config", "--global", "--add"]
    git(tmp_path, *command[1:])
    assert repository_root(repository) == repository


def test_git_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbarank.dvc.git.tool_environment", lambda extra=None: {"PATH": ""})
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(RevisionError, match="not installed"):
        repository_root(tmp_path)


def test_a_clone_with_windows_line_ends_keeps_the_bytes(tmp_path: Path) -> None:
    clone = ["git", "clone", "-q", "-c", "core.autocrlf=true", str(ROOT), str(tmp_path / "clone")]
    subprocess.run(clone, check=True)
    listed = ["git", "-C", str(tmp_path / "clone"), "ls-files", "--eol"]
    found = subprocess.run(listed, check=True, capture_output=True, text=True).stdout
    assert "w/lf" in found
    assert [line for line in found.splitlines() if re.search(r"w/(?:crlf|mixed)", line)] == []
