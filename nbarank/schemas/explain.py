"""Contracts of the explanations: what each base model's score is made of, out of fold."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import ALL_FINITE, KEY, PLAYER_ID, SEASON, TEAM_AS_OF, number

SCORES = ("margin", "rank")
_SCORE = pa.Column(str, pa.Check.isin(SCORES), description="which score is explained")
GRADIENT = "gradient_"
"""Columns of attributions begin with this."""

SHAP_VALUES = Table(
    "explain/shap",
    "feature of a team as of a date, in one tree model",
    (*KEY, "model", "feature"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "model": pa.Column(str, pa.Check.isin(("xgb", "rf"))),
            "score": _SCORE,
            "feature": pa.Column(str),
            "value": number("the feature's value"),
            "shap": number("what it adds to the score, in the score's unit"),
            "base": number("score before any feature is known: the mean of the training rows"),
        },
        strict=True,
    ),
)

PLAYER_GRADIENTS = Table(
    "explain/players",
    "player of a team as of a date, in the Deep Set",
    (*KEY, "player_id"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "player_id": PLAYER_ID,
            "score": _SCORE,
            "total": number("what the player adds beside an average one of equal minutes"),
        },
        checks=ALL_FINITE,
        strict=False,
    ),
)
"""`gradient_<statistic>`: the part of `total` that comes from one statistic of the player;
`gradient_share_of_minutes`: from his weight in the pooling by minutes."""

TEAM_GRADIENTS = Table(
    "explain/teams",
    "team as of a date, in the Deep Set",
    tuple(KEY),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "score": _SCORE,
            "baseline": number("score of a team of average players, in the score's unit"),
            "predicted": number("the team's score"),
            "players": number("part of the difference that comes from players"),
            "missed": number("predicted - baseline - all attributions: 0 where complete"),
        },
        checks=ALL_FINITE,
        strict=False,
    ),
)
"""`gradient_<column>`: the part of the difference that comes from a team input."""

CONTRIBUTORS = Table(
    "explain/contributors",
    "player whom a team's score depends on, as of a date",
    (*KEY, "player_id"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "player_id": PLAYER_ID,
            "player_name": pa.Column(str),
            "attention_weight": pa.Column(
                "float64",
                pa.Check.in_range(0.0, 1.0),
                nullable=True,
                description="weight in the pooling, minutes included; missing on the fallback",
            ),
            "minutes_share": number("share of the roster's minutes", 0.0, 1.0),
            "integrated_gradients_share": number(
                "total of explain/players over the sum of sizes within the team; below 0: he "
                "pulls the score down",
                -1.0,
                1.0,
            ),
            "points": number("the same, in the score's unit"),
            "contributors_are_fallback": pa.Column(bool),
        },
        strict=True,
    ),
)

REMOVALS = ("most attended", "most minutes", "largest attribution", "average other")
ABLATION = Table(
    "explain/ablation",
    "team as of a date without one player",
    (*KEY, "removed"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "removed": pa.Column(str, pa.Check.isin(REMOVALS)),
            "score": _SCORE,
            "change": number("score without the player minus score with him"),
            "size": number("size of that change", 0.0),
        },
        strict=True,
    ),
)
"""'average other' is the mean over every player but the most attended one: the expectation of
removing one at random, without drawing any."""

MODEL_HEALTH = Table(
    "explain/health",
    "season: the models that score it out of fold",
    ("season",),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "verdict": pa.Column(str, description="what training said of the Deep Set"),
            "stopped": pa.Column(str, description="why training stopped early; empty: it did not"),
            "fallback_share": number("teams whose weights are the fallback's", 0.0, 1.0),
            "attention_entropy": number("of the weights, relative to equal shares", 0.0),
            "minutes_entropy": number("the same of minutes", 0.0),
            "leader_has_most_minutes": number(
                "share of teams whose most attended player has the most minutes", 0.0, 1.0
            ),
            "completeness_mean": number("mean size of `missed` over the scores' SD", 0.0),
            "completeness_max": number("its maximum over teams", 0.0),
            "completeness_beyond": number("share of teams beyond the tolerance", 0.0, 1.0),
            "additivity_xgb": number("largest gap between SHAP values and score, in points", 0.0),
            "additivity_rf": number("the same for the forest", 0.0),
        },
        strict=True,
    ),
)
