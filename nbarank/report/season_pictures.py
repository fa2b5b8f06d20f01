"""All pictures of a season, and the tables they are drawn from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from nbarank.core.tables import read_table
from nbarank.report import season_figures
from nbarank.report.predictions import season_of
from nbarank.report.style import Picture
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.explain import CONTRIBUTORS
from nbarank.schemas.league import STANDINGS, TEAMS
from nbarank.schemas.predictions import DayForecast, Predictions
from nbarank.schemas.season_split import ENDED, read_whole, read_with_current

CHECKPOINT = 0.5
"""Share of the season at which figures compare forecast and outcome; the nearest day is used."""
TITLE_TEAMS = 10
"""Teams in the figure of title odds."""


@dataclass(frozen=True)
class SeasonTables:
    """Tables from which seasons are drawn; both have the team's abbreviation.

    Parameters
    ----------
    history
        ensemble/strength with `place` in the conference, one row a (season, as_of, team_id).
    contributors
        explain/contributors.
    """

    history: pd.DataFrame
    contributors: pd.DataFrame


def read_season_tables(*, current: bool) -> SeasonTables:
    """Read the tables of ended seasons, or of these and the current one."""
    strength, contributors = (
        read_with_current(table) if current else read_table(table)
        for table in (STRENGTH, CONTRIBUTORS)
    )
    standings, teams = (
        read_whole(table) if current else read_table(table, ENDED) for table in (STANDINGS, TEAMS)
    )
    names, key = teams[["season", "team_id", "abbreviation"]], ["season", "team_id"]
    history = strength.merge(standings, on=["season", "as_of", "team_id"])
    return SeasonTables(
        history.rename(columns={"conference_rank": "place"}).merge(names, on=key),
        contributors.merge(names, on=key),
    )


def draw_season(predictions: Predictions, tables: SeasonTables, threshold: float) -> list[Picture]:
    """Draw one season; figures of its outcome are left out until it has ended.

    `threshold` is `forecast.sleeper_threshold_slots`.
    """
    season = season_of(predictions)
    day = min(predictions.forecasts, key=lambda one: abs(one.season_share - CHECKPOINT))
    when = f"{day.as_of}, {day.season_share:.0%} of the season {season} played"
    frame = day_frame(day)
    pictures = []
    if frame["final_conference_rank"].notna().all():
        pictures.append(season_figures.ranks_by_conference(frame, when))
    if frame["playoff_rank"].notna().all():
        pictures.append(season_figures.ranks_of_playoffs(frame, when))
    pictures.append(season_figures.deviations(frame, threshold, when))
    if len(predictions.forecasts) > 1:
        odds = pd.concat(
            [day_frame(one).assign(as_of=pd.Timestamp(one.as_of)) for one in predictions.forecasts]
        )
        pictures.append(season_figures.title_odds(odds, TITLE_TEAMS))
    pictures.append(season_figures.odds_and_wins(frame, when))
    history = tables.history[tables.history["season"] == season]
    if history["as_of"].nunique() > 1:
        by_size = frame.assign(size=frame["delta"].abs()).sort_values(
            ["size", "abbreviation"], ascending=[False, True]
        )
        pictures.append(season_figures.timelines(history, list(by_size["abbreviation"])))
    weights = tables.contributors[
        (tables.contributors["season"] == season)
        & (tables.contributors["as_of"] == pd.Timestamp(day.strength_as_of))
    ]
    if weights["attention_weight"].notna().any():
        pictures.append(season_figures.attention(weights, when))
    return pictures


def day_frame(forecast: DayForecast) -> pd.DataFrame:
    """Return what the figures show of one day's forecast, one row a team."""
    rows = []
    for team in forecast.teams:
        end = team.analysis.season_end
        rows.append(
            {
                "abbreviation": team.abbreviation,
                "conference": team.conference,
                "predicted_conference_rank": team.predicted_conference_rank,
                "final_conference_rank": end.final_conference_rank if end else None,
                "expected_playoff_rank": team.expected_playoff_rank,
                "playoff_rank": end.playoff_rank if end else None,
                "delta": team.analysis.delta,
                "wins": team.analysis.wins,
                "title": team.odds.title,
            }
        )
    frame = pd.DataFrame(rows)
    predicted = frame.pop("expected_playoff_rank").rank(method="first")
    frame.insert(4, "predicted_playoff_rank", predicted)
    return frame


def checkpoint_rows(seasons: Iterable[Predictions]) -> pd.DataFrame:
    """Return what the figures show, one row a (season, checkpoint in per cent, team)."""
    frames = []
    for day in (day for one in seasons for day in one.forecasts):
        frame = day_frame(day)
        frame.insert(0, "season", day.season)
        frame.insert(1, "checkpoint", round(100 * day.season_share))
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)
