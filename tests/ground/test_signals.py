"""A stopped command leaves no process behind."""

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
from nbarank.dvc.processes import run_to_end
sys.exit(run_to_end([sys.executable, "-c", sys.argv[1]], Path()))
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


@pytest.mark.parametrize(
    ("kind", "ignored"),
    [(signal.SIGTERM, STUBBORN), (signal.SIGTERM, ""), (signal.SIGINT, ""), (signal.SIGHUP, "")],
)
def test_a_signal_ends_all_processes(tmp_path: Path, kind: signal.Signals, ignored: str) -> None:
    child, started = CHILD.format(ignored=ignored, mark=tmp_path), tmp_path / "started"
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, child],
        cwd=tmp_path,
        env=tool_environment({"PYTHONPATH": str(ROOT)}),
        stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # ignored in background
    )
    try:
        wait_until(lambda: started.exists() and started.read_text(), "a child of the child")
        grandchild = psutil.Process(int(started.read_text()))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(kind)
        status = process.wait(timeout=300)
        _, alive = psutil.wait_procs([*children, grandchild], timeout=120)
        assert not alive
        assert status == (-kind if kind == signal.SIGINT else 128 + kind)
    finally:
        process.kill()
