"""A process that has DVC loaded and runs its commands, each in a forked child.

Loading DVC takes longer than a small trial. This process loads it once; every command then runs
in a fork, as isolated as `dvc` typed in a shell. It reads one JSON job per line from its input
and answers with one JSON line. When its input ends (the sweep was killed), it ends the command
that runs and itself, so a killed sweep leaves nothing behind.

Run as `python -m nbarank.sweep.dvc_server`.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import json
import os
import select
import signal
import sys
from typing import Any

from nbarank.sweep.processes import end_tree

# Loaded ahead, because every experiment needs them; a missing one only costs time later.
PRELOADED = (
    "dvc.cli",
    "dvc.cli.parser",
    "dvc.analytics",
    "dvc.commands.experiments.run",
    "dvc.compare",
    "dvc.data_cloud",
    "dvc.dvcfile",
    "dvc.parsing",
    "dvc.repo.artifacts",
    "dvc.repo.brancher",
    "dvc.repo.commit",
    "dvc.repo.datasets",
    "dvc.repo.experiments",
    "dvc.repo.experiments.executor.local",
    "dvc.repo.experiments.queue.celery",
    "dvc.repo.experiments.queue.tempdir",
    "dvc.repo.experiments.run",
    "dvc.repo.graph",
    "dvc.repo.index",
    "dvc.repo.metrics.show",
    "dvc.repo.open_repo",
    "dvc.repo.plots",
    "dvc.repo.reproduce",
    "dvc.repo.stage",
    "dvc.repo.trie",
    "dvc.stage.cache",
    "dvc.stage.run",
    "dvc.utils.hydra",
    "dvc.utils.strictyaml",
    "dvc_data.index.checkout",
    "dvc_data.hashfile.db.local",
    "dvc_data.hashfile.status",
    "dvc_task.app",
    "dvc_task.proc.manager",
    "dulwich.porcelain",
    "dulwich.repo",
    "dulwich.stash",
    "flatten_dict",
    "fsspec.implementations.memory",
    "hydra._internal.config_loader_impl",
    "hydra.core.override_parser.overrides_parser",
    "hydra.initialize",
    "networkx",
    "pygit2",
    "scmrepo.git",
)
POLL_SECONDS = 0.02


def preload() -> None:
    """Load what every DVC command of a sweep needs."""
    for name in PRELOADED:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    # Objects loaded now are never freed: keep the collector of every fork from copying them.
    gc.collect()
    gc.freeze()


def run_in_child(job: dict[str, Any]) -> None:
    """Become the command of a job; never returns."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.chdir(job["folder"])
        os.environ.update(job.get("environment", {}))
        nothing = os.open(os.devnull, os.O_RDONLY)
        log = os.open(job["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        os.dup2(nothing, 0)
        os.dup2(log, 1)
        os.dup2(log, 2)
        sys.argv = ["dvc", *job["arguments"]]
        from dvc.cli import main as dvc_main

        status = dvc_main(job["arguments"])
    except SystemExit as leave:
        status = leave.code if isinstance(leave.code, int) else 1
    except BaseException as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status & 0xFF)


def serve(answers: int) -> None:
    """Answer jobs until the input ends.

    Parameters
    ----------
    answers
        File descriptor that answers are written to.
    """
    waiting = b""
    running: int | None = None
    while True:
        ready, _, _ = select.select([0], [], [], POLL_SECONDS if running else None)
        if ready:
            data = os.read(0, 65536)
            if not data:
                if running:
                    end_tree(running)
                return
            waiting += data
        if running:
            pid, status = os.waitpid(running, os.WNOHANG)
            if pid:
                running = None
                code = os.waitstatus_to_exitcode(status)
                os.write(answers, json.dumps({"status": code}).encode() + b"\n")
        elif b"\n" in waiting:
            line, waiting = waiting.split(b"\n", 1)
            child = os.fork()
            if child == 0:
                os.close(answers)
                run_in_child(json.loads(line))
            running = child


def main() -> None:
    """Load DVC, say so, and serve."""
    answers = os.dup(1)
    os.set_inheritable(answers, False)
    os.dup2(2, 1)  # nothing but answers may reach the reader
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    preload()
    os.write(answers, json.dumps({"ready": os.getpid()}).encode() + b"\n")
    serve(answers)


if __name__ == "__main__":
    main()
