"""The `nbarank` command: mounts the command groups and prints errors."""

from __future__ import annotations

import atexit
import gc
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from traceback import walk_tb
from typing import Annotated

import typer

import nbarank
from nbarank.cli.checks import compare_environments, doctor, verify
from nbarank.cli.data import data_app
from nbarank.cli.games import games
from nbarank.cli.ledger import grade, ledger_app, seal
from nbarank.cli.params import params_app
from nbarank.cli.pipeline import pipeline_app
from nbarank.cli.places import enter_repository, moved
from nbarank.cli.report import analysis, serve
from nbarank.cli.results import compare, forecast, inspect_attention
from nbarank.cli.runs import explain, run, scorecard
from nbarank.cli.screen import folded_error
from nbarank.cli.sweep import leaderboard, lock, sweep_app
from nbarank.core.errors import NbarankError, known_error
from nbarank.core.git_variables import forget_git_variables
from nbarank.dvc.git import hide_secrets

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Rank NBA teams by true strength as of a date.",
)
GROUPS: dict[str, tuple[Callable[..., None], ...]] = {
    "Look": (forecast, games, scorecard, compare, serve, analysis, inspect_attention),
    "Change": (run, explain),
    "Ledger": (seal, grade),
    "Sweep": (leaderboard, lock),
    "Maintain": (doctor, verify, compare_environments),
}
DVC_PACKAGES = ("dvc", "dvc_data", "dvc_objects", "scmrepo", "dulwich", "pygit2", "git")
"""DVC and its libraries, which raise errors of many kinds for damaged repositories."""


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo("nbarank " + nbarank.__version__)
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None: ...


for title, commands in GROUPS.items():
    for command in commands:
        app.command(rich_help_panel=title)(command)
app.add_typer(sweep_app, name="sweep", rich_help_panel="Sweep")
app.add_typer(ledger_app, name="ledger", rich_help_panel="Ledger")
app.add_typer(data_app, name="data", rich_help_panel="Maintain")
app.add_typer(params_app, name="params", rich_help_panel="Maintain")
app.add_typer(pipeline_app, name="pipeline", rich_help_panel="Maintain")


def main() -> None:
    """Run the command line; an error that a user can fix is printed without a traceback, exit 1."""
    forget_git_variables()
    sys.unraisablehook = _interrupt_again
    gc.set_threshold(100_000)  # imports and tables make many objects and hardly any garbage
    atexit.register(gc.freeze)  # or Python looks through all of them once more before it ends
    # The matrices are small: a second thread of BLAS waits in a loop.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a path or name need not be in its encoding
            stream.reconfigure(errors="backslashreplace")
    try:
        if not {"--help", "--version", "--show-completion", "--install-completion"} & {
            *sys.argv[1:]
        }:
            enter_repository()
        app()
    except KeyboardInterrupt:  # before a command starts
        raise SystemExit(130) from None
    except Exception as error:
        # A Ctrl-C while a class is created: RuntimeError in Python 3.11, pydantic's SchemaError.
        if isinstance(error.__cause__, KeyboardInterrupt) or "KeyboardInterrupt" in str(error):
            raise SystemExit(130) from None
        known = known_error(error) or _of_memory(error) or _of_dvc(error)
        if known is None:
            raise
        known.correct(sys.argv[1:])
        text = f"{type(known).__name__}: {known}"
        print(folded_error(text) if sys.stderr.isatty() else text, file=sys.stderr)
        if moved():
            print(f"  folder:  {Path.cwd()}; paths and commands refer to it", file=sys.stderr)
        raise SystemExit(1) from None


def _interrupt_again(ignored: sys.UnraisableHookArgs) -> None:
    """Repeat a Ctrl-C that came where Python only prints errors, as in callbacks of its imports."""
    if ignored.exc_type is KeyboardInterrupt:
        threading.Timer(0.01, os.kill, (os.getpid(), signal.SIGINT)).start()
    else:
        sys.__unraisablehook__(ignored)


def _of_memory(error: Exception) -> NbarankError | None:
    """Return the error for a library that does not fit into memory; None for others."""
    reasons = ("failed to map segment", "annot allocate memory")
    if isinstance(error, ImportError) and any(reason in str(error) for reason in reasons):
        return known_error(MemoryError(str(error)))
    return None


def _of_dvc(error: Exception) -> NbarankError | None:
    """Return the error for one that DVC or its git library raised; None for others."""
    frames = [frame.f_globals.get("__name__", "") for frame, _ in walk_tb(error.__traceback__)]
    if not frames or frames[-1].split(".")[0] not in DVC_PACKAGES:
        return None
    reason = hide_secrets(str(error)) or type(error).__name__
    return NbarankError(
        f"DVC cannot work here: {reason}", where=str(Path.cwd()), next_command="nbarank doctor"
    )
