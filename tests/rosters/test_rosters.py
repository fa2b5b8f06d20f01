"""Rosters: members, defined values for bad input, optional inputs."""

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.core.names import normal_name
from nbarank.core.tables import validate
from nbarank.features.params import FeatureParams
from nbarank.features.players.rosters import RosterTables, embedding_index
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS
from nbarank.sources.external_ratings import read_external_ratings
from nbarank.sources.injuries import read_injury_reports
from tests.as_of_league import Tables, documented, section
from tests.rosters.conftest import make, some_ratings, some_reports

KEY = ("season", "as_of", "team_id", "slot", "player_id", "player_name")


def on(frame: pd.DataFrame, day: object, team: int) -> pd.DataFrame:
    return frame[(frame["as_of"] == day) & (frame["team_id"] == team)]


def test_both_tables_keep_their_contracts(made: RosterTables) -> None:
    validate(ROSTERS, made.rosters)
    validate(ROSTER_TEAMS, made.roster_teams)


def test_every_roster_adds_up_to_a_game_of_minutes(made: RosterTables) -> None:
    totals = made.rosters.groupby(["as_of", "team_id"])[
        ["expected_minutes", "expected_minutes_rest", "playoff_minutes"]
    ].sum()
    np.testing.assert_allclose(totals, 240.0)


def test_slots_are_filled_from_0_by_recent_minutes(made: RosterTables) -> None:
    for _, team in made.rosters.groupby(["as_of", "team_id"]):
        assert team["slot"].tolist() == list(range(len(team)))
        assert team["recent_minutes"].is_monotonic_decreasing


def test_a_player_is_on_the_roster_of_his_latest_game(league: Tables, made: RosterTables) -> None:
    day = sorted(league["as_of"]["as_of"])[-3]
    played = league["player_games"]
    played = played[(played["game_date"] < day) & (played["minutes"] > 0)]
    latest = played.sort_values(["game_date", "game_id"]).groupby("player_id")["team_id"].last()
    listed = made.rosters[made.rosters["as_of"] == day].set_index("player_id")["team_id"]
    assert listed.index.is_unique
    pd.testing.assert_series_equal(listed.sort_index(), latest.loc[listed.index].sort_index())


def test_two_trades_in_a_week_move_a_player_twice(league: Tables) -> None:
    played = league["player_games"].copy()
    season = played["season"].max()
    days = sorted(played.loc[played["season"] == season, "game_date"].unique())
    traded, homes = 999_999, {}
    for day in days[4:10:2]:
        today = played[(played["game_date"] == day) & ~played["team_id"].isin(homes)]
        chosen = today.index[0]
        homes[int(played.loc[chosen, "team_id"])] = day
        played.loc[chosen, ["player_id", "player_name"]] = [traded, "Twice Traded"]
    tables = {**league, "player_games": played}
    grid = pd.DataFrame({"as_of": [day + pd.Timedelta(days=1) for day in homes.values()]})
    tables["as_of"] = grid.assign(season=season, weekly=True, checkpoint=np.nan, season_share=0.5)
    rosters = make(tables).rosters
    found = rosters[rosters["player_id"] == traded].sort_values("as_of")
    assert found["team_id"].tolist() == list(homes)
    assert (found["games_with_team"] == 1).all()
    assert found["games_season"].tolist() == [1, 2, 3]


def test_before_any_game_rosters_are_empty_and_strengths_zero(league: Tables) -> None:
    first = league["as_of"]["as_of"].min()
    early = league["as_of"].iloc[:1].assign(as_of=first - pd.Timedelta(days=700))
    tables = {**league, "as_of": pd.concat([early, league["as_of"]])}
    rows = make(tables).roster_teams
    empty = rows[rows["as_of"] < first]
    assert len(empty) == 30
    assert (empty.drop(columns=["season", "as_of", "team_id"]) == 0).all(axis=None)


