"""What a finished experiment says, read from its git ref and from nowhere else.

`dvc exp show` gives a failed experiment the baseline's metrics. So a result counts only if the
ref exists and the parameters stored in it are those that the trial was given.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from nbarank.errors import SweepError
from nbarank.sweep.git import experiment_ref, git, ref_exists, show
from nbarank.sweep.objectives import (
    SCORECARD_FILE,
    SUMMARY_FILE,
    Objective,
    objective_value,
    objective_values,
)
from nbarank.sweep.spaces import value_at

PARAMS = "params.yaml"
LOCK = "dvc.lock"
REFERENCE = "locked"
"""Ending of the name of a study's run of the locked configuration."""


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
        Flat figures of attention diagnostics, if the pipeline wrote any.
    """

    value: float
    metrics: dict[str, float]
    diagnostics: dict[str, float]


def read_params(root: Path, revision: str) -> dict[str, Any]:
    """Return params.yaml as of a revision.

    Raises
    ------
    SweepError
        If the revision has none.
    """
    return _read_yaml(root, revision, PARAMS)


def read_pipeline_file(root: Path, revision: str) -> dict[str, Any]:
    """Return the content of dvc.yaml as of a revision."""
    return _read_yaml(root, revision, "dvc.yaml")


def read_output(root: Path, revision: str, path: str, cache: Path | None = None) -> str | None:
    """Return a text output as of a revision: from git, or from DVC's cache by dvc.lock's hash.

    Parameters
    ----------
    root
        The user's repository.
    revision
        Commit or ref.
    path
        The output, from the repository's root.
    cache
        DVC's cache, for outputs that git does not hold.
    """
    text = show(root, revision, path)
    if text is not None or cache is None:
        return text
    lock = show(root, revision, LOCK)
    if lock is None:
        return None
    for stage in (YAML(typ="safe").load(lock) or {}).get("stages", {}).values():
        for out in stage.get("outs", ()):
            if out.get("path") == path and out.get("md5"):
                stored = cache / "files" / "md5" / out["md5"][:2] / out["md5"][2:]
                return stored.read_text(encoding="utf-8") if stored.is_file() else None
    return None


def read_result(
    root: Path,
    revision: str,
    objective: Objective,
    expected: Mapping[str, Any],
    cache: Path | None = None,
    made: Collection[str] = ("metrics",),
) -> Result:
    """Return the figures of an experiment, after checking that it is the one that was asked for.

    Parameters
    ----------
    revision
        Ref of the experiment.
    expected
        Parameters that the trial was given, by dotted key.
    made
        Outputs that the trial made. Whatever else lies in metrics/ is the baseline's.

    Raises
    ------
    SweepError
        If the parameters differ, or the summary is missing or holds no finite value.
    """
    params = read_params(root, revision)
    for key, value in expected.items():
        try:
            found = value_at(params, key)
        except KeyError:
            found = None
        if not same_value(found, value):
            raise SweepError(
                f"The experiment ran with {key} = {found!r}, the trial asked for {value!r}.",
                where=revision,
                next_command="use another --study name, or remove the old experiment: dvc exp "
                f"remove {revision.rsplit('/', 1)[-1]}",
            )
    text = read_output(root, revision, SUMMARY_FILE, cache)
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
        diagnostics=read_diagnostics(root, revision, made),
    )


def read_diagnostics(root: Path, revision: str, made: Collection[str]) -> dict[str, float]:
    """Return the figures of every metrics file about attention, by their dotted names.

    Parameters
    ----------
    made
        Files or folders that the run made: others are left over from the baseline.
    """
    listing = git(root, "ls-tree", "-r", "--name-only", revision, "metrics", check=False)
    figures: dict[str, float] = {}
    for path in listing.splitlines():
        fresh = any(path == out or path.startswith(f"{out}/") for out in made)
        if fresh and path.endswith(".json") and "attention" in path:
            text = show(root, revision, path)
            if text:
                figures.update(_numbers(json.loads(text), ""))
    return figures


def read_scorecard(root: Path, revision: str, cache: Path | None = None) -> pd.DataFrame | None:
    """Return metrics/scorecard.csv as of a revision, or None where it is not there.

    One row a (season, checkpoint, target, ranker, metric); column `value`.
    """
    text = read_output(root, revision, SCORECARD_FILE, cache)
    return None if text is None else pd.read_csv(io.StringIO(text), dtype={"season": str})


def locked_revision(root: Path, name: str, base: str) -> str:
    """Return where the locked configuration's figures are, to compare an experiment with.

    Inside a study that is the study's own run of it, made under the same profile and fixed
    values; where that is missing, what is committed at the experiment's commit.

    Parameters
    ----------
    name
        The experiment, STUDY-NUMBER.
    base
        Commit it hangs off.
    """
    reference = experiment_ref(base, f"{name.rsplit('-', 1)[0]}-{REFERENCE}")
    return reference if ref_exists(root, reference) else base


def same_value(found: Any, expected: Any) -> bool:
    """Tell whether a value read back from YAML is the one that was set."""
    if isinstance(expected, float) or isinstance(found, float):
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return math.isclose(found, expected, rel_tol=1e-12)
    if isinstance(expected, list | tuple):
        return isinstance(found, list) and [*found] == [*expected]
    return bool(found == expected)


def _numbers(content: Any, prefix: str) -> dict[str, float]:
    if isinstance(content, Mapping):
        found: dict[str, float] = {}
        for key, value in content.items():
            found.update(_numbers(value, f"{prefix}.{key}" if prefix else str(key)))
        return found
    return {prefix: float(content)} if isinstance(content, bool | int | float) else {}


def _read_yaml(root: Path, revision: str, path: str) -> dict[str, Any]:
    text = show(root, revision, path)
    content = YAML(typ="safe").load(text) if text is not None else None
    if not isinstance(content, dict):
        raise SweepError(
            f"There is no readable {path} in {revision}.",
            where=revision,
            next_command=f"git show {revision}:{path}",
        )
    return content
