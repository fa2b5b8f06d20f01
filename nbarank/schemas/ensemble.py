"""Contracts of the tables below stack/ and ensemble/."""

from __future__ import annotations

from nbarank.core.contract import Column
from nbarank.core.rounding import WEIGHT_DECIMALS
from nbarank.schemas.columns import DAY, GAME_ID, KEY, SEASON, TEAM_AS_OF, number, one_of, table
from nbarank.schemas.league import KINDS

STACKED = table(
    "stack/stacked",
    "team as of a date: base models blended, before calibration",
    KEY,
    {
        **TEAM_AS_OF,
        "rank_score": number("stacked score for ranking; higher = stronger"),
        "strength": number("points per game against an average team"),
    },
)

STACK_WEIGHTS = table(
    "stack/weights",
    "input of a season's blend; the last rows are for next season, fitted on all ended seasons",
    ("season", "use", "input"),
    {
        "season": SEASON,
        "use": one_of(("strength", "rank")),
        "input": Column(str),
        "start": number("weight at the start of the season"),
        "end": number("weight at its end"),
        "alpha": number("chosen ridge penalty per row", 0.0),
    },
)

STRENGTH = table(
    "ensemble/strength",
    "team as of a date: stacked and calibrated strength",
    KEY,
    {
        **TEAM_AS_OF,
        "rank_score": number("stacked score for ranking; higher = stronger"),
        "strength": number("points per game against an average team, neutral ground"),
        "strength_sd": number("standard deviation of the error of strength, points", 0.0),
        "win_probability": number("against an average team on neutral ground", 0.0, 1.0),
        "playoff_residual": Column(
            "float64",
            required=False,
            description="points to add in the playoffs; only with playoff_residual.use",
        ),
    },
)

CALIBRATED_GAMES = table(
    "ensemble/games",
    "game with the latest as-of date before it",
    ("game_id",),
    {
        "game_id": GAME_ID,
        "season": SEASON,
        "as_of": DAY,
        "game_date": DAY,
        "kind": one_of(KINDS),
        "home_won": Column(bool),
        "stacked": number("probability of a home win, one curve on the stack", 0.0, 1.0),
        "per_model": number("the same, one curve a model, log-odds averaged", 0.0, 1.0),
    },
)

CALIBRATIONS = table(
    "ensemble/calibrations",
    "curve of a season: of the stack or of one of its inputs; the last rows are for next season, "
    "fitted on all ended seasons",
    ("season", "input"),
    {
        "season": SEASON,
        "input": Column(str, description="'stack', or an input of the stack"),
        "slope": number("log-odds of winning per point of strength", 0.0),
        "home_court": number("log-odds added for the home side"),
        "error_start": number("variance of the error of strength at the season's start", 0.0),
        "error_end": number("the same at its end; linear in between", 0.0),
    },
    decimals=WEIGHT_DECIMALS,
)
