"""The `nbarank` command: mounts the command groups and prints errors."""

from __future__ import annotations

import sys
from collections.abc import Callable

import typer

from nbarank.cli.checks import compare_environments, doctor, verify
from nbarank.cli.data import data_app
from nbarank.cli.params import params_app
from nbarank.cli.pipeline import pipeline_app
from nbarank.cli.report import analysis, serve
from nbarank.cli.results import compare, forecast, inspect_attention
from nbarank.cli.runs import explain, run, scorecard
from nbarank.cli.sweep import leaderboard, lock, sweep_app
from nbarank.core.errors import NbarankError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Rank NBA teams by true strength as of a date.",
)
GROUPS: dict[str, tuple[Callable[..., None], ...]] = {
    "Runs": (run, scorecard, explain),
    "Results": (forecast, compare, inspect_attention),
    "Report": (serve, analysis),
    "Sweeps": (leaderboard, lock),
    "Checks": (doctor, verify, compare_environments),
}
for title, commands in GROUPS.items():
    for command in commands:
        app.command(rich_help_panel=title)(command)
app.add_typer(sweep_app, name="sweep", rich_help_panel="Sweeps")
app.add_typer(data_app, name="data", rich_help_panel="Checks")
app.add_typer(params_app, name="params", rich_help_panel="Checks")
app.add_typer(pipeline_app, name="pipeline", rich_help_panel="Checks")


def main() -> None:
    """Run the command line; an `NbarankError` is printed without a traceback, exit code 1."""
    try:
        app()
    except NbarankError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
