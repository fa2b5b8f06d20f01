"""Ctrl-C in every command ends it at once, with the prompt and no traceback."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nbarank.cli import main as cli
from nbarank.dvc.git import tool_environment
from tests.cli.every_command import ARGUMENTS
from tests.cli.test_hostile_trees import make_tree
from tests.conftest import ROOT

LOADED = (
    "from nbarank.cli.main import main; import sys; print('loaded', flush=True); sys.exit(main())"
)
FINISHED = (0, 1, 2)
INTERRUPTED = (130, -signal.SIGINT)
"""The second: after the command, while Python ends."""
STOP = (0.05, 1.2)
"""Seconds after the start between which the stop falls."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tree(tmp_path_factory.mktemp("interrupts") / "tree")


@pytest.mark.slow
@pytest.mark.parametrize("command", ARGUMENTS)
def test_ctrl_c_ends_a_command(tree: Path, command: str) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", LOADED, *command.split(), *ARGUMENTS[command][-1]],
        cwd=tree,
        env=tool_environment({"PYTHONPATH": str(ROOT), "BROWSER": "true"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "loaded\n"
    time.sleep(random.Random(command).uniform(*STOP))
    process.send_signal(signal.SIGINT)
    printed = process.communicate(timeout=60)[0]
    assert process.returncode in (*INTERRUPTED, *FINISHED), printed
    assert "Traceback" not in printed, printed
    git = ["git", "-C", str(tree)]
    files = ["params.yaml", "dvc.yaml", "dvc.lock"]
    changed = subprocess.run(
        [*git, "status", "--porcelain", "--", *files], capture_output=True, text=True, check=True
    )
    subprocess.run([*git, "checkout", "-q", "--", *files], check=True)
    assert changed.stdout == "" or command == "params document"


def test_ctrl_c_while_a_class_is_created(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise RuntimeError("Error calling __set_name__") from KeyboardInterrupt()

    monkeypatch.setattr(cli, "app", interrupted)
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit, match="130"):
        cli.main()
