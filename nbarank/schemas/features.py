"""Contracts of the tables features/teams, rosters, roster_teams and player_weights."""

from __future__ import annotations

from collections.abc import Iterable

from nbarank.core.contract import Check, Column
from nbarank.core.rounding import WEIGHT_DECIMALS
from nbarank.schemas.columns import COUNT, KEY, PLAYER_ID, SEASON, TEAM_AS_OF, number, table
from nbarank.schemas.ratings import RATINGS

TEAM_FEATURES = table(
    "features/teams",
    "team as of a date: features of the team, its schedule and its standing",
    KEY,
    {
        **TEAM_AS_OF,
        "clinched": number("a playoff place is certain", direction=1, required=False),
        "eliminated": number("no playoff place is possible", direction=-1, required=False),
    },
    more_columns=True,
)
"""Other columns are the features chosen in params.yaml; all are finite floats."""

_FLAG = (0.0, 1.0)

ROSTERS = table(
    "features/rosters",
    "filled player slot of a team as of a date; slot 0 has the most recent minutes",
    (*KEY, "slot"),
    {
        **TEAM_AS_OF,
        "slot": Column("int64", Check.ge(0), description="0 .. roster_size - 1"),
        "player_id": PLAYER_ID,
        "player_name": Column(str, description="for display only"),
        "embedding_index": Column(
            "int64", Check.ge(1), description="hash of player_id; 0 is the empty slot"
        ),
        "expected_minutes": number("of the next games, scaled to the team's 240", 0.0, decimals=4),
        "expected_minutes_rest": number("of the rest of the season, scaled", 0.0, decimals=4),
        "playoff_minutes": number("in the playoffs, scaled", 0.0, decimals=4),
        "minutes_raw": number("of the next games, before scaling", 0.0, decimals=4),
        "recent_minutes": number("decayed, per game of his team", 0.0, decimals=4),
        "recent_minutes_short": number("as recent_minutes, shorter memory", 0.0, decimals=4),
        "played_minutes": number("decayed, per game he played", 0.0, decimals=4),
        "minutes_last_5_games": number("per game, his last five games", 0.0, decimals=4),
        "impact": number("RAPM-lite shrunk to box plus-minus, points per 48 minutes"),
        "box_plus_minus": number("from the box score, points per 48 minutes"),
        "rapm": number("from plus-minus alone, points per 48 minutes"),
        "offence": number("part of impact: points his team scores more, per 48 minutes"),
        "defence": number("part of impact: points its opponents score less, per 48 minutes"),
        "games_missed": number("games of his team since his last game", 0.0),
        "days_absent": number("days since his last game", 0.0),
        "games_with_team": number("games for this team this season", 0.0),
        "is_absent": number("missed the team's latest games", *_FLAG),
        "is_new": number("few games with the team", *_FLAG),
        "listed_out": number("Out in the latest injury report", *_FLAG),
        "listed_share": number("share of recent injury reports listing him", *_FLAG),
        "external_rating": number("published rating of last season; 0 where unknown"),
        "has_external_rating": number("1 where there is one", *_FLAG),
    },
    more_columns=True,
    decimals=5,
)
"""Other columns are form over windows: `{stat}_season`, `{stat}_last_season` and
`{stat}_last_{window}` for the windows of params.yaml. Empty slots have no row."""

ROSTER_TEAMS = table(
    "features/roster_teams",
    "team as of a date: totals over its roster",
    KEY,
    {
        **TEAM_AS_OF,
        "player_strength": number(
            "of the regular rotation, everyone healthy; points per game", direction=1
        ),
        "available_strength": number(
            "of the roster with the minutes expected of the next games; points", direction=1
        ),
        "rest_strength": number("with the minutes expected of the season's rest; points"),
        "playoff_strength": number(
            "of the roster with the minutes expected in the playoffs; points", direction=1
        ),
        "rapm_strength": number("as available_strength, impact from plus-minus alone"),
        "box_strength": number("as available_strength, impact from the box score alone"),
        "external_strength": number("as available_strength, from external ratings"),
        "record_strength": number("of the line-ups that played the season to date; points"),
        "lineup_drift": number("available_strength - record_strength; points"),
        "missing_strength": number("gain if absent regulars played; points"),
        "star_reliance": number("share of positive value from the best player", 0.0, 1.0),
        "minutes_continuity": number(
            "share of the season's minutes by those expected to play them", 0.0, 1.0
        ),
        "known_minutes": number("share of the next games' minutes on the roster", 0.0, 1.0),
        "expected_rotation_players": number("expected to play rotation minutes", 0.0),
        "absent_rotation_players": number("of the rotation, absent or listed out", 0.0),
        "new_rotation_players": number("of the rotation, new to the team", 0.0),
        "playoff_experience": number("career playoff minutes, weighted", 0.0, decimals=3),
        "listed_players": number("of the roster, on a list of the season; 0 without lists", 0.0),
        "roster_players": number("filled slots", 0.0),
    },
    decimals=5,
)
"""Every team of the season at every as-of date; an empty roster has zeros."""

PLAYER_WEIGHTS = table(
    "features/player_weights",
    "weight of a fitted player model in a season",
    ("season", "model", "place"),
    {
        "season": SEASON,
        "model": Column(str, description="box plus-minus, minutes next, ..."),
        "place": COUNT,
        "weight": number("fitted on earlier seasons", decimals=WEIGHT_DECIMALS),
    },
)
"""From them any day of a season can be described without fitting."""


def directions(columns: Iterable[str]) -> dict[str, int]:
    """Return 1 or -1 for each of the columns that has a direction (see `columns.number`)."""
    declared = {
        name: int((column.metadata or {}).get("direction", 0))
        for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)
        for name, column in table.schema.columns.items()
    }
    return {name: declared[name] for name in columns if declared.get(name)}
