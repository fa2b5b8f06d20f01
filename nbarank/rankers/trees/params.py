"""Parameters of the tree models: XGBoost (Model B) and the random forest (Model C)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section
from nbarank.rankers.training.params import Ranking


class TreesParams(Section):
    """Inputs and target of Models B and C."""

    path: ClassVar[str] = "trees"
    columns: tuple[str, ...] = Field(
        min_length=1, description="Columns of the three feature tables."
    )
    rank_target: Ranking = Field(description="Ranking that the rank score predicts.")
    monotone: bool = Field(description="Keep the direction that nbarank/schemas declares.")


class XgbParams(Section):
    """Model B: XGBoost on the team features."""

    path: ClassVar[str] = "model_b"
    max_depth: int = Field(ge=1, le=12, description="Depth of a tree.")
    learning_rate: float = Field(gt=0, le=1, description="Shrinkage of each tree.")
    n_estimators: int = Field(
        ge=1, le=5000, description="Trees per member; the maximum with early stopping."
    )
    subsample: float = Field(gt=0, le=1, description="Share of the rows each tree sees.")
    colsample_bytree: float = Field(gt=0, le=1, description="Share of features each tree sees.")
    min_child_weight: float = Field(ge=0, le=1000, description="Minimum row weight in a leaf.")
    reg_lambda: float = Field(ge=0, le=1000, description="L2 penalty on the leaves.")
    reg_alpha: float = Field(ge=0, le=1000, description="L1 penalty on the leaves.")
    bags: int = Field(
        ge=1, le=50, description="Members with random season weights; their SD is the uncertainty."
    )
    early_stopping_rounds: int = Field(
        ge=0, le=500, description="Trees without improvement before stopping; 0: off."
    )
    early_stopping_seasons: int = Field(
        ge=1, le=5, description="Newest training seasons held out for early stopping."
    )


class ForestParams(Section):
    """Model C: random forest on the team features."""

    path: ClassVar[str] = "model_c"
    n_estimators: int = Field(ge=1, le=5000, description="Trees in 8 groups; the rest is dropped.")
    min_samples_leaf: int = Field(ge=1, le=1000, description="Minimum row weight in a leaf.")
    max_depth: int = Field(
        ge=1, le=40, description="Depth of a tree; the maximum with early stopping."
    )
    max_features: float = Field(gt=0, le=1, description="Share of features tried at a split.")
    early_stopping_rounds: int = Field(
        ge=0, le=20, description="Levels without improvement before stopping; 0: off."
    )
    early_stopping_seasons: int = Field(
        ge=1, le=5, description="Newest training seasons held out for early stopping."
    )
