"""Assumed absences, returns and results (`--without`, `--with`, `--result`)."""

from __future__ import annotations

import contextlib
import re
import shlex
from dataclasses import replace
from typing import NamedTuple, NotRequired, TypedDict

import numpy as np
import pandas as pd

from nbarank.core.errors import ForecastError
from nbarank.forecast.name_search import find_player, find_team, one_line
from nbarank.forecast.open_playoffs import coming_meetings, meeting_of, with_win
from nbarank.forecast.season_state import SeasonState
from nbarank.forecast.team_news import absence_points, returning_minutes

RESULT = re.compile(r"([^=]+)-([^=]+)=([^=]+)")


class WhatIf(NamedTuple):
    """What is assumed: names of players who are out, or who play; results TEAM-TEAM=WINNER."""

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

    That is their next fixture of the regular season; once it is over, the next game of their series
    or play-in.

    Parameters
    ----------
    teams
        Table league/teams.

    Raises
    ------
    ForecastError
        If a result is not of the form TEAM-TEAM=WINNER, or the teams have no game left.
    """
    return _decided(state, teams, what_if)[0]


def with_result(state: SeasonState, place: int, result: int) -> SeasonState:
    """Return a state in which a remaining fixture is decided: 1 home win, -1 away win."""
    decided = state.decided.copy()
    decided[place] = result
    return replace(state, decided=decided)


class AssumedGame(NamedTuple):
    """A game that is decided: ids of its teams and its winner, and which game it is.

    A regular-season game has its `day`, another the `label` 'play-in' or 'game 3'.
    """

    home_id: int
    away_id: int
    winner_id: int
    day: pd.Timestamp | None = None
    label: str = ""


def assumed_games(state: SeasonState, teams: pd.DataFrame, what_if: WhatIf) -> list[AssumedGame]:
    """Return the games that the assumed results decide, in their order."""
    return _decided(state, teams, what_if)[1]


def assumed_texts(state: SeasonState, teams: pd.DataFrame, what_if: WhatIf) -> list[str]:
    """Return the decided games, such as 'BOS-PHI on 2023-01-15: BOS wins', in order of date."""
    names = teams[teams["season"] == state.season].set_index("team_id")["abbreviation"]
    games = assumed_games(state, teams, what_if)
    return [
        f"{names[one.home_id]}-{names[one.away_id]}"
        f"{f' on {one.day:%Y-%m-%d}' if one.day else f', {one.label}'}: {names[one.winner_id]} wins"
        for one in sorted(games, key=lambda one: (one.day or pd.Timestamp.max, one.home_id))
    ]


def _decided(
    state: SeasonState, teams: pd.DataFrame, what_if: WhatIf
) -> tuple[SeasonState, list[AssumedGame]]:
    """Return the state with all assumed results, and the games that they decide."""
    games = []
    for typed in what_if.results:
        text = one_line(typed)
        parts = RESULT.fullmatch(text)
        sides = _sides(typed, parts, state, teams) if parts else []
        if not parts or sides[2] not in sides[:2] or sides[0] == sides[1]:
            raise _not_a_result(typed, state, teams)
        first, second, winner = np.searchsorted(state.team_ids, sides).tolist()
        meets = ((state.home == first) & (state.away == second)) | (
            (state.home == second) & (state.away == first)
        )
        places = np.flatnonzero(meets & (state.decided == 0)).tolist()
        if places:
            state = with_result(state, places[0], 1 if state.home[places[0]] == winner else -1)
            home, away = (int(state.team_ids[side[places[0]]]) for side in (state.home, state.away))
            day = state.as_of + pd.Timedelta(days=state.days[places[0]])
            games.append(AssumedGame(home, away, sides[2], day))
        elif meeting := meeting_of(state, sides[0], sides[1]):
            state = with_win(state, meeting, sides[2])
            label = f"game {sum(meeting.won) + 1}" if meeting.stage else "play-in"
            games.append(AssumedGame(meeting.winners[0], meeting.winners[1], sides[2], label=label))
        else:
            names = f"{parts[1].strip()} and {parts[2].strip()}"
            before = any({one.home_id, one.away_id} == set(sides[:2]) for one in games)
            raise ForecastError(
                f"{names} have no further game to assume."
                if before
                else f"No game of {names} is known to come.",
                where=f"--result {text}",
                allowed="two teams with a fixture on or after the day, or in an open series or "
                "play-in game",
                **_example(typed, state, teams),
            )
    return state, games


def _sides(
    typed: str, parts: re.Match[str], state: SeasonState, teams: pd.DataFrame
) -> tuple[int, int, int]:
    """Return the ids of the two teams and of the winner; an error repeats the corrected result."""

    def found(part: str, of: pd.DataFrame) -> int:
        try:
            return find_team(part, state.season, of)
        except ForecastError as error:
            error.where = f"--result {one_line(typed)}"
            if error.instead:
                right = error.instead[1]
                texts = [right if one == part else one for one in parts.groups()]
                error.instead = (typed, f"{texts[0]}-{texts[1]}={texts[2]}")
                error.next_command = _assuming(error.instead[1], state)
            raise

    first, second, winner = parts.groups()
    sides = found(first, teams), found(second, teams)
    if winner in (first, second):
        return *sides, sides[winner == second]
    try:
        return *sides, found(winner, teams[teams["team_id"].isin(sides)])
    except ForecastError:
        with contextlib.suppress(ForecastError):
            return *sides, find_team(winner, state.season, teams)
        raise


def _assuming(result: str, state: SeasonState) -> str:
    day = f"{state.as_of:%Y-%m-%d}"
    return shlex.join(["nbarank", "forecast", "--as-of", day, "--result", result])


def _not_a_result(typed: str, state: SeasonState, teams: pd.DataFrame) -> ForecastError:
    text = one_line(typed)
    sides = text.split("=")[0].split("-")
    reason = ""
    if len(sides) == len(set(sides)) + 1:
        reason = ": a team does not play itself"
    elif RESULT.fullmatch(text):
        reason = ": the winner is neither team"
    return ForecastError(
        f"'{text}' is not a result{reason}.",
        where="--result",
        allowed="TEAM-TEAM=WINNER with abbreviations or names of two teams",
        **_example(typed, state, teams),
    )


class _Next(TypedDict):
    next_command: str
    instead: NotRequired[tuple[str, str]]


def _example(typed: str, state: SeasonState, teams: pd.DataFrame) -> _Next:
    """Return a command that assumes the first result still open, or shows the games of a day."""
    open_games = np.flatnonzero(state.decided == 0)[:1]
    pairs = [state.team_ids[[state.home[one], state.away[one]]] for one in open_games]
    pairs += [np.array(one.winners) for one in coming_meetings(state)[:1]]
    if not pairs:
        return {"next_command": f"nbarank games --date {state.as_of:%Y-%m-%d}"}
    members = teams[teams["season"] == state.season].set_index("team_id")["abbreviation"]
    home, away = (members[side] for side in pairs[0])
    right = f"{home}-{away}={home}"
    return {"next_command": _assuming(right, state), "instead": (typed, right)}
