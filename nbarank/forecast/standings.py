"""Final standings of simulated regular seasons: conference order, seeds, order of the league."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nbarank.forecast.state import SeasonState
from nbarank.forecast.tiebreaks import Criteria, Flags, Floats, Whole, order


@dataclass(frozen=True)
class Standings:
    """Order of the teams, [K, n] each.

    Parameters
    ----------
    wins
        Regular-season wins.
    share
        Share of games won.
    conference_rank
        Place in the conference by record and tie-breaks, 1 = best.
    seed_order
        The same with the division winners first where the season's rules say so; places 1-8
        are the seeds where there is no play-in.
    league_rank
        Place in the league, 1 = best; also who has home court.
    """

    wins: Whole
    share: Floats
    conference_rank: Whole
    seed_order: Whole
    league_rank: Whole


def standings(state: SeasonState, won: NDArray[np.uint8], last: Floats) -> Standings:
    """Rank every simulated season.

    Parameters
    ----------
    state
        The season.
    won
        [K, K, n] regular-season wins of row over column, the season complete.
    last
        [K, n] last criterion among tied teams: point difference.
    """
    played = state.played
    wins = won.sum(axis=1, dtype=np.int16)
    share = _share(wins, played.sum(axis=1))
    same_conference = state.conference[:, None] == state.conference[None]
    same_division = state.division[:, None] == state.division[None]
    depth = 8 if state.rules.play_in == "none" else 10
    eligible = _eligible(share, state.conference, depth)
    common = {
        "division_share": _share_against(won, played, same_division),
        "conference_share": _share_against(won, played, same_conference),
        "own_share": _share_against(won, played, same_conference, eligible),
        "other_share": _share_against(won, played, ~same_conference, eligible),
        "last": last,
    }
    nobody = np.zeros(share.shape, bool)
    whole = Criteria(won, played.astype(np.int16), state.division, nobody, **common)
    winner = _division_winners(share, whole)
    whole = Criteria(won, whole.played, state.division, winner, **common)

    conference_rank = np.empty(share.shape, np.int16)
    for conference in np.unique(state.conference):
        rows = np.flatnonzero(state.conference == conference)
        conference_rank[rows] = order(share[rows], _part(whole, rows))
    seed_order = conference_rank
    if state.rules.division_winners_first:
        seed_order = _division_winners_first(conference_rank, winner, state.conference)
    return Standings(
        wins=wins,
        share=share,
        conference_rank=conference_rank,
        seed_order=seed_order,
        league_rank=_league_rank(share, conference_rank, whole, state.conference),
    )


def _share(wins: Whole, games: NDArray[np.int64]) -> Floats:
    """Return the share of games won; 0 where none is played."""
    return (wins / np.maximum(games, 1)[:, None]).astype(np.float32)


def _share_against(
    won: NDArray[np.uint8],
    played: NDArray[np.int64],
    opponents: Flags,
    eligible: Flags | None = None,
) -> Floats:
    """Return [K, n] share won against [K, K] opponents, only those [K, n] eligible if given."""
    n = won.shape[2]
    wins = np.zeros((len(won), n), np.int32)
    games = np.zeros((len(won), n), np.int32)
    for team, rivals in enumerate(opponents):
        columns = np.flatnonzero(rivals)
        if eligible is None:
            wins[team] = won[team, columns].sum(axis=0)
            games[team] = played[team, columns].sum()
        else:
            counted = eligible[columns]
            wins[team] = (won[team, columns] * counted).sum(axis=0)
            games[team] = played[team, columns].astype(np.int16) @ counted.astype(np.int16)
    return (wins / np.maximum(games, 1)).astype(np.float32)


def _eligible(share: Floats, conference: NDArray[np.int64], depth: int) -> Flags:
    """Return who is in, or tied for, the first `depth` places of the conference."""
    eligible = np.zeros(share.shape, bool)
    for number in np.unique(conference):
        rows = np.flatnonzero(conference == number)
        bar = np.partition(share[rows], len(rows) - depth, axis=0)[len(rows) - depth]
        eligible[rows] = share[rows] >= bar
    return eligible


def _part(whole: Criteria, rows: NDArray[np.int64]) -> Criteria:
    """Return the criteria of some of the teams."""
    return Criteria(
        won=whole.won[np.ix_(rows, rows)],
        played=whole.played[np.ix_(rows, rows)],
        division=whole.division[rows],
        division_winner=whole.division_winner[rows],
        division_share=whole.division_share[rows],
        conference_share=whole.conference_share[rows],
        own_share=whole.own_share[rows],
        other_share=whole.other_share[rows],
        last=whole.last[rows],
    )


def _division_winners(share: Floats, whole: Criteria) -> Flags:
    """Return who is first in the division."""
    winner = np.zeros(share.shape, bool)
    for division in np.unique(whole.division):
        rows = np.flatnonzero(whole.division == division)
        winner[rows] = order(share[rows], _part(whole, rows)) == 1
    return winner


def _division_winners_first(rank: Whole, winner: Flags, conference: NDArray[np.int64]) -> Whole:
    """Return the order with division winners and the best other team in the first places."""
    # Adding 100 to everyone but the winners and the best other team keeps both groups in order.
    key = rank + np.where(winner, 0, 100).astype(np.int16)
    ordered = np.empty_like(rank)
    for number in np.unique(conference):
        rows = np.flatnonzero(conference == number)
        part = key[rows]
        others = np.where(winner[rows], np.int16(1000), part)
        best = others == others.min(axis=0)
        part = np.where(best, part - 100, part)
        ordered[rows] = (part[:, None] >= part[None]).sum(axis=1)
    return ordered


def _league_rank(
    share: Floats, conference_rank: Whole, whole: Criteria, conference: NDArray[np.int64]
) -> Whole:
    """Return places in the league; each conference keeps its own order among the tied."""
    n_teams = len(share)
    above = share[:, None] < share[None]
    tied = share[:, None] == share[None]
    same = (conference[:, None] == conference[None])[:, :, None]
    above |= tied & same & (conference_rank[:, None] > conference_rank[None])
    # Across the conferences: the place in the own conference, head to head, point difference.
    across = tied & ~same
    rank_apart = conference_rank[:, None] - conference_rank[None]
    above |= across & (rank_apart > 0)
    level = across & (rank_apart == 0)
    apart = whole.won.astype(np.int16).transpose(1, 0, 2) - whole.won
    above |= level & (apart > 0)
    level &= apart == 0
    above |= level & (whole.last[:, None] < whole.last[None])
    rank = above.sum(axis=1, dtype=np.int16) + 1
    assert rank.shape[0] == n_teams
    return rank
