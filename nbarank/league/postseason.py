"""Play-in seeds and the playoff series of a finished season, rebuilt from its games.

Play-in, standard (since 2020-21): 7 and 8 play for seed 7; 9 and 10 play, the loser is out; the
loser of the first game and the winner of the second play for seed 8. Bubble (2020): if the ninth
is at most four games behind the eighth, they play; the eighth needs one win, the ninth two.

Bracket: in each conference 1-8, 4-5, 2-7 and 3-6 play, then the winners; there is no reseeding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.rules import (
    BUBBLE_GAMES_BEHIND,
    FIRST_ROUND,
    ROUNDS,
    SERIES_WINS,
    STANDARD_PLAY_IN_TEAMS,
    SeasonRules,
)
from nbarank.schemas.calendar import CALENDAR_FILE
from nbarank.schemas.league import CONFERENCES, SEEDS

PairWins = Mapping[tuple[int, int], int]
"""(team, opponent) -> games the team has won against the opponent; absent where none."""


@dataclass(frozen=True)
class Series:
    """One decided series."""

    round: int
    first_id: int
    second_id: int
    winner_id: int


def pair_wins(games: pd.DataFrame) -> dict[tuple[int, int], int]:
    """Count wins of each team over each opponent, from league/games of one season and kind."""
    home_won = games["home_pts"] > games["away_pts"]
    winner = games["home_id"].where(home_won, games["away_id"])
    loser = games["away_id"].where(home_won, games["home_id"])
    counts = winner.groupby([winner.rename("winner"), loser.rename("loser")]).size()
    pairs = counts.rename("games").reset_index()
    return {
        (int(won), int(lost)): int(count)
        for won, lost, count in pairs[["winner", "loser", "games"]].itertuples(index=False)
    }


def games_behind(ahead: tuple[int, int], behind: tuple[int, int]) -> float:
    """Return how many games one (wins, losses) record is behind another."""
    return ((ahead[0] - behind[0]) + (behind[1] - ahead[1])) / 2


def play_in_seeds(
    order: Sequence[int], record: Mapping[int, tuple[int, int]], wins: PairWins, rules: SeasonRules
) -> tuple[int, ...]:
    """Return the eight playoff teams of a conference, by seed.

    Parameters
    ----------
    order
        Teams of the conference by seed order, best first.
    record
        Wins and losses of each team.
    wins
        Play-in games won.

    Raises
    ------
    IngestError
        If the conference is too small for the format, or a deciding game is missing.
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
        too_far = games_behind(record[eighth], record[ninth]) > BUBBLE_GAMES_BEHIND
        if too_far or wins.get((eighth, ninth), 0) > 0:
            return direct
        if wins.get((ninth, eighth), 0) == 2:
            return (*direct[:-1], ninth)
        raise _no_result(eighth, ninth)
    return direct


def first_round(seeds: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of the first round of a conference, from its eight seeds."""
    return [(seeds[better - 1], seeds[worse - 1]) for better, worse in FIRST_ROUND]


def rebuild_bracket(
    season: str, seeds: Mapping[str, Sequence[int]], wins: PairWins
) -> list[Series]:
    """Return the fifteen series of a finished season; the final is the last.

    Parameters
    ----------
    season
        Label, for messages.
    seeds
        Eight teams of 'East' and of 'West', by seed.
    wins
        Playoff games won by each team against each opponent.

    Raises
    ------
    IngestError
        If a series was not played to four wins, or teams met outside the bracket.
    """
    east, west = (conference_series(season, seeds[name], wins) for name in CONFERENCES)
    final = _series(season, ROUNDS, (east[-1].winner_id, west[-1].winner_id), wins)
    found = [*east, *west, final]
    met = {frozenset((series.first_id, series.second_id)) for series in found}
    outside = sorted(pair for pair in wins if frozenset(pair) not in met)
    if outside:
        raise IngestError(
            f"Playoff games of {season} were played by teams that do not meet in its bracket.",
            where=f"teams {outside[:3]}",
            allowed="the series that follow from the seeds",
            next_command=f"check the season's playoffs_team_logs, and play_in in {CALENDAR_FILE}",
        )
    return found


def conference_series(season: str, seeds: Sequence[int], wins: PairWins) -> list[Series]:
    """Return the seven series of one conference by round; parameters as in `rebuild_bracket`.

    Raises
    ------
    IngestError
        If a series was not played to four wins.
    """
    pairs = first_round(seeds)
    found: list[Series] = []
    for number in range(1, ROUNDS):
        played = [_series(season, number, pair, wins) for pair in pairs]
        found += played
        winners = [series.winner_id for series in played]
        pairs = list(zip(winners[::2], winners[1::2], strict=False))
    return found


def _series(season: str, number: int, pair: tuple[int, int], wins: PairWins) -> Series:
    """Return one series of round `number`."""
    first, second = pair
    won = wins.get((first, second), 0), wins.get((second, first), 0)
    if max(won) != SERIES_WINS or min(won) >= SERIES_WINS:
        raise IngestError(
            f"In the bracket of {season}, {first} and {second} meet in round {number}, but the "
            f"series is {won[0]}-{won[1]}.",
            where="the season's playoffs_team_logs",
            allowed=f"a series that one of them won with {SERIES_WINS} games",
            next_command=f"fetch the season's playoffs again; check play_in in {CALENDAR_FILE}",
        )
    return Series(number, first, second, first if won[0] > won[1] else second)


def _winner(first: int, second: int, wins: PairWins) -> int:
    """Return the winner of the one game between two teams."""
    won = wins.get((first, second), 0), wins.get((second, first), 0)
    if sorted(won) != [0, 1]:
        raise _no_result(first, second)
    return first if won[0] else second


def _no_result(first: int, second: int) -> IngestError:
    return IngestError(
        f"By standings and rules, teams {first} and {second} meet in the play-in, but the games "
        "do not show who won.",
        where="the season's playin_team_logs",
        allowed="the one game between them (2020: until the eighth has won one or the ninth two)",
        next_command=f"add the season's playin_ files, or correct play_in in {CALENDAR_FILE}",
    )