def test_a_team_without_games_has_a_row_of_zeros(league: Tables, made: RosterTables) -> None:
    stranger = league["teams"].iloc[:1].assign(team_id=77, name="New Town")
    rows = make(
        {**league, "teams": pd.concat([league["teams"], stranger])},
        some_reports(league),
        some_ratings(league),
    ).roster_teams
    new = rows[rows["team_id"] == 77].drop(columns=["season", "as_of", "team_id"])
    assert len(new) and (new == 0).all(axis=None)
    others = rows[rows["team_id"] != 77].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, made.roster_teams, check_exact=True)


def test_a_league_without_box_scores_has_no_slots_and_zero_strength(league: Tables) -> None:
    bare = make({**league, "player_games": league["player_games"].iloc[:0]})
    assert bare.rosters.empty
    assert (bare.roster_teams["available_strength"] == 0).all()
    validate(ROSTERS, bare.rosters)
    validate(ROSTER_TEAMS, bare.roster_teams)


def test_a_season_opens_with_the_rosters_of_the_last(league: Tables, made: RosterTables) -> None:
    grid = league["as_of"]
    start = grid.loc[grid["season"] == sorted(grid["season"].unique())[1], "as_of"].min()
    opening = made.rosters[made.rosters["as_of"] == start]
    assert len(opening) > 30 * 5
    assert (opening["games_with_team"] == 0).all()
    assert (opening["games_season"] == 0).all()
    pd.testing.assert_series_equal(
        opening["pts_season"], opening["pts_last_season"], check_names=False
    )


def test_form_is_that_of_the_box_scores(league: Tables, made: RosterTables) -> None:
    """Points per game of one player, added up by hand."""
    row = made.rosters[made.rosters["season"] == made.rosters["season"].max()].iloc[-1]
    played = league["player_games"].query("player_id == @row.player_id and minutes > 0")
    before = played[played["game_date"] < row["as_of"]]
    now = before[before["season"] == row["season"]]
    last = before[before["season"] != row["season"]]
    last = last[last["season"] == sorted(league["seasons"]["season"])[-2]]
    assert row["games_season"] == len(now)
    expected = (now["pts"].sum() + 10 * last["pts"].mean()) / (len(now) + 10)
    np.testing.assert_allclose(row["pts_season"], expected)
    np.testing.assert_allclose(
        row["minutes_last_5_games"],
        before.sort_values("game_date")["minutes"].tail(5).mean(),
        atol=1e-3,
    )


def test_without_reports_and_ratings_their_columns_are_zero(league: Tables) -> None:
    plain = make(league).rosters
    off = make(
        league, some_reports(league), some_ratings(league), injuries=False, external_ratings=False
    ).rosters
    columns = ["listed_out", "listed_share", "external_rating", "has_external_rating"]
    assert (plain[columns] == 0).all(axis=None)
    pd.testing.assert_frame_equal(plain, off, check_exact=True)


def test_a_report_is_known_from_the_next_day_and_for_three_days(league: Tables) -> None:
    grid = league["as_of"]
    days = grid.loc[grid["season"] == grid["season"].max(), "as_of"].sort_values()
    day, player = days.iloc[5], int(league["player_games"]["player_id"].iloc[-1])
    for late, listed in ((0, 0.0), (1, 1.0), (3, 1.0), (4, 0.0)):
        report = pd.DataFrame(
            {"report_date": [day - pd.Timedelta(days=late)], "player_id": [player], "team_id": [1]}
        )
        rosters = make(league, report).rosters
        row = rosters[(rosters["as_of"] == day) & (rosters["player_id"] == player)]
        assert row["listed_out"].tolist() == [listed]


def test_reports_of_earlier_years_list_nobody(league: Tables) -> None:
    old = league["as_of"]["as_of"].min() - pd.Timedelta(days=400)
    player = int(league["player_games"]["player_id"].iloc[-1])
    report = pd.DataFrame({"report_date": [old], "player_id": [player], "team_id": [1]})
    assert (make(league, report).rosters[["listed_out", "listed_share"]] == 0).all(axis=None)


