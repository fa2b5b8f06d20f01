"""A tiny league, read and ingested once."""

from __future__ import annotations

import pytest

from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.raw import RawLeague
from nbarank.sources.raw import read_raw
from tests.tiny_league import write_tiny_league

CHECKPOINTS = (0.1, 0.25, 0.5, 0.75, 1.0)


@pytest.fixture(scope="session")
def tiny_raw(tmp_path_factory: pytest.TempPathFactory) -> RawLeague:
    """The tiny league as read; do not change its frames."""
    return read_raw(write_tiny_league(tmp_path_factory.mktemp("tiny")))


@pytest.fixture(scope="session")
def made(tiny_raw: RawLeague) -> LeagueTables:
    """Its league tables."""
    return ingest(tiny_raw, False, 7, CHECKPOINTS)
