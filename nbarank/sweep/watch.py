"""A study in the browser: optuna-dashboard on the study's storage."""

from __future__ import annotations

import importlib.util
import shlex
import socket
from pathlib import Path

from nbarank.core.errors import SweepError
from nbarank.dvc.git import repository_root
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study

HOST = "127.0.0.1"


def open_study(name: str, folder: Path, storage: str | None, port: int) -> tuple[Storage, str]:
    """Return the storage of a study and the address at which its dashboard will be.

    A SweepError if there is no such study, optuna-dashboard is not installed, or the port is taken.
    """
    opened = Storage(storage_url(repository_root(folder), storage))
    with opened.reporting_errors():
        study = Study(opened, name)
        study.join()
        number = opened.rdb.get_study_id_from_name(name)
    if importlib.util.find_spec("optuna_dashboard") is None:
        raise SweepError(
            "optuna-dashboard is not installed.",
            where="the extra 'dashboard' of this package",
            next_command="pip install -e '.[dashboard]'",
        )
    try:
        socket.create_server((HOST, port)).close()
    except OSError as error:
        raise SweepError(
            f"Port {port} cannot be used: {error.strerror}.",
            where="--port",
            allowed="a free port from 1024 to 65535",
            next_command=f"nbarank sweep watch {shlex.quote(name)} --port {int(port) + 1}",
        ) from None
    return opened, f"http://{HOST}:{port}/dashboard/studies/{number}"


def serve(storage: Storage, port: int) -> None:
    """Serve the dashboard until Ctrl-C."""
    from optuna_dashboard import run_server

    run_server(storage.optuna, host=HOST, port=port)
