"""Parameters of the simulated league."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from nbarank.core.params import season_label
from nbarank.core.sections import Section


class SimulatedParams(Section):
    """The simulated league: size, seed and strength of its effects."""

    path: ClassVar[str] = "data.simulated"
    seed: int = Field(ge=0, le=2**31 - 1, description="Seed of the league; not repro.seed.")
    first_season: str = Field(
        pattern=r"^(19|20)\d{2}-\d{2}$", description="First season; play-in from 2020-21."
    )
    n_seasons: int = Field(ge=1, le=40, description="Seasons; each takes 1 s and 20 MB of memory.")
    n_teams: int = Field(
        ge=16, le=30, multiple_of=2, description="Teams, an even number; a play-in needs 20."
    )
    games: int = Field(
        ge=30, le=82, multiple_of=2, description="Regular-season games of a team, an even number."
    )
    home_court: float = Field(
        ge=0.0, le=10.0, description="Home advantage in the regular season, in points."
    )
    game_sd: float = Field(
        ge=5.0, le=20.0, description="SD of chance in a game, in points; 11.2 is like the NBA."
    )
    talent_spread: float = Field(
        ge=0.2, le=2.0, description="Factor on the SD of players' impact; 1 is like the NBA."
    )
    form_sd: float = Field(
        ge=0.0, le=4.0, description="SD of a team's form, in points; 1 is like the NBA."
    )
    absences: float = Field(
        ge=0.0, le=3.0, description="Factor on injuries and rest; 1 is like the NBA."
    )
    movement: float = Field(
        ge=0.0, le=2.0, description="Factor on trades and summer moves; 1 is like the NBA."
    )

    @model_validator(mode="after")
    def _label_is_consistent(self) -> Self:
        expected = season_label(int(self.first_season[:4]))
        if self.first_season != expected:
            raise ValueError(f"first_season must read '{expected}'")
        return self

    def seasons(self) -> tuple[str, ...]:
        """Return the labels of all seasons in time order."""
        first = int(self.first_season[:4])
        return tuple(season_label(year) for year in range(first, first + self.n_seasons))
