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
    commit_of,
    experiment_named,
    repository_root,
    require_whole_history,
    tool_environment,
)
from nbarank.dvc.outputs import read_pipeline_file
from nbarank.dvc.processes import run_to_end
from nbarank.dvc.shared_clone import make_shared_clone

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
        _reproduce(Path())
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
        make_shared_clone(home, clone, commit_of(home, ref))
        # Outputs that are not in the cache are recomputed by repro: a failed checkout is no error.
        checkout = [sys.executable, "-m", "dvc", "checkout", "--quiet", "--force"]
        subprocess.run(
            checkout, cwd=clone, env=tool_environment(), capture_output=True, check=False
        )
        _reproduce(clone)
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(clone / "report", to)
    return to / "index.html"


def _reproduce(folder: Path) -> None:
    if run_to_end([sys.executable, "-m", "dvc", "repro", *STAGES], folder):
        raise NbarankError(
            f"dvc repro {' '.join(STAGES)} failed: see the stage's message above.",
            where=str(folder.resolve()),
            next_command="fix what the message reports, then run the same command again",
        )
