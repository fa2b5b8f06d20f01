"""`nbarank pipeline`: how the stages depend on the code."""

from __future__ import annotations

from pathlib import Path

import typer

pipeline_app = typer.Typer(no_args_is_help=True, help="Show how stages depend on the code.")


@pipeline_app.callback()
def _group() -> None:
    """Show how stages depend on the code."""


@pipeline_app.command("rooms")
def rooms() -> None:
    """Print which stages an edit in each room of nbarank/ re-runs, as a Markdown table."""
    from nbarank.cli.scorecard_screen import print_page
    from nbarank.core.markdown import markdown_table
    from nbarank.core.sections import PARAMS_FILE, read_yaml
    from nbarank.dvc.pipeline import read_pipeline, reruns_by_room

    stages = read_pipeline(read_yaml(Path("dvc.yaml")), read_yaml(PARAMS_FILE))
    folders = sorted(path.parent.as_posix() for path in Path("nbarank").glob("*/__init__.py"))

    def names(some: list[str]) -> str:
        return "every stage" if len(some) == len(stages) else ", ".join(some) or "–"

    rows = [(room, *map(names, some)) for room, *some in reruns_by_room(stages, folders)]
    columns = ("an edit in", "re-runs", "and, if their outputs change")
    print_page("\n".join(markdown_table(columns, rows, "lll")))
