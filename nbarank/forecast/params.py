"""Parameters of the forecast: game model, Monte Carlo, classification of teams."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section


class ForecastParams(Section):
    """Monte Carlo forecast and classification of teams."""

    path: ClassVar[str] = "forecast"
    championship_odds_method: Literal["monte_carlo", "softmax"] = Field(
        description="Title odds by simulation, or by a softmax of strength."
    )
    odds_temperature: float = Field(
        gt=0.0, le=50.0, description="Points of strength per e-fold of softmax odds and scores."
    )
    true_strength_scale: Literal["percentile", "softmax", "platt"] = Field(
        description="Scale of ensemble_score: rank, softmax or win probability."
    )
    n_simulations: int = Field(ge=100, le=1_000_000, description="Simulations at each checkpoint.")
    n_simulations_weekly: int = Field(
        ge=0, le=1_000_000, description="Simulations at other weekly dates; 0 skips them."
    )
    game_model_seasons: int = Field(
        ge=0, le=30, description="Earlier seasons to fit the five values below on; 0: none."
    )
    game_sd: float = Field(
        ge=5.0,
        le=25.0,
        description="SD of a game's margin about the difference in strength, points.",
    )
    home_court: float = Field(ge=0.0, le=8.0, description="Home advantage, points.")
    playoff_game_sd: float = Field(
        ge=5.0, le=25.0, description="SD of a playoff game's margin, points."
    )
    playoff_home_court: float = Field(
        ge=0.0, le=10.0, description="Home advantage in the playoffs, points."
    )
    playoff_stretch: float = Field(
        ge=0.8, le=2.0, description="Factor on differences in strength in the playoffs."
    )
    strength_error: Literal["table", "estimated"] = Field(
        description="SD of strength: ensemble/strength, or fitted."
    )
    strength_sd_early: float = Field(
        ge=0.0, le=10.0, description="SD before the first game where none is fitted, points."
    )
    strength_sd_late: float = Field(
        ge=0.0, le=10.0, description="The same at the end of the regular season."
    )
    playoff_strength_share: float = Field(
        ge=0.0, le=0.5, description="Last part of the season averaged for playoffs; 0: none."
    )
    drift_sd: float = Field(
        ge=0.0, le=5.0, description="SD of the drift of strength within a season, points."
    )
    drift_memory_days: float = Field(
        ge=1.0, le=400.0, description="Days after which drift decays to 1/e."
    )
    game_horizon_days: int = Field(
        ge=1, le=200, description="Days of fixtures after each date in forecast/games."
    )
    interval: float = Field(
        ge=0.5, le=0.99, description="Coverage of the intervals of simulated wins and ranks."
    )
    sleeper_threshold_slots: float = Field(
        ge=0.5, le=15.0, description="Conference places that make a sleeper or paper tiger."
    )
    agreement_high: float = Field(
        ge=0.0, le=15.0, description="Maximum SD of the models' ranks for High agreement."
    )
    agreement_medium: float = Field(
        ge=0.0, le=15.0, description="The same for Medium; above it Low."
    )

    @model_validator(mode="after")
    def _ordered(self) -> ForecastParams:
        if self.agreement_medium < self.agreement_high:
            raise ValueError("agreement_medium must not be below agreement_high")
        return self
