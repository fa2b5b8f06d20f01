"""`nbarank explain`: explanations and page of any experiment, from its own models.

An experiment is checked out whole, code, parameters, models and tables, into a folder of its own;
what it lacks is made there. So a model never meets another configuration, and the user's tree is
not touched.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from nbarank.core.errors import NbarankError
from nbarank.dvc.runs import command_environment, experiment_refs, git

STAGES = ("explain", "report")


def explain_experiment(name: str, to: Path) -> Path:
    """Make the explanations and the page of an experiment, or fetch them where they are made.

    Parameters
    ----------
    name
        Name of a recorded experiment; 'workspace' for this tree as it is.
    to
        Folder that gets a copy of the experiment's `report/`; replaced. Not used for 'workspace'.

    Returns
    -------
    Path
        Of the page.

    Raises
    ------
    NbarankError
        If there is no such experiment, or a stage fails.
    """
    if name == "workspace":
        _dvc(["repro", *STAGES], Path())
        return Path("report") / "index.html"
    refs = experiment_refs()
    if name not in refs:
        raise NbarankError(
            f"There is no experiment '{name}'.",
            where="--experiment",
            allowed=", ".join(["workspace", *sorted(refs)]),
            next_command="dvc exp show -A",
        )
    home = Path(git("rev-parse", "--show-toplevel").strip())
    with tempfile.TemporaryDirectory(prefix="nbarank-explain-") as scratch:
        copy = Path(scratch) / "experiment"
        _check_out(home, refs[name], copy)
        declared = (copy / "dvc.yaml").read_text(encoding="utf-8")
        lacking = [stage for stage in STAGES if f"\n  {stage}:" not in declared]
        if lacking:
            raise NbarankError(
                f"Experiment '{name}' is older than the stage(s) {', '.join(lacking)}.",
                where=f"dvc.yaml of {name}",
                allowed="experiments of a commit that has them",
                next_command=f"nbarank run again with the values of {name}",
            )
        _dvc(["repro", *STAGES], copy)
        if to.exists():
            shutil.rmtree(to)
        shutil.copytree(copy / "report", to)
    return to / "index.html"


def _check_out(home: Path, ref: str, copy: Path) -> None:
    """Clone the repository at an experiment; its outputs come from the cache they lie in."""
    commit = git("rev-parse", ref).strip()
    git("clone", "-q", "--shared", "--no-checkout", str(home), str(copy))
    # An experiment is no branch: a plain clone brings its commit through the shared objects only.
    git("-C", str(copy), "checkout", "-q", "--detach", commit)
    cache = _run([sys.executable, "-m", "dvc", "cache", "dir"], home).strip()
    _run([sys.executable, "-m", "dvc", "cache", "dir", "--local", cache], copy)
    # Tables that the cache lacks are made again by repro: not being there is no error here.
    subprocess.run(
        [sys.executable, "-m", "dvc", "checkout", "--quiet", "--force"],
        cwd=copy,
        env=command_environment(),
        check=False,
        capture_output=True,
    )


def _dvc(arguments: Sequence[str], folder: Path) -> None:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=folder, env=command_environment(), check=False)
    if done.returncode:
        raise NbarankError(
            f"dvc {' '.join(arguments)} failed: the stage's own message stands above.",
            where=str(folder.resolve()),
            next_command="mend what the message names, then run the same command again",
        )


def _run(command: Sequence[str], folder: Path) -> str:
    done = subprocess.run(
        list(command),
        cwd=folder,
        env=command_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise NbarankError(
            f"{' '.join(command[1:])} failed: {done.stderr.strip()}", where=str(folder)
        )
    return done.stdout
