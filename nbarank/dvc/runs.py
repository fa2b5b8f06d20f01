"""Recorded runs: a profile or a few changed values, run as a DVC experiment.

A run never edits the user's params.yaml: DVC runs it in a copy of the repository
(`dvc exp run --temp`) with the values given by `--set-param`, and records everything under the
experiment's name. Stages that the changed values affect run again; the rest comes from the cache.
"""

from __future__ import annotations

import re
import shlex
import sys
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from typing import Any

from nbarank.core.errors import NbarankError, ParamsError, did_you_mean, nearest
from nbarank.core.file_names import require_name
from nbarank.core.sections import PARAMS_FILE, read_yaml
from nbarank.dvc.git import (
    experiment_named,
    experiments_by_name,
    git,
    repository_root,
    require_whole_repository,
)
from nbarank.dvc.outputs import refuse_left_over
from nbarank.dvc.param_values import merged, set_param_arguments
from nbarank.dvc.processes import run_to_end

PROFILES = Path("profiles")
SOURCE = "params.yaml with the values of this run"
_RUN_ID = re.compile(r"run-(\d+)$")


class RunError(NbarankError):
    """A recorded run did not finish."""


def read_profile(name: str, root: Path = Path(), command: str = "nbarank run") -> dict[str, Any]:
    """Return the values of a profile as a nested mapping; ParamsError if there is none."""
    known = sorted(p.stem for p in (root / PROFILES).glob("*.yaml"))
    close = [*nearest(name, known, 1), *known]
    remedy = f"{command} --profile {shlex.quote(close[0])}" if close else command
    require_name(name, "profile", remedy)
    path = root / PROFILES / f"{name}.yaml"
    if not path.is_file():
        raise ParamsError(
            f"There is no profile '{name}'{did_you_mean(name, known)}",
            where=str(path),
            allowed=", ".join(known),
            next_command=remedy,
            instead=(name, close[0]) if close else None,
        )
    return read_yaml(path)


def with_absolute_paths(
    overlay: dict[str, Any], params: Mapping[str, Any], root: Path = Path()
) -> dict[str, Any]:
    """Make the paths of the user's data absolute: an experiment runs in another directory."""
    data = merged(params, overlay).get("data", {})
    source = data.get("source", ())
    if source == "simulated":
        return overlay
    sections = ("injuries", "external_ratings", "market", "preseason")
    for section in ("folder", *sections) if "folder" in source else sections:
        path = data.get(section, {}).get("path")
        if path:
            absolute = str((root / Path(path).expanduser()).resolve())
            overlay = merged(overlay, {"data": {section: {"path": absolute}}})
    return overlay


def next_run_id(first: int) -> str:
    """Return the next free run id, for example 'run-026'; never below `run-<first>`."""
    taken = [int(m.group(1)) for name in experiments_by_name(Path()) if (m := _RUN_ID.match(name))]
    return f"run-{max([first - 1, *taken]) + 1:03d}"


def read_from_experiment(name: str, path: str) -> str:
    """Return a git-tracked text output of an experiment.

    Raises
    ------
    RevisionError
        If there is no such experiment, it has no such file, or it did not run every stage up to
        the file.
    """
    ref = experiment_named(Path(), name)
    refuse_left_over(Path(), ref, path)
    return git(Path(), "show", f"{ref}:{path}")


def run_experiment(overlay: dict[str, Any], name: str) -> None:
    """Run the pipeline with some values changed, as the DVC experiment `name`.

    Parameters
    ----------
    overlay
        Nested values that replace those of params.yaml, which `check_changes` has accepted.

    Raises
    ------
    RevisionError
        If this is not a git and DVC repository with a commit.
    RunError
        If a stage or DVC fails.
    """
    overlay = with_absolute_paths(overlay, read_yaml(PARAMS_FILE))
    require_whole_repository(repository_root(Path()))
    taken = experiments_by_name(Path())
    if name in taken:
        raise RunError(
            f"There is already a run {name}.",
            where="--name",
            allowed="a name that no experiment has",
            next_command=f"dvc exp remove {shlex.quote(name)}",
            option=("--name", next(n for i in count(2) if (n := f"{name}-{i}") not in taken)),
        )
    dvc = [sys.executable, "-m", "nbarank.dvc.stoppable"]
    command = [*dvc, "exp", "run", "--temp", "--name", name]
    status = run_to_end([*command, *set_param_arguments(overlay)], Path())
    if status or name not in experiments_by_name(Path()):
        raise RunError(
            f"Run {name} failed: see the stage's message above.",
            where="dvc exp run --temp",
            next_command="fix what the message reports, then run the same command again",
        )
