"""Contracts of the league tables: games, box scores, teams, seasons, as-of dates, outcomes."""

from __future__ import annotations

import pandera.pandas as pa

from nbarank.core.tables import Table
from nbarank.schemas.columns import COUNT, DAY, GAME_ID, KEY, PLAYER_ID, SEASON, TEAM_ID, number

KINDS = ("regular", "playin", "playoffs")
PLAY_IN_FORMATS = ("none", "bubble", "standard")
BOX_COUNTS = (
    "fgm",
    "fga",
    "fg3m",
    "fg3a",
    "ftm",
    "fta",
    "oreb",
    "dreb",
    "reb",
    "ast",
    "stl",
    "blk",
    "tov",
    "pf",
    "pts",
)
"""Box-score counts of team_games and player_games, in the order of the LeagueGameLog."""

_KIND = pa.Column(str, pa.Check.isin(KINDS), description="regular season, play-in or playoffs")

SEASONS = Table(
    "league/seasons",
    "season that the raw data holds, or that is about to start",
    ("season",),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "start": DAY,
            "end": DAY,
            "playoffs_end": DAY,
            "games_expected": COUNT,
            "games_played": COUNT,
            "play_in": pa.Column(str, pa.Check.isin(PLAY_IN_FORMATS)),
            "complete": pa.Column(bool, description="champion known"),
            "simulated": pa.Column(bool, description="the league is made up"),
        },
        strict=True,
    ),
)
"""Dates are those of the calendar, never of the logs; `end` is the regular season's last day."""

TEAMS = Table(
    "league/teams",
    "team in a season",
    ("season", "team_id"),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "team_id": TEAM_ID,
            "abbreviation": pa.Column(str),
            "name": pa.Column(str),
            "conference": pa.Column(str, pa.Check.isin(("East", "West"))),
            "division": pa.Column(str),
        },
        strict=True,
    ),
)

GAMES = Table(
    "league/games",
    "game that was played",
    ("game_id",),
    pa.DataFrameSchema(
        {
            "game_id": GAME_ID,
            "season": SEASON,
            "game_date": DAY,
            "kind": _KIND,
            "home_id": TEAM_ID,
            "away_id": TEAM_ID,
            "home_pts": COUNT,
            "away_pts": COUNT,
            "overtimes": COUNT,
            "neutral": pa.Column(bool, description="known to be played on neutral ground"),
        },
        strict=True,
    ),
)

SCHEDULE = Table(
    "league/schedule",
    "game of the regular season, played or still to be played",
    ("game_id",),
    pa.DataFrameSchema(
        {
            "game_id": GAME_ID,
            "season": SEASON,
            "game_date": DAY,
            "home_id": TEAM_ID,
            "away_id": TEAM_ID,
        },
        strict=True,
    ),
)
"""Fixtures are published before a season, so every as-of date may see all of them: who meets
whom and when, never a result."""

TEAM_GAMES = Table(
    "league/team_games",
    "team in a game that was played",
    ("game_id", "team_id"),
    pa.DataFrameSchema(
        {
            "game_id": GAME_ID,
            "team_id": TEAM_ID,
            "opponent_id": TEAM_ID,
            "season": SEASON,
            "game_date": DAY,
            "kind": _KIND,
            "is_home": pa.Column(bool),
            "neutral": pa.Column(bool),
            "won": pa.Column(bool),
            "minutes": number("length of the game in minutes: 48, 53, 58, ...", 48.0),
            **dict.fromkeys(BOX_COUNTS, COUNT),
            **{f"opponent_{name}": COUNT for name in BOX_COUNTS},
            "margin": pa.Column("int64", pa.Check.ne(0), description="points minus opponent's"),
            "possessions": number("possessions, mean of both teams' estimates", 40.0),
        },
        strict=True,
    ),
)
"""possessions = mean over both teams of FGA + 0.44 FTA - OREB + TOV (Oliver, 2004)."""

PLAYER_GAMES = Table(
    "league/player_games",
    "player who played in a game",
    ("game_id", "player_id"),
    pa.DataFrameSchema(
        {
            "game_id": GAME_ID,
            "player_id": PLAYER_ID,
            "team_id": TEAM_ID,
            "player_name": pa.Column(str),
            "season": SEASON,
            "game_date": DAY,
            "kind": _KIND,
            "minutes": number("minutes on court", 0.0),
            **dict.fromkeys(BOX_COUNTS, COUNT),
            "plus_minus": number("team's margin while on court, in points"),
        },
        strict=True,
    ),
)

AS_OF = Table(
    "league/as_of",
    "as-of date of a season",
    ("season", "as_of"),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "as_of": DAY,
            "weekly": pa.Column(bool, description="on the weekly grid"),
            "checkpoint": pa.Column(
                "float64",
                nullable=True,
                description="0.10, 0.25, 0.50, 0.75 or 1.00 where the day is a checkpoint",
            ),
            "season_share": number(
                "regular-season games before the day / games expected", 0.0, 1.0
            ),
        },
        strict=True,
    ),
)
"""Checkpoint x: first day before which at least the share x of the expected regular-season games
was played (1.00: the day after the last one). Playoff days are not on the grid."""

STANDINGS = Table(
    "league/standings",
    "team in the standings on the morning of an as-of date",
    tuple(KEY),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "as_of": DAY,
            "team_id": TEAM_ID,
            "wins": COUNT,
            "losses": COUNT,
            "win_pct": number("share of games won; 0.5 before the first", 0.0, 1.0),
            "point_difference": pa.Column("int64", description="points scored minus allowed"),
            "league_rank": pa.Column("int64", pa.Check.ge(1), description="1 = best, none twice"),
            "conference_rank": pa.Column("int64", pa.Check.ge(1)),
            "seed_order": pa.Column(
                "int64",
                pa.Check.ge(1),
                description="conference_rank with division winners first, where rules say so",
            ),
        },
        strict=True,
    ),
)
"""Regular-season games before the day only; ties broken by the NBA's rules of the season."""

OUTCOMES = Table(
    "league/outcomes",
    "team season that has ended",
    ("season", "team_id"),
    pa.DataFrameSchema(
        {
            "season": SEASON,
            "team_id": TEAM_ID,
            "conference": pa.Column(str),
            "wins": COUNT,
            "losses": COUNT,
            "win_pct": number("share of games won", 0.0, 1.0),
            "final_rank": pa.Column("int64", pa.Check.ge(1), description="final standings, 1-30"),
            "conference_rank": pa.Column("int64", pa.Check.ge(1)),
            "seed": pa.Column("int64", pa.Check.ge(0), description="1-8; 0 outside the playoffs"),
            "made_playoffs": pa.Column(bool),
            "playoff_wins": COUNT,
            "rounds_won": pa.Column("int64", pa.Check.in_range(0, 4)),
            "champion": pa.Column(bool),
            "playoff_rank_performance": pa.Column("int64", pa.Check.ge(1)),
            "playoff_rank_eos_final": pa.Column("int64", pa.Check.ge(1)),
        },
        strict=True,
    ),
)
