"""Contracts of out-of-fold scores: oof/<model> and playoffs/classifier. Higher = stronger."""

from __future__ import annotations

from nbarank.core.contract import Check, Column
from nbarank.core.tables import Table
from nbarank.schemas.columns import KEY, TEAM_AS_OF, number, table

BASE_MODELS = ("deepset", "xgb", "rf")


def oof_table(model: str) -> Table:
    """Return the contract of one base model's out-of-fold scores.

    A season's scores are from a model trained on earlier seasons only (walk-forward) or on other
    seasons only (season K-fold).
    """
    return table(
        f"oof/{model}",
        f"team as of a date, scored out of fold by {model}",
        KEY,
        {
            **TEAM_AS_OF,
            "rank_score": number("score trained on the ranking target; arbitrary scale"),
            "rank_score_sd": number("its SD: MC dropout or over trees", 0.0),
            "margin_score": number("expected margin per game against an average team, in points"),
            "margin_score_sd": number("its SD, in points", 0.0),
        },
    )


PLAYOFF_CLASSIFIER = table(
    "playoffs/classifier",
    "team as of a date: probability of making the playoffs, out of fold",
    KEY,
    {
        **TEAM_AS_OF,
        "probability": number("that the team makes the playoffs", 0.0, 1.0),
        "trees": Column("int64", Check.ge(1), description="trees of the fold's model"),
        "validation_season": Column(
            str, description="season that early stopping used; empty: none"
        ),
    },
)
