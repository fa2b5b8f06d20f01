"""Out-of-fold scores: every season is scored by a model that was fitted without it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

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
    on_fitted: Callable[[Fold, Ranker], None] | None = None,
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
    on_fitted
        Called after each fit.
    """
    scores = []
    for fold in folds:
        log.info("training on %s to %s", fold.train[0], fold.train[-1])
        ranker = make_ranker().fit(training.restrict(fold.train), seed)
        scores.append(ranker.predict(inputs.restrict(fold.score)))
        if on_fitted is not None:
            on_fitted(fold, ranker)
    return pd.concat(scores).sort_values(KEY, kind="stable", ignore_index=True)


def score_out_of_fold(
    stage: Stage,
    make_ranker: Callable[[bool], Ranker],
    inputs: RankerInputs,
    ranking: str,
    on_fitted: Callable[[str, Ranker], None] | None = None,
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

    scores = out_of_fold(
        lambda: make_ranker(False),
        folds_of(seasons, cv, roles),
        inputs,
        training,
        seed,
        lambda fold, ranker: keep(fold.score[0], ranker),
    )
    keep(FINAL, make_ranker(True).fit(training, seed))
    write_table(oof_table(name), scores)
