"""Contract of evaluation/rankings."""

from __future__ import annotations

from nbarank.core.contract import Column
from nbarank.schemas.columns import TEAM_AS_OF, number, one_of, table

TARGETS = ("final_rank", "playoff_outcome")
"""Rankings that rankers are scored against."""

RANKED = table(
    "evaluation/rankings",
    "team as of a date in the order of one ranker for one target",
    ("season", "as_of", "target", "ranker", "team_id"),
    {
        **TEAM_AS_OF,
        "target": one_of(TARGETS),
        "ranker": Column(str),
        "score": number("higher = stronger"),
    },
)
