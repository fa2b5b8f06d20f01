"""Contract of the raw layout: what every source writes into data/raw and ingest reads.

Box scores have the column names of nba.com's LeagueGameLog; `league.json` has the seasons, their
dates and numbers of games.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from nbarank.core.contract import Check, Column, Schema
from nbarank.schemas.calendar import PlayIn

BOX_COLUMNS = (
    "FGM", "FGA", "FG3M", "FG3A", "FTM", "FTA", "OREB", "DREB", "REB", "AST", "STL", "BLK", "TOV",
    "PF", "PTS",
)  # fmt: skip
"""Counts of the box score, in the order of the LeagueGameLog."""

_SHARED = ("TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME", "GAME_ID", "GAME_DATE", "MATCHUP", "WL")
TEAM_LOG_COLUMNS = (*_SHARED, "MIN", *BOX_COLUMNS, "PLUS_MINUS")
PLAYER_LOG_COLUMNS = ("PLAYER_ID", "PLAYER_NAME", *_SHARED, "MIN", *BOX_COLUMNS, "PLUS_MINUS")
SCHEDULE_COLUMNS = ("GAME_ID", "GAME_DATE", "HOME_TEAM_ID", "AWAY_TEAM_ID", "KNOWN_FROM")
"""KNOWN_FROM is optional: the day from which a fixture is known; empty: before the season."""
ROSTER_COLUMNS = ("TEAM_ID", "PLAYER_ID", "PLAYER", "AS_OF")
ROSTER_AGES = ("AGE", "BIRTH_DATE")
"""A roster has at least one of them."""
INACTIVE_COLUMNS = ("GAME_ID", "TEAM_ID", "PLAYER_ID", "REASON")
TEAM_COLUMNS = ("TEAM_ID", "ABBREVIATION", "NAME", "CONFERENCE", "DIVISION")
LEAGUE_FILE = "league.json"
TEAMS_FILE = "teams.csv"

NBA_TEAM_IDS = range(1610612737, 1610612767)
"""nba.com's ids of the thirty teams."""
ID_PREFIX = {"regular": "002", "playin": "005", "playoffs": "004"}
"""First three digits of a game id by season type."""
KIND_OF_PREFIX = {prefix: kind for kind, prefix in ID_PREFIX.items()}
OTHER_PREFIXES = {"001": "preseason", "003": "All-Star", "006": "NBA Cup final"}
"""Games that count neither in the standings nor in the playoffs; ingest sets them aside."""

_COUNT = Column("float64", [Check.in_range(0, 999), Check(lambda x: x % 1 == 0, error="whole")])
_ID = Column("int64", Check.gt(0))
_LOG = {
    "TEAM_ID": _ID,
    "TEAM_ABBREVIATION": Column(str),
    "TEAM_NAME": Column(str),
    "GAME_ID": Column(str, Check.str_matches(r"^\d{10}$")),
    "GAME_DATE": Column("datetime64[us]"),
    "MATCHUP": Column(str, Check.str_matches(r"^\S+ (?:vs\.?|@) \S+$")),
    "WL": Column(str, Check.isin(("W", "L"))),
    **dict.fromkeys(BOX_COLUMNS, _COUNT),
    "PLUS_MINUS": Column("float64", Check.in_range(-150, 150)),
}
TEAM_LOG = Schema(
    {
        **{name: column for name, column in _LOG.items() if name != "PLUS_MINUS"},
        "MIN": Column("float64", Check.in_range(235, 600)),
    }
)
"""One row per team and game; MIN is the sum over its players, 240 plus 25 for each overtime."""
PLAYER_LOG = Schema(
    {
        "PLAYER_ID": _ID,
        "PLAYER_NAME": Column(str),
        **{name: column for name, column in _LOG.items() if name not in ("WL", "MATCHUP")},
        "MIN": Column("float64", Check.in_range(0, 120)),
    }
)
"""One row per player on court and game; MIN in decimal minutes."""
ROSTER = Schema(
    {
        "TEAM_ID": _ID,
        "PLAYER_ID": _ID,
        "PLAYER": Column(str),
        "AS_OF": Column("datetime64[us]"),
        "AGE": Column("float64", Check.in_range(15, 60), nullable=True),
    }
)
"""One row per player of a team on a day, known from AS_OF on; AGE in completed years on 1 February
of the season, NaN where unknown. Players who never play are included."""
INACTIVE = Schema(
    {
        "GAME_ID": _LOG["GAME_ID"],
        "TEAM_ID": _ID,
        "PLAYER_ID": _ID,
        "REASON": Column(str, Check.not_empty()),
    }
)
"""One row per player who could not be used in a game, known shortly before tip-off; REASON is
Inactive, Did Not Dress, Not With Team, Player Suspended, ... A player left on the bench has no
row."""


class RawSeason(BaseModel):
    """One season in `league.json`."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    start: dt.date
    end: dt.date
    playoffs_end: dt.date
    games_expected: int
    play_in: PlayIn


class RawSource(BaseModel):
    """A network source in `league.json`: what was fetched, from where, under which licence."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    licence: str
    address: str
    seasons: tuple[str, ...]


class LeagueFile(BaseModel):
    """`league.json`: the calendar of the seasons in the raw layout, and their network sources."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    simulated: bool
    seasons: dict[str, RawSeason]
    sources: tuple[RawSource, ...] = ()


class RawLeague(BaseModel):
    """Everything of the raw layout that ingest reads, normalised but not yet checked.

    `team_logs` and `player_logs` have the columns above plus SEASON, KIND (regular, playin,
    playoffs), FILE and ROW (the row's number in its file, from 1 without the header).
    """

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)
    league: LeagueFile
    team_logs: pd.DataFrame
    player_logs: pd.DataFrame
    schedule: pd.DataFrame
    """SCHEDULE_COLUMNS plus SEASON and FILE; empty where no schedule file was given."""
    rosters: pd.DataFrame
    """Columns of ROSTER plus SEASON, FILE and ROW; empty where no roster file was given."""
    inactive: pd.DataFrame
    """Columns of INACTIVE plus SEASON, FILE and ROW; empty where no such file was given."""
    teams: pd.DataFrame | None
    """Content of teams.csv, or None."""
    notes: list[dict[str, Any]] = []
    """Rows left out or derived by the reader: what, file, rows, count; part of the manifest."""
