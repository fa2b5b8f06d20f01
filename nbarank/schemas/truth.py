"""Contract of truth/strength of the simulated league, which only stage `evaluate` may read."""

from __future__ import annotations

from nbarank.schemas.columns import KEY, TEAM_AS_OF, number, table

TRUTH = table(
    "truth/strength",
    "team of the simulated league on a day of a season, playoffs included",
    KEY,
    {
        **TEAM_AS_OF,
        "strength": number(
            "points per game against an average team of that day on neutral ground, with the "
            "players who are available for the team's next game"
        ),
        "talent": number("the same with every player of the roster healthy"),
    },
)
"""Every day from a season's first to the last possible day of its finals; each day's mean is 0."""
