"""Contract of evaluation/rankings."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import TEAM_AS_OF, number

TARGETS = ("final_rank", "playoff_outcome")
"""Rankings that rankers are scored against."""

RANKED = Table(
    "evaluation/rankings",
    "team as of a date in the order of one ranker for one target",
    ("season", "as_of", "target", "ranker", "team_id"),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "target": pa.Column(str, pa.Check.isin(TARGETS)),
            "ranker": pa.Column(str),
            "score": number("higher = stronger"),
        },
        strict=True,
    ),
)
