"""The fixture list: pairs of teams, home courts and days.

Counts follow the NBA's rule and its extension to other sizes: each team of the other conference
the same number of times (two in the NBA), the rest inside the conference as evenly as possible,
division opponents first if games are left over. With 30 teams and 82 games that is 4 games against
each division opponent, 4 against six and 3 against four others of the conference, 2 against each
team of the other conference.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nbarank.core.arrays import Bools, Ints
from nbarank.sources.simulated.teams import Structure

DAYS_PER_GAME = 2.0
BREAK_DAYS = 6
"""Days without games in mid-season (the NBA's All-Star break)."""


@dataclass(frozen=True)
class Fixtures:
    """Regular-season games in time order.

    Parameters
    ----------
    home, away
        Team indices, shape (games,).
    day
        Days since the season's first day, shape (games,).
    """

    home: Ints
    away: Ints
    day: Ints

    def team_days(self, n_teams: int) -> Ints:
        """Return the days on which each team plays, in order, shape (teams, games of a team)."""
        team = np.concatenate([self.home, self.away])
        day = np.concatenate([self.day, self.day])
        order = np.lexsort((day, team))
        return day[order].reshape(n_teams, -1)


def _pair_counts(structure: Structure, games: int, turn: int) -> Ints:
    """Return the games of each pair, a symmetric matrix with row sums `games`."""
    size = structure.n_teams // 2
    outside = max(1, round(2 * games / 82 * 15 / size * structure.n_teams / 30))
    while games - outside * size < size - 1 and outside > 1:
        outside -= 1
    inside = games - outside * size
    counts = np.zeros((structure.n_teams, structure.n_teams), dtype=np.int64)
    east, west = structure.members(0), structure.members(1)
    counts[np.ix_(east, west)] = outside
    if size % 2 and inside % 2:  # an odd conference cannot split an odd number inside it
        inside -= 1
        counts[east, west[(np.arange(size) + turn) % size]] += 1
    counts += counts.T
    each, extra = divmod(inside, size - 1)
    block = np.full((size, size), each, dtype=np.int64)
    np.fill_diagonal(block, 0)
    block += _regular_graph(size, extra, structure.divisions_per_conference, turn)
    for members in (east, west):
        counts[np.ix_(members, members)] = block
    return counts


def _regular_graph(size: int, degree: int, divisions: int, turn: int) -> Ints:
    """Return a graph in which each of `size` places has `degree` partners, division mates first.

    It is a sum of circulants: place i with place i + step. `turn` rotates the steps, so that the
    partners change from season to season.
    """
    steps = np.arange(1, size // 2 + 1)
    mates = [int(step) for step in steps if step % divisions == 0]
    others = [int(step) for step in steps if step % divisions]
    others = others[turn % len(others) :] + others[: turn % len(others)] if others else []
    if size % 2 == 0 and 1 in others:  # step 1 is last: its circle can always be halved
        others.remove(1)
        others.append(1)
    graph = np.zeros((size, size), dtype=np.int64)
    places = np.arange(size)
    left, unused = degree, []
    for step in mates + others:
        weight = 1 if 2 * step == size else 2
        if left >= weight:
            graph[places, (places + step) % size] = 1
            left -= weight
        else:
            unused.append(step)
    if left:  # one more partner: every second edge of a circle of even length
        step = next(s for s in unused if (size // np.gcd(size, s)) % 2 == 0)
        circle = size // int(np.gcd(size, step))
        for start in range(int(np.gcd(size, step))):
            ring = (start + step * np.arange(circle)) % size
            graph[ring[0::2], ring[1::2]] = 1
    return np.maximum(graph, graph.T)


def _odd_games_at_home(counts: Ints, rng: np.random.Generator) -> Bools:
    """Choose who hosts the odd game of each pair, so that each team hosts half of its games.

    Walks closed trails through the graph of pairs that meet an odd number of times (every team
    has an even number of such partners); each team hosts the next one on the trail.
    """
    hosts = np.zeros(counts.shape, dtype=np.bool_)
    odd = [set(np.flatnonzero(row % 2).tolist()) for row in counts]
    for start in rng.permutation(len(odd)).tolist():
        while odd[start]:
            here = start
            while odd[here]:
                options = sorted(odd[here])
                there = options[int(rng.integers(len(options)))]
                hosts[here, there] = True
                odd[here].discard(there)
                odd[there].discard(here)
                here = there
    return hosts


def make_fixtures(
    structure: Structure, games: int, turn: int, rng: np.random.Generator
) -> Fixtures:
    """Draw the fixture list of one season of `games` games per team.

    Every team hosts half of its games and never plays twice on a day or on three days in a row.
    `turn`, the number of the season, rotates the opponents who are met four times.
    """
    counts = _pair_counts(structure, games, turn)
    at_home = counts // 2 + _odd_games_at_home(counts, rng)
    home, away = np.nonzero(at_home)
    repeat = at_home[home, away]
    home, away = np.repeat(home, repeat), np.repeat(away, repeat)
    shuffle = rng.permutation(len(home))
    home, away = home[shuffle], away[shuffle]
    day = _assign_days(home, away, structure.n_teams, games, rng)
    order = np.lexsort((home, day))
    return Fixtures(home[order], away[order], day[order])


def _assign_days(
    home: Ints, away: Ints, n_teams: int, games: int, rng: np.random.Generator
) -> Ints:
    """Give each game a day; on each day, the teams furthest behind their pace play first."""
    total = round(games * DAYS_PER_GAME)
    break_from = round((total + BREAK_DAYS) * 0.66)
    day = np.full(len(home), -1, dtype=np.int64)
    played = np.zeros(n_teams)
    last_played = np.full((2, n_teams), -9, dtype=np.int64)
    playable = 0
    today = -1
    while (day < 0).any():
        today += 1
        if break_from <= today < break_from + BREAK_DAYS:
            continue
        playable += 1
        # Games behind pace; less if the team played yesterday.
        behind = games * min(playable / total, 1.0) - played + rng.normal(0.0, 0.35, n_teams)
        behind -= 0.25 * (last_played[0] == today - 1)
        blocked = (last_played[0] == today - 1) & (last_played[1] == today - 2)
        behind[blocked] = -np.inf
        hurry = playable > total - 4
        left = np.flatnonzero(day < 0)
        appeal = np.minimum(behind[home[left]], behind[away[left]]) + 0.25 * (
            behind[home[left]] + behind[away[left]]
        )
        appeal += rng.normal(0.0, 0.05, len(left))
        keep = appeal > (-np.inf if hurry else 0.0)
        left, appeal = left[keep], appeal[keep]
        order = left[np.argsort(-appeal, kind="stable")]
        busy = np.zeros(n_teams, dtype=np.bool_)
        for game, host, guest in zip(
            order.tolist(), home[order].tolist(), away[order].tolist(), strict=True
        ):
            if busy[host] or busy[guest]:
                continue
            busy[host] = busy[guest] = True
            day[game] = today
        last_played[1, busy] = last_played[0, busy]
        last_played[0, busy] = today
        played[busy] += 1
    return day
