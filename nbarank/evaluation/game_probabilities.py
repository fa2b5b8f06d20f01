"""Win probabilities of single games: which snapshot predicts each game, and each ranker's."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from nbarank.core.errors import EvaluationError
from nbarank.schemas.forecast import STATES

log = logging.getLogger(__name__)

Floats = NDArray[np.float64]
WEAK_PENALTY = 1e4
"""Inverse penalty of the curves: five coefficients, thousands of games."""


def snapshot_games(games: pd.DataFrame, dates: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Return each game of league/games with the latest snapshot before it.

    Parameters
    ----------
    dates
        season, as_of, season_share of the snapshots.
    days
        From `checkpoint_days`.

    Returns
    -------
    pandas.DataFrame
        game_id, season, as_of, season_share, checkpoint (per cent; the last one that the snapshot
        has reached; -1 before the first), kind, home_id, away_id, neutral, home_won. Games before
        the first snapshot of a season are dropped. The games at 100 are those of the playoffs.
    """
    rows = games.sort_values(["game_date", "game_id"], kind="stable")
    marks = dates[["season", "as_of", "season_share"]].drop_duplicates(["season", "as_of"])
    # A snapshot uses only games before its day, so it may predict games on its day.
    rows = pd.merge_asof(
        rows, marks.sort_values("as_of"), left_on="game_date", right_on="as_of", by="season"
    ).dropna(subset="as_of")
    reached = days.sort_values("as_of")[["season", "as_of", "checkpoint"]]
    rows = pd.merge_asof(rows.sort_values("as_of"), reached, on="as_of", by="season")
    rows["checkpoint"] = rows["checkpoint"].fillna(-1).astype("int64")
    rows["home_won"] = rows["home_pts"] > rows["away_pts"]
    columns = ["game_id", "season", "as_of", "season_share", "checkpoint", "kind"]
    columns += ["home_id", "away_id", "neutral", "home_won"]
    return rows[columns].sort_values("game_id", kind="stable", ignore_index=True)


def odds_from_scores(
    games: pd.DataFrame, scores: pd.DataFrame, seasons: Sequence[str]
) -> pd.DataFrame:
    """Return win probabilities from score differences, by a logistic curve of earlier seasons.

    The slope depends on the share of the season played and on the playoffs; home court is one
    constant before and one in the playoffs, none on neutral ground.

    Parameters
    ----------
    games
        From `snapshot_games`, the seasons to predict and earlier ones.
    scores
        From `strength_scores`.
    seasons
        Seasons to predict; each by curves fitted on all earlier seasons that have scores.

    Returns
    -------
    pandas.DataFrame
        The columns of `games`, ranker, home_win_probability.

    Raises
    ------
    EvaluationError
        If a ranker has no scores before a season.
    """
    parts = []
    for ranker, of_ranker in scores.groupby("ranker", sort=True):
        rows = _with_scores(games, of_ranker)
        won = rows["home_won"].to_numpy(dtype=bool)
        season_of = rows["season"].to_numpy(dtype=str)
        for season in seasons:
            past, now = season_of < season, season_of == season
            if not past.any() or won[past].all() or not won[past].any():
                raise EvaluationError(
                    f"No games before {season} to fit probabilities of ranker '{ranker}' on.",
                    where=f"scores of {ranker}",
                    allowed="at least one season with scores before the first validation season",
                    next_command="see the season roles in params.yaml",
                )
            design = _design(rows, past)
            curve = LogisticRegression(C=WEAK_PENALTY, fit_intercept=False, max_iter=1000)
            curve.fit(design[past], won[past])
            chance = curve.predict_proba(design[now])[:, 1]
            parts.append(rows[now].assign(ranker=ranker, home_win_probability=chance))
    columns = [*games.columns, "ranker", "home_win_probability"]
    found: pd.DataFrame = pd.concat(parts, ignore_index=True)[columns]
    return found


def climatology_odds(games: pd.DataFrame, seasons: Sequence[str]) -> pd.DataFrame:
    """Return the share of home wins in all earlier seasons, by kind; a half on neutral ground.

    Parameters and columns as in `odds_from_scores`, with the ranker 'climatology'.
    """
    at_home = games[~games["neutral"]]
    sums = at_home.groupby(["kind", "season"])["home_won"].agg(["sum", "count"]).unstack("kind")
    past = sums.fillna(0).cumsum().shift(fill_value=0)
    rates = (past["sum"] / past["count"]).stack().rename("home_win_probability")
    rows = games[games["season"].isin(list(seasons))].join(rates, on=["season", "kind"])
    chance = rows["home_win_probability"].where(~rows["neutral"]).fillna(0.5)
    return rows.assign(ranker="climatology", home_win_probability=chance)


def market_odds(games: pd.DataFrame, market: pd.DataFrame) -> pd.DataFrame:
    """Return the closing line's probabilities of the games in table market."""
    lines = market[["game_id", "home_win_probability"]]
    return games.merge(lines, on="game_id").assign(ranker="market")


def state_odds(games: pd.DataFrame, played: pd.DataFrame) -> pd.DataFrame:
    """Return the forecast's probabilities by state of knowledge, with the states as rankers.

    A game without a state's news has the probability of the state before.

    Parameters
    ----------
    played
        Table forecast/played.
    """
    wide = played.pivot(index="game_id", columns="state", values="home_win_probability")
    states = [state for state in STATES if state in wide]
    wide = wide[states].ffill(axis=1)
    long = wide.melt(ignore_index=False, value_name="home_win_probability", var_name="ranker")
    return games.merge(long[long["ranker"] != "schedule"].reset_index(), on="game_id")


def _with_scores(games: pd.DataFrame, scores: pd.DataFrame) -> pd.DataFrame:
    sides = scores.set_index(["season", "as_of", "team_id"])["score"]
    values = {}
    for side in ("home", "away"):
        key = pd.MultiIndex.from_frame(games[["season", "as_of", f"{side}_id"]])
        values[f"{side}_score"] = sides.reindex(key).to_numpy()
    return games.assign(**values).dropna(subset=list(values)).reset_index(drop=True)


def _design(rows: pd.DataFrame, past: NDArray[np.bool_]) -> Floats:
    """Return [games, 5]: home court, difference and its changes, scaled by the past games."""
    gap = (rows["home_score"] - rows["away_score"]).to_numpy(dtype=np.float64)
    sd = gap[past].std()
    gap = gap / sd if sd > 0 else gap
    court = (~rows["neutral"].to_numpy(dtype=bool)).astype(float)
    playoffs = (rows["kind"] == "playoffs").to_numpy(dtype=float)
    share = rows["season_share"].to_numpy(dtype=np.float64)
    return np.column_stack([court, court * playoffs, gap, gap * share, gap * playoffs])


def forecast_odds(games: pd.DataFrame, forecast: pd.DataFrame) -> pd.DataFrame:
    """Return the forecast's own probabilities of the same games on the same snapshots.

    Parameters
    ----------
    games
        From `snapshot_games`.
    forecast
        Table forecast/games; games beyond the horizon of their snapshot are dropped.

    Returns
    -------
    pandas.DataFrame
        The columns of `games`, ranker 'ensemble', home_win_probability.
    """
    chances = forecast[["game_id", "as_of", "home_win_probability"]]
    rows = games[games["season"].isin(set(forecast["season"]))]
    known = rows.merge(chances, on=["game_id", "as_of"])
    if len(known) < len(rows):
        log.info("%d games are beyond the horizon of their snapshot", len(rows) - len(known))
    return known.assign(ranker="ensemble")
