"""Ingest: data errors are found and reported, and data.on_fault decides; no silent drops."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import IngestError
from nbarank.core.tables import validate
from nbarank.league.ingest import LeagueTables, ingest
from nbarank.schemas import league as tables
from nbarank.schemas.raw import RawLeague
from tests.as_of_league import CHECKPOINTS, NAMES

Logs = tuple[pd.DataFrame, pd.DataFrame]
Edit = Callable[[pd.DataFrame, pd.DataFrame], Logs]
"""(team_logs, player_logs) -> the same with a data error."""

GAME = "0021900007"


def run(raw: RawLeague, *, drop_games: bool = False, **changes: Any) -> LeagueTables:
    return ingest(raw.model_copy(update=changes), drop_games, 7, CHECKPOINTS)


def edited(raw: RawLeague, edit: Edit) -> dict[str, pd.DataFrame]:
    team_logs, player_logs = edit(raw.team_logs.copy(), raw.player_logs.copy())
    logs = {"team_logs": team_logs, "player_logs": player_logs}
    return {name: frame.reset_index(drop=True) for name, frame in logs.items()}


def three_teams(teams: pd.DataFrame, players: pd.DataFrame) -> Logs:
    extra = teams[teams["GAME_ID"] == GAME].head(1)
    free = next(
        t for t in teams["TEAM_ID"] if t not in set(teams.query("GAME_ID == @GAME").TEAM_ID)
    )
    return pd.concat([teams, extra.assign(TEAM_ID=free)]), players


def same_team_twice(teams: pd.DataFrame, players: pd.DataFrame) -> Logs:
    rows = teams.index[teams["GAME_ID"] == GAME]
    teams.loc[rows[1], "TEAM_ID"] = teams.loc[rows[0], "TEAM_ID"]
    return teams, players


def duplicate(teams: pd.DataFrame, players: pd.DataFrame) -> Logs:
    return teams, pd.concat([players, players[players["GAME_ID"] == GAME].head(1)])


def changed(columns: list[str], new: Any, *, of: str = "teams", rows: int = 1) -> Edit:
    """Return an edit of the first rows of the game; `new` is a value or a function of the old."""

    def edit(teams: pd.DataFrame, players: pd.DataFrame) -> Logs:
        for name, frame in (("teams", teams), ("players", players)):
            if of in (name, "both"):
                chosen = frame.index[frame["GAME_ID"] == GAME][:rows]
                old = frame.loc[chosen, columns]
                frame.loc[chosen, columns] = new(old) if callable(new) else new
        return teams, players

    return edit


def plus_one(values: pd.DataFrame) -> pd.DataFrame:
    return values + 1


def unknown_team(*logs: pd.DataFrame) -> Logs:
    team = logs[0].loc[logs[0]["GAME_ID"] == GAME, "TEAM_ID"].iloc[0]
    for frame in logs:
        frame.loc[(frame["GAME_ID"] == GAME) & (frame["TEAM_ID"] == team), "TEAM_ID"] = 999
    return logs


def stray_player(teams: pd.DataFrame, players: pd.DataFrame) -> Logs:
    row = players.index[players["GAME_ID"] == GAME][0]
    here = set(players.query("GAME_ID == @GAME").TEAM_ID)
    players.loc[row, "TEAM_ID"] = next(t for t in range(1, 31) if t not in here)
    return teams, players


DAY = pd.Timedelta(days=1)
negative = changed(["AST"], -1, of="players")
DATA_ERRORS = {
    "one_team": (lambda t, p: (t.drop(t.index[t["GAME_ID"] == GAME][0]), p), "game with one team"),
    "three_teams": (three_teams, "game with 3 rows instead of two"),
    "same_team_twice": (same_team_twice, "game with one team, twice"),
    "duplicate": (duplicate, "duplicate player-game"),
    "score": (changed(["PTS", "FTM"], plus_one), "score that disagrees between the two sides"),
    "winner": (changed(["WL"], "W", rows=2), "score that disagrees between the two sides"),
    "day": (changed(["GAME_DATE"], lambda d: d + DAY), "day that disagrees between the two sides"),
    "makes": (changed(["FGM"], plus_one, of="players"), "points that do not match the makes"),
    "unknown_team": (unknown_team, "unknown team"),
    "outside_season": (
        changed(["GAME_DATE"], pd.Timestamp("2018-03-01"), of="both", rows=99),
        "date outside its season",
    ),
    "negative": (negative, "AST breaks the rule"),
    "other_file": (
        changed(["GAME_ID"], "0022000907", of="both", rows=99),
        "game of another season",
    ),
    "stray_player": (stray_player, "player row without a row of his team"),
    "no_players": (lambda t, p: (t, p[p["GAME_ID"] != GAME]), "team without players"),
}
each_data_error = pytest.mark.parametrize(
    ("edit", "named"), DATA_ERRORS.values(), ids=DATA_ERRORS.keys()
)


@each_data_error
def test_data_error_names_file_row_and_fix(tiny_raw: RawLeague, edit: Edit, named: str) -> None:
    with pytest.raises(IngestError) as caught:
        run(tiny_raw, **edited(tiny_raw, edit))
    message = str(caught.value)
    line = next(line for line in message.splitlines() if named in line and "->" in line)
    assert "logs_2019_20.parquet, row " in line
    assert "drop_games" in str(caught.value.next_command)


@each_data_error
def test_dropped_game_is_left_out_of_every_table_and_listed(
    tiny_raw: RawLeague, made: LeagueTables, edit: Edit, named: str
) -> None:
    found = run(tiny_raw, drop_games=True, **edited(tiny_raw, edit))
    (dropped,) = found.report["dropped_games"]
    assert named in dropped["why"]
    for table in (found.games, found.team_games, found.player_games, found.schedule):
        assert not {GAME, dropped["game_id"]} & set(table["game_id"])
    assert len(found.games) == len(made.games) - 1
    assert set(made.games["game_id"]) - set(found.games["game_id"]) == {GAME}


def test_all_data_errors_are_reported_at_once(tiny_raw: RawLeague) -> None:
    def both(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        return negative(*duplicate(t, p))

    with pytest.raises(IngestError, match=r"(?s)AST breaks the rule.*duplicate player-game"):
        run(tiny_raw, **edited(tiny_raw, both))


@pytest.mark.parametrize("drop_games", [False, True])
@pytest.mark.parametrize("season", ["2019-20", "2020-21"])
def test_too_few_games_are_an_error(tiny_raw: RawLeague, drop_games: bool, season: str) -> None:
    def cut(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        late = (t["SEASON"] == season) & (t["KIND"] == "regular")
        gone = set(t.loc[late, "GAME_ID"].sort_values().tail(20))
        return t[~t["GAME_ID"].isin(gone)], p[~p["GAME_ID"].isin(gone)]

    with pytest.raises(IngestError, match=f"season {season} has 215 .* instead of 225") as caught:
        run(tiny_raw, drop_games=drop_games, **edited(tiny_raw, cut))
    assert "calendar.csv" in str(caught.value)
    assert "drop_games" not in str(caught.value.next_command)


def test_dropping_a_playoff_game_that_decides_a_season_is_refused(tiny_raw: RawLeague) -> None:
    def without_winner(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        finals = t[(t["SEASON"] == "2019-20") & (t["KIND"] == "playoffs")]
        last = finals.sort_values("GAME_DATE")["GAME_ID"].iloc[-1]
        t.loc[t["GAME_ID"] == last, "WL"] = "W"
        return t, p

    with pytest.raises(IngestError, match="2019-20 has no champion"):
        run(tiny_raw, drop_games=True, **edited(tiny_raw, without_winner))


def test_games_that_count_nowhere_are_set_aside_and_listed(tiny_raw: RawLeague) -> None:
    def cup_final(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        extra = [f[f["GAME_ID"] == GAME].assign(GAME_ID="0061900001") for f in (t, p)]
        return pd.concat([t, extra[0]]), pd.concat([p, extra[1]])

    made = run(tiny_raw, **edited(tiny_raw, cup_final))
    assert made.report["set_aside"] == [
        {"game_id": "0061900001", "file": "team_logs_2019_20.parquet", "why": "NBA Cup final"}
    ]
    pd.testing.assert_frame_equal(made.games, run(tiny_raw).games)
    assert "0061900001" not in set(made.player_games["game_id"])


def test_players_short_of_the_team_are_a_warning_in_the_report(
    tiny_raw: RawLeague, caplog: pytest.LogCaptureFixture
) -> None:
    def short(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        row = p.index[(p["GAME_ID"] == GAME) & (p["FTM"] > 0)][0]
        p.loc[row, ["FTM", "PTS"]] -= 1
        return t, p

    made = run(tiny_raw, **edited(tiny_raw, short))
    (warning,) = made.report["warnings"]
    assert warning["game_id"] == GAME
    assert warning["points"] == warning["players_points"] + 1
    (line,) = caplog.messages
    assert line == "accepted as they are: players' points do not add up to the team's (1)"
    assert GAME in set(made.games["game_id"])


def test_sides_that_both_claim_home_make_a_neutral_game(tiny_raw: RawLeague) -> None:
    def both_home(t: pd.DataFrame, p: pd.DataFrame) -> Logs:
        rows = t["GAME_ID"] == GAME
        other = t.loc[rows, "TEAM_ABBREVIATION"].to_numpy()[::-1]
        t.loc[rows, "MATCHUP"] = t.loc[rows, "TEAM_ABBREVIATION"] + " vs. " + other
        return t, p

    made = run(tiny_raw, **edited(tiny_raw, both_home))
    game = made.games.set_index("game_id").loc[GAME]
    assert game["neutral"]
    assert game["home_id"] < game["away_id"]
    assert [warning["game_id"] for warning in made.report["warnings"]] == [GAME]


def test_tables_keep_their_contracts_and_add_up(made: LeagueTables) -> None:
    for name in NAMES:
        validate(getattr(tables, name.upper()), getattr(made, name))
    sides = made.team_games
    assert (sides["margin"] == sides["pts"] - sides["opponent_pts"]).all()
    assert (sides["won"] == (sides["margin"] > 0)).all()
    assert sides.groupby("game_id")["won"].sum().eq(1).all()
    assert sides.groupby("game_id")["is_home"].sum().eq(1).all()
    assert sides.groupby("game_id")["possessions"].nunique().eq(1).all()
    players = made.player_games.groupby(["game_id", "team_id"])["pts"].sum()
    assert (sides.set_index(["game_id", "team_id"])["pts"] == players).all()


def test_fixtures_of_a_coming_season_bring_its_teams_and_first_day(tiny_raw: RawLeague) -> None:
    season = "2022-23"
    days = {"start": "2022-11-01", "end": "2022-11-29", "playoffs_end": "2023-02-01"}
    known = tiny_raw.league.seasons["2021-22"].model_copy(
        update={name: dt.date.fromisoformat(day) for name, day in days.items()}
    )
    league = tiny_raw.league.model_copy(
        update={"seasons": {**tiny_raw.league.seasons, season: known}}
    )
    teams = pd.DataFrame({"HOME_TEAM_ID": np.arange(1, 16), "AWAY_TEAM_ID": np.arange(16, 31)})
    schedule = teams.assign(
        GAME_ID=[f"00222{i:05d}" for i in range(15)],
        GAME_DATE=pd.Timestamp("2022-11-01").as_unit("us"),
        KNOWN_FROM=pd.NaT,
        SEASON=season,
        KIND="regular",
        FILE="schedule_2022_23.parquet",
        ROW=np.arange(1, 16),
    )
    made = run(tiny_raw, league=league, schedule=schedule)
    assert made.as_of.loc[made.as_of["season"] == season, "as_of"].tolist() == [
        pd.Timestamp("2022-11-01")
    ]
    assert (made.teams["season"] == season).sum() == 30
    assert (made.schedule["season"] == season).sum() == 15
    assert not made.seasons.set_index("season").loc[season, "complete"]
    late = schedule.assign(GAME_DATE=pd.Timestamp("2023-06-01"))
    with pytest.raises(IngestError, match="fixture outside its season"):
        run(tiny_raw, drop_games=True, league=league, schedule=late)
