"""Checks of an installation and its files: doctor, verify, compare-environments."""

from __future__ import annotations

import contextlib
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from nbarank.cli.places import moved, typed
from nbarank.cli.screen import folded
from nbarank.core.errors import NbarankError, printable


def doctor() -> None:
    """Check that what a run needs is installed and reachable; exit 1 if not."""
    from nbarank.dvc.doctor import examine

    findings = examine(Path.cwd())
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        mark = "ok" if finding.fix is None else "!!"
        typer.echo(folded(f"{mark}  {finding.subject:<{width}}  {finding.state}"))
        if finding.fix:
            typer.echo(f"    next: {finding.fix}")
    if any(finding.fix for finding in findings):
        raise typer.Exit(1)


def verify(
    everything: Annotated[
        bool, typer.Option("--all", help="Also cached files of other commits and experiments.")
    ] = False,
) -> None:
    """Re-hash outputs and cache and compare with dvc.lock; exit 1 if a file is damaged."""
    from nbarank.dvc.git import lock_differs
    from nbarank.dvc.verify import verify as check

    with _repository() as repository:
        root = Path(repository.root_dir)
        stay = root == Path.cwd() and not moved()
        go_there = "" if stay else f"cd {shlex.quote(str(root))} && "
        with contextlib.chdir(root):  # DVC names stages relative to the working directory
            report = check(repository, everything=everything)
    typer.echo(f"{report.files} output file(s) and {report.objects} cache object(s) hashed.")
    if report.data_errors and all(error.of_other_commit for error in report.data_errors):
        typer.echo(f"!!  {len(report.data_errors)} of them are of another commit or experiment.")
        typer.echo(f"    next: {go_there}dvc checkout")
        raise typer.Exit(1)
    for error in report.data_errors:
        typer.echo(printable(f"!!  {error.what}\n    next: {go_there}{error.fix}"))
    if report.data_errors:
        raise typer.Exit(1)
    typer.echo("Every file is as recorded in dvc.lock.")
    if lock_differs(root):
        typer.echo("dvc.lock itself differs from the commit: git diff dvc.lock")


def compare_environments(
    left: Annotated[str, typer.Argument(help="Folder of a clone, experiment or commit.")],
    right: Annotated[str, typer.Argument(help="The same, of the other machine.")],
) -> None:
    """Show where the runs of two machines begin to differ: environment, outputs, metrics."""
    from nbarank.dvc.compare_environments import Side
    from nbarank.dvc.compare_environments import compare_environments as compare

    _repository().close()
    home = Path.cwd()
    sides = [str(place) if (place := typed(Path(one))).is_dir() else one for one in (left, right)]
    typer.echo(compare(*(Side(side, home) for side in sides)))


def _repository() -> Any:
    """Return the DVC repository of the working directory."""
    from dvc.exceptions import DvcException
    from dvc.repo import Repo

    from nbarank.dvc.truncated_files import require_readable

    require_readable(Path.cwd())
    try:
        return Repo()
    except DvcException as error:
        raise NbarankError(
            f"This folder is not a repository of this project: {error}",
            where=str(Path.cwd()),
            next_command="cd to the clone, then run the same command again",
        ) from error
