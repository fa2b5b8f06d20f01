"""Parameters of the explanations."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section


class ExplainParams(Section):
    """How base models are explained."""

    path: ClassVar[str] = "explain"
    score: Literal["margin", "rank"] = Field(
        description="Which score of the base models is explained. margin: points per game against "
        "an average team; rank: places. A Deep Set that was not trained on margins is explained "
        "by rank all the same.",
    )
    gradient_steps: int = Field(
        ge=8,
        le=1024,
        description="Points of the path of integrated gradients. More points miss the score by "
        "less; teams missed by more than the tolerance are done again with four times as many.",
    )
    completeness_tolerance: float = Field(
        gt=0.0,
        le=1.0,
        description="How far a team's attributions may add up beside its score, as a share of the "
        "standard deviation of scores; what lies beyond is counted and reported.",
    )
