"""Any day on its own, from stored weights: on a day of the grid, the rows of the grid."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import TableError
from nbarank.core.params import season_after
from nbarank.core.tables import in_decimals, stored
from nbarank.features.params import PlayerParams
from nbarank.features.players.rosters import RosterTables, build_rosters
from nbarank.features.players.season_weights import SeasonWeights
from nbarank.schemas.features import PLAYER_WEIGHTS, ROSTER_TEAMS, ROSTERS
from tests.as_of_league import Tables, day_at, section
from tests.rosters.conftest import (
    FEATURES,
    some_lists,
    some_ratings,
    some_reports,
    with_published,
)


def described(league: Tables, listed: RosterTables, day: pd.Timestamp) -> RosterTables:
    """Describe one day from earlier games and the weights of the grid."""
    tables = {**league, "as_of": league["as_of"][league["as_of"]["as_of"] == day]}
    for name in ("player_games", "team_games"):
        tables[name] = league[name][league[name]["game_date"] < day]
    weights = SeasonWeights(stored(PLAYER_WEIGHTS, listed.weights))
    reports, ratings = some_reports(league), some_ratings(league)
    lists = some_lists(league)
    lists = lists[lists["as_of"] <= day + pd.Timedelta(days=7)]
    known = with_published(tables, reports, ratings, lists)
    return build_rosters(known, FEATURES, section(PlayerParams), weights)


@pytest.mark.parametrize("share", [0.5, 0.55, 0.8, 1.0])
def test_a_day_of_the_grid_on_its_own_has_the_rows_of_the_grid(
    league: Tables, listed: RosterTables, share: float
) -> None:
    day = day_at(league, share)
    alone = described(league, listed, day)
    for table, one, grid in (
        (ROSTERS, alone.rosters, listed.rosters),
        (ROSTER_TEAMS, alone.roster_teams, listed.roster_teams),
    ):
        wanted = grid[grid["as_of"] == day].reset_index(drop=True)
        pd.testing.assert_frame_equal(
            in_decimals(table, one), in_decimals(table, wanted), rtol=0, atol=2e-5
        )


def test_weights_are_those_of_the_season_and_rounded_before_use(
    league: Tables, listed: RosterTables
) -> None:
    known = stored(PLAYER_WEIGHTS, listed.weights)
    pd.testing.assert_series_equal(
        known["weight"],
        listed.weights.sort_values(["season", "model", "place"], ignore_index=True)["weight"],
    )
    seasons = sorted(set(league["as_of"]["season"]))
    assert set(known["season"]) == {*seasons, season_after(seasons[-1])}
    day = day_at(league, 1.0)
    season = league["as_of"].set_index("as_of")["season"][day]
    other = known.assign(weight=known["weight"] * np.where(known["season"] < season, 1.0, 0.5))
    halved = described(league, RosterTables(listed.rosters, listed.roster_teams, other), day)
    real = described(league, listed, day)
    assert not np.allclose(halved.roster_teams["available_strength"],
                           real.roster_teams["available_strength"])  # fmt: skip
    missing = RosterTables(listed.rosters, listed.roster_teams, known[known["season"] < season])
    with pytest.raises(TableError, match=f"for {season} are not stored"):
        described(league, missing, day)
