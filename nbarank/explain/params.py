"""Parameters of the explanations."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.core.sections import Section


class ExplainParams(Section):
    """Explanations of the base models."""

    path: ClassVar[str] = "explain"
    score: Literal["margin", "rank"] = Field(
        description="Explained score: points against an average team, or places."
    )
    gradient_steps: int = Field(
        ge=8, le=1024, description="Points of the path of integrated gradients."
    )
    completeness_tolerance: float = Field(
        gt=0.0, le=1.0, description="Allowed gap to the score, in SD of scores."
    )
