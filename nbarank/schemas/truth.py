"""Contract of the simulated league's truth, which no stage but `evaluate` may read."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import KEY, TEAM_AS_OF, number

TRUTH = Table(
    "truth/strength",
    "team of the simulated league on a day of a season, playoffs included",
    tuple(KEY),
    pa.DataFrameSchema(
        {
            **TEAM_AS_OF,
            "strength": number(
                "points per game against an average team of that day on neutral ground, with the "
                "players who are available for the team's next game"
            ),
            "talent": number("the same with every player of the roster healthy"),
        },
        strict=True,
    ),
)
"""Every day from a season's first to the last possible day of its finals. Each season has its
mean at 0 on every day. The table is there only where the league is simulated."""
