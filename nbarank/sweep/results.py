"""What a finished experiment says, read from its git ref and from nowhere else.

`dvc exp show` gives a failed experiment the baseline's metrics. So a result counts only if the
ref exists and the parameters stored in it are those that the trial was given.
"""

from __future__ import annotations

import io
import json
import math
import shlex
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from nbarank.core.errors import SweepError
from nbarank.sweep.git import experiment_ref, git, ref_exists, show
from nbarank.sweep.objectives import (
    SCORECARD_FILE,
    SUMMARY_FILE,
    Objective,
    objective_value,
    objective_values,
)
from nbarank.sweep.pipeline import read_pipeline, stage_that_makes, upstream
from nbarank.sweep.spaces import flattened, value_at

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


def read_output(root: Path, revision: str, path: str, cache: Path) -> str | None:
    """Return a text output as of a revision, None where the revision has no such output.

    Read from git, or by the hash in the revision's dvc.lock from DVC's cache or default remote.

    Parameters
    ----------
    root
        The user's repository.
    revision
        Commit or ref.
    path
        The output, from the repository's root.
    cache
        DVC's cache.

    Raises
    ------
    SweepError
        If the output is neither in the cache nor in the default remote.
    """
    text = show(root, revision, path)
    if text is not None:
        return text
    for stage in _locked_stages(root, revision).values():
        for out in stage.get("outs", ()):
            if out.get("path") == path and out.get("md5"):
                md5 = str(out["md5"])
                stored = cache / "files" / "md5" / md5[:2] / md5[2:]
                reason = None if stored.is_file() else _fetch(root, md5)
                if stored.is_file():
                    return stored.read_text(encoding="utf-8")
                raise SweepError(
                    f"{path} of {_label(revision)} is not in DVC's cache, and {reason}.",
                    where=str(stored),
                    allowed="revisions whose outputs are in the cache or the default remote",
                    next_command=_recompute(revision),
                )
    return None


def left_over(root: Path, revision: str, path: str) -> str | None:
    """Return why an output does not belong to its revision's parameters, None where it does.

    An experiment that runs only some stages keeps its commit's outputs of all others.
    """
    params, locked = read_params(root, revision), _locked_stages(root, revision)
    stages = read_pipeline(read_pipeline_file(root, revision), params)
    hashes = {out["path"]: out.get("md5") for s in locked.values() for out in s.get("outs", ())}
    for name in upstream(stages, stage_that_makes(stages, path)):
        entry = locked.get(name)
        if entry is None:
            return f"stage {name} has not run"
        used = entry.get("params", {}).get(PARAMS, {})
        changed = [key for key, value in used.items() if _value(params, key) != value]
        changed += [
            dep["path"]
            for dep in entry.get("deps", ())
            if hashes.get(dep["path"], dep.get("md5")) != dep.get("md5")
        ]
        if changed:
            return f"stage {name} did not run with the current {', '.join(changed)}"
    return None


