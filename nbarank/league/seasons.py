"""Seasons and their as-of dates, from the calendar and the days of games, never from results."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.schemas.raw import LeagueFile

_DAY = pd.Timedelta(days=1)
OPENING_DAYS = 7
"""Days from a season's start within which a team's first list is its opening-night roster."""


def build_seasons(
    league: LeagueFile, games: pd.DataFrame, schedule: pd.DataFrame, champions: dict[str, int]
) -> pd.DataFrame:
    """Return the table league/seasons: every season with a game or a fixture.

    `league` is the calendar of the raw layout; `champions` has the champion's team id of every
    season that has one.
    """
    counts = games.loc[games["kind"] == "regular"].groupby("season").size()
    present = set(games["season"]) | set(schedule["season"])
    rows = [
        {
            "season": season,
            "start": pd.Timestamp(dates.start),
            "end": pd.Timestamp(dates.end),
            "playoffs_end": pd.Timestamp(dates.playoffs_end),
            "games_expected": dates.games_expected,
            "games_played": int(counts.get(season, 0)),
            "play_in": dates.play_in,
            "complete": season in champions,
            "simulated": league.simulated,
        }
        for season, dates in sorted(league.seasons.items())
        if season in present
    ]
    return pd.DataFrame(rows)


def as_of_grid(
    seasons: pd.DataFrame, games: pd.DataFrame, every_days: int, checkpoints: tuple[float, ...]
) -> pd.DataFrame:
    """Return the table league/as_of.

    Every `every_days` days from a season's first day, and the checkpoints: ascending shares of
    the expected games (0: the first day, before any game). A weekly day without a game since the
    previous one (All-Star break, shutdown) is left out. A season in progress ends with the day
    after its latest game, play-in and playoffs included; a season that has not begun has its
    first day only. Of league/games only days and kinds are read.
    """
    regular = games[games["kind"] == "regular"]
    days = {
        season: np.sort(part["game_date"].to_numpy()) for season, part in regular.groupby("season")
    }
    none = np.array([], dtype="datetime64[us]")
    later = games[games["kind"] != "regular"].groupby("season")["game_date"].max()
    parts = [
        _season_grid(
            pd.Timestamp(row["start"]),
            int(row["games_expected"]),
            days.get(row["season"], none),
            row["season"] in later,
            None if row["complete"] else later.get(row["season"]),
            every_days,
            checkpoints,
        ).assign(season=row["season"])
        for row in seasons.to_dict("records")
    ]
    return pd.concat(parts, ignore_index=True)


def teams_listed(
    days: pd.DataFrame, rosters: pd.DataFrame, seasons: pd.DataFrame
) -> NDArray[np.int64]:
    """Return for each season and as_of of `days` how many teams have a published roster.

    `rosters` has season, team_id and as_of (day from which the row is known). A team's first list
    within `OPENING_DAYS` of the season's start is its opening-night roster, known on that day.
    """
    lists = rosters.groupby(["season", "team_id"])["as_of"].min().reset_index(name="known")
    start = lists["season"].map(seasons.set_index("season")["start"])
    opening = (lists["known"] >= start) & (lists["known"] <= start + OPENING_DAYS * _DAY)
    lists["known"] = lists["known"].mask(opening, start)
    pairs = days[["season", "as_of"]].reset_index().merge(lists, on="season")
    counts = pairs.loc[pairs["known"] <= pairs["as_of"], "index"].value_counts()
    return np.asarray(counts.reindex(days.index, fill_value=0), dtype=np.int64)


def in_seasons(reports: pd.DataFrame, seasons: pd.DataFrame) -> pd.DataFrame:
    """Return league/injury_reports: each report in the season that began last by its date."""
    ordered = seasons.sort_values("start")
    last = np.searchsorted(ordered["start"], reports["report_date"], side="right") - 1
    labels = ordered["season"].to_numpy()[np.maximum(last, 0)]
    return reports.assign(season=labels).drop_duplicates(["report_date", "player_id"])


def _season_grid(
    start: pd.Timestamp,
    expected: int,
    played: NDArray[np.datetime64],
    later_games: bool,
    latest: pd.Timestamp | None,
    every_days: int,
    checkpoints: tuple[float, ...],
) -> pd.DataFrame:
    """Return the grid of one season from the sorted days of its regular-season games."""
    if not len(played):
        opening = 0.0 if 0.0 in checkpoints else np.nan
        return _rows({start: (True, opening)}, played, expected)
    over = later_games or len(played) >= expected
    after_last = pd.Timestamp(played[-1]) + _DAY
    weekly = pd.date_range(start, after_last, freq=f"{every_days}D")
    before = np.searchsorted(played, weekly.to_numpy(), side="left")
    moved = np.diff(before, prepend=-1) > 0
    kinds: dict[pd.Timestamp, tuple[bool, float]] = {
        pd.Timestamp(day): (True, np.nan) for day in weekly.to_numpy()[moved]
    }
    for share in checkpoints:
        # Shares such as 0.1 are not exact in binary: 0.1 * 1230 must need 123 games, not 124.
        needed = len(played) if share == 1.0 else int(np.ceil(share * expected - 1e-9))
        if over if share == 1.0 else needed <= len(played):
            day = pd.Timestamp(played[needed - 1]) + _DAY if needed else start
            kinds[day] = (day in kinds and kinds[day][0], share)
    kinds.setdefault(after_last if latest is None else latest + _DAY, (False, np.nan))
    return _rows(kinds, played, expected)


def _rows(
    kinds: dict[pd.Timestamp, tuple[bool, float]], played: NDArray[np.datetime64], expected: int
) -> pd.DataFrame:
    """Return rows of league/as_of, without the season, from day -> (weekly, checkpoint)."""
    dates = sorted(kinds)
    days = np.array(dates, dtype="datetime64[us]")
    return pd.DataFrame(
        {
            "as_of": days,
            "weekly": [kinds[day][0] for day in dates],
            "checkpoint": np.array([kinds[day][1] for day in dates], dtype="float64"),
            "season_share": np.minimum(np.searchsorted(played, days, side="left") / expected, 1.0),
        }
    )
