"""Schema of predictions.json, described in docs/predictions-schema.md.

Unknown values are left out. The first number of the version changes when a field changes its
meaning or is removed, the second when one is added.
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

SCHEMA_VERSION = "1.3"
SUM_TOLERANCE = 0.01
"""Probabilities are rounded, so their sums are too."""

RUN_ID = r"^run-\d{3,}$"
"""Form of the id of a recorded run."""
CONTRIBUTORS = 6
"""Players listed per team."""

Probability = Annotated[float, Field(ge=0.0, le=1.0)]
Rank = Annotated[int, Field(ge=1)]
Classification = Literal["sleeper", "paper tiger", "aligned"]
Agreement = Literal["High", "Medium", "Low"]


class Part(BaseModel):
    """A part of the file: unknown fields are rejected, numbers are finite."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class Interval(Part):
    """Ends of the central share of the simulations."""

    low: float
    high: float


class RoundOdds(Part):
    """Probability of reaching each stage; title is the championship."""

    play_in: Probability
    playoffs: Probability
    second_round: Probability
    conference_final: Probability
    final: Probability
    title: Probability
    title_simulated: Probability
    title_softmax: Probability


class Reason(Part):
    """A reason why a team's record is better or worse than the team."""

    name: Literal["schedule", "luck", "line-up"]
    points: float = Field(description="points per game; above 0: better than its record")
    text: str


class SeasonEnd(Part):
    """How the season ended, if known."""

    eos_rank: Rank
    eos_rank_source: Literal["playoff_outcome", "final_standings"]
    final_rank: Rank
    final_conference_rank: Rank
    playoff_rank: Rank | None = None


class Analysis(Part):
    """The forecast compared with the standings."""

    wins: int = Field(ge=0)
    losses: int = Field(ge=0)
    league_rank: Rank | None = None
    conference_rank: Rank | None = None
    delta: float = Field(description="conference ranks better (+) or worse (-) than the record")
    slots: float = Field(ge=0.0)
    classification: Classification
    explanation: str
    reasons: list[Reason]
    season_end: SeasonEnd | None = None


class Diagnostics(Part):
    """The base models' ranks of the team."""

    rank_by_model: dict[str, float]
    rank_sd: float | None = None
    agreement: Agreement | None = None


class Contributor(Part):
    """A player that the team's score depends on."""

    player_id: int
    name: str
    attention_weight: float | None = None
    integrated_gradients_share: float | None = None
    offence: float | None = None
    defence: float | None = None


class RosterDependence(Part):
    """Players that the team's score depends on."""

    contributors: list[Contributor]
    star_reliance: float | None = None
    contributors_are_fallback: bool | None = None


class TeamPrediction(Part):
    """One team as of the day."""

    team_id: int
    abbreviation: str
    name: str
    conference: Literal["East", "West"]
    predicted_league_rank: Rank
    predicted_conference_rank: Rank
    ensemble_score: Probability
    ensemble_score_100: float = Field(ge=0.0, le=100.0)
    strength: float
    strength_sd: float = Field(ge=0.0)
    projected_wins: float = Field(ge=0.0)
    expected_final_rank: float = Field(ge=1.0)
    expected_conference_rank: float = Field(ge=1.0)
    expected_playoff_rank: float = Field(ge=1.0)
    wins_interval: Interval
    final_rank_interval: Interval
    conference_rank_interval: Interval
    odds: RoundOdds
    seed_odds: list[Probability]
    conference_rank_odds: list[Probability]
    analysis: Analysis
    diagnostics: Diagnostics
    roster: RosterDependence


class AbsentPlayer(Part):
    """A player expected to be absent from a game."""

    player_id: int
    name: str
    points: float = Field(ge=0.0, description="that his absence is worth")


class GamePrediction(Part):
    """A fixture of the coming days."""

    game_id: str
    date: dt.date
    home_team_id: int
    away_team_id: int
    state: Literal["schedule", "evening"]
    home_win_probability: Probability
    expected_margin: float
    expected_total: float | None = Field(default=None, ge=0.0)
    home_rest: int = Field(ge=1)
    away_rest: int = Field(ge=1)
    home_out: list[AbsentPlayer]
    away_out: list[AbsentPlayer]


class DayForecast(Part):
    """All teams of a season as of one day."""

    season: str = Field(pattern=r"^\d{4}-\d{2}$")
    as_of: dt.date
    strength_as_of: dt.date
    season_share: Probability
    teams_with_roster: int | None = Field(default=None, ge=0)
    n_simulations: int = Field(ge=1)
    interval: Probability
    championship_odds_method: Literal["monte_carlo", "softmax"]
    true_strength_scale: Literal["percentile", "softmax", "platt"]
    teams: list[TeamPrediction]
    games: list[GamePrediction] | None = None

    @property
    def known(self) -> str:
        """Say what is known before the first game; empty after it."""
        if self.season_share > 0 or self.teams_with_roster is None:
            return ""
        if not self.teams_with_roster:
            return "No game has been played and no roster is published: last season's players."
        return f"No game has been played; {self.teams_with_roster} teams have published rosters."

    @model_validator(mode="after")
    def _odds_add_up(self) -> DayForecast:
        sums = {
            "title": (sum(team.odds.title for team in self.teams), 1),
            "playoffs": (sum(team.odds.playoffs for team in self.teams), 16),
        }
        for name, (found, wanted) in sums.items():
            if abs(found - wanted) > SUM_TOLERANCE:
                raise ValueError(f"{name} odds of {self.as_of} add up to {found}, not {wanted}")
        return self


class Predictions(Part):
    """The file."""

    schema_version: Literal["1.3"]
    run_id: str | None = Field(default=None, pattern=RUN_ID)
    simulated_league: bool
    forecasts: list[DayForecast]
