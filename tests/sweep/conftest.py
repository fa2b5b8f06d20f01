"""Fixtures of the sweep tests: a toy pipeline made once, and a PostgreSQL server on loopback."""

from __future__ import annotations

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sweep.toy import make_toy


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the toy pipeline, reproduced and committed; tests use their own studies."""
    return make_toy(tmp_path_factory.mktemp("toy"))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server that this session starts on loopback."""
    path = ":".join([*glob.glob("/usr/lib/postgresql/*/bin"), os.environ["PATH"]])
    initdb, pg_ctl = (shutil.which(name, path=path) for name in ("initdb", "pg_ctl"))
    if initdb is None or pg_ctl is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    pytest.importorskip("psycopg")
    folder = Path(tempfile.mkdtemp(prefix="nbarank-postgres-"))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "nobody"
        shutil.chown(folder, user)
    data = str(folder / "data")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, stdout=subprocess.DEVNULL)

    run(initdb, "-D", data, "-U", "nbarank", "-A", "trust", "-E", "UTF8", "-N")
    options = f"-p {port} -k {folder} -h 127.0.0.1 -c fsync=off"
    run(pg_ctl, "start", "-w", "-D", data, "-l", str(folder / "log"), "-o", options)
    try:
        yield f"postgresql+psycopg://nbarank@127.0.0.1:{port}/postgres"
    finally:
        run(pg_ctl, "stop", "-m", "immediate", "-D", data)
        shutil.rmtree(folder, ignore_errors=True)
