"""A stopped command leaves no process behind."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from nbarank.dvc.git import tool_environment
from tests.conftest import ROOT
from tests.reliability.small import wait_until

PARENT = """
import sys
from pathlib import Path
from nbarank.dvc import processes
processes.GRACE_SECONDS = 5.0
sys.exit(processes.run_to_end([sys.executable, "-c", sys.argv[1]], Path()))
"""
CHILD = """
import pathlib, signal, subprocess, sys, time
{ignored}
code = "import time; time.sleep(600)  # {mark}"
child = subprocess.Popen([sys.executable, "-c", code])
pathlib.Path("started").write_text(str(child.pid))
time.sleep(600)
"""
STUBBORN = "signal.signal(signal.SIGTERM, signal.SIG_IGN)"


@pytest.mark.parametrize("group", [False, True], ids=["process", "terminal"])
@pytest.mark.parametrize(
    ("kind", "ignored"),
    [(signal.SIGTERM, STUBBORN), (signal.SIGTERM, ""), (signal.SIGINT, ""), (signal.SIGHUP, "")],
)
def test_a_signal_ends_all_processes(
    tmp_path: Path, kind: signal.Signals, ignored: str, group: bool
) -> None:
    """A terminal sends the signal to the children too; they print nothing."""
    child, started = CHILD.format(ignored=ignored, mark=tmp_path), tmp_path / "started"
    process = _start(child, tmp_path, signal.SIG_DFL)
    try:
        wait_until(lambda: started.exists() and started.read_text(), "a child of the child")
        grandchild = psutil.Process(int(started.read_text()))
        children = psutil.Process(process.pid).children(recursive=True)
        (os.killpg if group else os.kill)(process.pid, kind)
        printed = process.communicate(timeout=300)[0]
        _, alive = psutil.wait_procs([*children, grandchild], timeout=120)
        assert not alive
        assert process.returncode == 128 + kind
        assert printed == "stopping; rerun the same command to resume\n"
    finally:
        process.kill()


def test_nohup_keeps_a_run_alive(tmp_path: Path) -> None:
    child = "import pathlib, time; pathlib.Path('started').touch(); time.sleep(2); print('done')"
    process = _start(child, tmp_path, signal.SIG_IGN)
    wait_until((tmp_path / "started").exists, "the command")
    os.killpg(process.pid, signal.SIGHUP)
    assert process.communicate(timeout=300)[0] == "done\n"
    assert process.returncode == 0


def _start(child: str, folder: Path, handler: signal.Handlers) -> subprocess.Popen[str]:
    """Start a command in a process group of its own, with SIGINT and SIGHUP handled so."""

    def handle() -> None:
        for kind in (signal.SIGINT, signal.SIGHUP):
            signal.signal(kind, handler)

    return subprocess.Popen(
        [sys.executable, "-c", PARENT, child],
        cwd=folder,
        env=tool_environment({"PYTHONPATH": str(ROOT)}),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=handle,
    )
