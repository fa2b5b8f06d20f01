"""Run every command of `nbarank` in folders and print how each ended, one JSON line per folder.

A process of its own, so that a crash and another user can be tested. Folders are read from standard
input; each is visited by a fork, so that the imports, most of the time, are paid once.
"""

import contextlib
import gc
import importlib
import io
import json
import os
import pkgutil
import signal
import sys
import traceback
from http.server import ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import typer.main

import nbarank
from nbarank.cli.main import app, main

ARGUMENTS = {
    "run": [[], ["--profile", "medium"], ["-S", "model_b.max_depth=3"]],
    "scorecard": [[], ["--full"], ["--experiment", "run-001"]],
    "explain": [["--experiment", "run-001"]],
    "forecast": [[], ["--as-of", "2023-01-15", "--json"]],
    "games": [
        [],
        ["--date", "2022-03-01", "--next", "2", "--json"],
        ["--team", "BOS"],
        ["--date", "2022-07-20", "--result", "BOS-BOS=BOS"],
    ],
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


def visit(folder: Path) -> None:
    """Run every command in a folder, within ten minutes; print the outcomes."""
    signal.alarm(600)
    os.chdir(folder)
    os.environ["HOME"] = str(folder.parent)
    rows = [outcome([*name.split(), *more]) for name in ARGUMENTS for more in ARGUMENTS[name]]
    print(json.dumps(rows), flush=True)


if __name__ == "__main__":
    names = commands(typer.main.get_command(app))
    assert sorted(names) == sorted(ARGUMENTS), "a command has no arguments in this test"
    if sys.argv[1:]:
        visit(Path(sys.argv[1]))
        sys.exit()
    for module in pkgutil.walk_packages(nbarank.__path__, "nbarank."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    gc.freeze()  # so that the forks share its pages
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            visit(Path(line.rstrip("\n")))
            sys.exit()
        if status := os.waitpid(child, 0)[1]:
            print(f"the process ended with status {status}", flush=True)
