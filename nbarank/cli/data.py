"""`nbarank data`: check box scores without running the pipeline, and fetch a season again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nbarank.cli.places import typed
from nbarank.core.errors import printable

data_app = typer.Typer(no_args_is_help=True, help="Check box scores; fetch a season again.")


@data_app.command("check")
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of box scores; the configured source by default.")
    ] = None,
) -> None:
    """Show what a folder has of every season and every data error; exit 1 if there is one."""
    from nbarank.core.seeds import not_installed

    # pandera imports it to generate example tables, which takes half a second.
    with not_installed("hypothesis"):
        from nbarank.cli.data_check import check_data

        report, ok = check_data(typed(folder) if folder else None)
    typer.echo(printable(report))
    if not ok:
        raise typer.Exit(1)


@data_app.command("refetch")
def refetch(
    season: Annotated[str, typer.Argument(help="Season such as 2021-22.")],
) -> None:
    """Remove a season's cached downloads, so that the stage collect fetches it again."""
    from nbarank.cli.data_check import forget_downloads

    for path in forget_downloads(season):
        typer.echo(f"removed: {path}")
    typer.echo("Next: dvc repro -f collect, then: dvc repro")
