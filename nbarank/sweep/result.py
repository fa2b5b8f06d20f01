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
from nbarank.dvc.git import experiment_ref, git, ref_exists, show
from nbarank.dvc.outputs import SUMMARY_FILE, read_output, read_params
from nbarank.dvc.param_values import flattened, same_value, value_at
from nbarank.sweep.objectives import Objective, objective_value, objective_values

REFERENCE = "locked"
"""Ending of the name of a study's run of the tuned values."""


@dataclass(frozen=True)
class Result:
    """The figures of one experiment.

    Parameters
    ----------
    value
        The objective's value.
    metrics
        Every known objective.
    diagnostics
        Figures of attention diagnostics by dotted name, if the pipeline wrote any.
    """

    value: float
    metrics: dict[str, float]
    diagnostics: dict[str, float]


def read_result(
    root: Path,
    revision: str,
    objective: Objective,
    expected: Mapping[str, Any],
    made: Collection[str] = ("metrics",),
) -> Result:
    """Return the figures of an experiment, after checking that it is the expected one.

    Parameters
    ----------
    revision
        Ref of the experiment.
    expected
        Parameters that the trial was given, by dotted key.
    made
        Outputs that the trial made. Everything else in metrics/ is the baseline's.

    Raises
    ------
    SweepError
        If the parameters differ, or the summary is missing or has no finite value.
    """
    params = read_params(root, revision)
    for key, value in expected.items():
        found = value_at(params, key, None)
        if not same_value(found, value):
            raise SweepError(
                f"The experiment ran with {key} = {found!r}, the trial asked for {value!r}.",
                where=revision,
                next_command="use another --study name, or remove the old experiment: dvc exp "
                f"remove {revision.rsplit('/', 1)[-1]}",
            )
    text = read_output(root, revision, SUMMARY_FILE)
    if text is None:
        raise SweepError(
            f"The experiment left no {SUMMARY_FILE}.",
            where=revision,
            next_command=f"declare {SUMMARY_FILE} as a metric with cache: false in dvc.yaml",
        )
    try:
        summary = json.loads(text)
    except json.JSONDecodeError as error:
        raise SweepError(f"{SUMMARY_FILE} is not JSON: {error}", where=revision) from error
    return Result(
        value=objective_value(summary, objective),
        metrics={k: v for k, v in objective_values(summary).items() if math.isfinite(v)},
        diagnostics=_read_diagnostics(root, revision, made),
    )


def _read_diagnostics(root: Path, revision: str, made: Collection[str]) -> dict[str, float]:
    """Return the figures of the metrics files about attention that the run made."""
    listing = git(root, "ls-tree", "-r", "--name-only", revision, "metrics", check=False)
    figures: dict[str, float] = {}
    for path in listing.splitlines():
        fresh = any(path == out or path.startswith(f"{out}/") for out in made)
        if fresh and path.endswith(".json") and "attention" in path:
            content = json.loads(show(root, revision, path) or "{}")
            figures |= {
                key: float(value)
                for key, value in flattened(content).items()
                if isinstance(value, bool | int | float)
            }
    return figures


def tuned_revision(root: Path, name: str, base: str, *, has_reference: bool) -> str:
    """Return the revision of the tuned values to compare an experiment with.

    Inside a study it is the study's own run of it, under the same profile and fixed values;
    without one, the experiment's commit.

    Parameters
    ----------
    name
        The experiment, STUDY-NUMBER.
    base
        Its commit.
    has_reference
        Whether the study's database records a run of the tuned values.

    Raises
    ------
    SweepError
        If the study has made such a run and this clone does not have it.
    """
    study = name.rsplit("-", 1)[0]
    reference = experiment_ref(base, f"{study}-{REFERENCE}")
    if ref_exists(root, reference):
        return reference
    if has_reference:
        raise SweepError(
            f"The study's run of the tuned values, {study}-{REFERENCE}, is missing.",
            where=reference,
            allowed=f"clones that have the experiment {study}-{REFERENCE}",
            next_command=f"dvc exp pull REMOTE {shlex.quote(study)}-{REFERENCE}",
        )
    return base
