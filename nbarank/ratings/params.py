"""Parameters of the team ratings: Elo, least-squares ratings (SRS, Massey), Pythagorean."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.core.sections import Section


class EloParams(Section):
    """Elo with margin of victory, after FiveThirtyEight (2015)."""

    path: ClassVar[str] = "ratings.elo"
    mean: float = Field(ge=0, le=5000, description="Rating of an average team.")
    home_advantage: float = Field(
        ge=0, le=400, description="Elo points added for the home team; none on neutral ground."
    )
    k_start: float = Field(ge=0, le=200, description="K of a team's first game of a season.")
    k_end: float = Field(ge=0, le=200, description="K after k_fall_games, and in the playoffs.")
    k_fall_games: int = Field(
        ge=1, le=82, description="Games over which K falls linearly to k_end."
    )
    cold_start_games: int = Field(
        ge=0, le=82, description="First games of a team without a past season, at cold_start_k."
    )
    cold_start_k: float = Field(ge=0, le=200, description="K of a team without a past season.")
    carry_over: float = Field(
        ge=0, le=1, description="Share of the distance to the mean kept between seasons."
    )
    margin_offset: float = Field(
        ge=0, le=50, description="Points added to the margin before the exponent."
    )
    margin_exponent: float = Field(
        ge=0, le=2, description="Exponent of the margin; below 1, large margins count less."
    )
    margin_scale: float = Field(gt=0, le=50, description="Divisor of the margin's weight.")
    margin_favourite: float = Field(
        ge=0, le=0.02, description="Damping per Elo point by which the winner was favoured."
    )


class SrsParams(Section):
    """Least-squares ratings of margins: SRS, Massey, and SRS carried over from last season."""

    path: ClassVar[str] = "ratings.srs"
    ridge_games: float = Field(
        ge=0, le=100, description="Games at an average rating added at the start (srs, massey)."
    )
    ridge_fade_games: int = Field(
        ge=1, le=82, description="Games per team after which that ridge is 0."
    )
    carried_ridge_games: float = Field(
        gt=0, le=100, description="Games at last season's rating added (srs_carried)."
    )
    carry_over: float = Field(
        ge=0, le=1, description="Share of last season's srs_carried kept at the start."
    )
    home_court: float = Field(
        ge=0, le=10, description="Points of home advantage assumed before the first season."
    )
    home_ridge_games: float = Field(
        gt=0, le=10000, description="Weight of last season's home advantage, in games."
    )


class PythagoreanParams(Section):
    """Expected share of wins from points scored and allowed."""

    path: ClassVar[str] = "ratings.pythagorean"
    exponent: float = Field(
        gt=0, le=30, description="Exponent of the points; NBA: 13.91 (Morey, 1994)."
    )
    shrink_games: float = Field(
        ge=0, le=50, description="Games at the league's average score added to both sides."
    )
