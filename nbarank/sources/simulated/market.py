"""Rosters: summers (retirement, draft, free agency) and moves during a season."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.players import FREE, GONE, Players, age_one_year, draw_players
from nbarank.sources.simulated.teams import Structure

LAST_DAY = 9_999
Move = Callable[[int, int, int], None]
"""Arguments: player (row), team, day."""


@dataclass(frozen=True)
class Stints:
    """Roster spells of each team, padded to the longest list.

    Parameters
    ----------
    player
        Row in `Players`, -1 where padded, shape (teams, stints).
    start, stop
        First day on the roster and first day off it, in days since the season's start.
    """

    player: Ints
    start: Ints
    stop: Ints

    def on_roster(self, team: Ints, day: Ints) -> Bools:
        """Return which spells of a team include a day, shape (rows, stints)."""
        begun = self.start[team] <= day[:, None]
        spells: Bools = (self.player[team] >= 0) & begun & (day[:, None] < self.stop[team])
        return spells


def first_rosters(structure: Structure, scale: float, rng: np.random.Generator) -> Players:
    """Fill the league for the first time with players of all ages."""
    n = structure.n_teams * (c.ROSTER + int(c.POOL_PER_TEAM))
    players = draw_players(rng.integers(19, 35, n), scale, rng)
    _sign_free_agents(players, np.zeros(structure.n_teams), rng)
    return players


def summer(
    players: Players, strength: Floats, scale: float, movement: float, rng: np.random.Generator
) -> None:
    """Take the league from the end of one season to the start of the next, in place.

    `strength` of the teams last season, shape (teams,), decides the draft order; `scale`
    multiplies the SD of impact, `movement` the chance to change teams.
    """
    n_teams = len(strength)
    players.last_team = players.team.copy()
    players.team[age_one_year(players, scale, rng)] = GONE
    under_contract = players.team >= 0
    centred = players.rating - players.rating[under_contract].mean()
    chance = movement * (c.SUMMER_MOVE + c.SUMMER_MOVE_PER_IMPACT * centred / scale)
    leaves = under_contract & (rng.random(len(players)) < np.clip(chance, 0.04, 0.9))
    players.team[leaves] = FREE
    _draft(players, strength, scale, rng)
    for team in range(n_teams):
        roster = players.of(team)
        if len(roster) > c.ROSTER:
            worst = np.argsort(_future(players)[roster], kind="stable")[: len(roster) - c.ROSTER]
            players.team[roster[worst]] = FREE
    _sign_free_agents(players, strength, rng)
    free = np.flatnonzero(players.team == FREE)
    kept = free[np.argsort(-_future(players)[free], kind="stable")]
    players.team[kept[int(c.POOL_PER_TEAM * n_teams) :]] = GONE


def _future(players: Players) -> Floats:
    """Return the rating plus a bonus for youth, by which players are kept and drafted."""
    ahead: Floats = players.rating + 0.45 * np.clip(25 - players.age, 0, None)
    return ahead


def _draft(players: Players, strength: Floats, scale: float, rng: np.random.Generator) -> None:
    n_teams = len(strength)
    entrants = round(c.ENTRANTS_PER_TEAM * n_teams)
    ages = rng.choice(np.arange(19, 26), size=entrants, p=c.ENTRANT_AGE_SHARES)
    first = len(players)
    players.join(draw_players(ages, scale, rng))
    noise = rng.normal(0.0, 1.0, len(ages))
    best = first + np.argsort(-(_future(players)[first:] + noise), kind="stable")
    for turn in range(c.DRAFTED_PER_TEAM):
        order = np.argsort(strength + rng.normal(0.0, 2.0, n_teams), kind="stable")
        players.team[best[turn * n_teams : (turn + 1) * n_teams]] = order


def _sign_free_agents(players: Players, strength: Floats, rng: np.random.Generator) -> None:
    """Fill every roster: the best free agents choose first.

    They prefer teams that need their role, have open places, and (the good ones) won.
    """
    n_teams = len(strength)
    success = c.MOST_SUCCESS * np.tanh(strength / c.MOST_SUCCESS)
    size = np.bincount(players.team[players.team >= 0], minlength=n_teams)
    of_role = np.zeros((n_teams, 3))
    np.add.at(of_role, (players.team[players.team >= 0], players.role[players.team >= 0]), 1)
    free = np.flatnonzero(players.team == FREE)
    order = free[np.argsort(-players.rating[free] + rng.normal(0.0, 0.5, len(free)))]
    gumbel = rng.gumbel(size=(len(order), n_teams))
    value = np.clip(players.rating - c.LEAST_VALUE, 0.0, None)
    for player, luck in zip(order.tolist(), gumbel, strict=True):
        appeal = luck - c.NEED_FOR_ROLE * of_role[:, players.role[player]]
        appeal += 0.5 * (c.ROSTER - size)
        appeal += c.WINNERS_PER_POINT * value[player] * success
        appeal[size >= c.ROSTER] = -np.inf
        if players.last_team[player] >= 0:
            appeal[players.last_team[player]] -= 3.0
        team = int(np.argmax(appeal))
        if size[team] >= c.ROSTER:
            break
        players.team[player] = team
        size[team] += 1
        of_role[team, players.role[player]] += 1


def season_stints(
    players: Players, days: int, n_teams: int, movement: float, rng: np.random.Generator
) -> Stints:
    """Draw the trades and signings of one season of `days` regular-season days.

    `players.team` changes from the teams of the opening day to those at the season's end;
    `movement` multiplies the number of trades.
    """
    rows = [[int(t), int(p), 0, LAST_DAY] for p, t in enumerate(players.team) if t >= 0]
    open_row = {row[1]: row for row in rows}

    def move(player: int, team: int, day: int) -> None:
        if player in open_row:
            open_row.pop(player)[3] = day
        if team >= 0:
            row = [team, player, day, LAST_DAY]
            open_row[player] = row
            rows.append(row)
        players.team[player] = team

    deadline = round(0.68 * days)
    trades = rng.poisson(movement * c.TRADES_PER_TEAM * n_teams)
    trade_days = np.where(
        rng.random(trades) < 0.6,
        rng.integers(deadline - 4, deadline + 1, trades),
        rng.integers(round(0.25 * days), deadline, trades),
    )
    signings = rng.poisson(c.SIGNINGS_PER_TEAM * n_teams)
    events = [(int(day), 0) for day in trade_days]
    events += [(int(day), 1) for day in rng.integers(5, max(6, round(0.97 * days)), signings)]
    for day, kind in sorted(events):
        if kind == 0:
            _trade(players, n_teams, day, rng, move)
        else:
            _sign_within_season(players, int(rng.integers(n_teams)), day, rng, move)
    return _pad(rows, n_teams)


def _trade(players: Players, n_teams: int, day: int, rng: np.random.Generator, move: Move) -> None:
    """Swap one or two players of two teams, each for a player of similar rating."""
    first, second = rng.choice(n_teams, 2, replace=False).tolist()
    for _ in range(int(rng.integers(1, 3))):
        mine, theirs = players.of(first), players.of(second)
        rating = players.rating
        given = int(mine[np.argmax(-0.25 * rating[mine] + rng.gumbel(size=len(mine)))])
        gap = np.abs(rating[theirs] - rating[given])
        taken = int(theirs[np.argmax(-1.5 * gap + rng.gumbel(size=len(theirs)))])
        move(given, second, day)
        move(taken, first, day)


def _sign_within_season(
    players: Players, team: int, day: int, rng: np.random.Generator, move: Move
) -> None:
    """Replace one of a team's worst players by a free agent."""
    free = np.flatnonzero(players.team == FREE)
    roster = players.of(team)
    if not len(free):
        return
    come = int(free[np.argmax(players.rating[free] + rng.gumbel(size=len(free)))])
    go = int(roster[np.argmin(_future(players)[roster] + 0.5 * rng.gumbel(size=len(roster)))])
    move(go, FREE, day)
    move(come, team, day)


def _pad(rows: list[list[int]], n_teams: int) -> Stints:
    table = np.array(rows, dtype=np.int64)
    table = table[np.lexsort((table[:, 2], table[:, 0]))]
    counts = np.bincount(table[:, 0], minlength=n_teams)
    place = np.arange(len(table)) - np.repeat(np.cumsum(counts) - counts, counts)
    stints = np.zeros((3, n_teams, counts.max()), dtype=np.int64)
    stints[0] = -1
    stints[:, table[:, 0], place] = table[:, 1:].T
    return Stints(*stints)
