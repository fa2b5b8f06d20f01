"""Parameters of the stack, the calibration and the playoff residual."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section


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


class PlayoffResidualParams(Section):
    """How strength in the playoffs differs from strength before them."""

    path: ClassVar[str] = "playoff_residual"
    use: bool = Field(
        description="Add the learnt difference to the strength with which the playoffs are played. "
        "Off: on the training seasons it made playoff games worse, see docs/experiments.md."
    )
    alphas: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1,
        description="Ridge penalties per game, for standardised inputs; the one is taken that does "
        "best on whole seasons left out, the heaviest where a single season is known.",
    )
    late_share: float = Field(
        gt=0.0,
        le=1.0,
        description="Strength before the playoffs is its mean over this last share of the season: "
        "teams rest players at the end.",
    )
