"""Small simulated leagues that several tests use."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nbarank.sources.simulated import generate
from nbarank.sources.simulated.params import SimulatedParams


def small_league(seed: int = 1, **changes: object) -> SimulatedParams:
    values: dict[str, object] = {
        "seed": seed,
        "first_season": "2020-21",
        "n_seasons": 1,
        "n_teams": 20,
        "games": 30,
        "home_court": 2.2,
        "game_sd": 11.2,
        "talent_spread": 1.0,
        "form_sd": 1.0,
        "absences": 1.0,
        "movement": 1.0,
    }
    return SimulatedParams(**(values | changes))  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def small() -> Callable[..., SimulatedParams]:
    """Make the parameters of a small league: `small(seed, n_teams=16)`."""
    return small_league


@pytest.fixture(scope="session")
def league(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three seasons of twenty teams, with play-in; raw/ and truth/ below the path."""
    root = tmp_path_factory.mktemp("league")
    generate(small_league(n_seasons=3), root / "raw", root / "truth")
    return root
