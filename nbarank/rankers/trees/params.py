"""Parameters of the tree models (Model B, XGBoost; Model C, random forest)."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section
from nbarank.rankers.training.params import Ranking


class TreesParams(Section):
    """What XGBoost and the random forest have in common."""

    path: ClassVar[str] = "trees"
    columns: tuple[str, ...] = Field(
        min_length=1,
        description="Inputs: columns of features/ratings, features/teams and "
        "features/roster_teams. A dozen do better than all.",
    )
    rank_target: Ranking = Field(description="The ranking that the rank score is fitted to.")
    monotone: bool = Field(
        description="Keep to the direction that a column declares in nbarank/schemas: more wins "
        "never lower a score."
    )


class XgbParams(Section):
    """Gradient-boosted trees on the team features."""

    path: ClassVar[str] = "model_b"
    max_depth: int = Field(
        ge=1,
        le=12,
        description="Depth of a tree: how many features can act together. 3 was the best trial "
        "of an earlier Optuna study.",
    )
    learning_rate: float = Field(
        gt=0,
        le=1,
        description="Share of each tree's correction that is kept. 0.087 was the best trial of "
        "an earlier study.",
    )
    n_estimators: int = Field(
        ge=1,
        le=5000,
        description="Trees of one member; the most of them when early stopping is on. 235 was "
        "the best trial of an earlier study.",
    )
    subsample: float = Field(
        gt=0,
        le=1,
        description="Share of the rows each tree sees. 0.8 was the best trial of an earlier study.",
    )
    colsample_bytree: float = Field(
        gt=0,
        le=1,
        description="Share of the features each tree sees. 0.7 was the best trial of an earlier "
        "study.",
    )
    min_child_weight: float = Field(
        ge=0,
        le=1000,
        description="Least total row weight in a leaf. Rows of one season are near copies of "
        "each other (weekly dates), so more than 1 is reasonable.",
    )
    reg_lambda: float = Field(ge=0, le=1000, description="L2 penalty on the leaves.")
    reg_alpha: float = Field(ge=0, le=1000, description="L1 penalty on the leaves.")
    bags: int = Field(
        ge=1,
        le=50,
        description="Members, each fitted with its own random weights of whole seasons. Their "
        "mean is the score, their spread its uncertainty; 1 gives no uncertainty.",
    )
    early_stopping_rounds: int = Field(
        ge=0,
        le=500,
        description="Stop when so many more trees have not bettered the held-out seasons; 0 "
        "turns early stopping off, the locked number of trees is grown.",
    )
    early_stopping_seasons: int = Field(
        ge=1,
        le=5,
        description="How many of the newest training seasons are held out to find the number of "
        "trees. All seasons are used in the final fit.",
    )


class ForestParams(Section):
    """Random forest on the team features."""

    path: ClassVar[str] = "model_c"
    n_estimators: int = Field(
        ge=1,
        le=5000,
        description="Trees. 232 was the best trial of an earlier Optuna study; more cost time "
        "and change little.",
    )
    min_samples_leaf: int = Field(
        ge=1,
        le=1000,
        description="Least rows in a leaf. 5 was the best trial of an earlier study; rows of one "
        "team season are near copies of each other (weekly dates).",
    )
    max_depth: int = Field(
        ge=1,
        le=40,
        description="Depth of a tree; the greatest one tried when early stopping is on. 12 was "
        "the best trial of an earlier study.",
    )
    max_features: float = Field(
        gt=0,
        le=1,
        description="Share of the features tried at a split. A third is the usual choice for "
        "regression (Hastie, Tibshirani and Friedman, 2009, section 15.3).",
    )
    early_stopping_rounds: int = Field(
        ge=0,
        le=20,
        description="Stop deepening when so many more levels have not bettered the held-out "
        "seasons; 0 turns it off. A forest does not overfit with more trees, it does with "
        "deeper ones.",
    )
    early_stopping_seasons: int = Field(
        ge=1,
        le=5,
        description="How many of the newest training seasons are held out to find the depth. All "
        "seasons are used in the final fit.",
    )
