"""Outcomes: seeds, champion, both playoff ranks."""

import pandas as pd
import pytest

from nbarank.core.errors import IngestError
from nbarank.core.tables import validate
from nbarank.league.ingest import LeagueTables
from nbarank.league.outcomes import (
    build_outcomes,
    elimination_days,
    rank_eos_final,
    rank_performance,
)
from nbarank.league.rules import SeasonRules
from nbarank.schemas.league import OUTCOMES


@pytest.fixture(scope="module")
def outcomes(made: LeagueTables) -> pd.DataFrame:
    return build_outcomes(made.games, made.teams, made.seasons)


def test_outcomes_of_a_whole_league_add_up(made: LeagueTables, outcomes: pd.DataFrame) -> None:
    validate(OUTCOMES, outcomes)
    for _, season in outcomes.groupby("season"):
        assert season["champion"].sum() == 1
        assert season["made_playoffs"].sum() == 16
        assert season["rounds_won"].value_counts().to_dict() == {0: 22, 1: 4, 2: 2, 3: 1, 4: 1}
        assert season.loc[season["champion"], "playoff_wins"].item() == 16
        for name in ("final_rank", "playoff_rank_performance", "playoff_rank_eos_final"):
            assert sorted(season[name]) == list(range(1, 31))
        for _, side in season.groupby("conference"):
            assert sorted(side["conference_rank"]) == list(range(1, 16))
            assert sorted(side.loc[side["made_playoffs"], "seed"]) == list(range(1, 9))
            assert (side.loc[~side["made_playoffs"], "seed"] == 0).all()
        champion = season.set_index("champion").loc[True]
        assert champion["playoff_rank_performance"] == champion["playoff_rank_eos_final"] == 1
    played = made.games.query("kind == 'playoffs'").groupby("season").size()
    assert (outcomes.groupby("season")["playoff_wins"].sum() == played).all()


# By final rank 1-8: four playoff teams (ranks 1, 2, 3, 5), four of the lottery (4, 6, 7, 8).
SMALL = pd.DataFrame(
    {
        "made_playoffs": [True, True, True, False, True, False, False, False],
        "playoff_wins": [5, 3, 8, 0, 5, 0, 0, 0],
        "rounds_won": [1, 0, 2, 0, 0, 0, 0, 0],
        "final_rank": range(1, 9),
    }
)


def test_performance_goes_by_playoff_wins_then_record() -> None:
    assert rank_performance(SMALL).tolist() == [2, 4, 1, 5, 3, 6, 7, 8]


def test_eos_final_goes_by_rounds_and_puts_the_first_eliminated_last() -> None:
    days = pd.to_datetime(
        pd.Series([None, None, None, "2022-04-01", None, "2022-03-01", "2022-03-20", "2022-03-05"])
    ).astype("datetime64[us]")
    # Lottery by record 4, 6, 7, 8; out first: 6 (1 March), then 8 (5 March).
    assert rank_eos_final(SMALL, days).tolist() == [2, 3, 1, 5, 4, 8, 6, 7]


def test_eliminated_on_the_same_day_the_worse_team_is_last() -> None:
    days = pd.Series(pd.Timestamp("2022-03-01"), index=SMALL.index).astype("datetime64[us]")
    assert rank_eos_final(SMALL, days).tolist() == [2, 3, 1, 5, 4, 6, 7, 8]


def test_elimination_is_the_day_the_last_place_is_out_of_reach() -> None:
    # Three teams of one conference, one place: 1 wins the first three games against 2 and 3.
    rows = [(0, 1, 2), (1, 1, 3), (2, 1, 2), (3, 2, 3), (4, 3, 1), (5, 2, 3)]
    games = pd.DataFrame(
        [(pd.Timestamp("2022-01-01") + pd.Timedelta(days=d), w, lost) for d, w, lost in rows],
        columns=["game_date", "home_id", "away_id"],
    ).assign(home_pts=9, away_pts=8, kind="regular")
    games["game_date"] = games["game_date"].astype("datetime64[us]")
    members = pd.DataFrame({"team_id": [1, 2, 3], "conference": "East"})
    rules = SeasonRules("none", False, True, contenders=1)
    days = elimination_days(games, members, rules)
    # After 3 January 1 is sure of three of four; 2 (0-2) can still win two, 3 (0-1) three. On the
    # 4th 3 loses again.
    assert days == {2: pd.Timestamp("2022-01-03"), 3: pd.Timestamp("2022-01-04")}


def test_a_tie_broken_by_lots_follows_the_games_and_is_logged(
    made: LeagueTables, outcomes: pd.DataFrame, caplog: pytest.LogCaptureFixture
) -> None:
    season = "2019-20"
    east = outcomes.query("season == @season and conference == 'East' and seed > 0")
    tied = east.sort_values("seed").loc[lambda t: t["win_pct"].eq(t["win_pct"].shift(-1))]
    if tied.empty:
        pytest.fail("the tiny league no longer has two seeds with one record: change its seed")
    upper = tied.iloc[0]
    lower = east[east["seed"] == upper["seed"] + 1].iloc[0]
    swap = {upper["team_id"]: lower["team_id"], lower["team_id"]: upper["team_id"]}
    games = made.games.copy()
    playoffs = (games["season"] == season) & (games["kind"] == "playoffs")
    for side in ("home_id", "away_id"):
        games.loc[playoffs, side] = games.loc[playoffs, side].replace(swap)
    after = build_outcomes(games, made.teams, made.seasons)
    seeds = after.query("season == @season").set_index("team_id")["seed"]
    assert seeds[upper["team_id"]] == lower["seed"]
    assert seeds[lower["team_id"]] == upper["seed"]
    assert "seeds follow the games played" in caplog.text


def test_playoffs_that_do_not_follow_from_the_standings_are_refused(made: LeagueTables) -> None:
    seasons = made.seasons.assign(play_in="standard")
    with pytest.raises(IngestError, match="meet in the play-in"):
        build_outcomes(made.games, made.teams, seasons)


def test_no_finished_season_is_an_error(made: LeagueTables) -> None:
    with pytest.raises(IngestError, match="No season in the data has ended"):
        build_outcomes(made.games, made.teams, made.seasons.assign(complete=False))
