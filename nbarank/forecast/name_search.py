"""Teams and players by the names that people type."""

from __future__ import annotations

import shlex

import pandas as pd

from nbarank.core.errors import ForecastError, did_you_mean, nearest
from nbarank.core.names import normal_name

ABBREVIATION = 3
"""Letters of a team's abbreviation."""


def find_team(name: str, season: str, teams: pd.DataFrame) -> int:
    """Return the id of a season's team by abbreviation, id, or any part of its name.

    Parameters
    ----------
    name
        'BOS', 'celtics', 'Boston Celtics' or '1610612738'.
    season
        Label.

    Raises
    ------
    ForecastError
        If the season has no such team, or several.
    """
    members = teams[teams["season"] == season]
    wanted = " ".join(name.lower().split())
    names, short = members["name"].str.lower(), members["abbreviation"].str.lower()
    matches = (short == wanted) | (names == wanted) | (members["team_id"].astype(str) == wanted)
    if wanted and not matches.any():
        matches = names.str.contains(wanted, regex=False)
    if matches.sum() == 1:
        return int(members.loc[matches, "team_id"].iloc[0])
    found = members[matches].sort_values("name")
    words = [*members["name"], *(word for one in members["name"] for word in one.split())]
    words = [*members["abbreviation"]] if len(wanted) <= ABBREVIATION else words
    like = nearest(name, words, 1) or [members["abbreviation"].min()]
    raise ForecastError(
        f"{len(found)} teams of {season} have '{name}' in their names."
        if len(found)
        else f"No team of {season} is called '{name}'{did_you_mean(name, words)}",
        where="league/teams",
        allowed=", ".join(found["name"]) or ", ".join(sorted(members["abbreviation"])),
        next_command="the same command with "
        + shlex.quote(found["abbreviation"].iloc[0] if len(found) else like[0]),
    )


def find_player(name: str, rosters: pd.DataFrame) -> int:
    """Return the id of the player of a name, without accents and case, on the rosters of a day.

    Raises
    ------
    ForecastError
        If no player, or several, have the name.
    """
    names = rosters["player_name"].map(normal_name)
    wanted = normal_name(name)
    matches = rosters[names == wanted]
    if matches.empty and wanted:
        matches = rosters[names.str.contains(wanted, regex=False)]
    if matches["player_id"].nunique() == 1:
        return int(matches["player_id"].iloc[0])
    known = [*rosters["player_name"], *(w for one in rosters["player_name"] for w in one.split())]
    several = ", ".join(sorted(matches["player_name"])[:6])
    best = [*matches["player_name"], *nearest(name, known, 1), rosters["player_name"].iloc[0]]
    raise ForecastError(
        f"Several players have '{name}' in their names."
        if several
        else f"No player on the rosters is called '{name}'{did_you_mean(name, known)}",
        where="features/rosters",
        allowed=several or "a player of the rosters on that day",
        next_command=f"the same command with {shlex.quote(best[0])}",
    )
