"""Play-in and playoffs in progress: who meets whom, who has won, who is out.

Only results before a state's day count. `league.postseason` gives the seeds once every game is
played, and the simulation draws open games; here what is open stays open. Formats and their
sources: `nbarank.league.rules`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nbarank.forecast.season_state import SeasonState
from nbarank.league.postseason import PairWins, games_behind
from nbarank.league.rules import BUBBLE_GAMES_BEHIND, FIRST_ROUND, ROUNDS, SERIES_WINS
from nbarank.league.standings import rank_tables
from nbarank.schemas.league import SEEDS

Teams = tuple[int, ...]
"""Ids of the teams that can still take a place; one once it is taken."""

SEED_7, SEED_8 = "for seed 7", "for seed 8"
ELIMINATION = "the winner plays for seed 8"


@dataclass(frozen=True)
class Meeting:
    """A play-in game (in the bubble: up to two) or a series.

    Parameters
    ----------
    stage
        0 play-in, 1 to 4 the rounds.
    first, second
        The two sides; the first one has home court once both are known.
    won, needed
        Games that each side has won, and needs to win.
    prize
        What a play-in game is about.
    """

    stage: int
    first: Teams
    second: Teams
    won: tuple[int, int] = (0, 0)
    needed: tuple[int, int] = (SERIES_WINS, SERIES_WINS)
    prize: str = ""

    @property
    def known(self) -> bool:
        """Whether both teams are known."""
        return len(self.first) == len(self.second) == 1

    @property
    def decided(self) -> bool:
        """Whether a side has won."""
        return any(won >= needed for won, needed in zip(self.won, self.needed, strict=True))

    @property
    def games_left(self) -> int:
        """Games that are played at least."""
        sides = zip(self.won, self.needed, strict=True)
        return max(min(needed - won for won, needed in sides), 0)

    @property
    def winners(self) -> Teams:
        """Teams that can still win it."""
        if not self.decided:
            return (*self.first, *self.second)
        return self.first if self.won[0] >= self.needed[0] else self.second

    @property
    def losers(self) -> Teams:
        """Teams that can still lose it."""
        if not self.decided:
            return self.winners
        return self.second if self.winners == self.first else self.first


@dataclass(frozen=True)
class OpenPlayoffs:
    """Play-in and playoffs whose title is open.

    Parameters
    ----------
    meetings
        By stage, then in the order of the bracket; the final is the last.
    seeds
        Of the teams whose seed is known.
    """

    meetings: tuple[Meeting, ...]
    seeds: Mapping[int, int]

    @cached_property
    def alive(self) -> frozenset[int]:
        """Teams that can still win the title."""
        return frozenset(self.meetings[-1].winners)

    @cached_property
    def out(self) -> frozenset[int]:
        """Teams of play-in and playoffs that cannot."""
        took_part = {team for one in self.meetings for team in (*one.first, *one.second)}
        return frozenset(took_part - self.alive)

    @property
    def open_stages(self) -> list[int]:
        """Stages with a meeting that is not decided."""
        return sorted({one.stage for one in self.meetings if not one.decided})

    @property
    def in_play_in(self) -> bool:
        """Whether seeds are still open."""
        return 0 in self.open_stages

    def latest(self, team: int) -> Meeting | None:
        """Return the last meeting that a team has reached; None outside the play-in."""
        reached = [one for one in self.meetings if (team,) in (one.first, one.second)]
        return reached[-1] if reached else None


def open_playoffs(state: SeasonState) -> OpenPlayoffs | None:
    """Return play-in and playoffs to come or in progress.

    None while the regular season has fixtures left, or once the champion is known. `state` may be
    of any day; its teams are numbered, those of the result are ids.
    """
    if len(state.home):
        return None
    games = state.won + state.won.T
    table = rank_tables(
        state.won[:, :, None],
        games[:, :, None],
        state.difference[:, None].astype(np.float64),
        state.conference,
        state.division,
        state.rules,
    )
    ids = [int(team) for team in state.team_ids]
    home_court = dict(zip(ids, table.league_rank[:, 0].tolist(), strict=True))
    records = zip(table.wins[:, 0].tolist(), table.losses[:, 0].tolist(), strict=True)
    record = dict(zip(ids, records, strict=True))
    play_in_won = _pair_wins(state.play_in_won, ids)
    meetings: list[Meeting] = []
    sides: list[Teams] = []
    seeds: dict[int, int] = {}
    for conference in (0, 1):
        own = np.flatnonzero(state.conference == conference)
        order = [ids[team] for team in own[np.argsort(table.seed_order[own, 0])]]
        games_of, eight = _play_in(order, state.rules.play_in, record, play_in_won)
        meetings += games_of
        sides += [eight[seed - 1] for pair in FIRST_ROUND for seed in pair]
        seeds |= {teams[0]: seed for seed, teams in enumerate(eight, 1) if len(teams) == 1}
    won = _pair_wins(state.playoffs_won, ids)
    for stage in range(1, ROUNDS + 1):
        series = [
            _series(stage, first, second, won, home_court)
            for first, second in zip(sides[::2], sides[1::2], strict=True)
        ]
        meetings += series
        sides = [one.winners for one in series]
    return None if meetings[-1].decided else OpenPlayoffs(tuple(meetings), seeds)


def coming_meetings(state: SeasonState) -> list[Meeting]:
    """Return the meetings of two known teams that are not decided, in order of the bracket."""
    playoffs = open_playoffs(state)
    return [one for one in playoffs.meetings if one.known and not one.decided] if playoffs else []


def meeting_of(state: SeasonState, first_id: int, second_id: int) -> Meeting | None:
    """Return the coming meeting of two teams (ids), in either order; None if it is not certain."""
    pair = {first_id, second_id}
    return next((one for one in coming_meetings(state) if set(one.winners) == pair), None)


def games_since(before: Meeting | None, after: Meeting) -> int:
    """Return how many games a meeting has had since; None: its sides were not known."""
    return sum(after.won) - (sum(before.won) if before else 0)


def with_win(state: SeasonState, meeting: Meeting, winner_id: int) -> SeasonState:
    """Return a state in which a team (id) of a coming meeting has won its next game.

    The games of `meeting` must be those of the state.
    """
    (loser_id,) = set(meeting.winners) - {winner_id}
    winner, loser = np.searchsorted(state.team_ids, [winner_id, loser_id])
    name = "playoffs_won" if meeting.stage else "play_in_won"
    won = getattr(state, name).copy()
    won[winner, loser] += 1
    return replace(state, **{name: won})


def _pair_wins(won: NDArray[np.int64], ids: Sequence[int]) -> PairWins:
    return {(ids[row], ids[column]): int(won[row, column]) for row, column in np.argwhere(won)}


def _play_in(
    order: Sequence[int], rules: str, record: Mapping[int, tuple[int, int]], won: PairWins
) -> tuple[list[Meeting], list[Teams]]:
    """Return the play-in games of a conference, and the teams that can have each seed."""
    direct: list[Teams] = [(team,) for team in order[:SEEDS]]
    once = (1, 1)
    if rules == "standard":
        seventh, eighth, ninth, tenth = ((team,) for team in order[6:10])
        first = _meeting(0, seventh, eighth, won, once, SEED_7)
        second = _meeting(0, ninth, tenth, won, once, ELIMINATION)
        last = _meeting(0, first.losers, second.winners, won, once, SEED_8)
        return [first, second, last], [*direct[:6], first.winners, last.winners]
    if rules == "bubble":
        last_in, next_best = order[SEEDS - 1], order[SEEDS]
        if games_behind(record[last_in], record[next_best]) <= BUBBLE_GAMES_BEHIND:
            only = _meeting(0, (last_in,), (next_best,), won, (1, 2), SEED_8)
            return [only], [*direct[:-1], only.winners]
    return [], direct


def _series(
    stage: int, first: Teams, second: Teams, won: PairWins, home_court: Mapping[int, int]
) -> Meeting:
    if len(first) == len(second) == 1 and home_court[second[0]] < home_court[first[0]]:
        first, second = second, first
    return _meeting(stage, first, second, won)


def _meeting(
    stage: int,
    first: Teams,
    second: Teams,
    won: PairWins,
    needed: tuple[int, int] = (SERIES_WINS, SERIES_WINS),
    prize: str = "",
) -> Meeting:
    games = (0, 0)
    if len(first) == len(second) == 1:
        pair = (first[0], second[0])
        games = won.get(pair, 0), won.get(pair[::-1], 0)
    return Meeting(stage, first, second, games, needed, prize)
