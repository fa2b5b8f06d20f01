"""Ctrl-C in every command ends it at once, with the prompt and no traceback."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from nbarank.cli import main as cli
from nbarank.dvc.git import git, tool_environment
from tests.cli.every_command import ARGUMENTS
from tests.cli.test_hostile_trees import make_tree
from tests.conftest import ROOT

LOADED = (
    "from nbarank.cli.main import main; import sys; print('loaded', flush=True); sys.exit(main())"
)
FINISHED = (0, 1, 2)
INTERRUPTED = (130, -signal.SIGINT)
"""The second: after the command, while Python ends."""
STOPPING = "stopping; rerun the same command to resume"
REPRODUCING = "Reproducing experiment 'run-001'\n"
STOP = (0.05, 1.2)
"""Seconds after the start between which the stop falls."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("interrupts") / "tree")


def start(tree: Path, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", LOADED, *arguments],
        cwd=tree,
        env=tool_environment({"PYTHONPATH": str(ROOT), "BROWSER": "true"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loaded\n"
    return process


@pytest.mark.slow
@pytest.mark.parametrize("command", ARGUMENTS)
def test_ctrl_c_ends_a_command(tree: Path, command: str) -> None:
    process = start(tree, *command.split(), *ARGUMENTS[command][-1])
    time.sleep(random.Random(command).uniform(*STOP))
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=300)[0]
    assert process.returncode in (*INTERRUPTED, *FINISHED), printed
    assert "Traceback" not in printed, printed
    changed = git(tree, "status", "--porcelain", "--", "params.yaml", "dvc.yaml", "dvc.lock")
    git(tree, "reset", "-q", "--hard")
    assert changed == "" or command == "params document"


def leftovers(tree: Path) -> set[str]:
    """Return the refs, copies and records of runs that DVC has for experiments."""
    refs = git(tree, "for-each-ref", "--format=%(refname)", "refs/exps", "refs/stash").split()
    folder = tree / ".dvc" / "tmp" / "exps"
    copies = [*folder.glob("standalone/tmp*"), *folder.glob("**/*.run")]
    return {*refs, *map(str, copies)}


@pytest.mark.slow
def test_a_stopped_run_leaves_the_workspace(tree: Path) -> None:
    """DVC, which has the user's changes in a git stash for a second, puts them back."""
    profile = tree / "profiles" / "medium.yaml"
    changed = profile.read_text() + "# mine\n"
    profile.write_text(changed)
    before = leftovers(tree)
    for moment in range(15):
        kind = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)[moment % 3]
        with start(tree, "run", "-S", "model_b.max_depth=3") as process:
            time.sleep(0.4 + 0.2 * moment)
            os.killpg(process.pid, kind)  # as a terminal does
            printed = process.communicate(timeout=300)[0].replace(REPRODUCING, "")
        assert process.returncode in (128 + kind, -kind, 1), printed
        assert "unexpected error" not in printed and "Traceback" not in printed
        found = leftovers(tree)
        if STOPPING in printed and "ERROR" not in printed:  # else a stage, which is missing, failed
            assert printed.strip() == STOPPING
            assert found == before, moment
        before = found
        assert git(tree, "status", "--porcelain").split() == ["M", "profiles/medium.yaml"], moment
        assert profile.read_text() == changed
        assert git(tree, "stash", "list") == ""
        assert git(tree, "symbolic-ref", "HEAD").strip() == "refs/heads/main"
    git(tree, "reset", "-q", "--hard")


def create_class() -> None:
    raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()


def create_commands() -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("interrupted", [create_class, create_commands])
def test_ctrl_c_before_a_command(
    monkeypatch: pytest.MonkeyPatch, interrupted: Callable[[], None]
) -> None:

    monkeypatch.setattr(cli, "app", interrupted)
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit, match="130"):
        cli.main()
