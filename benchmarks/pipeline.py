"""Wall time, CPU time and peak memory of a cold run, stage by stage, and of a run with no changes.

    python -m benchmarks.pipeline                                # the simulated default
    python -m benchmarks.pipeline --folder ../shared/nba/raw     # your own box scores
    python -m benchmarks.pipeline --revisions 8c3cf61 HEAD       # before and after

Each run is a clone of a revision in a temporary folder. The cold run is `make repro`: the Deep Set
next to the trees. Then every stage runs alone, started by DVC as in a cold run; its figures contain
DVC's own second. Without a `make repro` that trains side by side, all of it is one `dvc repro`.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.processors import set_params

DVC = (sys.executable, "-m", "dvc")
RUNNING = "Running stage '"


def measured(command: list[str], folder: Path) -> tuple[float, float, float]:
    """Run a command; return its wall seconds, CPU seconds and peak memory in MB, children too."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1"}
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert process.stderr is not None
    messages = process.stderr.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{messages[-2000:]}")
    return time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


def stages_in_order(folder: Path) -> list[str]:
    """Return the names of the stages in the order in which DVC runs them."""
    done = subprocess.run(
        [*DVC, "repro", "--dry", "--force"], cwd=folder, capture_output=True, text=True, check=True
    )
    lines = done.stdout.splitlines()
    return [line[len(RUNNING) : -2] for line in lines if line.startswith(RUNNING)]


def run_revision(revision: str, box_scores: Path | None, place: Path) -> None:
    """Print the figures of one revision."""
    clone = place / "clone"
    subprocess.run(["git", "clone", "--quiet", ".", str(clone)], check=True)
    subprocess.run(["git", "checkout", "--quiet", revision], cwd=clone, check=True)
    set_params(clone / "params.yaml", box_scores)
    stages = stages_in_order(clone)
    alone = place / "alone"
    shutil.copytree(clone, alone)
    side_by_side = "repro --single-item" in (clone / "Makefile").read_text(encoding="utf-8")
    if side_by_side:  # make would set up an environment of the clone
        (clone / ".venv").mkdir()
        (clone / ".venv" / ".ready").touch()
    cold = (
        ["make", "repro", f"BIN={Path(sys.executable).parent}"] if side_by_side else [*DVC, "repro"]
    )
    print(f"\n{revision}\n{'':24}{'wall s':>8}{'CPU s':>8}{'MB':>8}", flush=True)
    _print("cold run", measured(cold, clone))
    _print("no changes", measured([*DVC, "repro"], clone))
    for stage in stages:
        _print(stage, measured([*DVC, "repro", "--single-item", stage], alone))


def _print(name: str, figures: tuple[float, float, float]) -> None:
    wall, cpu, memory = figures
    print(f"{name:24}{wall:8.1f}{cpu:8.1f}{memory:8.0f}", flush=True)


def main() -> None:
    """Print the figures of each revision."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--folder", type=Path, help="box scores; the simulated league by default")
    parser.add_argument("--revisions", nargs="+", default=["HEAD"])
    options = parser.parse_args()
    for revision in options.revisions:
        with tempfile.TemporaryDirectory() as place:
            run_revision(revision, options.folder, Path(place))


if __name__ == "__main__":
    main()
