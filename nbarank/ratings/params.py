"""Parameters of the team ratings: Elo, least-squares ratings (SRS, Massey), Pythagorean."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class EloParams(Section):
    """Elo with margin of victory, after FiveThirtyEight (2015)."""

    path: ClassVar[str] = "ratings.elo"
    mean: float = Field(
        ge=0, le=5000, description="Rating of an average team; ratings fall back towards it."
    )
    home_advantage: float = Field(
        ge=0, le=400, description="Elo points added to the home team, unless the ground is neutral."
    )
    k_start: float = Field(
        ge=0,
        le=200,
        description="K of a team's first game of a season: early results say more than the last "
        "season does.",
    )
    k_end: float = Field(
        ge=0, le=200, description="K once k_fall_games are played, and in the playoffs."
    )
    k_fall_games: int = Field(
        ge=1, le=82, description="Games over which K falls, linearly, from k_start to k_end."
    )
    cold_start_games: int = Field(
        ge=0,
        le=82,
        description="First games of a team with no season behind it (in the data), played at "
        "cold_start_k.",
    )
    cold_start_k: float = Field(
        ge=0, le=200, description="K of a team without history, whose rating is only the mean."
    )
    carry_over: float = Field(
        ge=0, le=1, description="Share of the distance to the mean kept from season to season."
    )
    margin_offset: float = Field(
        ge=0, le=50, description="Points added to the margin before the exponent."
    )
    margin_exponent: float = Field(
        ge=0, le=2, description="Below 1, the tenth point of a margin counts less than the first."
    )
    margin_scale: float = Field(
        gt=0, le=50, description="Divides the margin's weight: larger means slower ratings."
    )
    margin_favourite: float = Field(
        ge=0,
        le=0.02,
        description="Damping per Elo point by which the winner was favoured, so that favourites "
        "do not inflate themselves.",
    )


class SrsParams(Section):
    """Least-squares ratings of margins: SRS, Massey, and SRS carried over from last season."""

    path: ClassVar[str] = "ratings.srs"
    ridge_games: float = Field(
        ge=0,
        le=100,
        description="Games at the league's average that every team is given at the season's start "
        "in srs and massey, so that three results do not make a champion.",
    )
    ridge_fade_games: int = Field(
        ge=1,
        le=82,
        description="Games per team after which that ridge has faded to nothing: from there srs "
        "is the published Simple Rating System.",
    )
    carried_ridge_games: float = Field(
        gt=0,
        le=100,
        description="Games at last season's (regressed) rating that every team is given in "
        "srs_carried, all season long. About the variance of a game's margin over the "
        "variance of a team's change between seasons.",
    )
    carry_over: float = Field(
        ge=0, le=1, description="Share of last season's srs_carried kept as this season's start."
    )
    home_court: float = Field(
        ge=0, le=10, description="Points of home advantage assumed before the first season."
    )
    home_ridge_games: float = Field(
        gt=0,
        le=10000,
        description="Games that last season's home advantage weighs when this season's is fitted.",
    )


class PythagoreanParams(Section):
    """Expected share of wins from points scored and allowed."""

    path: ClassVar[str] = "ratings.pythagorean"
    exponent: float = Field(
        gt=0, le=30, description="Exponent of the points; 13.91 for the NBA (Morey, 1994)."
    )
    shrink_games: float = Field(
        ge=0,
        le=50,
        description="Games at the league's average score added on both sides, so that one rout "
        "does not predict 82 wins.",
    )
