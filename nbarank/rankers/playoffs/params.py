"""Parameters of the playoff classifier."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class PlayoffClassifierParams(Section):
    """XGBoost classifier of the playoff teams."""

    path: ClassVar[str] = "playoff_classifier"
    columns: tuple[str, ...] = Field(
        min_length=1, description="Columns of the three feature tables."
    )
    max_depth: int = Field(ge=1, le=10, description="Depth of a tree.")
    learning_rate: float = Field(gt=0.0, le=1.0, description="Shrinkage of each tree.")
    n_estimators: int = Field(ge=1, le=5000, description="Maximum number of trees.")
    subsample: float = Field(gt=0.0, le=1.0, description="Share of the rows each tree sees.")
    min_child_weight: float = Field(ge=0.0, le=1000.0, description="Minimum row weight in a leaf.")
    early_stopping_rounds: int = Field(
        ge=0, le=500, description="Trees without improvement before stopping; 0: off."
    )
