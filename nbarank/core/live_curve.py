"""A validation curve that a stage appends to while it runs, and by which a sweep stops a trial.

Its file is named by the environment and is no output: no result and no hash depends on it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

CURVE_VARIABLE = "NBARANK_LIVE_CURVE"


def append_point(step: int, value: float) -> None:
    """Append one point to the curve, if the environment names a file for it."""
    if path := os.environ.get(CURVE_VARIABLE):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(json.dumps([step, value]) + "\n")


def read_points(path: Path) -> dict[int, float]:
    """Return value by step; empty without a file, and without a line that is being written."""
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    lines = text[: text.rfind("\n") + 1].splitlines()
    return {int(step): float(value) for step, value in map(json.loads, lines)}
