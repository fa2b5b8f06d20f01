"""Contracts of forecast/teams and forecast/games."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal, get_args

import pandas as pd

from nbarank.core.contract import Check, Column
from nbarank.schemas.columns import (
    DAY,
    GAME_ID,
    KEY,
    PLAYER_ID,
    SEASON,
    TEAM_AS_OF,
    TEAM_ID,
    number,
    one_of,
    table,
)
from nbarank.schemas.league import KINDS, SEEDS


def _chance(description: str) -> Column:
    return number(description, 0.0, 1.0)


def _shares(description: str) -> Column:
    """Return the contract of numbered columns of a distribution, such as final_rank_p01."""
    bounds = Check.in_range(0.0, 1.0)
    return Column("float64", bounds, regex=True, required=False, description=description)


FORECAST_TEAMS = table(
    "forecast/teams",
    "team as of a date: results of simulating the rest of the season",
    KEY,
    {
        **TEAM_AS_OF,
        "n_simulations": Column("int64", Check.ge(1)),
        "strength": number("points per game against an average team, as given"),
        "strength_sd": number("SD of its error as simulated, in points", 0.0),
        "ensemble_score": _chance("strength within the league, by true_strength_scale"),
        "projected_wins": number("mean regular-season wins", 0.0),
        "wins_low": number("lower end of the interval (forecast.interval)", 0.0),
        "wins_high": number("upper end", 0.0),
        "expected_final_rank": number("mean place in the final standings, 1 = best", 1.0),
        "final_rank_low": number("lower end of its interval", 1.0),
        "final_rank_high": number("upper end", 1.0),
        "expected_conference_rank": number("mean place in the conference", 1.0),
        "conference_rank_low": number("lower end of its interval", 1.0),
        "conference_rank_high": number("upper end", 1.0),
        "expected_playoff_rank": number(
            "mean playoff rank by performance: 1-16 by playoff wins, then by record", 1.0
        ),
        "expected_playoff_wins": number("mean playoff games won", 0.0, 16.0),
        "play_in": _chance("takes part in the play-in; 0 in seasons without one"),
        "playoffs": _chance("is one of the sixteen"),
        "second_round": _chance("wins the first series"),
        "conference_final": _chance("wins the second"),
        "final": _chance("wins the conference"),
        "title": _chance("champion, by championship_odds_method"),
        "title_simulated": _chance("champion, by Monte Carlo"),
        "title_softmax": _chance("champion, by softmax of strength"),
        "playoffs_per_win": number("added to playoffs by one more win", -1.0, 1.0, required=False),
        **{f"seed_{seed}": _chance(f"takes seed {seed}") for seed in range(1, SEEDS + 1)},
        r"^conference_rank_p\d{2}$": _shares("ends at that place of the conference"),
        r"^final_rank_p\d{2}$": _shares("ends at that place of the league"),
        r"^wins_p\d{2}$": _shares("ends with that many regular-season wins, from 0"),
    },
)

WEEKLY = table(
    "forecast/weekly",
    "team as of every date, simulated or not",
    KEY,
    {
        **TEAM_AS_OF,
        "strength": number("as in forecast/teams"),
        "strength_sd": number("as in forecast/teams", 0.0),
        "expected_wins": number("wins so far and win probabilities of all fixtures", 0.0),
    },
)

BRACKETS = table(
    "forecast/brackets",
    "series of the most likely bracket, as of a date with simulations",
    ("season", "as_of", "series"),
    {
        "season": SEASON,
        "as_of": DAY,
        "series": Column(
            "int64", Check.in_range(1, 15), description="in order of rounds, East before West"
        ),
        "first_id": TEAM_ID,
        "second_id": TEAM_ID,
        "first_seed": Column("int64", Check.in_range(1, SEEDS)),
        "second_seed": Column("int64", Check.in_range(1, SEEDS)),
        "meetings": Column("int64", Check.ge(0), description="simulations of this series"),
        "first_wins": Column("int64", Check.ge(0), description="that the first team wins"),
    },
)
"""The winner of a series is the team that wins more of its meetings; of a series that is not among
the simulations, the team that wins that round more often."""

WITHOUT_STAR = table(
    "forecast/without_star",
    "team without the most valuable player of a team, who is out for the season from a date on",
    ("season", "as_of", "player_id", "team_id"),
    {
        **TEAM_AS_OF,
        "player_id": PLAYER_ID,
        "player_name": Column(str, description="for display only"),
        "star_team_id": TEAM_ID,
        "wins": number("mean regular-season wins", 0.0),
        "playoffs": _chance("is one of the sixteen"),
        "title": _chance("champion, by Monte Carlo"),
    },
)
"""With the random numbers of forecast/simulations.json, so that the difference to it is the
player's; on one day of the latest season."""

