"""Time of `dvc repro` after a day, then a week, of games is added to the current season.

    python -m benchmarks.current_season --raw BOX_SCORES

Clones HEAD, cuts the newest season of a folder of box scores at a day (no later fixtures, play-in
or playoffs), runs the pipeline, adds a day's games and its injury report and runs it again; then a
week's. Prints the seconds of each stage that ran, DVC's own time included, and the CPU seconds of
each run. Takes about five minutes and writes to a temporary folder.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd

from nbarank.sources.injuries import FOLDER, report_names
from nbarank.sources.layout import raw_files
from tests.reliability.small import edit_params

ROOT = Path(__file__).resolve().parent.parent
RUNNING = "Running stage '"


def cut(raw: Path, folder: Path, day: pd.Timestamp) -> int:
    """Copy box scores and reports, the newest season up to a day; return its number of games."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(raw, folder)
    files = raw_files(raw)
    newest = max(file.season for file in files)
    games = 0
    for file in files:
        if file.season != newest:
            continue
        target = folder / file.name
        if file.kind != "regular":
            target.unlink()
            continue
        log = pd.read_parquet(file.path)
        if "GAME_DATE" not in log:  # opening rosters
            continue
        played = log[pd.to_datetime(log["GAME_DATE"]) < day]
        played.to_parquet(target, index=False)
        games = played["GAME_ID"].nunique()
    for report in report_names(folder / FOLDER):
        if report >= f"{day:%Y-%m-%d}":
            (folder / FOLDER / report).unlink()
    return games


def repro(repository: Path) -> list[tuple[str, float]]:
    """Run `dvc repro`; return the seconds of each stage that ran, and of the command last."""
    began, used = time.monotonic(), cpu_seconds()
    marks: list[tuple[str, float]] = []
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    command = [sys.executable, "-m", "dvc", "repro"]
    with subprocess.Popen(
        command, cwd=repository, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if RUNNING in line:
                marks.append((line.split(RUNNING)[1].split("'")[0], time.monotonic()))
    if process.returncode:
        raise SystemExit(f"dvc repro failed in {repository}")
    ends = [mark for _, mark in marks[1:]] + [time.monotonic()]
    rows = [(name, end - start) for (name, start), end in zip(marks, ends, strict=True)]
    total = ("dvc repro in all", time.monotonic() - began)
    return [*rows, total, ("CPU seconds", cpu_seconds() - used)]


def cpu_seconds() -> float:
    """Return the CPU seconds of the processes that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Time the three runs."""
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("--raw", type=Path, required=True)
    arguments.add_argument("--day", type=pd.Timestamp, default=pd.Timestamp("2023-01-16"))
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        repository, folder = Path(temporary) / "nbarank", Path(temporary) / "box_scores"
        subprocess.run(["git", "clone", "-q", str(ROOT), str(repository)], check=True)
        edit_params(repository, {"data.source": "folder", "data.folder.path": str(folder)})
        for days in (0, 1, 8):
            day = chosen.day + pd.Timedelta(days=days)
            games = cut(chosen.raw, folder, day)
            print(f"\n{games} games before {day:%Y-%m-%d}")
            for name, seconds in repro(repository):
                print(f"  {name:20s} {seconds:6.1f} s")


if __name__ == "__main__":
    main()
