"""A tiny league, read once."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbarank.schemas.raw import RawLeague
from nbarank.sources.raw import read_raw
from tests.tiny_league import TinyLeague, write_tiny_league


@pytest.fixture(scope="session")
def tiny() -> TinyLeague:
    """Three seasons of thirty made-up teams, a play-in in the last."""
    return TinyLeague()


@pytest.fixture(scope="session")
def tiny_raw(tiny: TinyLeague, tmp_path_factory: pytest.TempPathFactory) -> RawLeague:
    """The tiny league as read; do not change its frames."""
    folder: Path = write_tiny_league(tmp_path_factory.mktemp("tiny"), tiny)
    return read_raw(folder)
