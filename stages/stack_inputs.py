"""What stack and calibrate share: the base models' scores and the columns passed through."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from nbarank.ensemble.inputs import chosen_columns, read_described_teams
from nbarank.ensemble.stacking import StackInputs, stack_inputs
from nbarank.in_progress import HISTORY
from nbarank.params.ensemble import CvParams, StackingParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.scores import oof_table
from nbarank.stage import Stage
from nbarank.tables import read_table


def read_stack_inputs(stage: Stage) -> StackInputs:
    """Read the out-of-fold scores and the passed-through columns of the ended seasons."""
    models = stage.params(StackingParams).models
    return inputs_of_stack(
        stage,
        read_described_teams(HISTORY),
        {model: read_table(oof_table(model)) for model in models},
    )


def inputs_of_stack(
    stage: Stage, described: pd.DataFrame, scores: Mapping[str, pd.DataFrame]
) -> StackInputs:
    """Line the base models' scores up with the passed-through columns."""
    params = stage.params(StackingParams)
    chosen = chosen_columns(described, ["season_share", *params.passthrough])
    return stack_inputs(chosen, {model: scores[model] for model in params.models}, params)


def seasons_held_together(stage: Stage) -> tuple[str, ...]:
    """Return the seasons that were folded among each other: none under walk-forward."""
    together = stage.params(CvParams).scheme == "season_kfold"
    return stage.params(SeasonsParams).train if together else ()
