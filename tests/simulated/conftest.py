"""Small simulated leagues that several tests use."""

from pathlib import Path

import pytest

from nbarank.schemas.raw import RawLeague
from nbarank.sources.raw import read_raw
from nbarank.sources.simulated import generate
from nbarank.sources.simulated.params import SimulatedParams
from tests.as_of_league import section


def small(seed: int = 1, **changes: object) -> SimulatedParams:
    """Return the parameters of a small league: `small(seed, n_teams=16)`."""
    values = section(SimulatedParams).model_dump()
    size = {"seed": seed, "first_season": "2020-21", "n_seasons": 1, "n_teams": 20, "games": 30}
    return SimulatedParams(**(values | size | changes))


@pytest.fixture(scope="session")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seasons of twenty teams, with play-in; raw/ and truth/ below the path."""
    root = tmp_path_factory.mktemp("league")
    generate(small(n_seasons=3), root / "raw", root / "truth")
    return root


@pytest.fixture(scope="session")
def read(league: Path) -> RawLeague:
    return read_raw(league / "raw")
