"""Parameters of the forecast: the Monte Carlo, its game model, and how it is told."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from nbarank.core.sections import Section


class ForecastParams(Section):
    """From strengths to ranks, odds and words."""

    path: ClassVar[str] = "forecast"
    championship_odds_method: Literal["monte_carlo", "softmax"] = Field(
        description="How title odds are made. monte_carlo plays the rest of the season; softmax "
        "turns strength into odds without playing, as a cheap comparison."
    )
    odds_temperature: float = Field(
        gt=0.0,
        le=50.0,
        description="Points of strength by which softmax odds rise e-fold; small values favour "
        "the strongest team. Read only by championship_odds_method: softmax and "
        "true_strength_scale: softmax.",
    )
    true_strength_scale: Literal["percentile", "softmax", "platt"] = Field(
        description="Scale of ensemble_score, 0 to 1 within the league. percentile: place among "
        "the teams; softmax: share of the strongest team's exponential; platt: probability to "
        "beat an average team on neutral ground."
    )
    n_simulations: int = Field(
        ge=100,
        le=1_000_000,
        description="Simulated rests of the season at checkpoints and for a single forecast. "
        "10,000 give a title probability of 20 % a standard error of 0.4 points.",
    )
    n_simulations_weekly: int = Field(
        ge=0,
        le=1_000_000,
        description="The same on the weekly grid between checkpoints; 0 leaves those days out.",
    )
    game_model_seasons: int = Field(
        ge=0,
        le=30,
        description="Earlier seasons from which game SD, home court and the playoffs' stretch "
        "are estimated; 0 takes the values below as they are.",
    )
    game_sd: float = Field(
        ge=5.0,
        le=25.0,
        description="SD of a game's margin about the difference in strength, in points, judged "
        "by wins. Start of the estimate, and its value where no earlier season is known.",
    )
    home_court: float = Field(
        ge=0.0, le=8.0, description="Points the home side is worth; as for game_sd."
    )
    playoff_game_sd: float = Field(
        ge=5.0, le=25.0, description="SD of a playoff game's margin, in points, judged by wins."
    )
    playoff_home_court: float = Field(
        ge=0.0,
        le=10.0,
        description="Points the home side is worth in the playoffs, larger than before them; as "
        "for game_sd, and shrunk towards this value because playoff games are few.",
    )
    playoff_stretch: float = Field(
        ge=0.8,
        le=2.0,
        description="Factor on differences in strength in the playoffs, where the best play "
        "more; estimated and shrunk towards this value as above.",
    )
    strength_error: Literal["table", "estimated"] = Field(
        description="Uncertainty of strength drawn per team and simulation. table: strength_sd "
        "of ensemble/strength; estimated: a curve over the season fitted on earlier seasons."
    )
    strength_sd_early: float = Field(
        ge=0.0,
        le=10.0,
        description="SD of the error of strength before the first game, in points; value of the "
        "estimated curve where no earlier season is known.",
    )
    strength_sd_late: float = Field(
        ge=0.0, le=10.0, description="The same at the end of the regular season."
    )
    playoff_strength_share: float = Field(
        ge=0.0,
        le=0.5,
        description="The playoffs are played with the mean strength over this last share of the "
        "regular season, not with the last day's: teams rest at the end. 0 takes the day's.",
    )
    drift_sd: float = Field(
        ge=0.0,
        le=5.0,
        description="SD in points of the slow change of a team's strength during the season "
        "(injuries, trades, form), beyond the error of today's estimate.",
    )
    drift_memory_days: float = Field(
        ge=1.0, le=400.0, description="Days after which that change has faded to 1/e."
    )
    game_horizon_days: int = Field(
        ge=1,
        le=200,
        description="Days after an as-of date whose fixtures stand in forecast/games.",
    )
    interval: float = Field(
        ge=0.5,
        le=0.99,
        description="Central share of the simulations between the ends of an interval.",
    )
    sleeper_threshold_slots: float = Field(
        ge=0.5,
        le=15.0,
        description="Conference places between predicted and actual rank from which a team is "
        "called a sleeper (better than its record) or a paper tiger (worse).",
    )
    agreement_high: float = Field(
        ge=0.0,
        le=15.0,
        description="Largest SD of the models' league ranks of a team at which their agreement "
        "is High.",
    )
    agreement_medium: float = Field(
        ge=0.0, le=15.0, description="The same for Medium; above it agreement is Low."
    )

    @model_validator(mode="after")
    def _ordered(self) -> ForecastParams:
        if self.agreement_medium < self.agreement_high:
            raise ValueError("agreement_medium must not be below agreement_high")
        return self
