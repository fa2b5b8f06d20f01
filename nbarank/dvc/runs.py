"""Recorded runs: a profile or a few changed values, run as a DVC experiment.

A run never edits the user's params.yaml: DVC runs it in a copy of the repository
(`dvc exp run --temp`) with the values given by `--set-param`, and keeps everything under the
experiment's name. Outputs that only the changed values touch are made again; the rest comes from
the cache.
"""

from __future__ import annotations

import copy
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from nbarank.core.errors import NbarankError, ParamsError
from nbarank.core.sections import PARAMS_FILE, read_yaml
from nbarank.dvc.params_file import check_content

PROFILES = Path("profiles")
_RUN_ID = re.compile(r"run-(\d+)$")


class RunError(NbarankError):
    """A recorded run could not start, or DVC reported that a stage failed."""


def read_profile(name: str) -> dict[str, Any]:
    """Return the values of a named profile as a nested mapping.

    Raises
    ------
    ParamsError
        If there is no such profile.
    """
    path = PROFILES / f"{name}.yaml"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in PROFILES.glob("*.yaml")))
        raise ParamsError(
            f"There is no profile '{name}'.",
            where=str(path),
            allowed=known,
            next_command="nbarank run --profile NAME",
        )
    return read_yaml(path)


def parse_settings(settings: Sequence[str]) -> dict[str, Any]:
    """Turn `key.path=value` texts (values in YAML) into a nested mapping."""
    nested: dict[str, Any] = {}
    for setting in settings:
        key, sign, value = setting.partition("=")
        if not sign or not key:
            raise ParamsError(
                f"'{setting}' is not a setting.",
                allowed="key.path=value, for example model_b.max_depth=4",
                next_command="nbarank run -S model_b.max_depth=4",
            )
        node = nested
        *parents, leaf = key.split(".")
        for parent in parents:
            node = node.setdefault(parent, {})
        node[leaf] = YAML(typ="safe").load(value)
    return nested


def merged(base: Mapping[str, Any], overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Return `base` with the leaves of `overlay` put over it; lists are replaced whole."""
    result = copy.deepcopy(dict(base))
    for key, value in overlay.items():
        old = result.get(key)
        if isinstance(value, Mapping) and isinstance(old, Mapping):
            result[key] = merged(old, value)
        else:
            result[key] = copy.deepcopy(value)
    return result


def flattened(overlay: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the leaves of a nested mapping by dotted path."""
    leaves: dict[str, Any] = {}
    for key, value in overlay.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            leaves.update(flattened(value, f"{path}."))
        else:
            leaves[path] = value
    return leaves


def set_param_arguments(overlay: Mapping[str, Any]) -> list[str]:
    """Return the `--set-param` arguments of `dvc exp run` for an overlay."""
    arguments: list[str] = []
    for path, value in flattened(overlay).items():
        # JSON is YAML: null, true and lists arrive as what they are.
        text = value if isinstance(value, str) else json.dumps(value, default=str)
        arguments += ["--set-param", f"{path}={text}"]
    return arguments


def with_absolute_paths(overlay: dict[str, Any], params: Mapping[str, Any]) -> dict[str, Any]:
    """Make the user's folders and files absolute: an experiment runs in another directory."""
    data = merged(params, overlay).get("data", {})
    if data.get("source") == "simulated":
        return overlay
    sections = ("injuries", "external_ratings")
    for section in ("folder", *sections) if data.get("source") == "folder" else sections:
        path = data.get(section, {}).get("path")
        if path:
            absolute = str(Path(path).resolve())
            overlay = merged(overlay, {"data": {section: {"path": absolute}}})
    return overlay


def command_environment() -> dict[str, str]:
    """Environment in which `python` and `dvc` are those of this interpreter."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "DVC_NO_ANALYTICS": "1"}


def git(*arguments: str) -> str:
    """Run git in the current repository and return what it prints."""
    done = subprocess.run(["git", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RunError(
            f"git {arguments[0]} failed: {done.stderr.strip()}",
            where=str(Path.cwd()),
            next_command="git status",
        )
    return done.stdout


def experiment_refs() -> dict[str, str]:
    """Return the git ref of every experiment by its name (the newest baseline wins)."""
    lines = git(
        "for-each-ref", "--sort=creatordate", "--format=%(refname)", "refs/exps"
    ).splitlines()
    return {
        ref.rsplit("/", 1)[1]: ref
        for ref in lines
        if ref.count("/") == 4 and not ref.startswith(("refs/exps/exec", "refs/exps/celery"))
    }


def next_run_id(first: int) -> str:
    """Return the next free run id, for example 'run-026'; never below `run-<first>`."""
    taken = [int(m.group(1)) for name in experiment_refs() if (m := _RUN_ID.match(name))]
    return f"run-{max([first - 1, *taken]) + 1:03d}"


def read_from_experiment(name: str, path: str) -> str:
    """Return a git-tracked text output as an experiment left it.

    Raises
    ------
    RunError
        If there is no such experiment, or it has no such file.
    SweepError
        If the experiment did not run every stage up to the file.
    """
    from nbarank.sweep.results import refuse_left_over

    refs = experiment_refs()
    if name not in refs:
        raise RunError(
            f"There is no experiment '{name}'.",
            allowed=", ".join(sorted(refs)) or "none has been run yet",
            next_command="dvc exp show -A",
        )
    refuse_left_over(Path.cwd(), refs[name], path)
    return git("show", f"{refs[name]}:{path}")


def run_experiment(overlay: dict[str, Any], name: str) -> None:
    """Run the pipeline with some values changed, as the DVC experiment `name`.

    Parameters
    ----------
    overlay
        Nested values put over params.yaml; validated first, so that a typo stops before any work.

    Raises
    ------
    ParamsError
        If a value is not allowed.
    RunError
        If DVC fails, or left no experiment of that name.
    """
    params = read_yaml(PARAMS_FILE)
    overlay = with_absolute_paths(overlay, params)
    check_content(merged(params, overlay), "params.yaml with the values of this run")
    git("rev-parse", "HEAD")
    command = [sys.executable, "-m", "dvc", "exp", "run", "--temp", "--name", name]
    done = subprocess.run(
        [*command, *set_param_arguments(overlay)], env=command_environment(), check=False
    )
    if done.returncode or name not in experiment_refs():
        raise RunError(
            f"Run {name} failed: the stage's own message stands above.",
            where="dvc exp run --temp",
            next_command="mend what the message names, then run the same command again",
        )
