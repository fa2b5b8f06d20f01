"""Fixtures that every room's tests share."""

import fcntl
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.raw import RawLeague
from nbarank.sources.raw import read_raw
from tests.as_of_league import CHECKPOINTS, Tables, collected, league_tables
from tests.tiny_league import write_tiny_league

ROOT = Path(__file__).resolve().parent.parent
REAL_RAW = ROOT.parent / "shared" / "nba" / "raw"
REAL_ANCHORS = ROOT.parent / "shared" / "nba" / "anchors"


sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
"""Else each of the thousands of processes of the tests would compile what it imports."""

LONGEST = ("sweep", "reliability")
"""Rooms whose tests run first, so that short ones are left when a worker has no more to do."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    place = {room: number for number, room in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.parent.name, len(place)))


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file below a folder by relative path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def made_once(
    factory: pytest.TempPathFactory, name: str, make: Callable[[Path], object], kept: str = ""
) -> Path:
    """Return a folder that `make` fills once for all workers of pytest-xdist; the others wait.

    Never changed: tests copy it. The environment variable `kept` may name its parent folder.
    """
    base = factory.getbasetemp()
    if base.name.startswith("popen-"):  # a worker of pytest-xdist: one place for all of them
        base = base.parent
    base = Path(os.environ.get(kept, base))
    base.mkdir(parents=True, exist_ok=True)
    folder = base / name
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / ".done").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            make(folder)
            (folder / ".done").touch()
    return folder


@pytest.fixture(scope="session")
def real_raw() -> Path:
    """Folder of real box scores; skips where it is missing."""
    if not REAL_RAW.is_dir():
        pytest.skip(f"real box scores are not there: {REAL_RAW}")
    return REAL_RAW


@pytest.fixture(scope="session")
def real_anchors() -> Path:
    """Folder of published figures to be measured against; skips where it is missing."""
    if not REAL_ANCHORS.is_dir():
        pytest.skip(f"published figures are not there: {REAL_ANCHORS}")
    return REAL_ANCHORS


@pytest.fixture(scope="session")
def real_league(real_raw: Path, tmp_path_factory: pytest.TempPathFactory) -> LeagueTables:
    return ingest(collected(real_raw, tmp_path_factory.mktemp("real")), False, 7, CHECKPOINTS)


@pytest.fixture(scope="session")
def tiny_raw(tmp_path_factory: pytest.TempPathFactory) -> RawLeague:
    """The tiny league as read; do not change its frames."""
    return read_raw(write_tiny_league(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="session")
def tables(tiny_raw: RawLeague) -> Tables:
    """League tables of the tiny league, with an as-of date every third day."""
    return league_tables(tiny_raw, 3)


@pytest.fixture(scope="session")
def made(tiny_raw: RawLeague) -> LeagueTables:
    """League tables of the tiny league, with an as-of date every week."""
    return ingest(tiny_raw, False, 7, CHECKPOINTS)
