"""The evaluation protocol: from tables to rankings, scorecard, intervals and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nbarank.core.arrays import are_in
from nbarank.core.errors import EvaluationError
from nbarank.evaluation.comparisons import intervals_against
from nbarank.evaluation.distribution_rows import (
    distribution_rows,
    forecast_with_outcomes,
    pit_histogram,
)
from nbarank.evaluation.game_probabilities import (
    climatology_odds,
    forecast_odds,
    market_odds,
    odds_from_scores,
    snapshot_games,
    state_odds,
)
from nbarank.evaluation.game_tests import game_tests
from nbarank.evaluation.params import EvaluationParams
from nbarank.evaluation.probability_rows import odds_rows, playoff_rows, upset_rows
from nbarank.evaluation.rankings import (
    baseline_rankings,
    ensemble_rankings,
    model_rankings,
    strength_scores,
)
from nbarank.evaluation.reliability import MONTE_CARLO_GAMES, calibration, game_events, team_events
from nbarank.evaluation.scorecard import checkpoint_days, in_scorecard_order, score_rankings
from nbarank.evaluation.true_strength import true_strength_rows
from nbarank.evaluation.win_rows import win_rows
from nbarank.schemas.evaluation import TARGETS

COMPARED = ("standings", "srs", "srs_carried", "elo", "record_elo", "record_shrunk")
"""Rankers that metrics/intervals.csv compares with."""


@dataclass(frozen=True)
class EvaluationTables:
    """Tables of ended seasons that the protocol reads; `truth` only of a simulated league."""

    games: pd.DataFrame
    outcomes: pd.DataFrame
    as_of: pd.DataFrame
    standings: pd.DataFrame
    ratings: pd.DataFrame
    models: Mapping[str, pd.DataFrame]
    forecast_teams: pd.DataFrame
    forecast_games: pd.DataFrame
    played_games: pd.DataFrame
    classified: pd.DataFrame
    calibrated: pd.DataFrame
    market: pd.DataFrame
    truth: pd.DataFrame | None


@dataclass(frozen=True)
class Evaluation:
    """Results: evaluation/rankings, metrics/scorecard.csv, metrics/intervals.csv, plots by name."""

    rankings: pd.DataFrame
    scorecard: pd.DataFrame
    intervals: pd.DataFrame
    plots: dict[str, pd.DataFrame]


def evaluate(
    tables: EvaluationTables,
    seasons: Mapping[str, Sequence[str]],
    definition: str,
    params: EvaluationParams,
) -> Evaluation:
    """Score every ranking and probability; intervals and plots of the validation seasons.

    Parameters
    ----------
    seasons
        From `scored_seasons`.
    definition
        `targets.playoff_definition`.

    Raises
    ------
    EvaluationError
        If a scored season has no forecast, or a table misses a checkpoint or a team.
    """
    scored = [*seasons["validation"], *seasons["test"]]
    all_days = checkpoint_days(tables.as_of)
    days = all_days[all_days["season"].isin(scored)].reset_index(drop=True)
    places = tables.standings[["season", "as_of", "team_id", "league_rank"]]
    rankings = pd.concat(
        [
            ensemble_rankings(tables.forecast_teams, days),
            model_rankings(tables.models, days),
            baseline_rankings(tables.ratings, places, tables.outcomes, days),
        ],
        ignore_index=True,
    )
    strengths = strength_scores(tables.ratings, tables.models, tables.forecast_teams)
    games = _predicted_games(tables, strengths, scored)
    outcomes, forecast = tables.outcomes, tables.forecast_teams
    parts = [
        score_rankings(rankings, days, outcomes, definition, params.sleeper_slots),
        odds_rows(forecast, games, outcomes, days),
        playoff_rows(tables.classified, forecast, tables.standings, outcomes, days),
        upset_rows(forecast, rankings, outcomes, days),
        win_rows(
            forecast[forecast["season"].isin(scored)], strengths, tables.ratings, outcomes, all_days
        ),
        distribution_rows(forecast, outcomes, days),
    ]
    if tables.truth is not None:
        parts.append(true_strength_rows(strengths, tables.truth, days))
    scorecard = in_scorecard_order(pd.concat(parts, ignore_index=True))
    validation = scorecard[scorecard["season"].isin(seasons["validation"])]
    intervals = [intervals_against(validation, baseline, params.interval) for baseline in COMPARED]
    games = games[games["season"].isin(seasons["validation"])]
    plots = _spearman_plots(validation) | _calibration_plots(
        tables, games, set(validation["season"]), params.reliability_bins
    )
    days = days[days["season"].isin(seasons["validation"])]
    plots["pit"] = pit_histogram(forecast_with_outcomes(forecast, outcomes, days))
    plots["game_tests"] = game_tests(games[games["checkpoint"] >= 0], "ensemble")
    return Evaluation(rankings, scorecard, pd.concat(intervals, ignore_index=True), plots)


def _predicted_games(
    tables: EvaluationTables, strengths: pd.DataFrame, scored: list[str]
) -> pd.DataFrame:
    """Return every ranker's probabilities of the same games, each by its last snapshot."""
    forecast = tables.forecast_games
    forecast = forecast[forecast["season"].isin(scored)]
    made = forecast[["season", "as_of"]].drop_duplicates()
    missing = sorted(set(scored) - set(made["season"]))
    if missing:
        raise EvaluationError(
            f"Season(s) {', '.join(missing)} have no forecast and cannot be scored.",
            where="params.yaml: seasons.train and seasons.validation",
            allowed="walk-forward, three training seasons before the first validation season: to "
            "fit, to stack and to calibrate on",
            next_command="add training seasons, or move the first validation seasons to "
            "seasons.train",
        )
    as_of = tables.as_of
    dates = pd.concat(
        [as_of[~as_of["season"].isin(scored)], as_of.merge(made, on=["season", "as_of"])]
    )
    games = snapshot_games(tables.games, dates, checkpoint_days(as_of))
    ensemble = forecast_odds(games, forecast)
    others = odds_from_scores(games, strengths[strengths["ranker"] != "ensemble"], scored)
    rest = [
        others,
        climatology_odds(games, scored),
        market_odds(games, tables.market),
        state_odds(games, tables.played_games),
    ]
    odds = pd.concat(rest, ignore_index=True)
    odds = odds[are_in(odds["game_id"], ensemble["game_id"])]
    return pd.concat([ensemble, odds], ignore_index=True)


def _spearman_plots(scorecard: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Return spearman_TARGET: a row a checkpoint, a column a ranker."""
    rows = scorecard[(scorecard["metric"] == "spearman") & scorecard["target"].isin(TARGETS)]
    means = rows.groupby(["target", "checkpoint", "ranker"], sort=False)["value"].mean()
    return {
        f"spearman_{target}": means.loc[target].unstack("ranker").reset_index()
        for target in TARGETS
    }


def _calibration_plots(
    tables: EvaluationTables, games: pd.DataFrame, seasons: set[str], bins: int
) -> dict[str, pd.DataFrame]:
    """Return calibration (a row a kind of probability), reliability and reliability_games."""
    calibrated, forecast = (
        frame[frame["season"].isin(seasons)] for frame in (tables.calibrated, tables.forecast_teams)
    )
    events = game_events(calibrated, games[games["ranker"] == "ensemble"])
    events |= team_events(forecast, tables.classified, tables.outcomes)
    table, diagram = calibration(events, bins)
    return {
        "calibration": table,
        "reliability": diagram,
        "reliability_games": diagram[diagram["what"] == MONTE_CARLO_GAMES],
    }
