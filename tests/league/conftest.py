"""Folders of a user's files, and the tables that right files give."""

from pathlib import Path

import pytest

from nbarank.league.ingest import LeagueTables
from tests.league.user_files import made, season, write


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "box"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    (tmp_path / "raw").mkdir()
    return tmp_path / "raw"


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> LeagueTables:
    return made(write(tmp_path_factory.mktemp("right") / "box", season()))
