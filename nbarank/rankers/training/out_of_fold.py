"""Out-of-fold scores: every season is scored by a model that was fitted without it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from nbarank.core.live_curve import append_point
from nbarank.core.params import SeasonsParams
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
    make_ranker: Callable[[], Ranker],
    folds: Sequence[Fold],
    inputs: RankerInputs,
    training: TrainingData,
    seed: int,
    on_scored: Callable[[Fold, Ranker, pd.DataFrame], None] | None = None,
) -> pd.DataFrame:
    """Fit one model per fold and score the fold's seasons with it; in the layout of oof/MODEL.

    Parameters
    ----------
    make_ranker
        Returns a new, unfitted ranker.
    folds
        From `nbarank.rankers.training.folds`.
    inputs
        All described teams; a fold scores the rows of `fold.score` only.
    training
        Rows to fit (may have fewer dates than `inputs`); a fold uses those of `fold.train` only.
    seed
        The same for every fold, so a fold's model depends on its training seasons only.
    on_scored
        Called after each fold with its model and scores.
    """
    scores = []
    for fold in folds:
        log.info("training on %s to %s", fold.train[0], fold.train[-1])
        ranker = make_ranker().fit(training.restrict(fold.train), seed)
        scores.append(ranker.predict(inputs.restrict(fold.score)))
        if on_scored is not None:
            on_scored(fold, ranker, scores[-1])
    return pd.concat(scores).sort_values(KEY, kind="stable", ignore_index=True)


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

    def keep(label: str, ranker: Ranker) -> None:
        ranker.save(MODELS / name / label)
        if on_fitted is not None:
            on_fitted(label, ranker)

    curve: list[float] = []

    def scored(fold: Fold, ranker: Ranker, scores: pd.DataFrame) -> None:
        keep(fold.score[0], ranker)
        searched = scores[scores["season"].isin(seasons.validation)]
        if report_curve and len(searched):
            curve.extend(spearman_by_season(searched, training.targets))
            append_point(len(curve), sum(curve))

    scores = out_of_fold(
        lambda: make_ranker(False),
        folds_of(seasons, cv, roles),
        inputs,
        training,
        seed,
        scored,
    )
    keep(FINAL, make_ranker(True).fit(training, seed))
    write_table(oof_table(name), scores)
