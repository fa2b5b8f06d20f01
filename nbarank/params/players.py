"""Parameters of player impact, expected minutes and the roster set."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from nbarank.params.base import Section


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
    embedding_buckets: int = Field(
        ge=16,
        le=2**20,
        description="Buckets that player ids are hashed into; bucket 0 is the empty slot.",
    )
