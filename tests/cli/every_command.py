"""Run every command of `nbarank` in the current folder and print how each ended, as JSON.

A process of its own, so that a crash, another user and a limit of memory can be tested.
"""

import contextlib
import io
import json
import sys
import traceback
from http.server import ThreadingHTTPServer
from unittest import mock

import typer.main

from nbarank.cli.main import app, main

ARGUMENTS = {
    "run": [[], ["--profile", "medium"], ["-S", "model_b.max_depth=3"]],
    "scorecard": [[], ["--full"], ["--experiment", "run-001"]],
    "explain": [["--experiment", "run-001"]],
    "forecast": [[], ["--as-of", "2023-01-15", "--json"]],
    "games": [[], ["--date", "2022-03-01", "--next", "2", "--json"], ["--team", "BOS"]],
    "compare": [["ensemble", "elo"], ["run-001", "workspace"]],
    "inspect-attention": [[], ["--profile", "medium"], ["--model", "models/deepset/final"]],
    "serve": [["--no-browser", "--port", "0"]],
    "analysis": [[]],
    "seal": [[], ["--print", "2021-01-15"], ["--replay", "2021-01-15"]],
    "grade": [[]],
    "ledger verify": [[], ["--chain"]],
    "leaderboard": [[]],
    "lock": [["phase1_spearman_final_rank-1"]],
    "doctor": [[]],
    "verify": [[], ["--all"]],
    "compare-environments": [[".", "HEAD"], [".", "."]],
    "sweep run": [["phase2_rf"], ["phase2_rf", "--profile", "medium", "--dry-run"]],
    "sweep watch": [["phase1", "--no-browser"]],
    "sweep report": [["phase1"]],
    "sweep campaign": [["phase1"]],
    "data check": [[], ["data/raw"]],
    "data refetch": [["2021-22"]],
    "params check": [[]],
    "params document": [[]],
    "pipeline rooms": [[]],
}
"""Arguments of each command; all of them must end by themselves."""


def commands(group: object, prefix: str = "") -> list[str]:
    """Return every command of the application, groups included."""
    found = []
    for name, command in group.commands.items():  # type: ignore[attr-defined]
        nested = getattr(command, "commands", None)
        found += commands(command, f"{prefix}{name} ") if nested else [f"{prefix}{name}"]
    return found


def outcome(arguments: list[str]) -> dict[str, object]:
    """Run one command; return its exit code, what it printed, and the traceback if it has one."""
    out, trace, code = io.StringIO(), "", 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(out),
        mock.patch.object(sys, "argv", ["nbarank", *arguments]),
        mock.patch.object(ThreadingHTTPServer, "serve_forever"),
        mock.patch("nbarank.dvc.processes.subprocess.Popen", side_effect=SystemExit(2)),
    ):
        try:
            main()
        except SystemExit as error:
            code = error.code if isinstance(error.code, int) else 1
        except BaseException:
            trace = traceback.format_exc()
    return {"arguments": arguments, "code": code, "printed": out.getvalue(), "trace": trace}


if __name__ == "__main__":
    names = commands(typer.main.get_command(app))
    assert sorted(names) == sorted(ARGUMENTS), "a command has no arguments in this test"
    rows = [outcome([*name.split(), *more]) for name in names for more in ARGUMENTS[name]]
    print(json.dumps(rows))
