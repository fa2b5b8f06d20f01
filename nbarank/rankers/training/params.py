"""Parameters of targets and folds, shared by all base models."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section

Ranking = Literal["final_rank", "playoff_outcome"]


class TargetsParams(Section):
    """Targets of all base models."""

    path: ClassVar[str] = "targets"
    playoff_definition: Literal["performance", "eos_final"] = Field(
        description="Playoff ranking (docs/data.md)."
    )
    margin_horizon_days: int | None = Field(
        ge=1, le=365, description="Days of games in the margin target; null: the season's rest."
    )


class CvParams(Section):
    """Season folds of the out-of-fold scores."""

    path: ClassVar[str] = "cv"
    scheme: Literal["walk_forward", "season_kfold"] = Field(
        description="walk_forward trains on earlier seasons only."
    )
    n_folds: int = Field(ge=2, le=20, description="Maximum number of folds of season_kfold.")
