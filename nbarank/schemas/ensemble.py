"""Contracts of stack/stacked, stack/weights, ensemble/strength and ensemble/games."""

from __future__ import annotations

import pandera.pandas as pa

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
        "input": pa.Column(str),
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
        "playoff_residual": pa.Column(
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
        "home_won": pa.Column(bool),
        "stacked": number("probability of a home win, one curve on the stack", 0.0, 1.0),
        "per_model": number("the same, one curve a model, log-odds averaged", 0.0, 1.0),
    },
)
