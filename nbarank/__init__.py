"""nbarank ranks NBA teams by true strength, as of any date, from box scores alone.

The functions return tables of the repository around the current folder, or around `repository`.
They train nothing and write nothing. The `nbarank` command prints the same results.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import nbarank.forecast as _room  # noqa: F401  # once loaded, it no longer replaces `forecast`

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["compare", "forecast", "games", "predictions", "scorecard"]
__version__ = "0.2.0"

# Idle OpenMP threads sleep: on busy cores, spinning makes small XGBoost trees 50 times slower.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Arrow's own allocator claims memory in large pieces: twice the system time of a short command.
os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


def __dir__() -> list[str]:
    return [*__all__, "__doc__", "__version__"]


def forecast(
    day: str | dt.date | None = None,
    *,
    team: str | None = None,
    without: str | Sequence[str] = (),
    playing: str | Sequence[str] = (),
    results: str | Sequence[str] = (),
    repository: str | Path | None = None,
) -> pd.DataFrame:
    """Forecast the season of a day from what was known the evening before.

    Parameters
    ----------
    day
        Such as '2022-01-15'; by default the newest day of the season in progress, or else of the
        last season.
    team
        Only this team: abbreviation, or any part of its name.
    without, playing
        Names of players assumed to be out for the rest of the season, or back.
    results
        Assumed results of the next game of two teams: 'TEAM-TEAM=WINNER'.
    repository
        A folder of the repository; by default the current one.

    Returns
    -------
    pandas.DataFrame
        One row per team, in order of mean final place in the simulations. Key: season, as_of,
        team_id.

        - season, as_of (datetime64), season_share (of the regular season played)
        - team_id, abbreviation, name, conference
        - predicted_league_rank, predicted_conference_rank: 1 = best
        - ensemble_score: strength within the league, 0-1
        - strength, strength_sd: points per game against an average team; SD of its error
        - projected_wins, wins_low, wins_high: mean of the simulations; ends of the interval
          (`forecast.interval`)
        - expected_final_rank, final_rank_low, final_rank_high; expected_conference_rank,
          conference_rank_low, conference_rank_high; expected_playoff_rank
        - play_in, playoffs, second_round, conference_final, final, title, title_simulated,
          title_softmax: probabilities; `championship_odds_method` chooses which of the last two
          is `title`
        - wins, losses, league_rank, conference_rank: so far; ranks missing before the first game
        - delta: conference ranks above (+) or below (-) its record; classification ('sleeper',
          'paper tiger', 'aligned'), explanation
        - seed_1 to seed_8: probabilities

    Raises
    ------
    nbarank.core.errors.NbarankError
        If the day is outside the scored seasons, a name is not known, or the pipeline has not run.
    """
    from nbarank.forecast.inputs import read_inputs
    from nbarank.forecast.what_if import WhatIf
    from nbarank.results.days import day_of
    from nbarank.results.forecasts import forecaster, team_rows
    from nbarank.results.python_calls import python_call

    what_if = WhatIf(_names(without), _names(playing), _names(results))
    with python_call(repository):
        wanted = None if day is None else day_of(day, "day", "nbarank forecast")
        return team_rows(forecaster(read_inputs(), wanted, team)(what_if))


def games(
    day: str | dt.date | None = None,
    days: int = 1,
    *,
    team: str | None = None,
    without: str | Sequence[str] = (),
    playing: str | Sequence[str] = (),
    results: str | Sequence[str] = (),
    leverage: bool = False,
    repository: str | Path | None = None,
) -> pd.DataFrame:
    """Forecast the games of some days from what was known the evening before.

    Parameters
    ----------
    day
        First day; by default the next day with games, in an ended season the last one.
    days
        Number of days, 1 to 366.
    team, without, playing, results, repository
        As in `forecast`. Results change the leverage of the other games.
    leverage
        Add what a win changes for each team against a loss.

    Returns
    -------
    pandas.DataFrame
        One row per game, in order of date. Key: game_id.

        - season, as_of (datetime64): day of the strengths
        - game_id, game_date (datetime64), kind ('regular', 'playin', 'playoffs')
        - state: what the forecast has seen ('evening': also absences; 'schedule': fixtures)
        - home, away: abbreviations; neutral (bool)
        - home_win_probability; expected_margin: of the home side, points; expected_total: points
          of both sides
        - home_rest, away_rest: days since the latest game
        - home_out_points, away_out_points: worth of the absent players
        - home_out, away_out: their names, the most valuable first
        - certain (bool): false for a playoff game that its series may not need, or whose teams may
          not meet
        - with `leverage`, differences of probabilities: home_playoffs, home_top_four, home_series,
          home_title, away_playoffs, away_top_four, away_series, away_title; series is missing
          before the playoffs

    Raises
    ------
    nbarank.core.errors.NbarankError
        As `forecast`.
    """
    from nbarank.forecast.what_if import WhatIf
    from nbarank.results.days import day_of
    from nbarank.results.games import game_rows, games_of_days
    from nbarank.results.python_calls import python_call

    what_if = WhatIf(_names(without), _names(playing), _names(results))
    with python_call(repository):
        first = None if day is None else day_of(day, "day", "nbarank games")
        return game_rows(games_of_days(first, days, team, what_if, leverage))


def scorecard(
    experiment: str = "workspace", *, repository: str | Path | None = None
) -> pd.DataFrame:
    """Return the scores of every ranker and baseline.

    Parameters
    ----------
    experiment
        Name of a recorded run.
    repository
        As in `forecast`.

    Returns
    -------
    pandas.DataFrame
        season, checkpoint (per cent of the regular season), target, ranker, metric: the key;
        value. docs/metrics.md explains the metrics.

    Raises
    ------
    nbarank.core.errors.NbarankError
        If there is no such run, or no scorecard yet.
    """
    from nbarank.results.python_calls import python_call
    from nbarank.results.scores import scorecard_of

    with python_call(repository):
        return scorecard_of(experiment)


def compare(
    first: str,
    second: str,
    *,
    ranker: str = "ensemble",
    repository: str | Path | None = None,
) -> pd.DataFrame:
    """Compare two rankers, or one ranker of two recorded runs, paired by validation season.

    Parameters
    ----------
    first, second
        Rankers of the scorecard, or names of runs ('workspace' is one).
    ranker
        The one to compare in two runs.
    repository
        As in `forecast`.

    Returns
    -------
    pandas.DataFrame
        checkpoint (per cent as text, or 'mean'), target, metric: the key; first, second (means
        over the seasons of both); difference with low and high, the interval over seasons
        (`evaluation.interval`); p and p_adjusted (Holm, docs/metrics.md);
        share_positive; seasons.

    Raises
    ------
    nbarank.core.errors.NbarankError
        If there is no such ranker or run.
    """
    from nbarank.results.python_calls import python_call
    from nbarank.results.scores import compared

    with python_call(repository):
        return compared(first, second, ranker)


def predictions(
    path: str | Path | None = None, *, repository: str | Path | None = None
) -> pd.DataFrame:
    """Return a file of predictions.

    Parameters
    ----------
    path
        predictions.json, or a file of report/seasons/, relative to the current folder; by default
        report/predictions.json of the repository.
    repository
        As in `forecast`.

    Returns
    -------
    pandas.DataFrame
        One row per team and day; columns as of `forecast`.

    Raises
    ------
    nbarank.core.errors.NbarankError
        If the file is missing or violates docs/predictions-schema.md.
    """
    from nbarank.report.predictions import read_predictions
    from nbarank.results.days import refuse_day
    from nbarank.results.forecasts import team_rows
    from nbarank.results.python_calls import python_call

    if path is not None:
        refuse_day(path)
        return team_rows(read_predictions(Path(path).expanduser()))
    with python_call(repository):
        return team_rows(read_predictions(Path("report/predictions.json")))


def _names(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())
