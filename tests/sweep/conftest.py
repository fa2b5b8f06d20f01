"""Fixtures of the sweep tests: a toy pipeline made once, and a PostgreSQL server on loopback."""

from __future__ import annotations

import glob
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import toy as toy_pipeline


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the toy pipeline, reproduced and committed; tests use their own studies."""
    repository = toy_pipeline.make_toy(tmp_path_factory.mktemp("toy"))
    toy_pipeline.write_spaces(repository)
    return repository


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database on a PostgreSQL server that this session starts on loopback."""
    binaries = _postgres_binaries()
    if binaries is None:
        pytest.skip("no PostgreSQL server here: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="nbarank-postgres-"))
    user = None
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        user = "nobody"
        shutil.chown(folder, user)
    data = folder / "data"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def run(*command: str) -> None:
        subprocess.run(command, user=user, cwd=folder, check=True, capture_output=True)

    run(binaries["initdb"], "-D", str(data), "-U", "nbarank", "-A", "trust", "-E", "UTF8", "-N")
    server = subprocess.Popen(
        [
            *(binaries["postgres"], "-D", str(data), "-p", str(port), "-k", str(folder)),
            *("-h", "127.0.0.1", "-c", "fsync=off"),
        ],
        user=user,
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=(folder / "log").open("wb"),
    )
    url = f"postgresql+psycopg://nbarank@127.0.0.1:{port}/postgres"
    try:
        _wait_for(url, server, folder / "log")
        yield url
    finally:
        server.send_signal(signal.SIGINT)  # at once, whoever is still connected
        server.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _postgres_binaries() -> dict[str, str] | None:
    folders = [*sorted(glob.glob("/usr/lib/postgresql/*/bin"), reverse=True), None]
    for folder in folders:
        found = {name: shutil.which(name, path=folder) for name in ("initdb", "postgres")}
        if all(found.values()):
            return {name: str(path) for name, path in found.items()}
    return None


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    psycopg = pytest.importorskip("psycopg")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            psycopg.connect(url.replace("+psycopg", "")).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.2)
    raise AssertionError(f"PostgreSQL did not answer: {log.read_text()}")
