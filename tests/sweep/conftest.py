"""Fixtures of the sweep tests: a toy pipeline made once, and a PostgreSQL server on loopback."""

import glob
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.reliability.small import settle
from tests.sweep.running import Server
from tests.sweep.toy import make_toy


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with the toy pipeline, reproduced and committed, for copies only."""
    return made_once(tmp_path_factory, "pristine", make_toy) / "toy"


def copied(pristine: Path, folder: Path) -> Path:
    shutil.copytree(pristine.parent, folder, symlinks=True, dirs_exist_ok=True)
    settle(folder / pristine.name)
    return folder / pristine.name


@pytest.fixture(scope="session")
def toy(pristine: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy that all tests share; each uses a study of its own."""
    return copied(pristine, tmp_path_factory.mktemp("toy"))


@pytest.fixture
def own_toy(pristine: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    return copied(pristine, tmp_path)


@pytest.fixture(scope="session")
def postgres(postgres_server: Server) -> str:
    """URL of a database on a PostgreSQL server on loopback."""
    return postgres_server.url


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Server]:
    """A PostgreSQL server that this session starts on loopback."""
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
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    subprocess.run(
        [initdb, "-D", folder / "data", "-U", "nbarank", "-A", "trust", "-E", "UTF8", "-N"],
        user=user,
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    url = f"postgresql+psycopg://nbarank@127.0.0.1:{port}/postgres"
    server = Server(url, folder, port, user, pg_ctl)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)
