"""Teams by season, and what a box score becomes."""

import pandas as pd
import pytest

from nbarank.core.errors import IngestError
from nbarank.league.games import build_games, build_schedule, build_team_games
from nbarank.league.teams import NBA_TEAMS, season_teams
from nbarank.schemas.raw import BOX_COLUMNS

NO_FIXTURES = pd.DataFrame(
    columns=["GAME_ID", "GAME_DATE", "HOME_TEAM_ID", "AWAY_TEAM_ID", "SEASON"]
)
BOSTON, PHILADELPHIA = 1610612738, 1610612755


def game(
    game_id: str = "0021900001",
    day: str = "2019-12-01",
    minutes: tuple[float, float] = (240, 240),
    matchups: tuple[str, str] = ("BOS vs. PHI", "PHI @ BOS"),
    season: str = "2019-20",
    teams: tuple[int, int] = (BOSTON, PHILADELPHIA),
) -> pd.DataFrame:
    counts = {name: [4, 3] for name in BOX_COLUMNS} | {"FGA": [90, 80], "FTA": [20, 10]}
    counts |= {"OREB": [10, 8], "TOV": [12, 14], "PTS": [101, 99]}
    return pd.DataFrame(
        {
            "GAME_ID": game_id,
            "TEAM_ID": teams,
            "TEAM_ABBREVIATION": ["BOS", "PHI"],
            "TEAM_NAME": ["Boston", "Philadelphia"],
            "SEASON": season,
            "GAME_DATE": pd.Timestamp(day).as_unit("us"),
            "KIND": "regular",
            "MATCHUP": matchups,
            "MIN": minutes,
            **counts,
        }
    )


def test_two_conferences_of_three_divisions_of_five() -> None:
    places = pd.Series(list(NBA_TEAMS.values())).value_counts()
    assert len(NBA_TEAMS) == 30
    assert places.to_dict() == dict.fromkeys(places.index, 5)
    assert len(places) == 6


def test_possessions_are_the_mean_of_both_estimates() -> None:
    sides = build_team_games(game()).set_index("team_id")
    # 90 + 8.8 - 10 + 12 = 100.8 and 80 + 4.4 - 8 + 14 = 90.4
    assert sides["possessions"].to_dict() == pytest.approx({BOSTON: 95.6, PHILADELPHIA: 95.6})
    assert sides.loc[BOSTON, "margin"] == 2
    assert sides.loc[PHILADELPHIA, "opponent_pts"] == 101


@pytest.mark.parametrize(
    ("minutes", "overtimes"),
    [((240, 240), 0), ((239, 240), 0), ((265, 265), 1), ((264, 266), 1), ((340, 340), 4)],
)
def test_overtimes_are_read_off_the_minutes(minutes: tuple[float, float], overtimes: int) -> None:
    made = build_games(build_team_games(game(minutes=minutes)))
    assert made["overtimes"].item() == overtimes


@pytest.mark.parametrize(
    "matchups", [("BOS vs. PHI", "PHI @ BOS"), ("PHI @ BOS", "PHI @ BOS"), ("BOS vs PHI",) * 2]
)
def test_home_is_parsed_whichever_side_wrote_the_text(matchups: tuple[str, str]) -> None:
    made = build_games(build_team_games(game(matchups=matchups))).iloc[0]
    assert (made["home_id"], made["away_id"], made["neutral"]) == (BOSTON, PHILADELPHIA, False)
    assert (made["home_pts"], made["away_pts"]) == (101, 99)


@pytest.mark.parametrize(
    ("day", "season", "teams", "neutral"),
    [
        ("2020-07-29", "2019-20", (BOSTON, PHILADELPHIA), False),
        ("2020-07-30", "2019-20", (BOSTON, PHILADELPHIA), True),
        ("2020-12-30", "2020-21", (BOSTON, PHILADELPHIA), False),
        ("2020-08-05", "2019-20", (1, 2), False),
    ],
)
def test_the_bubble_is_neutral(
    day: str, season: str, teams: tuple[int, int], neutral: bool
) -> None:
    made = build_games(build_team_games(game(day=day, season=season, teams=teams)))
    assert bool(made["neutral"].item()) == neutral


def test_name_is_the_last_one_of_the_season() -> None:
    early = game().assign(TEAM_NAME=["Old name", "Philadelphia"])
    logs = pd.concat([game("0021900009", "2020-01-05"), early])
    teams = season_teams(logs, NO_FIXTURES, None).set_index("team_id")
    assert teams.loc[BOSTON, "name"] == "Boston"
    assert tuple(teams.loc[BOSTON, ["conference", "division"]]) == ("East", "Atlantic")


def test_teams_file_overrides_the_nba_and_may_change_by_season() -> None:
    logs = pd.concat([game(), game("0022000001", "2020-12-25", season="2020-21")])
    file = pd.DataFrame(
        [
            (BOSTON, "BOS", "Boston", "West", "Sea", None),
            (PHILADELPHIA, "PHI", "Philadelphia", "West", "Sea", None),
            (PHILADELPHIA, "PHI", "Philadelphia", "East", "Land", "2020-21"),
        ],
        columns=["TEAM_ID", "ABBREVIATION", "NAME", "CONFERENCE", "DIVISION", "SEASON"],
    )
    teams = season_teams(logs, NO_FIXTURES, file).set_index(["season", "team_id"])
    assert teams.loc[("2019-20", PHILADELPHIA), "conference"] == "West"
    assert teams.loc[("2020-21", PHILADELPHIA), "conference"] == "East"
    assert teams.loc[("2020-21", BOSTON), "conference"] == "West"


def test_team_without_a_conference_is_named() -> None:
    with pytest.raises(IngestError, match=r"1 team\(s\) are unknown") as caught:
        season_teams(game(teams=(BOSTON, 77)), NO_FIXTURES, None)
    assert "77" in str(caught.value)


def test_schedule_has_played_games_once_and_upcoming_ones() -> None:
    played = build_games(build_team_games(game()))
    fixtures = pd.DataFrame(
        {
            "GAME_ID": ["0021900001", "0021900002", "0061900001"],
            "GAME_DATE": pd.to_datetime(["2019-11-30"] * 3).astype("datetime64[us]"),
            "HOME_TEAM_ID": BOSTON,
            "AWAY_TEAM_ID": PHILADELPHIA,
            "KNOWN_FROM": pd.NaT,
            "SEASON": "2019-20",
        }
    )
    schedule = build_schedule(played, fixtures).set_index("game_id")
    assert schedule["game_date"].dt.strftime("%m-%d").to_dict() == {
        "0021900001": "12-01",
        "0021900002": "11-30",
    }
