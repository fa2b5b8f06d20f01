"""Rankings to score: baselines, base models, ensemble.

Parameters named ratings and forecast are the tables features/ratings and forecast/teams; models
are the tables oof/* by the name of the model; days are those of `checkpoint_days` to rank.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.scorecard import OPENING
from nbarank.schemas.columns import KEY
from nbarank.schemas.evaluation import TARGETS

RANKING_COLUMNS = ["season", "as_of", "target", "ranker", "team_id", "score"]
"""Columns of evaluation/rankings."""
SHRINK_GAMES = 11.0
"""Games at one half added to a record: final shares of 2010-11 to 2013-14 have an SD of .155."""


def rankings_for(scores: pd.DataFrame) -> pd.DataFrame:
    """Return scores (season, as_of, team_id, ranker, score) once for each target."""
    both = [scores.assign(target=target) for target in TARGETS]
    return pd.concat(both, ignore_index=True)[RANKING_COLUMNS]


def baseline_rankings(
    ratings: pd.DataFrame, places: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return the rankings that need no model, the same order for both targets.

    - standings: rank to date, the league's tie-breaks applied; before the first game all equal;
    - point_diff: margin of victory to date;
    - srs: Simple Rating System to date;
    - srs_carried: SRS that starts from last season's;
    - elo: Elo, with earlier seasons;
    - record_elo: share of wins at the end if the rest is won as Elo expects of average opponents;
    - record_shrunk: the same if the rest is won at the share to date, shrunk to a half;
    - last_season: rank in last season's final standings.

    Parameters
    ----------
    places
        season, as_of, team_id, league_rank: the standings to date; on the day after the last game
        they are the final standings.
    outcomes
        Table league/outcomes: the length of each team's season.

    Raises
    ------
    EvaluationError
        If a day has no ratings or no standings.
    """
    rows = days.merge(ratings, on=["season", "as_of"], how="left")
    rows = rows.merge(places, on=KEY, how="left", validate="one_to_one")
    missing = rows[rows[["team_id", "league_rank"]].isna().any(axis=1)]
    if len(missing):
        raise EvaluationError(
            "A checkpoint has no ratings or no standings.",
            where=str(missing[KEY].head(3).to_dict("records")),
            allowed="every team of features/ratings on every checkpoint",
            next_command="dvc repro ratings",
        )
    standings = -rows["league_rank"].astype(float).where(rows["checkpoint"] > OPENING, 0.0)
    projected = pd.concat(list(record_shares(rows, outcomes)), ignore_index=True)
    return rankings_for(pd.concat([_baseline_scores(rows, standings), projected]))


def record_shares(ratings: pd.DataFrame, outcomes: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Yield, for record_elo and record_shrunk, KEY, ranker and score: the projected share of wins.

    Elo knows no record and the standings no strength; these baselines know both.
    """
    games = (outcomes["wins"] + outcomes["losses"]).groupby(
        [outcomes["season"], outcomes["team_id"]]
    )
    keys = pd.MultiIndex.from_frame(ratings[["season", "team_id"]])
    total = games.sum().reindex(keys).to_numpy(float)
    played, won = ratings["games_played"].to_numpy(float), ratings["wins"].to_numpy(float)
    average = ratings.groupby(["season", "as_of"])["elo"].transform("mean")
    expected = {
        "record_elo": 1.0 / (1.0 + 10.0 ** ((average - ratings["elo"]).to_numpy(float) / 400.0)),
        "record_shrunk": (won + SHRINK_GAMES / 2) / (played + SHRINK_GAMES),
    }
    for ranker, share in expected.items():
        yield ratings[KEY].assign(ranker=ranker, score=(won + (total - played) * share) / total)


def _baseline_scores(ratings: pd.DataFrame, standings: pd.Series[float]) -> pd.DataFrame:
    """Return season, as_of, team_id, ranker, score of the baselines."""
    scores = ratings[KEY].assign(
        standings=standings,
        point_diff=ratings["point_diff"],
        srs=ratings["srs"],
        srs_carried=ratings["srs_carried"],
        elo=ratings["elo"],
        last_season=-ratings["last_season_rank"],
    )
    return scores.melt(KEY, var_name="ranker", value_name="score")


def model_rankings(models: Mapping[str, pd.DataFrame], days: pd.DataFrame) -> pd.DataFrame:
    """Return the base models' rankings by rank score, the same order for both targets."""
    return rankings_for(_model_scores(models, "rank_score").merge(days[["season", "as_of"]]))


def _model_scores(models: Mapping[str, pd.DataFrame], column: str) -> pd.DataFrame:
    parts = [frame[KEY].assign(ranker=name, score=frame[column]) for name, frame in models.items()]
    return pd.concat(parts, ignore_index=True)


def ensemble_rankings(forecast: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return the ensemble's rankings: the expected rank of the Monte Carlo for each target.

    The expected playoff rank is by performance; eos_final has the same order of playoff teams.
    """
    rows = forecast.merge(days[["season", "as_of"]])
    columns = {"final_rank": "expected_final_rank", "playoff_outcome": "expected_playoff_rank"}
    parts = [
        rows[KEY].assign(target=target, ranker="ensemble", score=-rows[column])
        for target, column in columns.items()
    ]
    return pd.concat(parts, ignore_index=True)[RANKING_COLUMNS]


def strength_scores(
    ratings: pd.DataFrame, models: Mapping[str, pd.DataFrame], forecast: pd.DataFrame
) -> pd.DataFrame:
    """Return each ranker's own measure of strength, for single games and true strength.

    Returns
    -------
    pandas.DataFrame
        season, as_of, team_id, ranker, score (on each ranker's own scale, higher = stronger).
    """
    parts = [
        _baseline_scores(ratings, ratings["win_pct"]),
        _model_scores(models, "margin_score"),
        forecast[KEY].assign(ranker="ensemble", score=forecast["strength"]),
    ]
    return pd.concat(parts, ignore_index=True)
