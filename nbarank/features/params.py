"""Parameters of the features of teams and players."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field, field_validator

from nbarank.core.sections import Section


class FeatureParams(Section):
    """What teams and players are described by, as of a date."""

    path: ClassVar[str] = "features"
    rolling_windows: list[Annotated[int, Field(ge=1, le=82)]] = Field(
        min_length=1,
        max_length=4,
        description="Lengths, in games, of the rolling windows of team and player form.",
    )
    include_features: list[str] | None = Field(
        min_length=1, description="Team features to compute (docs/data-dictionary.md); null: all."
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


class PlayerParams(Section):
    """How a player's history becomes his impact and his expected minutes.

    Memories are e-folding times on the league's own clock: days on which games were played, plus
    `summer_days` for every summer.
    """

    path: ClassVar[str] = "players"
    summer_days: float = Field(
        ge=0,
        le=365,
        description="How much a summer ages what is known of a player, in days with games.",
    )
    box_memory: float = Field(
        gt=0, le=5000, description="Memory of the box-score rates behind box plus-minus, in days."
    )
    box_prior_possessions: float = Field(
        ge=0,
        le=20000,
        description="Possessions at the league's mean rates added to every player's own, so that "
        "a few good games are not read as a star.",
    )
    box_ridge: float = Field(
        ge=0,
        le=1e6,
        description="Ridge of the box plus-minus regression, on standardised box-score rates.",
    )
    impact_memory: float = Field(
        gt=0, le=5000, description="Memory of plus-minus in the ridge RAPM-lite, in days."
    )
    impact_shrinkage: float = Field(
        gt=0,
        le=1000,
        description="Pull of a player's impact towards box plus-minus, in games of 48 minutes; "
        "pure RAPM is pulled as strongly towards an average player.",
    )
    on_court_weight: float = Field(
        ge=0,
        le=1,
        description="Weight of a player's own plus-minus row against the row of the whole game: "
        "ten men share a score, so their rows are not ten independent observations.",
    )
    minutes_memory: float = Field(
        gt=0, le=365, description="Memory of the decayed minutes per game, in days."
    )
    minutes_memory_short: float = Field(
        gt=0, le=365, description="Memory of the decayed minutes that follow a change of role."
    )
    minutes_window: int = Field(
        ge=1, le=41, description="Games ahead whose minutes the expected minutes are fitted to."
    )
    minutes_ridge: float = Field(
        ge=0,
        le=1e6,
        description="Ridge of the regression of expected minutes, on standardised terms.",
    )
    minutes_seasons: int = Field(
        ge=1,
        le=50,
        description="Latest earlier seasons that the regression of expected minutes is fitted to.",
    )
    newcomer_impact: float = Field(
        ge=-10,
        le=10,
        description="Points per 48 minutes of players not on the roster yet, who play the minutes "
        "that the roster is not expected to play.",
    )
    absent_games: int = Field(
        ge=1,
        le=82,
        description="Games of his team a player must have missed in a row to count as absent.",
    )
    new_games: int = Field(
        ge=1, le=82, description="Games with his team up to which a player counts as new."
    )
    prior_games: float = Field(
        ge=0,
        le=82,
        description="Games at last season's averages that are added to the season to date; they "
        "fade with every game played.",
    )
    injury_report_days: int = Field(
        ge=1, le=30, description="Days for which the latest injury report is still believed."
    )
