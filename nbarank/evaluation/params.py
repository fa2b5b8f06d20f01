"""Parameters of the scorecard."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class EvaluationParams(Section):
    """How rankings are scored."""

    path: ClassVar[str] = "evaluation"
    sleeper_slots: int = Field(
        ge=1, le=20, description="Ranks gained on the standings to date that make a sleeper."
    )
    interval: float = Field(
        ge=0.5, le=0.999, description="Coverage of the t intervals over seasons."
    )
    reliability_bins: int = Field(
        ge=2, le=50, description="Bins of equal width of reliability diagrams and ECE."
    )