def read_result(
    root: Path,
    revision: str,
    objective: Objective,
    expected: Mapping[str, Any],
    cache: Path,
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


def read_scorecard(root: Path, revision: str, cache: Path) -> pd.DataFrame:
    """Return metrics/scorecard.csv as of a revision, never another revision's.

    One row a (season, checkpoint, target, ranker, metric); column `value`.

    Raises
    ------
    SweepError
        If the revision has no scorecard, did not make it itself, or it cannot be found.
    """
    text = read_output(root, revision, SCORECARD_FILE, cache)
    if text is None:
        raise SweepError(
            f"{_label(revision)} has no {SCORECARD_FILE}.",
            where=revision,
            allowed=f"experiments and commits whose {LOCK} has the scorecard",
            next_command="dvc repro evaluate && git add metrics dvc.lock && git commit",
        )
    refuse_left_over(root, revision, SCORECARD_FILE)
    return pd.read_csv(io.StringIO(text), dtype={"season": str})


def refuse_left_over(root: Path, revision: str, path: str) -> None:
    """Refuse an output that does not belong to its revision's parameters.

    Raises
    ------
    SweepError
        See `left_over`.
    """
    reason = left_over(root, revision, path)
    if reason:
        raise SweepError(
            f"{path} of {_label(revision)} is from before its parameters changed: {reason}.",
            where=revision,
            allowed=f"experiments and commits that ran every stage up to {path}",
            next_command=_run_whole(root, revision),
        )


def locked_revision(root: Path, name: str, base: str, *, has_reference: bool) -> str:
    """Return where the locked configuration's figures are, to compare an experiment with.

    Inside a study that is the study's own run of it, made under the same profile and fixed
    values; where the study has made none, what is committed at the experiment's commit.

    Parameters
    ----------
    name
        The experiment, STUDY-NUMBER.
    base
        Commit it hangs off.
    has_reference
        Whether the study's database records a run of the locked configuration.

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
            f"The study's run of the locked configuration, {study}-{REFERENCE}, is missing.",
            where=reference,
            allowed=f"clones that have the experiment {study}-{REFERENCE}",
            next_command=f"dvc exp pull REMOTE {study}-{REFERENCE}",
        )
    return base


def same_value(found: Any, expected: Any) -> bool:
    """Tell whether a value read back from YAML is the one that was set."""
    if isinstance(expected, float) or isinstance(found, float):
        if isinstance(found, bool) or not isinstance(found, int | float):
            return False
        return math.isclose(found, expected, rel_tol=1e-12)
    if isinstance(expected, list | tuple):
        return isinstance(found, list) and [*found] == [*expected]
    return bool(found == expected)


def _value(params: Mapping[str, Any], key: str) -> Any:
    try:
        return value_at(params, key)
    except KeyError:
        return None


def _label(revision: str) -> str:
    """Return an experiment's name, or a commit's short hash."""
    return revision.rsplit("/", 1)[1] if "/" in revision else revision[:10]


def _recompute(revision: str) -> str:
    if "/" not in revision:
        return f"git checkout {revision[:10]} && dvc repro evaluate"
    name = _label(revision)
    return f"dvc exp pull REMOTE {name}, or compute it: nbarank explain --experiment {name}"


def _run_whole(root: Path, revision: str) -> str:
    """Return the command that runs every stage with a revision's parameters."""
    if "/" not in revision:
        return "dvc repro && git add metrics dvc.lock && git commit"
    before = flattened(read_params(root, "".join(revision.split("/")[2:4])))
    settings = [
        f"-S {shlex.quote(f'{key}={value if isinstance(value, str) else json.dumps(value)}')}"
        for key, value in flattened(read_params(root, revision)).items()
        if not same_value(before.get(key), value)
    ]
    return f"nbarank run --name {_label(revision)}-again {' '.join(settings)}"


def _locked_stages(root: Path, revision: str) -> dict[str, Any]:
    """Return the stages of dvc.lock as of a revision; empty where it has none."""
    text = show(root, revision, LOCK)
    content = YAML(typ="safe").load(text) if text else None
    stages: dict[str, Any] = (content or {}).get("stages", {})
    return stages


def _fetch(root: Path, md5: str) -> str:
    """Fetch an object from the default remote into DVC's cache; return why it may be missing."""
    from dvc.repo import Repo
    from dvc_data.hashfile.hash_info import HashInfo

    from nbarank.dvc.doctor import hide_secrets

    repository = Repo(str(root))
    try:
        remote = repository.config["core"].get("remote")
        if not remote:
            return "there is no default remote"
        repository.cloud.pull([HashInfo("md5", md5)])
    except Exception as error:  # each kind of remote raises errors of its own
        return f"it cannot be fetched: {hide_secrets(f'{type(error).__name__}: {error}')}"
    finally:
        repository.close()
    return f"remote '{remote}' does not have it either"


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
