"""Explanations and page of any recorded experiment, from its own models.

The experiment is checked out into a temporary clone with its own code, parameters, models and
tables. Missing outputs are computed there, so a model never meets another configuration and the
user's workspace does not change.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from nbarank.core.errors import NbarankError
from nbarank.dvc.git import (
    experiment_named,
    git,
    repository_root,
    require_whole_history,
    tool_environment,
)
from nbarank.dvc.outputs import read_pipeline_file
from nbarank.dvc.processes import run_to_end

STAGES = ("explain", "report")


def explain_experiment(name: str, to: Path) -> Path:
    """Compute or fetch the explanations and the page of an experiment.

    Parameters
    ----------
    name
        Name of a recorded experiment, or 'workspace'.
    to
        Folder that receives a copy of the experiment's `report/`; replaced. Not used for
        'workspace'.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    NbarankError
        If there is no such experiment, its commit has no such stages, or a stage fails.
    """
    if name == "workspace":
        _dvc(Path(), "repro", *STAGES)
        return Path("report") / "index.html"
    home = repository_root(Path())
    require_whole_history(home)
    ref = experiment_named(home, name, allowed=["workspace"])
    declared = read_pipeline_file(home, ref).get("stages", {})
    if missing := [stage for stage in STAGES if stage not in declared]:
        raise NbarankError(
            f"Experiment '{name}' is older than stage(s) {', '.join(missing)}.",
            where=f"dvc.yaml of {name}",
            allowed="experiments of a commit that has these stages",
            next_command=f"nbarank run, with the values of {name}",
        )
    with tempfile.TemporaryDirectory(prefix="nbarank-explain-") as scratch:
        clone = Path(scratch) / "experiment"
        _check_out(home, ref, clone)
        _dvc(clone, "repro", *STAGES)
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(clone / "report", to)
    return to / "index.html"


def _check_out(home: Path, ref: str, clone: Path) -> None:
    """Clone the repository at an experiment; its outputs come from the user's cache."""
    commit = git(home, "rev-parse", ref).strip()
    git(home, "clone", "-q", "--shared", "--no-checkout", str(home), str(clone))
    # An experiment is on no branch: its commit is reachable only through the shared objects.
    git(clone, "checkout", "-q", "--detach", commit)
    cache = _dvc(home, "cache", "dir", capture=True).strip()
    _dvc(clone, "cache", "dir", "--local", cache, capture=True)
    # Outputs that are not in the cache are recomputed by repro: a failed checkout is no error.
    _dvc(clone, "checkout", "--quiet", "--force", capture=True, check=False)


def _dvc(folder: Path, *arguments: str, capture: bool = False, check: bool = True) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    reason, printed = "see the stage's message above.", ""
    if capture:
        done = subprocess.run(
            command, cwd=folder, env=tool_environment(), capture_output=True, text=True, check=False
        )
        status, reason, printed = done.returncode, done.stderr.strip(), done.stdout
    else:
        status = run_to_end(command, folder)
    if status and check:
        raise NbarankError(
            f"dvc {' '.join(arguments)} failed: {reason}",
            where=str(folder.resolve()),
            next_command="fix what the message reports, then run the same command again",
        )
    return printed
