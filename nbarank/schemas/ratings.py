"""Contracts of the tables features/ratings and efficiency."""

from __future__ import annotations

from nbarank.schemas.columns import KEY, TEAM_AS_OF, number, table

RATINGS = table(
    "features/ratings",
    "team as of a date: record and ratings before the day",
    KEY,
    {
        **TEAM_AS_OF,
        "games_played": number("regular-season games before the day", 0.0),
        "wins": number("of those won", 0.0),
        "losses": number("of those lost", 0.0),
        "win_pct": number("share won; 0.5 before the first game", 0.0, 1.0, direction=1),
        "point_diff": number("margin of victory, points a game; 0 before the first", direction=1),
        "conference_rank": number("place by share won, then margin, then id", 1.0, direction=-1),
        "elo": number("Elo, earlier seasons and their playoffs included", 0.0, direction=1),
        "srs": number("Simple Rating System, points; shrunk to 0 early in the season"),
        "sos": number("mean srs of the opponents met, points"),
        "massey": number("as srs, home advantage estimated jointly, points"),
        "srs_carried": number(
            "SRS with home advantage, shrunk to last season's regressed rating, points", direction=1
        ),
        "pythagorean": number("share of wins expected from points", 0.0, 1.0),
        "luck": number("wins minus wins expected from points"),
        "last_season_rank": number("place in the whole league last season", 1.0),
        "last_season_win_pct": number("share won last season", 0.0, 1.0),
        "last_season_srs": number("srs at the end of last season, points"),
    },
)

EFFICIENCY = table(
    "efficiency",
    "team as of a date: points per 100 possessions against an average team, from games before it",
    KEY,
    {
        **TEAM_AS_OF,
        "offence": number("scored, more than the league's mean", decimals=4),
        "defence": number("allowed, fewer than the league's mean", decimals=4),
    },
)
"""Shown on the page; not a feature of any model, so it is not below features/."""
