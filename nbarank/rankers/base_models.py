"""The three base models, and their scores of the current season.

CONTRIBUTING.md has the recipe for a further ranker.
"""

from __future__ import annotations

from nbarank.core.tables import write_table
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.out_of_fold import FINAL, MODELS
from nbarank.rankers.trees.forest import ForestRanker
from nbarank.rankers.trees.xgb import XgbRanker
from nbarank.schemas.columns import KEY
from nbarank.schemas.oof import oof_table
from nbarank.schemas.season_split import RESULTS

BASE_RANKERS = (DeepSetRanker, XgbRanker, ForestRanker)
"""Models A, B and C."""


def score_current(inputs: RankerInputs) -> None:
    """Write current/results/oof/MODEL: scores by the models fitted on every ended season.

    `inputs` has the described teams of current seasons, and rosters with `player_name`.
    """
    assert inputs.rosters is not None
    rosters = inputs.rosters.drop(columns="player_name")
    for kind in BASE_RANKERS:
        ranker = kind.load(MODELS / kind.name / FINAL)
        teams = inputs.teams[[*KEY, *(ranker.team_columns or ())]]
        scores = ranker.predict(RankerInputs(teams, rosters))
        write_table(oof_table(kind.name), scores, RESULTS)
