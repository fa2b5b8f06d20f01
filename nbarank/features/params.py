"""Parameters of the features of teams and players."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from nbarank.core.sections import Section


class FeatureParams(Section):
    """Features of teams and players as of a date."""

    path: ClassVar[str] = "features"
    rolling_windows: list[Annotated[int, Field(ge=1, le=82)]] = Field(
        min_length=1, max_length=4, description="Rolling windows of form, in games."
    )
    include_features: list[str] | None = Field(
        min_length=1, description="Team features to compute; null: all."
    )
    exclude_features: list[str] = Field(description="Included team features to leave out.")
    recent_games: int = Field(ge=1, le=10, description="Latest games that are features one by one.")
    shrink_games: float = Field(
        ge=0, le=50, description="Games at last season's value added to a team's rates."
    )
    carry_over: float = Field(
        ge=0, le=1, description="Share of the distance to the league's mean kept between seasons."
    )
    late_season_days: int = Field(
        ge=0, le=120, description="Days before the end of the season that count as late."
    )
    rotation_minutes: float = Field(
        ge=0, le=48, description="Minutes per game of a rotation player, at least."
    )
    roster_size: int = Field(ge=5, le=20, description="Players on a roster, by recent minutes.")
    injuries: bool = Field(description="Use injury reports, if any, from the day after.")
    external_ratings: bool = Field(description="Use last season's external ratings, if any.")

    @field_validator("rolling_windows")
    @classmethod
    def _distinct_windows(cls, value: list[int]) -> list[int]:
        if len(set(value)) < len(value):
            raise ValueError("windows must differ")
        return value


class PlayerParams(Section):
    """Players' impact and expected minutes; memories are e-folding times in days with games."""

    path: ClassVar[str] = "players"
    summer_days: float = Field(
        ge=0, le=365, description="Days with games that a summer counts for."
    )
    box_memory: float = Field(
        gt=0, le=5000, description="Memory of the rates behind box plus-minus, in days."
    )
    box_prior_possessions: float = Field(
        ge=0, le=20000, description="Possessions at league rates added to each player's."
    )
    box_ridge: float = Field(
        ge=0, le=1e6, description="Ridge of box plus-minus towards published weights."
    )
    impact_memory: float = Field(
        gt=0, le=5000, description="Memory of plus-minus in RAPM-lite, in days."
    )
    impact_shrinkage: float = Field(
        gt=0, le=1000, description="Games of 48 minutes at box plus-minus added to impact."
    )
    on_court_weight: float = Field(
        ge=0, le=1, description="Weight of a player's plus-minus against a game's margin."
    )
    minutes_memory: float = Field(
        gt=0, le=365, description="Memory of decayed minutes per game, in days."
    )
    minutes_memory_short: float = Field(
        gt=0, le=365, description="The same, short enough to follow a change of role."
    )
    minutes_window: int = Field(
        ge=1, le=41, description="Next games to whose minutes expected minutes are fitted."
    )
    minutes_ridge: float = Field(
        ge=0, le=1e6, description="Ridge of expected minutes, on standardised terms."
    )
    minutes_seasons: int = Field(
        ge=1, le=50, description="Latest seasons that expected minutes are fitted on."
    )
    newcomer_impact: float = Field(
        ge=-10, le=10, description="Points per 48 minutes of players not yet on the roster."
    )
    absent_games: int = Field(
        ge=1, le=82, description="Team games missed in a row that make a player absent."
    )
    new_games: int = Field(
        ge=1, le=82, description="Games with the team up to which a player is new."
    )
    prior_games: float = Field(
        ge=0, le=82, description="Games at last season's averages added to the season to date."
    )
    injury_report_days: int = Field(
        ge=1, le=30, description="Days for which the latest injury report counts."
    )
