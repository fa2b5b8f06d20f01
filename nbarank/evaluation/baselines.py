"""What anybody can rank by without a model, and what every ranker is measured against."""

from __future__ import annotations

import pandas as pd

from nbarank.core.errors import EvaluationError

TEAM_KEY = ["season", "as_of", "team_id"]
TARGETS = ("final_rank", "playoff_outcome")


def baseline_rankings(
    ratings: pd.DataFrame, places: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return the baselines as rankings, the same order for both targets.

    Parameters
    ----------
    ratings
        Table features/ratings.
    places
        season, as_of, team_id, league_rank: the standings to date with the league's tie-breaks,
        so that on the day after the last game they are the final standings.
    days
        season, as_of of the dates to rank.

    Returns
    -------
    pandas.DataFrame
        In the layout of evaluation/rankings: season, as_of, target, ranker, team_id, score.

        - standings: place by share of games won to date, the league's tie-breaks among the tied;
        - point_diff: margin of victory to date;
        - srs: Simple Rating System to date;
        - elo: Elo, earlier seasons included;
        - last_season: place in last season's final standings.

    Raises
    ------
    EvaluationError
        If a day has no ratings or no standings.
    """
    rows = days[["season", "as_of"]].merge(ratings, on=["season", "as_of"], how="left")
    rows = rows.merge(places, on=TEAM_KEY, how="left", validate="one_to_one")
    missing = rows[rows[["team_id", "league_rank"]].isna().any(axis=1)]
    if len(missing):
        raise EvaluationError(
            "A checkpoint has no ratings or no standings.",
            where=str(missing[TEAM_KEY].head(3).to_dict("records")),
            allowed="every team of features/ratings on every checkpoint",
            next_command="dvc repro ratings",
        )
    scores = rows[TEAM_KEY].assign(
        standings=-rows["league_rank"].astype(float),
        point_diff=rows["point_diff"],
        srs=rows["srs"],
        elo=rows["elo"],
        last_season=-rows["last_season_rank"],
    )
    long = scores.melt(TEAM_KEY, var_name="ranker", value_name="score")
    return rankings_for(long, TARGETS)


def rankings_for(scores: pd.DataFrame, targets: tuple[str, ...]) -> pd.DataFrame:
    """Return the same order once for each target.

    Parameters
    ----------
    scores
        season, as_of, team_id, ranker, score.
    targets
        Of final_rank and playoff_outcome.
    """
    both = [scores.assign(target=target) for target in targets]
    columns = ["season", "as_of", "target", "ranker", "team_id", "score"]
    return pd.concat(both, ignore_index=True)[columns]
