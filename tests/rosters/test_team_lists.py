"""Team lists: who belongs to a team before he has played for it; signs of box plus-minus."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.features.players.box_plus_minus import TERMS, box_features
from nbarank.features.players.rosters import RosterTables
from nbarank.schemas.league import BOX_COUNTS
from tests.as_of_league import Tables
from tests.rosters.conftest import make, some_lists


def opening(made: RosterTables, league: Tables, season: str) -> pd.DataFrame:
    """Return the rosters of a season's first day by player."""
    start = league["seasons"].set_index("season").loc[season, "start"]
    rows = made.rosters[made.rosters["as_of"] == start]
    assert rows["player_id"].is_unique
    return rows.set_index("player_id")


def one_list(league: Tables, season: str, team: int, players: list[int]) -> pd.DataFrame:
    """Return an opening-night roster of one team, as known from its first game."""
    games = league["team_games"].query("season == @season and team_id == @team")
    names = [f"Player {one}" for one in players]
    columns = {"season": season, "as_of": games["game_date"].min(), "team_id": team}
    return pd.DataFrame({"player_id": players, "player_name": names, "age": 25.0}).assign(**columns)


def test_a_list_moves_players_before_their_first_game(league: Tables) -> None:
    season = sorted(league["seasons"]["season"])[1]
    before = opening(make(league), league, season)
    mover = int(before.index[0])
    teams = before["team_id"].unique()
    new = int(next(team for team in teams if team != before.loc[mover, "team_id"]))
    lists = one_list(league, season, new, [mover, 900_000])
    after = opening(make(league, team_lists=lists), league, season)
    assert after.loc[mover, "team_id"] == new
    assert after.loc[900_000, "team_id"] == new
    assert after.loc[900_000, "player_name"] == "Player 900000"
    assert after.loc[900_000, "impact"] < np.average(after["impact"], weights=after["minutes_raw"])
    # Two players are no complete list: no one else moves.
    stayed = before.index.drop(mover)
    pd.testing.assert_series_equal(
        after.loc[stayed, "team_id"], before.loc[stayed, "team_id"], check_names=False
    )


def test_players_missing_on_a_complete_list_have_left(league: Tables) -> None:
    season = sorted(league["seasons"]["season"])[1]
    before = opening(make(league), league, season)
    team = int(before["team_id"].iloc[0])
    own = before.index[before["team_id"] == team]
    lists = one_list(league, season, team, [int(own[0]), *range(900_000, 900_012)])
    after = opening(make(league, team_lists=lists), league, season)
    assert int(own[0]) in after.index
    assert not set(own[1:]) & set(after.index)


def test_a_game_for_another_team_overrides_an_earlier_list(league: Tables) -> None:
    lists = some_lists(league)
    made = make(league, team_lists=lists)
    day = made.rosters["as_of"].max()
    played = league["player_games"].query("minutes > 0 and game_date < @day")
    last = played.sort_values(["game_date", "game_id"]).groupby("player_id").last()
    newest = lists.groupby("player_id")["as_of"].max()
    rows = made.rosters[made.rosters["as_of"] == day].set_index("player_id")
    rows = rows.join(last[["game_date", "team_id"]].rename(columns={"team_id": "team_id_game"}))
    later = rows[rows["game_date"] >= newest.reindex(rows.index)]
    assert len(later) > 30
    assert (later["team_id"] == later["team_id_game"]).all()


def test_roster_teams_count_listed_players(league: Tables, listed: RosterTables) -> None:
    assert (listed.roster_teams["listed_players"] > 0).mean() > 0.9
    assert (make(league).roster_teams["listed_players"] == 0).all()


def test_shots_at_the_teams_efficiency_are_worth_points() -> None:
    """By the published weights a scorer and playmaker is above a rebounder who rarely shoots."""
    team = {"fga": 85.0, "fta": 22.0, "pts": 105.0, "reb": 44.0, "oreb": 10.0, "dreb": 34.0,
            "ast": 24.0, "stl": 8.0, "blk": 5.0, "tov": 14.0, "pf": 20.0}  # fmt: skip

    def row(**shares: float) -> list[float]:
        own = [team.get(name, 0.0) * shares.get(name, 0.2) for name in BOX_COUNTS]
        whole = [team.get(name, 0.0) for name in BOX_COUNTS]
        return [*(50 * np.array([*own, *whole])), 50 * 100.0, 50 * 48.0, 60.0]

    guard = row(fga=0.3, fta=0.3, pts=0.3, tov=0.3, ast=0.4, reb=0.1, oreb=0.05, dreb=0.1, blk=0.1)
    centre = row(fga=0.1, fta=0.1, pts=0.1, tov=0.1, ast=0.05, reb=0.3, oreb=0.4, dreb=0.3)
    features = box_features(np.array([guard, centre, row()]), 500.0)
    values = features @ np.array(list(TERMS.values()))
    assert values[0] > values[1]
    assert values[0] > values[2]
