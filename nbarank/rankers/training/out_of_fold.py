"""Out-of-fold scores: every season is scored by a model that was fitted without it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pandas as pd

from nbarank.core.live_curve import append_point
from nbarank.core.params import SeasonsParams
from nbarank.core.side_by_side import side_by_side
from nbarank.core.stage import Stage
from nbarank.core.tables import read_table, write_table
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.folds import Fold, folds_of
from nbarank.rankers.training.params import CvParams, TargetsParams
from nbarank.rankers.training.targets import RANK_COLUMNS, build_targets, game_targets
from nbarank.schemas.columns import KEY
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import ENDED

log = logging.getLogger(__name__)
MODELS = Path("models")
FINAL = "final"
"""Name of the model fitted on every ended season; other models are named by a season."""


def out_of_fold(
    make_ranker: Callable[[bool], Ranker],
    folds: Sequence[Fold],
    inputs: RankerInputs,
    training: TrainingData,
    seed: int,
    on_scored: Callable[[Fold, Ranker, pd.DataFrame], None] | None = None,
    processes: int = 1,
) -> pd.DataFrame:
    """Fit one model per fold and score the fold's seasons with it; in the layout of oof/MODEL.

    Parameters
    ----------
    make_ranker
        Returns a new, unfitted ranker; called with True for the final model.
    folds
        From `nbarank.rankers.training.folds`; one that scores no season is the final model's.
    inputs
        All described teams; a fold scores the rows of `fold.score` only.
    training
        Rows to fit (may have fewer dates than `inputs`); a fold uses those of `fold.train` only.
    seed
        The same for every fold, so a fold's model depends on its training seasons only.
    on_scored
        Called after each fold, in the order of `folds`, with its model and scores (no rows for the
        final model).
    processes
        Folds that are fitted at a time.
    """

    def fitted(fold: Fold) -> tuple[Ranker, pd.DataFrame]:
        log.info("training on %s to %s", fold.train[0], fold.train[-1])
        ranker = make_ranker(not fold.score).fit(training.restrict(fold.train), seed)
        scores = ranker.predict(inputs.restrict(fold.score)) if fold.score else pd.DataFrame()
        return ranker, scores

    parts = []
    work = [partial(fitted, fold) for fold in folds]
    for fold, (ranker, scores) in zip(folds, side_by_side(work, processes), strict=True):
        if fold.score:
            parts.append(scores)
        if on_scored is not None:
            on_scored(fold, ranker, scores)
    return pd.concat(parts).sort_values(KEY, kind="stable", ignore_index=True)


def spearman_by_season(scores: pd.DataFrame, targets: pd.DataFrame) -> pd.Series:
    """Return Spearman of `rank_score` with `rank_target`, mean over the dates of each season.

    Both tables have one row per season, as-of date and team. Equal scores have Spearman 0.
    """
    rows = scores[[*KEY, "rank_score"]].merge(targets[[*KEY, "rank_target"]], on=KEY)
    ranks = rows.groupby(KEY[:2])[["rank_score", "rank_target"]].rank()
    by_date = pd.concat([rows[KEY[:2]], ranks], axis=1).groupby(KEY[:2])
    correlations = by_date.corr().xs("rank_score", level=2)["rank_target"].fillna(0.0)
    return correlations.groupby("season").mean()


def score_out_of_fold(
    stage: Stage,
    make_ranker: Callable[[bool], Ranker],
    inputs: RankerInputs,
    ranking: str,
    on_fitted: Callable[[str, Ranker], None] | None = None,
    report_curve: bool = False,
    processes: int = 1,
) -> None:
    """Write oof/MODEL, and each fold's model and the final one below models/MODEL.

    Parameters
    ----------
    stage
        Must declare `repro`, `seasons`, `cv` and `targets`.
    make_ranker
        Returns an unfitted ranker; called with True for the final model.
    inputs
        Described teams of ended seasons: the current season is neither fitted nor scored.
    ranking
        Of the rank target: 'final_rank' or 'playoff_outcome'.
    on_fitted
        Called after each fit with the name of the model's folder: the first season that it
        scores, or `FINAL`.
    report_curve
        Report Spearman, summed over the validation seasons so far, after each of their folds: a
        sum, because Optuna's pruners judge a trial by its highest point, and seasons differ.
    processes
        Models that are fitted at a time.
    """
    seed, cv = stage.value("repro.seed", int), stage.params(CvParams)
    seasons, targets = stage.params(SeasonsParams), stage.params(TargetsParams)
    outcomes, games = read_table(OUTCOMES, ENDED), read_table(GAMES, ENDED)
    ended = set(outcomes["season"])
    roles = [s for s in (*seasons.train, *seasons.validation, *seasons.test) if s in ended]
    fitted = inputs.restrict(roles)
    column = RANK_COLUMNS[ranking, targets.playoff_definition]
    horizon = targets.margin_horizon_days
    training = TrainingData(
        fitted,
        build_targets(fitted.teams, outcomes, games, column, horizon),
        game_targets(games, fitted.teams, horizon),
    )
    name = make_ranker(False).name

    curve: list[float] = []

    def keep(fold: Fold, ranker: Ranker, scores: pd.DataFrame) -> None:
        label = fold.score[0] if fold.score else FINAL
        ranker.save(MODELS / name / label)
        if on_fitted is not None:
            on_fitted(label, ranker)
        if report_curve and set(fold.score) & set(seasons.validation):
            searched = scores[scores["season"].isin(seasons.validation)]
            curve.extend(spearman_by_season(searched, training.targets))
            append_point(len(curve), sum(curve))

    folds = [*folds_of(seasons, cv, roles), Fold(tuple(roles), ())]
    scores = out_of_fold(make_ranker, folds, inputs, training, seed, keep, processes)
    write_table(oof_table(name), scores)
