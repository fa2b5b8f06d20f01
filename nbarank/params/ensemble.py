"""Parameters of the ensemble: folds, stack, calibration."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.params.base import Section


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
        description="Folds of season_kfold; no more than there are training seasons are made. "
        "Origin of 5: an earlier Optuna study's best trial.",
    )


class StackingParams(Section):
    """How base models become one strength."""

    path: ClassVar[str] = "stacking"
    models: tuple[Literal["deepset", "xgb", "rf"], ...] = Field(
        description="Base models that may enter the stack; the stack gives each its weight."
    )
    passthrough: tuple[str, ...] = Field(
        description="Columns in points, of features/ratings or features/roster_teams, that enter "
        "beside the base models. A small blend beats one with every feature."
    )
    horizon_days: int | None = Field(
        ge=1,
        le=400,
        description="Days after the as-of date whose games the strength is fitted on; null takes "
        "the rest of the season, playoffs included.",
    )
    alphas: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1,
        description="Ridge penalties that RidgeCV chooses from, judged on whole seasons left out.",
    )
    non_negative: bool = Field(
        description="Refuse negative weights, so that no model is read upside down."
    )
    use_confidence: bool = Field(
        description="Let each base model's own uncertainty damp its score before it is stacked."
    )
    season_share: bool = Field(
        description="Let the weights change linearly with how far the season has gone."
    )
    shrink_to_mean: bool = Field(
        description="Penalise the distance from the plain mean of the inputs, not from zero: few "
        "seasons cannot tell good models apart.",
    )

    @model_validator(mode="after")
    def _something_to_stack(self) -> StackingParams:
        if not self.models and not self.passthrough:
            raise ValueError("models and passthrough cannot both be empty")
        return self


class CalibrationParams(Section):
    """How a difference in strength becomes the probability of winning a game."""

    path: ClassVar[str] = "calibration"
    method: Literal["stacked", "per_model"] = Field(
        description="Where Platt's logistic curve is fitted: on the stacked strength, or on each "
        "model's score with the probabilities combined. Both stand in the scorecard."
    )
    regularisation: float = Field(
        gt=0,
        le=1e6,
        description="Inverse penalty C of the logistic curve; large is no penalty.",
    )


class TreeInputsParams(Section):
    """What the tree models see of a team."""

    path: ClassVar[str] = "model_b.inputs"
    columns: tuple[str, ...] = Field(
        min_length=1,
        description="Columns of features/ratings, features/teams and features/roster_teams for "
        "XGBoost and the forest. A dozen serve better than all: few seasons, many near copies.",
    )
