"""The rankings that are scored: out of base models, the forecast, and the baselines."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nbarank.evaluation.baselines import TARGETS, TEAM_KEY, rankings_for

LAYOUT = ["season", "as_of", "target", "ranker", "team_id", "score"]


def model_rankings(scores: Mapping[str, pd.DataFrame], days: pd.DataFrame) -> pd.DataFrame:
    """Return the base models as rankings: their rank score, the same order for both targets.

    Parameters
    ----------
    scores
        Tables oof/* by the name of the model.
    days
        season, as_of of the dates to rank.

    Returns
    -------
    pandas.DataFrame
        In the layout of evaluation/rankings.
    """
    parts = [
        rankings_for(
            frame[TEAM_KEY].assign(ranker=name, score=frame["rank_score"]),
            TARGETS,
        )
        for name, frame in scores.items()
    ]
    return pd.concat(parts, ignore_index=True).merge(days[["season", "as_of"]])[LAYOUT]


def ensemble_rankings(forecast: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the ensemble as rankings: the expected rank out of the Monte Carlo, per target.

    Parameters
    ----------
    forecast
        Table forecast/teams. Its expected playoff rank is the one by performance; it also stands
        for the definition eos_final, whose order of the playoff teams it shares.
    days
        season, as_of of the dates to rank.

    Returns
    -------
    pandas.DataFrame
        In the layout of evaluation/rankings.
    """
    rows = forecast.merge(days[["season", "as_of"]])
    columns = {"final_rank": "expected_final_rank", "playoff_outcome": "expected_playoff_rank"}
    parts = [
        rows[TEAM_KEY].assign(target=target, ranker="ensemble", score=-rows[column])
        for target, column in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)[LAYOUT]


def strength_scores(
    baselines: pd.DataFrame, models: Mapping[str, pd.DataFrame], forecast: pd.DataFrame
) -> pd.DataFrame:
    """Return what each ranker says of strength itself, for single games and for the truth.

    Parameters
    ----------
    baselines
        Table features/ratings.
    models
        Tables oof/* by the name of the model; their margin score is taken.
    forecast
        Table forecast/teams; the ensemble's strength is taken.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, ranker, score (each ranker's own scale, higher = stronger).
    """
    scores = baselines[TEAM_KEY].assign(
        standings=baselines["win_pct"],
        point_diff=baselines["point_diff"],
        srs=baselines["srs"],
        elo=baselines["elo"],
        last_season=-baselines["last_season_rank"],
    )
    parts = [scores.melt(TEAM_KEY, var_name="ranker", value_name="score")]
    parts += [
        frame[TEAM_KEY].assign(ranker=name, score=frame["margin_score"])
        for name, frame in models.items()
    ]
    parts.append(forecast[TEAM_KEY].assign(ranker="ensemble", score=forecast["strength"]))
    return pd.concat(parts, ignore_index=True)
