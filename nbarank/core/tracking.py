"""Curves of a training run, through dvclive; no other module imports it.

dvclive saves no experiment and writes no dvc.yaml here, because a stage runs inside an experiment
that DVC controls.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbarank.core.errors import NbarankError


class TrackingError(NbarankError):
    """A curve has a value that cannot be plotted."""


def require_finite(values: Mapping[str, float], where: str) -> None:
    """Raise a TrackingError for values that are not finite: dvclive writes NaN as invalid JSON."""
    broken = [f"{name} = {value}" for name, value in values.items() if not math.isfinite(value)]
    if broken:
        raise TrackingError(
            f"{len(broken)} metric(s) are not finite: {', '.join(broken)}.",
            where=where,
            allowed="finite numbers",
            next_command="leave the metric out, or fix what it measures",
        )


def write_curves(folder: Path, steps: Iterable[Mapping[str, float]]) -> None:
    """Write one curve per metric and one point per step, replacing the content of the folder.

    Parameters
    ----------
    folder
        Receives `plots/metrics/<name>.tsv` (columns step and the metric's name) and
        `metrics.json` (the last values). A '/' in a name makes a folder.
    steps
        Metrics of each step, in order; not every step needs every metric.

    Raises
    ------
    TrackingError
        If a value is not finite; nothing is written then.
    """
    from dvclive.live import Live

    rows = list(steps)
    for number, row in enumerate(rows):
        require_finite(row, f"{folder}, step {number}")
    if folder.exists():
        shutil.rmtree(folder)
    with Live(str(folder), dvcyaml=None, save_dvc_exp=False) as live:
        for number, row in enumerate(rows):
            live.step = number
            for name, value in row.items():
                live.log_metric(name, float(value))
        live.make_summary()
