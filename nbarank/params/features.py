"""Parameters of the features: windows, feature lists, rosters and optional inputs."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from nbarank.params.base import Section


class FeatureParams(Section):
    """What teams and players are described by, as of a date."""

    path: ClassVar[str] = "features"
    rolling_windows: list[Annotated[int, Field(ge=1, le=82)]] = Field(
        min_length=1,
        max_length=4,
        description="Lengths, in games, of the rolling windows of team and player form.",
    )
    include_features: list[str] = Field(
        min_length=1,
        description="Team features to compute, by their name in docs/data-dictionary.md.",
    )
    exclude_features: list[str] = Field(
        description="Team features to leave out although they are included above: for trying a "
        "list with one feature less.",
    )
    recent_games: int = Field(
        ge=1, le=10, description="How many of the latest games are features one by one."
    )
    shrink_games: float = Field(
        ge=0,
        le=50,
        description="Games at last season's (regressed) value added to a team's rates, so that "
        "the first week is not read as the season; they fade out of a rolling window as it fills.",
    )
    carry_over: float = Field(
        ge=0,
        le=1,
        description="Share of a team's distance from the league's mean that its rates are "
        "expected to keep from season to season.",
    )
    late_season_days: int = Field(
        ge=0,
        le=120,
        description="Days before the end of the regular season from which on it counts as late.",
    )
    rotation_minutes: float = Field(
        ge=0, le=48, description="Minutes per game from which on a player is of the rotation."
    )
    roster_size: int = Field(
        ge=5, le=20, description="Player slots of a team's roster, by recent minutes."
    )
    injuries: bool = Field(
        description="Use injury reports where the raw data holds them (known from the next day)."
    )
    external_ratings: bool = Field(
        description="Use external player ratings of the previous season where there are any."
    )

    @field_validator("rolling_windows")
    @classmethod
    def _distinct_windows(cls, value: list[int]) -> list[int]:
        if min(value) < 1 or len(set(value)) < len(value):
            raise ValueError("windows must be at least 1 game long and differ")
        return value
