"""Raw logs to league tables: games, schedule, team_games and player_games."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.league.teams import is_nba
from nbarank.schemas.raw import BOX_COLUMNS, KIND_OF_PREFIX, NBA_TEAM_IDS

_REGULATION_MINUTES = 48.0
_OVERTIME_MINUTES = 5.0
_PLAYERS_ON_COURT = 5
BUBBLE_SEASON = "2019-20"
BUBBLE_START = pd.Timestamp("2020-07-30")
"""From this day to the end of 2019-20 every NBA game was played in Orlando."""
_FIRST_CUP_SEASON = "2023-24"
_LAST_NUMBER = 1200
"""Higher game numbers of nba.com are of the NBA Cup's knock-out week, drawn after its groups."""


def log_sides(team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return whether the team of each row of the team logs was at home.

    The home team is parsed from MATCHUP ('BOS vs. PHI' at home, 'PHI @ BOS' away) by the
    abbreviations of either side, so it does not matter which side wrote the text. Where a team has
    another abbreviation there (PHO and PHX), it is the one in all its texts of the season; failing
    that, the side that wrote 'vs.' is at home and the one that wrote '@' away. nba.com lists some
    games on neutral ground with both teams at home, or both away: the smaller team id is then the
    home team and the game neutral.

    Returns
    -------
    Columns `is_home` and `agreed` (False where the two sides disagree), index of the input.
    """
    parts = team_logs["MATCHUP"].str.extract(r"^(\S+) (vs\.?|@) (\S+)$")
    versus = parts[1].str.startswith("vs").eq(True)
    home, away = parts[0].where(versus, parts[2]), parts[2].where(versus, parts[0])
    own = team_logs["TEAM_ABBREVIATION"]
    side = pd.Series(np.where(home == own, 1, np.where(away == own, -1, 0)), team_logs.index)
    if side.eq(0).any():
        own = _common_spelling(team_logs, home, away)
        side = side.mask(side == 0, home.eq(own).astype(float) - away.eq(own).astype(float))
    game = team_logs["GAME_ID"]
    other = side.groupby(game).transform("sum") - side
    unknown = side.eq(0).groupby(game).transform("all")
    side = side.mask(side == 0, -other).mask(unknown, np.where(versus, 1, -1))
    agreed = side.groupby(game).transform("sum").eq(0) & side.ne(0)
    first = team_logs["TEAM_ID"] == team_logs.groupby("GAME_ID")["TEAM_ID"].transform("min")
    return pd.DataFrame({"is_home": side.eq(1).where(agreed, first), "agreed": agreed})


def _common_spelling(team_logs: pd.DataFrame, home: pd.Series, away: pd.Series) -> pd.Series:
    """Return the one abbreviation that all MATCHUP texts of each row's team and season share."""
    team = [team_logs["SEASON"], team_logs["TEAM_ID"]]
    texts = [pd.DataFrame({"SEASON": team[0], "TEAM_ID": team[1], "text": t}) for t in (home, away)]
    found = pd.concat(texts).value_counts().rename("times").reset_index()
    games = team_logs["MATCHUP"].groupby(team).size().rename("games").reset_index()
    found = found.merge(games, on=["SEASON", "TEAM_ID"])
    shared = found[found["times"] == found["games"]]
    shared = shared.drop_duplicates(["SEASON", "TEAM_ID"], keep=False)
    named = shared.set_index(["SEASON", "TEAM_ID"])["text"]
    return named.reindex(pd.MultiIndex.from_arrays(team)).set_axis(team_logs.index)


def build_team_games(team_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the table league/team_games from checked team logs (two rows a game).

    possessions = mean over both teams of FGA + 0.44 FTA - OREB + TOV (Oliver, Basketball on
    Paper, 2004).
    """
    sides = log_sides(team_logs)
    extra = overtimes(team_logs)
    frame = pd.DataFrame(
        {
            "game_id": team_logs["GAME_ID"],
            "team_id": team_logs["TEAM_ID"],
            "season": team_logs["SEASON"],
            "game_date": team_logs["GAME_DATE"],
            "kind": team_logs["KIND"],
            "is_home": sides["is_home"].astype(bool),
            "neutral": ~sides["agreed"] | _in_bubble(team_logs),
            "minutes": _REGULATION_MINUTES + _OVERTIME_MINUTES * extra,
            **{name.lower(): team_logs[name].astype("int64") for name in BOX_COLUMNS},
        }
    )
    frame["estimate"] = frame["fga"] + 0.44 * frame["fta"] - frame["oreb"] + frame["tov"]
    counts = [name.lower() for name in BOX_COLUMNS]
    # Sorted by game and team, the opponent is the other row of each pair.
    frame = frame.sort_values(["game_id", "team_id"], kind="stable").reset_index(drop=True)
    other = np.arange(len(frame)) ^ 1
    frame["opponent_id"] = frame["team_id"].to_numpy()[other]
    for name in counts:
        frame[f"opponent_{name}"] = frame[name].to_numpy()[other]
    frame["margin"] = frame["pts"] - frame["opponent_pts"]
    frame["won"] = frame["margin"] > 0
    frame["possessions"] = (frame["estimate"] + frame["estimate"].to_numpy()[other]) / 2
    return frame.drop(columns="estimate")


def build_games(team_games: pd.DataFrame) -> pd.DataFrame:
    """Return the table league/games from team_games."""
    home = team_games[team_games["is_home"]]
    return pd.DataFrame(
        {
            "game_id": home["game_id"],
            "season": home["season"],
            "game_date": home["game_date"],
            "kind": home["kind"],
            "home_id": home["team_id"],
            "away_id": home["opponent_id"],
            "home_pts": home["pts"],
            "away_pts": home["opponent_pts"],
            "overtimes": ((home["minutes"] - _REGULATION_MINUTES) / _OVERTIME_MINUTES)
            .round()
            .astype("int64"),
            "neutral": home["neutral"],
        }
    ).reset_index(drop=True)


def build_schedule(games: pd.DataFrame, raw_schedule: pd.DataFrame) -> pd.DataFrame:
    """Return the table league/schedule: regular games, played or to come, and others to come.

    A game that was played keeps the day on which it was played, not that of the schedule file.
    `known_from` is that of the schedule file; drawn games of the NBA Cup without one are known on
    their own day only.
    """
    columns = ["game_id", "season", "game_date", "home_id", "away_id"]
    played = games.loc[games["kind"] == "regular", columns]
    names = {"HOME_TEAM_ID": "home_id", "AWAY_TEAM_ID": "away_id"}
    fixtures = raw_schedule.rename(columns=names).rename(columns=str.lower)
    fixtures = fixtures[fixtures["game_id"].str[:3].isin(list(KIND_OF_PREFIX))]
    dated = fixtures.drop_duplicates("game_id").set_index("game_id")["known_from"]
    fixtures = fixtures.loc[~fixtures["game_id"].isin(games["game_id"]), columns]
    parts = [part for part in (played, fixtures) if len(part)] or [played]
    schedule = pd.concat(parts, ignore_index=True)
    found = pd.to_datetime(dated.reindex(schedule["game_id"])).astype("datetime64[us]")
    known, day = found.reset_index(drop=True), schedule["game_date"]
    number = pd.to_numeric(schedule["game_id"].str[5:], errors="coerce")
    drawn = (number > _LAST_NUMBER) & (schedule["season"] >= _FIRST_CUP_SEASON)
    drawn &= schedule["home_id"].isin(NBA_TEAM_IDS) & known.isna()
    known = known.mask(drawn | (known > day), day)
    first = day.groupby(schedule["season"]).transform("min")
    return schedule.assign(known_from=known.where(known > first))


def build_player_games(player_logs: pd.DataFrame) -> pd.DataFrame:
    """Return the table league/player_games from checked player logs."""
    return pd.DataFrame(
        {
            "game_id": player_logs["GAME_ID"],
            "player_id": player_logs["PLAYER_ID"],
            "team_id": player_logs["TEAM_ID"],
            "player_name": player_logs["PLAYER_NAME"],
            "season": player_logs["SEASON"],
            "game_date": player_logs["GAME_DATE"],
            "kind": player_logs["KIND"],
            "minutes": player_logs["MIN"],
            **{name.lower(): player_logs[name].astype("int64") for name in BOX_COLUMNS},
            "plus_minus": player_logs["PLUS_MINUS"],
        }
    ).reset_index(drop=True)


def overtimes(team_logs: pd.DataFrame) -> pd.Series:
    """Return overtime periods per row; both sides of a game take the larger estimate.

    Team minutes are 240 plus 25 per overtime, rounded to about a minute.
    """
    full = _REGULATION_MINUTES * _PLAYERS_ON_COURT
    extra = (team_logs["MIN"] - full) / (_OVERTIME_MINUTES * _PLAYERS_ON_COURT)
    return extra.round().clip(lower=0).groupby(team_logs["GAME_ID"]).transform("max")


def _in_bubble(team_logs: pd.DataFrame) -> pd.Series:
    """Return which rows are NBA games in the 2020 bubble, where no team was at home.

    Toronto's home games of 2020-21 in Tampa count as home games. The logs do not mark games in
    London, Paris or Mexico City; they count for the team that gave up a home game.
    """
    late = (team_logs["SEASON"] == BUBBLE_SEASON) & (team_logs["GAME_DATE"] >= BUBBLE_START)
    return late & is_nba(team_logs["TEAM_ID"])
