"""Contracts of explain/*: contributions to each base model's score, out of fold."""

from __future__ import annotations

from nbarank.core.contract import Check, Column
from nbarank.schemas.columns import KEY, PLAYER_ID, SEASON, TEAM_AS_OF, number, one_of, table

SCORES = ("margin", "rank")
_SCORE = one_of(SCORES, "which score is explained")
GRADIENT = "gradient_"
"""Prefix of attribution columns."""

SHAP_VALUES = table(
    "explain/shap",
    "feature of a team as of a date, in one tree model",
    (*KEY, "model", "feature"),
    {
        **TEAM_AS_OF,
        "model": one_of(("xgb", "rf")),
        "score": _SCORE,
        "feature": Column(str),
        "value": number("the feature's value"),
        "shap": number("contribution to the score, in the score's unit"),
        "base": number("score without any feature: the mean of the training rows"),
    },
)

PLAYER_GRADIENTS = table(
    "explain/players",
    "player of a team as of a date, in the Deep Set",
    (*KEY, "player_id"),
    {
        **TEAM_AS_OF,
        "player_id": PLAYER_ID,
        "score": _SCORE,
        "total": number("contribution compared with an average player of equal minutes"),
    },
    more_columns=True,
)
"""`gradient_<statistic>`: part of `total` from one statistic; `gradient_share_of_minutes`: from the
player's weight in the pooling by minutes."""

TEAM_GRADIENTS = table(
    "explain/teams",
    "team as of a date, in the Deep Set",
    KEY,
    {
        **TEAM_AS_OF,
        "score": _SCORE,
        "baseline": number("score of a team of average players, in the score's unit"),
        "predicted": number("the team's score"),
        "players": number("part of the difference that comes from players"),
        "missed": number("predicted - baseline - all attributions: 0 where complete"),
    },
    more_columns=True,
)
"""`gradient_<column>`: part of the difference from a team input."""

CONTRIBUTORS = table(
    "explain/contributors",
    "player that a team's score depends on, as of a date",
    (*KEY, "player_id"),
    {
        **TEAM_AS_OF,
        "player_id": PLAYER_ID,
        "player_name": Column(str),
        "attention_weight": Column(
            "float64",
            Check.in_range(0.0, 1.0),
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
        "offence": number("his, from features/rosters; points per 48 minutes", decimals=5),
        "defence": number("his, from features/rosters; points per 48 minutes", decimals=5),
        "contributors_are_fallback": Column(bool),
    },
)

REMOVALS = ("most attended", "most minutes", "largest attribution", "average other")
ABLATION = table(
    "explain/ablation",
    "team as of a date without one player",
    (*KEY, "removed"),
    {
        **TEAM_AS_OF,
        "removed": one_of(REMOVALS),
        "score": _SCORE,
        "change": number("score without the player minus score with him"),
        "size": number("size of that change", 0.0),
    },
)
"""'average other' is the mean over every player except the most attended one."""

MODEL_HEALTH = table(
    "explain/health",
    "season: the models that score it out of fold",
    ("season",),
    {
        "season": SEASON,
        "verdict": Column(str, description="training's verdict on the Deep Set"),
        "stopped": Column(str, description="reason for stopping early; empty: it did not"),
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
)
