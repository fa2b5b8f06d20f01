"""Parameters of the simulated league."""

from __future__ import annotations

from typing import ClassVar, Self

from pydantic import Field, model_validator

from nbarank.core.params import season_label
from nbarank.core.sections import Section


class SimulatedParams(Section):
    """The made-up league: its size, its seed, and the few forces a user may want to turn."""

    path: ClassVar[str] = "data.simulated"
    seed: int = Field(
        ge=0,
        le=2**31 - 1,
        description="Seed of the league. Another seed is another league: other players, other "
        "champions. Apart from repro.seed, so that models can be re-seeded on the same league.",
    )
    first_season: str = Field(
        pattern=r"^(19|20)\d{2}-\d{2}$",
        description="Label of the first season, as '2010-11'. Also decides which seasons have a "
        "play-in (from 2020-21 on, as in the NBA).",
    )
    n_seasons: int = Field(
        ge=1,
        le=40,
        description="Seasons to simulate. One season costs about a second and 20 MB of memory.",
    )
    n_teams: int = Field(
        ge=16,
        le=30,
        multiple_of=2,
        description="Teams, half of them in each conference. Three divisions a conference where "
        "the number divides by three, else two, else one; a play-in needs at least 20 teams. With "
        "16 all are in the playoffs: a league to generate, not one for the playoff classifier.",
    )
    games: int = Field(
        ge=30,
        le=82,
        multiple_of=2,
        description="Regular-season games of a team, half of them at home. 82 with 30 teams "
        "gives the NBA's pattern: 4 in the division, 3 or 4 in the conference, 2 outside.",
    )
    home_court: float = Field(
        ge=0.0,
        le=10.0,
        description="Points the home team is better off in the regular season.",
    )
    game_sd: float = Field(
        ge=5.0,
        le=20.0,
        description="SD of what decides a game beside strength, in points. 11.2 gives standings "
        "as reliable as the NBA's; more makes them noisier. Margins of decided games vary more.",
    )
    talent_spread: float = Field(
        ge=0.2,
        le=2.0,
        description="Factor on the spread of the players' impact. 1 is the NBA's.",
    )
    form_sd: float = Field(
        ge=0.0,
        le=4.0,
        description="SD of a team's form in points, which drifts with a memory of 35 days. What "
        "absences do to a team comes on top: with both, 1 gives the NBA's drift.",
    )
    absences: float = Field(
        ge=0.0,
        le=3.0,
        description="Factor on the rate of injuries and rest. 1 is the NBA's: 13 % of the games "
        "of players with 20 or more minutes.",
    )
    movement: float = Field(
        ge=0.0,
        le=2.0,
        description="Factor on how often players change teams, in summer and by trade. 1 is the "
        "NBA's.",
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
