"""The play-in: who plays whom for the last seeds, and who took them.

standard (since 2020-21): 7 and 8 meet for seed 7; 9 and 10 meet, the loser is out; the loser of
the first game and the winner of the second meet for seed 8. The better placed team is at home.
bubble (2020): if the ninth is at most four games behind the eighth, they meet; the eighth needs
one win, the ninth two in a row. Everything on neutral ground.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nbarank.core.errors import IngestError
from nbarank.league.rules import BUBBLE_GAMES_BEHIND, SEEDS, STANDARD_PLAY_IN_TEAMS, SeasonRules

PairWins = Mapping[tuple[int, int], int]
"""(team, opponent) -> games the team has won against the opponent; absent where none."""


def games_behind(ahead: tuple[int, int], behind: tuple[int, int]) -> float:
    """Return how many games one (wins, losses) record is behind another."""
    return ((ahead[0] - behind[0]) + (behind[1] - ahead[1])) / 2


def play_in_seeds(
    order: Sequence[int], record: Mapping[int, tuple[int, int]], wins: PairWins, rules: SeasonRules
) -> tuple[int, ...]:
    """Return the eight playoff teams of a conference, by seed, from play-in games that happened.

    Parameters
    ----------
    order
        Teams of the conference by seed order, best first.
    record
        Wins and losses of each team.
    wins
        Play-in games won.
    rules
        Format of the season.

    Raises
    ------
    IngestError
        If the conference is too small for the format, or a game that decides a seed was not
        played.
    """
    needed = {"none": SEEDS, "bubble": SEEDS + 1, "standard": max(STANDARD_PLAY_IN_TEAMS)}
    if len(order) < needed[rules.play_in]:
        raise IngestError(
            f"A conference of {len(order)} teams cannot fill its playoff places.",
            where=f"play_in: {rules.play_in}",
            allowed=f"at least {needed[rules.play_in]} teams in each conference",
            next_command="choose another play_in for the season, or more teams",
        )
    direct = tuple(order[:SEEDS])
    if rules.play_in == "standard":
        seventh, eighth, ninth, tenth = (order[place - 1] for place in STANDARD_PLAY_IN_TEAMS)
        first = _winner(seventh, eighth, wins)
        survivor = _winner(ninth, tenth, wins)
        loser = eighth if first == seventh else seventh
        return (*order[: SEEDS - 2], first, _winner(loser, survivor, wins))
    if rules.play_in == "bubble":
        eighth, ninth = order[SEEDS - 1], order[SEEDS]
        if games_behind(record[eighth], record[ninth]) > BUBBLE_GAMES_BEHIND:
            return direct
        if wins.get((eighth, ninth), 0) > 0:
            return direct
        if wins.get((ninth, eighth), 0) == 2:
            return (*direct[:-1], ninth)
        raise _not_played(eighth, ninth)
    return direct


def _winner(first: int, second: int, wins: PairWins) -> int:
    """Return who won the one game between two teams."""
    won = wins.get((first, second), 0), wins.get((second, first), 0)
    if won == (1, 0):
        return first
    if won == (0, 1):
        return second
    raise _not_played(first, second)


def _not_played(first: int, second: int) -> IngestError:
    return IngestError(
        f"Standings and rules have the teams {first} and {second} meet in the play-in, and the "
        "games do not say who won.",
        where="the season's playin_team_logs",
        allowed="the one game between them (2020: until the eighth has won one or the ninth two)",
        next_command="add the season's playin_ files, or correct play_in in calendar.seasons",
    )
