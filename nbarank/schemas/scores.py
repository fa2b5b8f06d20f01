"""Contracts of the scores: out-of-fold base scores, stacked strength, evaluated rankings.

Every score is higher = stronger; ranks (1 = best) are made in one place, `nbarank.core.ordering`.
"""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import DAY, GAME_ID, SEASON, TEAM_AS_OF, number

BASE_MODELS = ("deepset", "xgb", "rf")

_BASE_SCORE = pa.DataFrameSchema(
    {
        **TEAM_AS_OF,
        "rank_score": number("score trained on the ranking target; arbitrary scale"),
        "rank_score_sd": number("its own spread: MC dropout or over trees", 0.0),
        "margin_score": number("expected margin per game against an average team, in points"),
        "margin_score_sd": number("its own spread, in points", 0.0),
    },
    strict=True,
)


def oof_table(model: str) -> Table:
    """Return the contract of one base model's out-of-fold scores.

    A row of season S was made by a model trained on seasons before S only (walk-forward) or on
    other seasons only (season K-fold).
    """
    return Table(
        f"oof/{model}",
        f"team as of a date, scored out of fold by {model}",
        ("season", "as_of", "team_id"),
        _BASE_SCORE,
    )


STRENGTH = Table(
    "ensemble/strength",
    "team as of a date: stacked and calibrated strength",
    ("season", "as_of", "team_id"),
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

RANKED = Table(
    "evaluation/rankings",
    "team as of a date in the order of one ranker for one target",
    ("season", "as_of", "target", "ranker", "team_id"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "target": pa.Column(str, pa.Check.isin(("final_rank", "playoff_outcome"))),
            "ranker": pa.Column(str),
            "score": number("higher = stronger"),
        },
        strict=True,
    ),
)

STACKED = Table(
    "stack/stacked",
    "team as of a date: base models blended, before calibration",
    ("season", "as_of", "team_id"),
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
            "kind": pa.Column(str, pa.Check.isin(("regular", "playin", "playoffs"))),
            "home_won": pa.Column(bool),
            "stacked": number("probability of a home win, one curve on the stack", 0.0, 1.0),
            "per_model": number("the same, one curve a model, log-odds averaged", 0.0, 1.0),
        },
        strict=True,
    ),
)

PLAYOFF_CLASSIFIER = Table(
    "playoffs/classifier",
    "team as of a date: the playoffs by the classifier, out of fold",
    ("season", "as_of", "team_id"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "probability": number("that the team is one of the sixteen", 0.0, 1.0),
            "trees": pa.Column("int64", pa.Check.ge(1), description="trees of the fold's model"),
            "validation_season": pa.Column(
                str, description="season that decided their number; empty where none did"
            ),
        },
        strict=True,
    ),
)
