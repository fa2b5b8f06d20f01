"""Simulated games in the raw layout: the columns of nba.com's LeagueGameLog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.tables import atomic_path
from nbarank.schemas.raw import BOX_COLUMNS, ID_PREFIX
from nbarank.sources.layout import file_name
from nbarank.sources.simulated.arrays import Ints
from nbarank.sources.simulated.boxscores import Box
from nbarank.sources.simulated.games import Played
from nbarank.sources.simulated.names import TEAMS

SEASON_ID_DIGIT = {"regular": "2", "playoffs": "4", "playin": "5"}
FIRST_PLAYER_ID = 100_001
PERCENTAGES = {"FG_PCT": ("FGM", "FGA"), "FG3_PCT": ("FG3M", "FG3A"), "FT_PCT": ("FTM", "FTA")}
_BEHIND = {"FGA": "FG_PCT", "FG3A": "FG3_PCT", "FTA": "FT_PCT"}


def game_ids(season: str, kind: str, endings: Sequence[str]) -> list[str]:
    """Return ten-digit ids: prefix of the season type, two digits of the year, five of the game."""
    return [f"{ID_PREFIX[kind]}{season[2:4]}{ending}" for ending in endings]


def write_logs(
    raw: Path,
    season: str,
    kind: str,
    played: Played,
    box: Box,
    ids: list[str],
    start: pd.Timestamp,
    names: list[str],
) -> None:
    """Write team and player logs of one season type.

    Parameters
    ----------
    raw
        Folder of the raw layout.
    season, kind
        Label and season type.
    played, box
        The games and their box scores.
    ids
        Game ids in the order of `played`.
    start
        Day of the season's first game.
    names
        Name of each row of `Players`.
    """
    n = len(ids)
    team = played.team.reshape(-1)
    abbreviation = np.array([short for short, _ in TEAMS])
    home, away = abbreviation[played.team[:, 0]], abbreviation[played.team[:, 1]]
    matchup = np.stack(
        [
            [f"{h} vs. {a}" for h, a in zip(home, away, strict=True)],
            [f"{a} @ {h}" for h, a in zip(home, away, strict=True)],
        ],
        axis=1,
    ).reshape(-1)
    margin = (played.points[:, 0] - played.points[:, 1])[:, None] * np.array([1, -1])
    dates = (start + pd.to_timedelta(played.day, unit="D")).strftime("%Y-%m-%d").to_numpy()
    sides = pd.DataFrame(
        {
            "SEASON_ID": SEASON_ID_DIGIT[kind] + season[:4],
            "TEAM_ID": team + 1,
            "TEAM_ABBREVIATION": abbreviation[team],
            "TEAM_NAME": np.array([name for _, name in TEAMS])[team],
            "GAME_ID": np.repeat(np.array(ids), 2),
            "GAME_DATE": np.repeat(dates, 2),
            "MATCHUP": matchup,
            "WL": np.where(margin.reshape(-1) > 0, "W", "L"),
        }
    )
    counts = {name: box[name.lower()].reshape(2 * n, -1) for name in BOX_COLUMNS}
    teams = sides.copy()
    teams["MIN"] = 240.0 + 25.0 * np.repeat(played.overtimes, 2)
    _add_counts(teams, {name: values.sum(axis=1) for name, values in counts.items()})
    teams["PLUS_MINUS"] = margin.reshape(-1).astype(np.float64)

    hundredths = played.hundredths.reshape(2 * n, -1)
    row, column = np.nonzero(hundredths > 0)
    # Longest minutes first within a team, as a box score lists them.
    order = np.lexsort((-hundredths[row, column], row))
    row, column = row[order], column[order]
    person: Ints = played.players.reshape(2 * n, -1)[row, column]
    players = sides.iloc[row].reset_index(drop=True)
    players.insert(1, "PLAYER_ID", person + FIRST_PLAYER_ID)
    players.insert(2, "PLAYER_NAME", np.array(names, dtype=object)[person])
    players["MIN"] = hundredths[row, column] / 100.0
    _add_counts(players, {name: values[row, column] for name, values in counts.items()})
    players["PLUS_MINUS"] = played.plus_minus.reshape(2 * n, -1)[row, column].astype(np.float64)
    for level, frame in (("team_logs", teams), ("player_logs", players)):
        write_parquet(frame, raw / file_name(season, level, kind))


def _add_counts(frame: pd.DataFrame, counts: dict[str, Ints]) -> None:
    """Add the counts of the box score in the order of the LeagueGameLog, with percentages."""
    for name, values in counts.items():
        frame[name] = values.astype(np.float64)
        if name in _BEHIND:
            made, tried = (frame[column] for column in PERCENTAGES[_BEHIND[name]])
            frame[_BEHIND[name]] = (made / tried.where(tried > 0)).round(3)


def write_schedule(
    raw: Path, season: str, team: Ints, day: Ints, ids: list[str], start: pd.Timestamp
) -> None:
    """Write the fixture list of a regular season."""
    frame = pd.DataFrame(
        {
            "GAME_ID": ids,
            "GAME_DATE": (start + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"),
            "HOME_TEAM_ID": team[:, 0] + 1,
            "AWAY_TEAM_ID": team[:, 1] + 1,
        }
    )
    write_parquet(frame, raw / file_name(season, "schedule"))


def write_parquet(frame: pd.DataFrame, path: Path) -> None:
    """Write a parquet file whole or not at all."""
    with atomic_path(path) as temporary:
        frame.to_parquet(temporary, index=False, compression="zstd")
