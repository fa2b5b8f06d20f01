"""Parameters of the playoff classifier."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class PlayoffClassifierParams(Section):
    """XGBoost that says which teams will be in the playoffs."""

    path: ClassVar[str] = "playoff_classifier"
    columns: tuple[str, ...] = Field(
        min_length=1,
        description="What it sees of a team: columns of features/ratings, features/teams and "
        "features/roster_teams.",
    )
    max_depth: int = Field(ge=1, le=10, description="Depth of a tree.")
    learning_rate: float = Field(gt=0.0, le=1.0, description="Share of each tree that is kept.")
    n_estimators: int = Field(
        ge=1,
        le=5000,
        description="Trees at most; fewer where the validation season got no better.",
    )
    subsample: float = Field(gt=0.0, le=1.0, description="Share of the rows that a tree sees.")
    min_child_weight: float = Field(
        ge=0.0, le=1000.0, description="Least weight of a leaf; rows of one season are near copies."
    )
    early_stopping_rounds: int = Field(
        ge=0,
        le=500,
        description="Trees without gain on the validation season, the newest one before the "
        "season to be scored, after which no more are added; 0 takes all n_estimators.",
    )
