"""The result of a finished experiment, read from its git ref only.

A result counts only if the ref exists and its parameters are those that the trial was given.
"""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import SweepError
from nbarank.dvc.git import show
from nbarank.dvc.outputs import SUMMARY_FILE, read_output, read_params
from nbarank.dvc.param_values import flattened, same_value, value_at
from nbarank.sweep.objectives import Objective, objective_value, objective_values


@dataclass(frozen=True)
class Result:
    """The figures of one experiment: the study's objective, every objective, and of attention."""

    value: float
    metrics: dict[str, float]
    diagnostics: dict[str, float]


def read_result(
    root: Path,
    revision: str,
    objective: Objective,
    expected: Mapping[str, Any],
    diagnostics: Collection[str] = (),
) -> Result:
    """Return the figures of an experiment, after checking that it is the expected one.

    `expected` are the parameters that the trial was given, by dotted key, and `diagnostics` the
    JSON files of figures to read besides the summary. A SweepError if the parameters differ, or the
    summary is missing or has no finite value.
    """
    params = read_params(root, revision)
    for key, value in expected.items():
        found = value_at(params, key, None)
        if not same_value(found, value):
            raise SweepError(
                f"The experiment ran with {key} = {found!r}, the trial asked for {value!r}.",
                where=revision,
                next_command=f"dvc exp remove {shlex.quote(revision.rsplit('/', 1)[-1])}",
            )
    try:
        summary = json.loads(read_output(root, revision, SUMMARY_FILE) or b"")
    except json.JSONDecodeError as error:
        raise SweepError(
            f"The experiment left no valid {SUMMARY_FILE}: {error}.",
            where=revision,
            next_command=f"git show {shlex.quote(f'{revision}:{SUMMARY_FILE}')}",
        ) from error
    extra = (json.loads(show(root, revision, path) or "{}") for path in diagnostics)
    figures = [pair for content in extra for pair in flattened(content).items()]
    return Result(
        value=objective_value(summary, objective),
        metrics={k: v for k, v in objective_values(summary).items() if math.isfinite(v)},
        diagnostics={k: float(v) for k, v in figures if isinstance(v, bool | int | float)},
    )