SIMULATIONS = "forecast/simulations.json"
"""A sample of the simulated seasons of the latest season: see `nbarank.forecast.season_sample`."""

State = Literal["schedule", "evening", "game_day", "tip_off"]
STATES: tuple[State, ...] = get_args(State)
"""What a game's forecast has seen besides strengths: fixtures; also box scores and injury reports
of earlier days; also the report of the day; also the inactive lists of the game."""
_REST = Column("int64", Check.in_range(1, 10), description="days since its latest game")
_OUT = "points that its absent players are worth"

_GAME = {
    "game_id": GAME_ID,
    "season": SEASON,
    "as_of": DAY,
    "game_date": DAY,
    "kind": one_of(KINDS),
    "home_id": TEAM_ID,
    "away_id": TEAM_ID,
    "neutral": Column(bool),
    "home_rest": _REST,
    "away_rest": _REST,
    "home_out_points": number(_OUT, 0.0, decimals=4),
    "away_out_points": number(_OUT, 0.0, decimals=4),
    "state": one_of(STATES, "evening on the day itself and the day before, else schedule"),
    "expected_margin": number("of the home side, points", decimals=4),
    "expected_total": Column(
        "float64",
        Check.ge(0.0),
        nullable=True,
        description="points of both sides; missing before the first games of the data",
        metadata={"decimals": 4},
    ),
    "home_win_probability": number("home side wins", 0.0, 1.0),
}

FORECAST_GAMES = table("forecast/games", "upcoming game, as of a date", ("game_id", "as_of"), _GAME)
"""Fixtures of the regular season up to forecast.game_horizon_days after the date. Played play-in
and playoff games are on the latest date before them: their probability is given that they meet.
Absences count in games of the state evening."""

PLAYED_GAMES = table(
    "forecast/played",
    "played game by state of knowledge, by the latest strengths before it",
    ("game_id", "state"),
    _GAME,
)
"""A state of which a game has no news has no row: game_day without a report of the day, tip_off
without inactive lists."""

ABSENCES = table(
    "forecast/absences",
    "player expected to be absent from an upcoming game, as of a date",
    ("game_id", "as_of", "player_id"),
    {
        "game_id": GAME_ID,
        "season": SEASON,
        "as_of": DAY,
        "team_id": TEAM_ID,
        "player_id": PLAYER_ID,
        "player_name": Column(str, description="for display only"),
        "points": number("that his absence is worth", 0.0, decimals=4),
    },
)
"""Of the games in forecast/games with the state evening; their points add up to its columns."""

GAME_MODELS = table(
    "forecast/game_models",
    "game model of a season by state of knowledge, fitted on earlier seasons",
    ("season", "state"),
    {
        "season": SEASON,
        "state": one_of(STATES),
        "game_sd": number("SD of a margin about the expected one, points", 0.0),
        "home_court": number("home advantage, points"),
        "playoff_game_sd": number("the same in the playoffs", 0.0),
        "playoff_home_court": number("the same in the playoffs"),
        "playoff_stretch": number("factor on differences in strength in the playoffs", 0.0),
        "first_round": number("further factor in the first round"),
        "back_to_back": number("points of a team that played the day before"),
        "absence": number("factor on the points that absent players are worth"),
        "total_constant": number("added to the league's level of totals, points"),
        "total_pace": number("points of a total per possession of both sides' deviations"),
        "total_efficiency": number("the same per point per 100 possessions"),
        "total_playoffs": number("added in play-in and playoffs, points"),
        "error_early": number("SD of strength before the first game, points", 0.0),
        "error_late": number("SD of strength at the end of the season, points", 0.0),
    },
)


def known_ahead(games: pd.DataFrame, played: Collection[str]) -> pd.DataFrame:
    """Return the rows of forecast/games that are known on their as-of date, in order of date.

    That a play-in or playoff game would take place was not known on earlier dates; those still to
    come are in the schedule.
    """
    known = (games["kind"] == "regular") | ~games["game_id"].isin(list(played))
    return games[known].sort_values(["game_date", "game_id"], kind="stable")
