"""What the three out-of-fold stages share: read the tables, run the folds, keep the models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from nbarank.ensemble.folds import Fold
from nbarank.ensemble.inputs import RANK_COLUMNS, folds_of
from nbarank.ensemble.oof import out_of_fold
from nbarank.in_progress import HISTORY
from nbarank.params.ensemble import CvParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.params.targets import TargetsParams
from nbarank.rankers.contract import Ranker, RankerInputs, TrainingData
from nbarank.rankers.targets import build_targets, game_targets
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.scores import oof_table
from nbarank.stage import Stage
from nbarank.tables import read_table, write_table

MODELS = Path("models")


def score_out_of_fold(
    stage: Stage,
    make_ranker: Callable[[bool], Ranker],
    inputs: RankerInputs,
    rank_target: str,
    horizon_days: int | None,
    on_fitted: Callable[[str, Ranker], None] | None = None,
) -> None:
    """Write oof/<model>, and every fold's model below models/<model>.

    `inputs` come from data/history, so a season in progress is neither learnt from nor scored.
    A fold's model lies in a folder named by the season it scores; `final` has learnt from every
    season that has ended; for it `make_ranker` is called with True.
    """
    repro, seasons, cv = (
        stage.params(ReproParams),
        stage.params(SeasonsParams),
        stage.params(CvParams),
    )
    outcomes, games = read_table(OUTCOMES), read_table(GAMES, HISTORY)
    ended = set(outcomes["season"])
    roles = [s for s in (*seasons.train, *seasons.test, *seasons.holdout) if s in ended]
    learnt = inputs.restrict(frozenset(roles))
    dates = learnt.teams[["season", "as_of"]].drop_duplicates()
    column = RANK_COLUMNS[rank_target, stage.params(TargetsParams).playoff_definition]
    training = TrainingData(
        learnt,
        build_targets(learnt.teams, outcomes, games, column, horizon_days),
        game_targets(games[games["season"].isin(roles)], dates, horizon_days),
    )
    name = make_ranker(False).name

    def keep(label: str, ranker: Ranker) -> None:
        ranker.save(MODELS / name / label)
        if on_fitted is not None:
            on_fitted(label, ranker)

    folds = folds_of(seasons, cv, roles)
    scores = out_of_fold(
        lambda: make_ranker(False),
        folds,
        inputs,
        training,
        repro.seed,
        lambda fold, ranker: keep(_label(fold), ranker),
    )
    keep("final", make_ranker(True).fit(training, repro.seed))
    write_table(oof_table(name), scores)


def _label(fold: Fold) -> str:
    return fold.score[0]
