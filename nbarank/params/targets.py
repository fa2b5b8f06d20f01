"""Parameters of the targets that training and evaluation share."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from nbarank.params.base import Section


class TargetsParams(Section):
    """What the end of a season is taken to be."""

    path: ClassVar[str] = "targets"
    playoff_definition: Literal["performance", "eos_final"] = Field(
        description="What playoff_outcome ranks. performance: the 16 playoff teams by playoff "
        "wins, then the others by record; eos_final: champion, other playoff teams, lottery "
        "teams, the first two eliminated last."
    )
