"""Teams and players by the names that people type."""

from __future__ import annotations

import difflib
import re
import shlex

import pandas as pd

from nbarank.core.errors import ForecastError, did_you_mean, nearest
from nbarank.core.names import normal_name
from nbarank.league.teams import is_nba

SHOWN_PLAYERS = 3
ABBREVIATION = 3
"""Letters of a team's abbreviation."""
NICKNAMES = {"sixers": "76ers", "cavs": "cavaliers", "mavs": "mavericks"}
"""Names in common use that are no part of the official one."""


def one_line(text: str) -> str:
    """Return a typed text as printed in messages: one line without control characters."""
    return " ".join("".join(one if one.isprintable() else " " for one in text).split())


def find_team(name: str, season: str, teams: pd.DataFrame) -> int:
    """Return the id of a season's team by abbreviation, id, or any part of its name.

    A part at the start of a word comes first: 'LA' is not the middle of Atlanta.

    Parameters
    ----------
    name
        Such as 'BOS', 'celtics', 'Boston Celtics', 'Sixers' or '1610612738'.
    season
        Label.

    Raises
    ------
    ForecastError
        If the season has no such team, or several.
    """
    name = one_line(str(name))
    members = teams[teams["season"] == season]
    wanted = name.lower()
    names, short = members["name"].str.lower(), members["abbreviation"].str.lower()
    matches = (short == wanted) | (names == wanted) | (members["team_id"].astype(str) == wanted)
    if wanted and not matches.any():
        wanted = NICKNAMES.get(wanted, wanted)
        starts = names.str.contains(rf"(?:^| ){re.escape(wanted)}")
        matches = starts if starts.any() else names.str.contains(wanted, regex=False)
    if matches.sum() == 1:
        return int(members.loc[matches, "team_id"].iloc[0])
    found = members[matches].sort_values("name")
    words = [*members["name"], *(word for one in members["name"] for word in one.split())]
    words = [*members["abbreviation"]] if len(wanted) <= ABBREVIATION else words
    like = [*found["abbreviation"], *nearest(name, words, 1)]
    like += difflib.get_close_matches(name.upper(), members["abbreviation"], 1, cutoff=0.0)
    raise ForecastError(
        f"{len(found)} teams of {season} have '{name}' in their names."
        if len(found)
        else f"No team of {season} is called '{name}'{did_you_mean(name, words)}",
        where="league/teams",
        allowed=", ".join(found["name"])
        or ", ".join(sorted(members["abbreviation"])) + _of_league(members["team_id"]),
        next_command=shlex.join(["nbarank", "forecast", "--team", like[0]]),
        instead=(name, like[0]) if name else None,
    )


def _of_league(team_ids: pd.Series[int]) -> str:
    """Return that names of the NBA are not expected, if no team is one of the NBA's."""
    if is_nba(team_ids).any():
        return ""
    quoted = shlex.quote("data.source=[sportsdataverse,nba_stats]")
    return f"; this league is simulated, or your own: for the NBA, nbarank run -S {quoted}"


def find_player(name: str, rosters: pd.DataFrame) -> int:
    """Return the id of the player of a name, without accents and case, on the rosters of a day.

    Raises
    ------
    ForecastError
        If no player, or several, have the name.
    """
    if rosters.empty:
        raise ForecastError(
            "No roster is known on that day.",
            where="features/rosters",
            allowed="days with rosters: from the first day of the season on",
        )
    name = one_line(name)
    names = rosters["player_name"].map(normal_name)
    wanted = normal_name(name)
    matches = rosters[names == wanted]
    if matches.empty and wanted:
        matches = rosters[names.str.contains(wanted, regex=False)]
    if matches["player_id"].nunique() == 1:
        return int(matches["player_id"].iloc[0])
    known = [*rosters["player_name"], *(w for one in rosters["player_name"] for w in one.split())]
    several = ", ".join(sorted(matches["player_name"])[:6])
    like = [*matches["player_name"], *nearest(name, known, 1)]
    best = rosters.sort_values("impact", ascending=False)["player_name"].head(SHOWN_PLAYERS)
    like += [*best]
    raise ForecastError(
        f"Several players have '{name}' in their names."
        if several
        else f"No player on the rosters is called '{name}'{did_you_mean(name, known)}",
        where="features/rosters",
        allowed=several
        or f"a player of the rosters on that day, such as {', '.join(best)}"
        + _of_league(rosters["team_id"]),
        instead=(name, like[0]) if name else None,
    )
