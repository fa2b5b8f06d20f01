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
    bootstrap_samples: int = Field(
        ge=100, le=1_000_000, description="Bootstrap samples of whole seasons."
    )
    interval: float = Field(
        ge=0.5, le=0.999, description="Nominal coverage; 0.95 covers about 0.90 (docs/metrics.md)."
    )
    reliability_bins: int = Field(
        ge=2, le=50, description="Bins of equal width of reliability diagrams and ECE."
    )
