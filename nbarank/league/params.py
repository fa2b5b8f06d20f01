"""Parameters of the as-of grid."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, model_validator

from nbarank.core.sections import Section


class SnapshotsParams(Section):
    """Days as of which every season is described and forecast."""

    path: ClassVar[str] = "snapshots"
    every_days: int = Field(ge=1, le=60, description="Days between two as-of dates.")
    checkpoints: tuple[Annotated[float, Field(ge=0, le=1)], ...] = Field(
        min_length=1, description="Shares of the season to score; 0: before its first game."
    )

    @model_validator(mode="after")
    def _checkpoints_ascend(self) -> SnapshotsParams:
        if list(self.checkpoints) != sorted(set(self.checkpoints)):
            raise ValueError("checkpoints must ascend without repeats")
        return self