def test_ratings_are_those_of_the_season_before(league: Tables, made: RosterTables) -> None:
    seasons = sorted(league["seasons"]["season"])
    first = made.rosters[made.rosters["season"] == seasons[0]]
    assert (first["has_external_rating"] == 0).all()
    later = made.rosters[made.rosters["season"] == seasons[-1]]
    known = later[later["has_external_rating"] == 1]
    assert len(known) > 100
    np.testing.assert_array_equal(known["external_rating"], known["player_id"] % 7 - 3.0)


def test_an_absent_regular_is_marked_and_weakens_the_team(league: Tables) -> None:
    """The best player of the league stays away for the second half of a season."""
    played = league["player_games"]
    season = played["season"].max()
    whole = make(league)
    grid = league["as_of"]
    days = grid.loc[grid["season"] == season, "as_of"].sort_values()
    day = days.iloc[-1]
    roster = whole.rosters[whole.rosters["as_of"] == day]
    best = roster[roster["games_season"] > 10].sort_values(["impact"]).iloc[-1]
    gone = (played["player_id"] == best["player_id"]) & (
        played["game_date"] >= days.iloc[len(days) // 2]
    )
    without = make({**league, "player_games": played[~gone].reset_index(drop=True)})
    row = without.rosters[
        (without.rosters["as_of"] == day) & (without.rosters["player_id"] == best["player_id"])
    ].iloc[0]
    assert row["is_absent"] == 1
    assert row["expected_minutes"] < 0.6 * best["expected_minutes"]
    team = on(without.roster_teams, day, int(best["team_id"])).iloc[0]
    assert team["missing_strength"] > 0
    assert team["available_strength"] < team["player_strength"]


def test_embedding_index_is_stable_and_leaves_0_free() -> None:
    # Made once with this code; a change would give trained embeddings to other players.
    found = embedding_index(np.array([2544, 201939, 1]), 4096)
    assert found.tolist() == [3380, 3615, 2975]
    many = embedding_index(np.arange(20_000), 512)
    assert many.min() == 1
    assert many.max() == 511
    counts = np.bincount(many)[1:]
    assert counts.max() < 2 * counts.mean()


def test_names_meet_in_normal_form() -> None:
    assert normal_name("Luka Dončić") == normal_name("luka doncic")
    assert normal_name("Tim Hardaway Jr.") == normal_name("Tim Hardaway")
    assert normal_name("D'Angelo Russell") == "dangelo russell"


def test_missing_optional_files_are_empty_and_broken_ones_are_named(tmp_path: Path) -> None:
    assert read_injury_reports(tmp_path).empty
    assert read_external_ratings(tmp_path).empty
    (tmp_path / "injury_reports").mkdir()
    good = {"date": "2020-02-20", "injuries": [{"player_id": 1, "team_id": 2, "status": "Out"}]}
    (tmp_path / "injury_reports" / "2020-02-20.json").write_text(json.dumps(good))
    assert read_injury_reports(tmp_path)["player_id"].tolist() == [1]
    (tmp_path / "injury_reports" / "2020-02-21.json").write_text("{")
    with pytest.raises(SourceError, match=r"2020-02-21\.json"):
        read_injury_reports(tmp_path)
    (tmp_path / "modern_RAPTOR_by_team.csv").write_text("player_name,season\nA,2015\n")
    with pytest.raises(SourceError, match="raptor_total"):
        read_external_ratings(tmp_path)


def test_dictionary_and_tables_are_equal(made: RosterTables) -> None:
    windows = "|".join(str(w) for w in [4, 9])
    columns = [name for name in made.rosters if name not in KEY]
    plain = {re.sub(rf"_last_({windows})$", "_last_{window}", name) for name in columns}
    assert sorted(documented("Roster slots")) == sorted(plain)
    assert documented("Roster teams") == [
        name for name in ROSTER_TEAMS.schema.columns if name not in KEY
    ]
    assert section(FeatureParams).roster_size == 15
