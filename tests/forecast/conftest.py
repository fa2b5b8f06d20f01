"""The made-up season played to its end, and what is known of it in its middle."""

import pandas as pd
import pytest

from nbarank.forecast.coming_games import GameInputs
from nbarank.forecast.season_state import League
from tests.forecast.made_league import (
    MID,
    SEASON,
    params,
    played,
    schedule,
    season_row,
    strength_rows,
    teams,
)
from tests.forecast.made_news import MODELS, news, on_court


@pytest.fixture(scope="session")
def games() -> pd.DataFrame:
    return played(schedule(), 0)


@pytest.fixture(scope="session")
def inputs(games: pd.DataFrame) -> GameInputs:
    league = League(season_row(), teams(), games, schedule())
    rows = strength_rows(MID, 0.5)
    rows = rows.assign(strength_sd=MODELS[SEASON].strength_sd(rows, params()))
    return GameInputs(SEASON, league, rows, news(on_court(games)), MODELS[SEASON])
