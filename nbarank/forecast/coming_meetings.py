"""Play-in games and series whose two teams are known, and that are not over."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nbarank.forecast.postseason_simulation import (
    GAMES,
    PLAY_IN_GAMES,
    ROUND_OF_SERIES,
    SERIES,
    play_bracket,
)
from nbarank.forecast.season_simulation import ranked_teams, seeds_of
from nbarank.forecast.season_state import SeasonState
from nbarank.league.rules import ROUNDS, SERIES_WINS
from nbarank.league.standings import rank_tables

PLAY_IN = -1


class Meeting(NamedTuple):
    """Two teams (numbers of the state) that meet, and their round: 0-3, or PLAY_IN."""

    first: int
    second: int
    stage: int


def coming_meetings(state: SeasonState) -> list[Meeting]:
    """Return the meetings of the postseason that are certain, in order of the bracket.

    There are none while the regular season has games left.

    Raises
    ------
    ForecastError
        If games were played between teams that the bracket does not bring together.
    """
    if len(state.home):
        return []
    # Two postseasons: the better placed or upper team wins every open game, or the other does.
    # A meeting that is in both depends on no open game.
    extremes = np.array([1.0, -1.0], np.float32)
    table = rank_tables(
        np.repeat(state.won[:, :, None], len(extremes), axis=2),
        state.played[:, :, None],
        np.repeat(state.difference[:, None].astype(float), len(extremes), axis=1),
        state.conference,
        state.division,
        state.rules,
    )
    even = np.zeros((ROUNDS, state.n_teams, len(extremes)), np.float32)
    play_in_noise = np.broadcast_to(extremes, (2, PLAY_IN_GAMES, len(extremes)))
    seeds, took_part = seeds_of(state, table, even[0], play_in_noise, 0.0)
    played = play_bracket(
        seeds,
        table.league_rank,
        even,
        np.broadcast_to(extremes, (SERIES, GAMES, len(extremes))),
        rules=state.rules,
        home_court=0.0,
        won=state.playoffs_won,
    )
    found = []
    for side in (0, 1):
        ranked = ranked_teams(state, table, side)[:, 0]
        found += _play_in(state, [int(team) for team in ranked if took_part[team, 0]])
    certain = (played.first[:, 0] == played.first[:, 1]) & (
        played.second[:, 0] == played.second[:, 1]
    )
    for number in np.flatnonzero(certain):
        first, second = int(played.first[number, 0]), int(played.second[number, 0])
        wins = state.playoffs_won[first, second], state.playoffs_won[second, first]
        if max(wins) < SERIES_WINS:
            found.append(Meeting(first, second, int(ROUND_OF_SERIES[number])))
    return found


def meeting_of(state: SeasonState, first: int, second: int) -> Meeting | None:
    """Return the coming meeting of two teams (numbers of the state), in either order."""
    pair = {first, second}
    return next((one for one in coming_meetings(state) if {one.first, one.second} == pair), None)


def certain_games(state: SeasonState, first_id: int, second_id: int) -> int:
    """Return how many more games two teams (ids) play at least in the postseason."""
    first, second = np.searchsorted(state.team_ids, [first_id, second_id]).tolist()
    meeting = meeting_of(state, first, second)
    if meeting is None or meeting.stage == PLAY_IN:
        return int(meeting is not None)
    return int(
        SERIES_WINS - max(state.playoffs_won[first, second], state.playoffs_won[second, first])
    )


def with_postseason_win(state: SeasonState, meeting: Meeting, winner: int) -> SeasonState:
    """Return a state in which a team has won the next game of a meeting."""
    name = "play_in_won" if meeting.stage == PLAY_IN else "playoffs_won"
    won = getattr(state, name).copy()
    won[winner, meeting.second if winner == meeting.first else meeting.first] += 1
    return replace(state, **{name: won})


def _play_in(state: SeasonState, teams: list[int]) -> list[Meeting]:
    """Return the open games of a conference's play-in, of its teams in order of the standings."""
    won = state.play_in_won
    if len(teams) == 2:  # the bubble: the ninth needs two wins
        eighth, ninth = teams
        over = won[eighth, ninth] > 0 or won[ninth, eighth] > 1
        return [] if over else [Meeting(eighth, ninth, PLAY_IN)]
    if not teams:
        return []
    seventh, eighth, ninth, tenth = teams
    pairs = [(seventh, eighth), (ninth, tenth)]
    decided = [won[pair] - won[pair[::-1]] for pair in pairs]
    if all(decided):
        loser = eighth if decided[0] > 0 else seventh
        survivor = ninth if decided[1] > 0 else tenth
        pairs.append((loser, survivor))
        decided.append(won[loser, survivor] - won[survivor, loser])
    return [Meeting(*pair, PLAY_IN) for pair, one in zip(pairs, decided, strict=True) if not one]
