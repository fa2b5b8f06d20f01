"""What stack and calibrate share: the base models' scores and the columns passed through."""

from __future__ import annotations

from nbarank.ensemble.inputs import chosen_columns, described_teams
from nbarank.ensemble.stacking import StackInputs, stack_inputs
from nbarank.params.ensemble import CvParams, StackingParams
from nbarank.params.seasons import SeasonsParams
from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.league import AS_OF
from nbarank.schemas.rosters import ROSTER_TEAMS
from nbarank.schemas.scores import oof_table
from nbarank.stage import Stage
from nbarank.tables import read_table


def read_stack_inputs(stage: Stage) -> StackInputs:
    """Read the out-of-fold scores and the passed-through columns."""
    params = stage.params(StackingParams)
    tables = [read_table(table) for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)]
    described = described_teams(tables, read_table(AS_OF))
    chosen = chosen_columns(described, ["season_share", *params.passthrough])
    return stack_inputs(
        chosen, {model: read_table(oof_table(model)) for model in params.models}, params
    )


def seasons_held_together(stage: Stage) -> tuple[str, ...]:
    """Return the seasons that were folded among each other: none under walk-forward."""
    together = stage.params(CvParams).scheme == "season_kfold"
    return stage.params(SeasonsParams).train if together else ()
