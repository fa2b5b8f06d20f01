"""Files of the simulated league: the logs of nba.com's LeagueGameLog, schedules and the truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.arrays import Floats, Ints
from nbarank.schemas.raw import BOX_COLUMNS, ID_PREFIX
from nbarank.sources.layout import file_name, write_parquet
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.boxscores import Box
from nbarank.sources.simulated.games import Played
from nbarank.sources.simulated.rotation import dress, usual_minutes
from nbarank.sources.simulated.state import SeasonState
from nbarank.sources.simulated.teams import ABBREVIATIONS, TEAM_NAMES

_SEASON_ID_DIGIT = {"regular": "2", "playoffs": "4", "playin": "5"}
FIRST_PLAYER_ID = 100_001
_PERCENTAGES = {"FGA": ("FG_PCT", "FGM"), "FG3A": ("FG3_PCT", "FG3M"), "FTA": ("FT_PCT", "FTM")}
"""Percentages that the LeagueGameLog has after an attempts column, with the makes."""


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
    ids
        Game ids in the order of `played`.
    start
        Date of the season's first game.
    names
        Name of each row of `Players`.
    """
    n = len(ids)
    team = played.team.reshape(-1)
    home, away = ABBREVIATIONS[played.team[:, 0]], ABBREVIATIONS[played.team[:, 1]]
    matchup = np.stack([home + " vs. " + away, away + " @ " + home], axis=1).reshape(-1)
    margin = (played.points[:, 0] - played.points[:, 1])[:, None] * np.array([1, -1])
    sides = pd.DataFrame(
        {
            "SEASON_ID": _SEASON_ID_DIGIT[kind] + season[:4],
            "TEAM_ID": team + 1,
            "TEAM_ABBREVIATION": ABBREVIATIONS[team],
            "TEAM_NAME": TEAM_NAMES[team],
            "GAME_ID": np.repeat(np.array(ids), 2),
            "GAME_DATE": np.repeat(day_labels(start, played.day), 2),
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
    # Longest minutes first within a team, as in a box score.
    order = np.lexsort((-hundredths[row, column], row))
    row, column = row[order], column[order]
    player: Ints = played.players.reshape(2 * n, -1)[row, column]
    players = sides.iloc[row].reset_index(drop=True)
    players.insert(1, "PLAYER_ID", player + FIRST_PLAYER_ID)
    players.insert(2, "PLAYER_NAME", np.array(names, dtype=object)[player])
    players["MIN"] = hundredths[row, column] / 100.0
    _add_counts(players, {name: values[row, column] for name, values in counts.items()})
    players["PLUS_MINUS"] = played.plus_minus.reshape(2 * n, -1)[row, column].astype(np.float64)
    for level, frame in (("team_logs", teams), ("player_logs", players)):
        write_parquet(frame, raw / file_name(season, level, kind))


def day_labels(start: pd.Timestamp, day: Ints) -> pd.Index:
    """Return days of a season as text, '2015-10-27'."""
    return (start + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d")


def _add_counts(frame: pd.DataFrame, counts: dict[str, Ints]) -> None:
    """Add the counts of the box score in the order of the LeagueGameLog, with percentages."""
    for name, values in counts.items():
        frame[name] = values.astype(np.float64)
        if name in _PERCENTAGES:
            percentage, makes = _PERCENTAGES[name]
            frame[percentage] = (frame[makes] / frame[name].where(frame[name] > 0)).round(3)


def write_schedule(
    raw: Path, season: str, team: Ints, day: Ints, ids: list[str], start: pd.Timestamp
) -> None:
    """Write the fixture list of a regular season."""
    frame = pd.DataFrame(
        {
            "GAME_ID": ids,
            "GAME_DATE": day_labels(start, day),
            "HOME_TEAM_ID": team[:, 0] + 1,
            "AWAY_TEAM_ID": team[:, 1] + 1,
        }
    )
    write_parquet(frame, raw / file_name(season, "schedule"))


def true_strength(state: SeasonState) -> tuple[Floats, Floats]:
    """Return strength and talent of every team on every day, each of shape (teams, days).

    Strength is the expected margin per game against an average team of that day on neutral
    ground, with the players available for the team's next game (on game days, that day's game)
    in the regular season's rotation. Talent is the same with the whole roster healthy.
    """
    n_teams, slots = state.team_days.shape
    team = np.repeat(np.arange(n_teams), slots)
    slot = np.tile(np.arange(slots), n_teams)
    day = state.team_days.reshape(-1)
    healthy = replace(state, absent=np.zeros_like(state.absent))
    every_day = np.tile(np.arange(state.n_days), (n_teams, 1))
    next_slot = state.slot(np.arange(n_teams)[:, None].repeat(state.n_days, 1), every_day)
    results = []
    for situation in (state, healthy):
        players, available = dress(situation, team, day, slot)
        size = np.minimum(available, round(c.ROTATION_SIZE_MEAN))
        impact = (state.offense + state.defense)[players] * usual_minutes(size) / 48.0
        per_slot = c.PACE / 100 * impact.sum(axis=1).reshape(n_teams, slots)
        daily = np.take_along_axis(per_slot, next_slot, axis=1)
        daily = daily + state.system.sum(axis=1)[:, None] + state.form
        results.append(daily - daily.mean(axis=0))
    return results[0], results[1]


def truth_frame(strength: Floats, talent: Floats, season: str, start: pd.Timestamp) -> pd.DataFrame:
    """Return one season's rows of the table truth/strength from arrays of shape (teams, days)."""
    n_teams, n_days = strength.shape
    days = start + pd.to_timedelta(np.arange(n_days), unit="D")
    return pd.DataFrame(
        {
            "season": season,
            "as_of": np.repeat(days.to_numpy(dtype="datetime64[us]"), n_teams),
            "team_id": np.tile(np.arange(1, n_teams + 1), n_days),
            "strength": strength.T.reshape(-1),
            "talent": talent.T.reshape(-1),
        }
    )
