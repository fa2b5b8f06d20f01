"""Parameters of the scorecard."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class EvaluationParams(Section):
    """How rankings are scored."""

    path: ClassVar[str] = "evaluation"
    sleeper_slots: int = Field(
        ge=1,
        le=20,
        description="A sleeper ends at least so many places better than the standings to date "
        "say. At 5, seven or eight of thirty teams are ones at 10 % of a season, four at half of "
        "it, one or two at 75 %.",
    )
    bootstrap_samples: int = Field(
        ge=100,
        le=1_000_000,
        description="Resamplings of whole seasons behind every interval. 10,000 settle the ends "
        "to about a hundredth of the interval's width.",
    )
    interval: float = Field(
        ge=0.5,
        le=0.999,
        description="Coverage asked of the intervals. With eight seasons the real coverage of "
        "0.95 is nearer to 0.90 (docs/metrics.md).",
    )
    reliability_bins: int = Field(
        ge=2,
        le=50,
        description="Bins of equal width of the reliability diagrams and of ECE.",
    )
