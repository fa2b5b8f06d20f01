"""Contracts of out-of-fold scores: oof/<model> and playoffs/classifier. Higher = stronger."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import KEY, TEAM_AS_OF, number

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
        tuple(KEY),
        _BASE_SCORE,
    )


PLAYOFF_CLASSIFIER = Table(
    "playoffs/classifier",
    "team as of a date: the playoffs by the classifier, out of fold",
    tuple(KEY),
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
