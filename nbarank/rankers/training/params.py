"""Parameters of targets and folds, shared by all base models."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section

Ranking = Literal["final_rank", "playoff_outcome"]


class TargetsParams(Section):
    """What all base models are trained on."""

    path: ClassVar[str] = "targets"
    playoff_definition: Literal["performance", "eos_final"] = Field(
        description="What playoff_outcome ranks. performance: the 16 playoff teams by playoff "
        "wins, the others by record; eos_final: champion, other playoff teams, lottery teams, "
        "the first two eliminated last."
    )
    margin_horizon_days: int | None = Field(
        ge=1,
        le=365,
        description="The margin target is the mean margin of the next N days; null: of the rest "
        "of the season.",
    )


class CvParams(Section):
    """How seasons are folded for out-of-fold scores."""

    path: ClassVar[str] = "cv"
    scheme: Literal["walk_forward", "season_kfold"] = Field(
        description="walk_forward: each season is scored by models of the seasons before it; "
        "season_kfold: training seasons in folds of whole seasons, later seasons by one model."
    )
    n_folds: int = Field(
        ge=2,
        le=20,
        description="Folds of season_kfold; no more than there are training seasons are made.",
    )
