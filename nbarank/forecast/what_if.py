"""Assumed absences, returns and results (`--without`, `--with`, `--result`)."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.name_search import find_player, find_team, one_line
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.team_news import absence_points, returning_minutes

RESULT = re.compile(r"([^=]+)-([^=]+)=([^=]+)")


class WhatIf(NamedTuple):
    """What is assumed: names of players who are out, or who play; results HOME-AWAY=WINNER."""

    without: tuple[str, ...] = ()
    playing: tuple[str, ...] = ()
    results: tuple[str, ...] = ()

    def players(self, rosters: pd.DataFrame) -> tuple[list[int], list[int]]:
        """Return the ids of the players who are out, and of those who play.

        Raises
        ------
        ForecastError
            If a name is not that of one player of the rosters, or a player is in both.
        """
        out, back = (
            list(dict.fromkeys(find_player(name, rosters) for name in names))
            for names in (self.without, self.playing)
        )
        for name in self.playing:
            if find_player(name, rosters) in out:
                raise ForecastError(
                    f"'{one_line(name)}' cannot be out and play.",
                    where="--without, --with",
                    allowed="a player in one of them",
                )
        return out, back


def assumed_strength(
    strength: pd.DataFrame, rosters: pd.DataFrame, what_if: WhatIf, weight: float
) -> pd.DataFrame:
    """Return a day's strengths with players out for the rest of the season, or back.

    Parameters
    ----------
    strength
        team_id, strength; optional playoff_strength.
    rosters
        Rows of features/rosters of one date.
    weight
        Factor on the players' points, `GameModel.absence` of the state tip_off.
    """
    out, back = what_if.players(rosters)
    for player, sign in (*((one, -1.0) for one in out), *((one, 1.0) for one in back)):
        member = rosters[rosters["player_id"] == player]
        own = strength["team_id"] == int(member["team_id"].iloc[0])
        for column, planned in (
            ("strength", "expected_minutes_rest"),
            ("playoff_strength", "playoff_minutes"),
        ):
            if column not in strength:
                continue
            minutes = member[planned] if sign < 0 else returning_minutes(member, planned)
            points = float(absence_points(minutes, member["impact"]).iloc[0])
            strength = strength.assign(**{column: strength[column] + sign * weight * points * own})
    return strength


def assumed_results(state: SeasonState, teams: pd.DataFrame, what_if: WhatIf) -> SeasonState:
    """Return a state in which the next games between two teams are decided.

    Parameters
    ----------
    teams
        Table league/teams.

    Raises
    ------
    ForecastError
        If a result is not of the form HOME-AWAY=WINNER, or the teams have no game left.
    """
    decided = state.decided.copy()
    for text in what_if.results:
        text = one_line(text)
        parts = RESULT.fullmatch(text)
        sides = [find_team(part, state.season, teams) for part in parts.groups()] if parts else []
        if not parts or sides[2] not in sides[:2] or sides[0] == sides[1]:
            raise _not_a_result(text, state, teams)
        first, second, winner = np.searchsorted(state.team_ids, sides)
        meets = ((state.home == first) & (state.away == second)) | (
            (state.home == second) & (state.away == first)
        )
        open_games = np.flatnonzero(meets & (decided == 0))
        if not len(open_games):
            assumed = (meets & (state.decided == 0)).any()
            raise ForecastError(
                f"{parts[1].strip()} and {parts[2].strip()} have no "
                + ("further game to assume." if assumed else "game left in the season."),
                where=f"--result {text}",
                allowed="two teams with a fixture on or after the day",
                next_command=_example(state, teams),
            )
        decided[open_games[0]] = 1 if state.home[open_games[0]] == winner else -1
    return replace(state, decided=decided)


def assumed_games(state: SeasonState, teams: pd.DataFrame, what_if: WhatIf) -> list[str]:
    """Return the games that are decided, such as 'BOS-PHI on 2023-01-15: BOS wins'."""
    decided = assumed_results(state, teams, what_if).decided
    names = teams[teams["season"] == state.season].set_index("team_id")["abbreviation"]
    games = []
    for place in np.flatnonzero(decided):
        home, away = (names[state.team_ids[side[place]]] for side in (state.home, state.away))
        day = state.as_of + pd.Timedelta(days=state.days[place])
        games.append(
            f"{home}-{away} on {day:%Y-%m-%d}: {home if decided[place] > 0 else away} wins"
        )
    return games


def _not_a_result(text: str, state: SeasonState, teams: pd.DataFrame) -> ForecastError:
    sides = text.split("=")[0].split("-")
    alone = len(sides) == len(set(sides)) + 1
    return ForecastError(
        f"'{text}' is not a result{': a team does not play itself' if alone else ''}.",
        where="--result",
        allowed="HOME-AWAY=WINNER with abbreviations or names of two teams",
        next_command=_example(state, teams),
    )


def _example(state: SeasonState, teams: pd.DataFrame) -> str:
    """Return a command that assumes the first result still open, or shows the games of a day."""
    open_games = np.flatnonzero(state.decided == 0)
    day = f"{state.as_of:%Y-%m-%d}"
    if not len(open_games):
        return shlex.join(["nbarank", "games", "--date", day])
    members = teams[teams["season"] == state.season].set_index("team_id")["abbreviation"]
    sides = (state.home[open_games[0]], state.away[open_games[0]])
    home, away = (members[state.team_ids[side]] for side in sides)
    return shlex.join(["nbarank", "forecast", "--as-of", day, "--result", f"{home}-{away}={home}"])
