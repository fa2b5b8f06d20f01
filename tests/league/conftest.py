"""The tiny league, ingested once."""

from __future__ import annotations

import pytest

from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas.raw import RawLeague
from tests.as_of_league import CHECKPOINTS


@pytest.fixture(scope="session")
def made(tiny_raw: RawLeague) -> LeagueTables:
    """League tables of the tiny league, with an as-of date every week."""
    return ingest(tiny_raw, False, 7, CHECKPOINTS)
