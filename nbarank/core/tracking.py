"""Curves of a training run through dvclive: the only file that touches it.

dvclive draws and stores; it saves no experiment and writes no dvc.yaml, because a stage runs
inside an experiment that DVC drives.
"""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbarank.core.errors import NbarankError


class TrackingError(NbarankError):
    """A curve holds a value that no reader could plot."""


def require_finite(values: Mapping[str, float], where: str) -> None:
    """Refuse values that are not finite: dvclive would write a bare NaN, which breaks readers.

    Raises
    ------
    TrackingError
        Naming every such value.
    """
    broken = [f"{name} = {value}" for name, value in values.items() if not math.isfinite(value)]
    if broken:
        raise TrackingError(
            f"{len(broken)} metric(s) are not finite: {', '.join(broken)}.",
            where=where,
            allowed="finite numbers",
            next_command="leave the metric out, or mend what it measures",
        )


def write_curves(folder: Path, steps: Iterable[Mapping[str, float]]) -> None:
    """Write one curve a metric, one point a step, replacing what the folder held.

    Parameters
    ----------
    folder
        Gets `plots/metrics/<name>.tsv` (columns step and the metric's name) and `metrics.json`
        (the last values). A name may hold '/', which makes a folder.
    steps
        Metrics of each step, in order. A step may lack a metric.

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
