"""Out-of-fold scores: every season scored by a model that was trained without it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.stage import Stage
from nbarank.core.tables import read_table, write_table
from nbarank.rankers.training.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.training.described_teams import RANK_COLUMNS
from nbarank.rankers.training.folds import Fold, folds_of
from nbarank.rankers.training.params import CvParams, TargetsParams
from nbarank.rankers.training.targets import build_targets, game_targets
from nbarank.schemas.columns import KEY
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import ENDED, RESULTS

log = logging.getLogger(__name__)
MODELS, FINAL = Path("models"), "final"


def out_of_fold(
    make_ranker: Callable[[], Ranker],
    folds: Sequence[Fold],
    inputs: RankerInputs,
    training: TrainingData,
    seed: int,
    on_fitted: Callable[[Fold, Ranker], None] | None = None,
) -> pd.DataFrame:
    """Train one model a fold and score the fold's seasons with it.

    Parameters
    ----------
    make_ranker
        Returns a fresh, unfitted ranker.
    folds
        From `nbarank.rankers.training.folds`.
    inputs
        All described teams; a fold is predicted on the rows of `fold.score` alone.
    training
        Rows to learn from (may be fewer dates than `inputs` has); a fold learns from the rows of
        `fold.train` alone.
    seed
        The same for every fold: a fold's model depends on its training seasons, not on its place.
    on_fitted
        Called after each fit, for curves and diagnostics.

    Returns
    -------
    pandas.DataFrame
        In the layout of table oof/<model>: one row a team as of a date, sorted by key.
    """
    scores = []
    for fold in folds:
        log.info("training on %s to %s", fold.train[0], fold.train[-1])
        ranker = make_ranker().fit(training.restrict(frozenset(fold.train)), seed)
        scores.append(ranker.predict(inputs.restrict(frozenset(fold.score))))
        if on_fitted is not None:
            on_fitted(fold, ranker)
    return pd.concat(scores, ignore_index=True).sort_values(
        ["season", "as_of", "team_id"], kind="stable", ignore_index=True
    )


def score_out_of_fold(
    stage: Stage,
    make_ranker: Callable[[bool], Ranker],
    inputs: RankerInputs,
    rank_target: str,
    on_fitted: Callable[[str, Ranker], None] | None = None,
) -> None:
    """Write oof/<model>, and the model of every fold below models/<model>.

    Parameters
    ----------
    stage
        Must declare `repro`, `seasons`, `cv` and `targets`.
    make_ranker
        Returns an unfitted ranker; called with True for the final model.
    inputs
        Described teams of ended seasons, so that the current season is neither fitted nor scored.
    rank_target
        'final_rank' or 'playoff_outcome'.
    on_fitted
        Called after each fit with the name of the model's folder: the season that it scores, or
        `final` for the model fitted on every ended season.
    """
    seed, cv = stage.params(ReproParams).seed, stage.params(CvParams)
    seasons, targets = stage.params(SeasonsParams), stage.params(TargetsParams)
    outcomes, games = read_table(OUTCOMES, ENDED), read_table(GAMES, ENDED)
    ended = set(outcomes["season"])
    roles = [s for s in (*seasons.train, *seasons.validation, *seasons.test) if s in ended]
    learnt = inputs.restrict(frozenset(roles))
    dates = learnt.teams[["season", "as_of"]].drop_duplicates()
    column = RANK_COLUMNS[rank_target, targets.playoff_definition]
    horizon = targets.margin_horizon_days
    training = TrainingData(
        learnt,
        build_targets(learnt.teams, outcomes, games, column, horizon),
        game_targets(games[games["season"].isin(roles)], dates, horizon),
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


def score_current(kind: type[Ranker], now: RankerInputs) -> None:
    """Write current/results/oof/<model>: scores by the model fitted on every ended season.

    `now` has the described teams of the current seasons, and their rosters.
    """
    assert now.rosters is not None
    ranker = kind.load(MODELS / kind.name / FINAL)
    teams = now.teams[[*KEY, *(ranker.team_columns or ())]]
    scores = ranker.predict(RankerInputs(teams, now.rosters.drop(columns="player_name")))
    write_table(oof_table(kind.name), scores, RESULTS)
