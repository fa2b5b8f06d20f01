"""Parameters of the stack, the calibration and the playoff residual."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section


class StackingParams(Section):
    """The ridge stack of the base models."""

    path: ClassVar[str] = "stacking"
    models: tuple[Literal["deepset", "xgb", "rf"], ...] = Field(description="Base models to blend.")
    passthrough: tuple[str, ...] = Field(
        description="Feature columns in points that enter the blend directly."
    )
    horizon_days: int | None = Field(
        ge=1, le=400, description="Days of games that strength is fitted to; null: season's rest."
    )
    alphas: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1, description="Ridge penalties to choose from, on seasons left out."
    )
    non_negative: bool = Field(description="Allow no negative weights.")
    use_confidence: bool = Field(description="Shrink each base score by its own uncertainty.")
    season_share: bool = Field(description="Let weights change linearly through the season.")
    shrink_to_mean: bool = Field(description="Shrink towards the mean of the inputs, not zero.")

    @property
    def described_columns(self) -> tuple[str, ...]:
        """Columns of the described teams that the stack reads."""
        return ("season_share", *self.passthrough)

    @model_validator(mode="after")
    def _something_to_stack(self) -> StackingParams:
        if not self.models and not self.passthrough:
            raise ValueError("models and passthrough cannot both be empty")
        return self


class CalibrationParams(Section):
    """From differences in strength to win probabilities."""

    path: ClassVar[str] = "calibration"
    method: Literal["stacked", "per_model"] = Field(
        description="Platt curve on the stack, or one per model."
    )
    regularisation: float = Field(
        gt=0, le=1e6, description="Inverse penalty C of the logistic curve."
    )


class PlayoffResidualParams(Section):
    """Difference between strength in the playoffs and before them."""

    path: ClassVar[str] = "playoff_residual"
    use: bool = Field(description="Add it to playoff strength; off: docs/experiments.md.")
    alphas: tuple[Annotated[float, Field(gt=0)], ...] = Field(
        min_length=1, description="Ridge penalties per game to choose from."
    )
    late_share: float = Field(
        gt=0.0, le=1.0, description="Last share of the season whose mean strength counts."
    )
