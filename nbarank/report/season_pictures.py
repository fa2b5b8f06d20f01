"""All pictures of a season, drawn from tables."""

from __future__ import annotations

import pandas as pd

from nbarank.report import season_figures
from nbarank.report.content import day_frame
from nbarank.report.style import Picture
from nbarank.schemas.predictions import Predictions

CHECKPOINT = 0.5
"""Share of the season at which figures compare forecast and end; the nearest day is taken."""
TITLE_TEAMS = 10
"""Teams in the figure of title odds."""


def strength_and_place(
    strength: pd.DataFrame, standings: pd.DataFrame, teams: pd.DataFrame
) -> pd.DataFrame:
    """Return every team's strength and place in its conference, weekly, for the timelines.

    Parameters
    ----------
    strength, standings, teams
        Tables ensemble/strength, league/standings and league/teams.
    """
    both = strength.merge(standings, on=["season", "as_of", "team_id"])
    names = teams[["season", "team_id", "abbreviation"]]
    return both.rename(columns={"conference_rank": "place"}).merge(names, on=["season", "team_id"])


def draw_season(
    predictions: Predictions,
    history: pd.DataFrame,
    contributors: pd.DataFrame,
    threshold: float,
) -> list[Picture]:
    """Draw one season; figures of how it ended are left out where it has not.

    Parameters
    ----------
    predictions
        The season's days.
    history
        From `strength_and_place`.
    contributors
        Table explain/contributors with the teams' abbreviations.
    threshold
        `forecast.sleeper_threshold_slots`.
    """
    season = predictions.forecasts[0].season
    day = min(predictions.forecasts, key=lambda one: abs(one.season_share - CHECKPOINT))
    when = f"{day.as_of}, {day.season_share:.0%} of the season {season} played"
    frame = day_frame(day)
    pictures = []
    if frame["final_conference_rank"].notna().all():
        pictures.append(season_figures.ranks_by_conference(frame, when))
    if frame["playoff_rank"].notna().all():
        pictures.append(season_figures.ranks_of_playoffs(frame, when))
    pictures.append(season_figures.deviations(frame, threshold, when))
    odds = pd.concat(
        [day_frame(one).assign(as_of=pd.Timestamp(one.as_of)) for one in predictions.forecasts]
    )
    if len(predictions.forecasts) > 1:
        pictures.append(season_figures.title_odds(odds, TITLE_TEAMS))
    pictures.append(season_figures.odds_and_wins(frame, when))
    lines = history[history["season"] == season]
    if lines["as_of"].nunique() > 1:
        size = frame["delta"].abs()
        chosen = frame.assign(size=size).sort_values(
            ["size", "abbreviation"], ascending=[False, True]
        )
        pictures.append(season_figures.timelines(lines, list(chosen["abbreviation"])))
    weights = contributors[
        (contributors["season"] == season)
        & (contributors["as_of"] == pd.Timestamp(day.strength_as_of))
    ]
    if weights["attention_weight"].notna().any():
        pictures.append(season_figures.attention(weights, when))
    return pictures
