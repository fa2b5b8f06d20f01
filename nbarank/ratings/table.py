"""The table features/ratings: every rating of every team as of every date.

A season passes Elo, the carried SRS, the home advantage and its final record to the next. A
team's first season in the data starts from the league's average.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.ratings.elo import carried_over, season_elo
from nbarank.ratings.least_squares import (
    fading_ridge,
    margin_sums,
    solve,
    solve_with_home,
    strength_of_schedule,
)
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.records import group_ranks, pythagorean, records
from nbarank.ratings.season_games import Floats, Ints, SeasonGames, split_seasons


@dataclass(frozen=True)
class Carried:
    """Values carried over from the previous season, by team (shape (teams,) each)."""

    elo: Floats
    experience: Floats
    srs_carried: Floats
    srs: Floats
    win_pct: Floats
    rank: Floats
    home_court: float


def rate(
    games: pd.DataFrame,
    teams: pd.DataFrame,
    as_of: pd.DataFrame,
    elo: EloParams,
    srs: SrsParams,
    pythagorean_params: PythagoreanParams,
) -> pd.DataFrame:
    """Return the table features/ratings from league/games, league/teams and league/as_of.

    A row sees games with `game_date < as_of` only: of its own season the regular season (Elo:
    every kind), of earlier seasons the final record (Elo: playoffs and play-in too).

    Raises
    ------
    TableError
        As `split_seasons`.
    """
    frames: list[pd.DataFrame] = []
    history: dict[int, dict[str, float]] = {}
    home_court = srs.home_court
    for season in split_seasons(games, teams, as_of):
        before = _carried(season.teams, history, home_court, elo, srs)
        elo_path, _ = season_elo(season, before.elo, before.experience, elo)
        if len(season.as_of) or not frames:
            columns, _ = _as_of(season, before, elo_path, srs, pythagorean_params)
            frames.append(season.rows(columns))
        final, home_court = _as_of(season.ended(), before, elo_path, srs, pythagorean_params)
        _remember(history, season, before, final)
    return pd.concat(frames, ignore_index=True)


def _as_of(
    season: SeasonGames,
    before: Carried,
    elo_path: Floats,
    srs: SrsParams,
    pythagorean_params: PythagoreanParams,
) -> tuple[dict[str, Floats], float]:
    """Return the columns of one season, (dates, teams) each, and the last date's home court."""
    regular = season.select(season.regular)
    record = records(regular)
    sums = margin_sums(regular)
    dates = len(season.as_of)
    ridge = fading_ridge(sums, srs)
    average = np.zeros(len(season.teams))
    simple = solve(sums, ridge, average)
    massey, _ = solve_with_home(sums, ridge, average, before.home_court, srs)
    carried, home_court = solve_with_home(
        sums, np.full(dates, srs.carried_ridge_games), before.srs_carried, before.home_court, srs
    )
    conference = np.unique(season.conference, return_inverse=True)[1]
    kept = ("games_played", "wins", "losses", "win_pct", "point_diff")
    columns = {
        **{name: record[name] for name in kept},
        "conference_rank": group_ranks(record["win_pct"], record["point_diff"], conference),
        "elo": elo_path[season.days_before],
        "srs": simple,
        "sos": strength_of_schedule(sums, simple),
        "massey": massey,
        "srs_carried": carried,
        **pythagorean(record, pythagorean_params),
        "last_season_rank": np.tile(before.rank, (dates, 1)),
        "last_season_win_pct": np.tile(before.win_pct, (dates, 1)),
        "last_season_srs": np.tile(before.srs, (dates, 1)),
    }
    return columns, float(home_court[-1]) if dates else before.home_court


def _carried(
    ids: Ints,
    history: dict[int, dict[str, float]],
    home_court: float,
    elo: EloParams,
    srs: SrsParams,
) -> Carried:
    """Look up the carried values of a season's teams; the league's average where none."""
    new = {
        "elo": elo.mean,
        "experience": 0.0,
        "srs_carried": 0.0,
        "srs": 0.0,
        "win_pct": 0.5,
        "rank": (len(ids) + 1) / 2,
    }
    known = {
        name: np.array([history.get(int(team), new)[name] for team in ids], dtype=np.float64)
        for name in new
    }
    return Carried(
        elo=carried_over(known["elo"], elo),
        experience=known["experience"],
        srs_carried=srs.carry_over * known["srs_carried"],
        srs=known["srs"],
        win_pct=known["win_pct"],
        rank=known["rank"],
        home_court=home_court,
    )


def _remember(
    history: dict[int, dict[str, float]],
    season: SeasonGames,
    before: Carried,
    final: dict[str, Floats],
) -> None:
    """Store how a season ended, for the next one; a season without games changes nothing."""
    if not season.regular.any():
        return
    everyone = np.zeros(len(season.teams), dtype=np.int64)
    rank = group_ranks(final["win_pct"], final["point_diff"], everyone)[0]
    for place, team in enumerate(season.teams):
        history[int(team)] = {
            "elo": float(final["elo"][0, place]),
            "experience": before.experience[place] + float(final["games_played"][0, place]),
            "srs_carried": float(final["srs_carried"][0, place]),
            "srs": float(final["srs"][0, place]),
            "win_pct": float(final["win_pct"][0, place]),
            "rank": float(rank[place]),
        }
