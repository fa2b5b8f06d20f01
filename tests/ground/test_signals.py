"""A stopped command leaves no process behind."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from nbarank.dvc.git import tool_environment
from tests.conftest import ROOT

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


@pytest.mark.parametrize("ignored", ["", STUBBORN], ids=["plain", "stubborn"])
@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_ends_everything_that_was_started(
    tmp_path: Path, kind: signal.Signals, ignored: str
) -> None:
    if ignored and kind != signal.SIGTERM:
        pytest.skip("the same path of the code")
    child = CHILD.format(ignored=ignored, mark=tmp_path)
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT, child],
        cwd=tmp_path,
        env=tool_environment({"PYTHONPATH": str(ROOT)}),
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while not (tmp_path / "started").exists() or not (tmp_path / "started").read_text():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        grandchild = psutil.Process(int((tmp_path / "started").read_text()))
        children = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(kind)
        status = process.wait(timeout=60)
        _, alive = psutil.wait_procs([*children, grandchild], timeout=5)
        assert not alive
        assert status == (-kind if kind == signal.SIGINT else 128 + kind)
    finally:
        process.kill()
