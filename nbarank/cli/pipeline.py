"""`nbarank pipeline`: how the stages depend on the code."""

from __future__ import annotations

from pathlib import Path

import typer

from nbarank.core.sections import PARAMS_FILE, read_yaml

pipeline_app = typer.Typer(no_args_is_help=True, help="Show how stages depend on the code.")


@pipeline_app.callback()
def _group() -> None:
    """Show how stages depend on the code."""


@pipeline_app.command("rooms")
def rooms() -> None:
    """Print which stages an edit in each room of nbarank/ re-runs, as a Markdown table."""
    from nbarank.dvc.pipeline import read_pipeline, reruns_by_room

    stages = read_pipeline(read_yaml(Path("dvc.yaml")), read_yaml(PARAMS_FILE))
    folders = sorted(path.parent.as_posix() for path in Path("nbarank").glob("*/__init__.py"))

    def names(some: list[str]) -> str:
        if len(some) == len(stages):
            return "every stage"
        return ", ".join(some) or "–"

    typer.echo("| an edit in | re-runs | and, if their outputs change |\n|---|---|---|")
    for room, direct, later in reruns_by_room(stages, folders):
        typer.echo(f"| {room} | {names(direct)} | {names(later)} |")
