"""Commands that look after an installation: doctor, verify, compare-environments."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer


def doctor() -> None:
    """Look at machine, installation, parameters, remotes and queue; exit 1 if something lacks."""
    from nbarank.dvc.doctor import examine

    findings = examine(Path.cwd())
    width = max(len(finding.subject) for finding in findings)
    for finding in findings:
        mark = "ok" if finding.remedy is None else "!!"
        typer.echo(f"{mark}  {finding.subject:<{width}}  {finding.state}")
        if finding.remedy:
            typer.echo(f"    {'':<{width}}  next: {finding.remedy}")
    if any(finding.remedy for finding in findings):
        raise typer.Exit(1)


def verify(
    everything: Annotated[
        bool, typer.Option("--all", help="Also what other commits and experiments keep.")
    ] = False,
) -> None:
    """Hash outputs and cache again and compare with dvc.lock; exit 1 if something is damaged."""
    from nbarank.dvc.verify import verify as check

    with _Repository() as (cache, has_remote):
        report = check(Path.cwd(), cache, has_remote=has_remote, everything=everything)
    typer.echo(f"{report.files} output file(s) and {report.objects} cache object(s) hashed.")
    for fault in report.faults:
        typer.echo(f"!!  {fault.what}\n    next: {fault.remedy}")
    if report.faults:
        raise typer.Exit(1)
    typer.echo("Everything is as dvc.lock says.")


def compare_environments(
    left: Annotated[str, typer.Argument(help="Folder of a clone, experiment or commit.")],
    right: Annotated[str, typer.Argument(help="The same, of the other machine.")],
) -> None:
    """Say where the runs of two machines begin to differ: environment, outputs, metrics."""
    from nbarank.dvc.compare_environments import Side
    from nbarank.dvc.compare_environments import compare_environments as compare

    with _Repository() as (cache, _):
        home = Path.cwd()
        typer.echo(compare(Side(left, home, cache), Side(right, home, cache)))


class _Repository:
    """Where this repository's cache lies, and whether a remote is configured."""

    def __enter__(self) -> tuple[Path, bool]:
        from dvc.exceptions import DvcException
        from dvc.repo import Repo

        from nbarank.core.errors import NbarankError

        try:
            self.repository: Any = Repo()
        except DvcException as error:
            raise NbarankError(
                f"This folder is not a repository of this project: {error}",
                where=str(Path.cwd()),
                next_command="cd to the clone, then run the same command again",
            ) from error
        return Path(self.repository.cache.local.path).parent.parent, bool(
            self.repository.config["remote"]
        )

    def __exit__(self, *_: object) -> None:
        self.repository.close()
