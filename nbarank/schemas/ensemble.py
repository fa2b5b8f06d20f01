"""Contracts of stack/stacked, stack/weights, ensemble/strength and ensemble/games."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import DAY, GAME_ID, KEY, SEASON, TEAM_AS_OF, number
from nbarank.schemas.league import KINDS

STACKED = Table(
    "stack/stacked",
    "team as of a date: base models blended, before calibration",
    tuple(KEY),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "rank_score": number("stacked score for ranking; higher = stronger"),
            "strength": number("points per game against an average team"),
        },
        strict=True,
    ),
)

STACK_WEIGHTS = Table(
    "stack/weights",
    "input of a season's blend; the last season is the one to come, taught by all that have ended",
    ("season", "use", "input"),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "use": pa.Column(str, pa.Check.isin(("strength", "rank"))),
            "input": pa.Column(str),
            "start": number("weight at the start of the season"),
            "end": number("weight at its end"),
            "alpha": number("ridge penalty per row that was chosen", 0.0),
        },
        strict=True,
    ),
)

STRENGTH = Table(
    "ensemble/strength",
    "team as of a date: stacked and calibrated strength",
    tuple(KEY),
    pa.DataFrameSchema(
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
        strict=True,
    ),
)

CALIBRATED_GAMES = Table(
    "ensemble/games",
    "game with the latest as-of date before it",
    ("game_id",),
    pa.DataFrameSchema(
        {
            "game_id": GAME_ID,
            "season": SEASON,
            "as_of": DAY,
            "game_date": DAY,
            "kind": pa.Column(str, pa.Check.isin(KINDS)),
            "home_won": pa.Column(bool),
            "stacked": number("probability of a home win, one curve on the stack", 0.0, 1.0),
            "per_model": number("the same, one curve a model, log-odds averaged", 0.0, 1.0),
        },
        strict=True,
    ),
)
