"""The playoff bracket: who meets whom, who has home court, and the series that were played.

In each conference 1-8, 4-5, 2-7 and 3-6 meet, each winner the next; nobody is seeded anew. Best
of seven, 2-2-1-1-1 (finals to 2012-13: 2-3-2). Home court goes by record, not by seed, which was
not the same while division winners were seeded first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.playin import PairWins
from nbarank.league.rules import FIRST_ROUND, ROUNDS, SERIES_WINS

CONFERENCES = ("East", "West")


@dataclass(frozen=True)
class Series:
    """One series that has been decided; fields as in table league/series."""

    round: int
    series: int
    conference: str
    first_id: int
    second_id: int
    first_seed: int
    second_seed: int
    home_court_id: int
    first_wins: int
    second_wins: int
    winner_id: int


def pair_wins(games: pd.DataFrame) -> dict[tuple[int, int], int]:
    """Count games won by each team against each opponent.

    Parameters
    ----------
    games
        Rows of league/games of one season and kind.
    """
    home_won = games["home_pts"] > games["away_pts"]
    winner = games["home_id"].where(home_won, games["away_id"])
    loser = games["away_id"].where(home_won, games["home_id"])
    counts = winner.groupby([winner.rename("winner"), loser.rename("loser")]).size()
    pairs = counts.rename("games").reset_index()
    return {
        (int(won), int(lost)): int(count)
        for won, lost, count in pairs[["winner", "loser", "games"]].itertuples(index=False)
    }


def first_round(seeds: Sequence[int]) -> list[tuple[int, int]]:
    """Return the pairs of teams that meet first in a conference, from its eight seeds."""
    return [(seeds[better - 1], seeds[worse - 1]) for better, worse in FIRST_ROUND]


def rebuild_bracket(
    season: str,
    seeds: Mapping[str, Sequence[int]],
    league_rank: Mapping[int, int],
    wins: PairWins,
) -> list[Series]:
    """Return the fifteen series of a finished season, from seeds and playoff games.

    Parameters
    ----------
    season
        Label, for messages.
    seeds
        Eight teams of 'East' and of 'West', by seed.
    league_rank
        Place of each team in the league by record; the lower number has home court.
    wins
        Playoff games won by each team against each opponent.

    Raises
    ------
    IngestError
        If a series of the bracket was not played to four wins, or teams met that the bracket
        does not bring together.
    """
    sides = {
        name: conference_series(season, name, seeds[name], league_rank, wins)
        for name in CONFERENCES
    }
    seed_of = {team: place for teams in seeds.values() for place, team in enumerate(teams, 1)}
    champions = (sides["East"][-1].winner_id, sides["West"][-1].winner_id)
    final = _series(season, ROUNDS, 1, "Final", champions, seed_of, league_rank, wins)
    # In each round the East comes before the West, as in the numbers of nba.com.
    found = sorted([*sides["East"], *sides["West"], final], key=lambda one: (one.round, one.series))
    strangers = set(wins) - {
        pair
        for series in found
        for pair in (
            (series.first_id, series.second_id),
            (series.second_id, series.first_id),
        )
    }
    if strangers:
        raise IngestError(
            f"Playoff games of {season} were played by teams that the bracket does not bring "
            "together.",
            where=f"teams {sorted(strangers)[:3]}",
            allowed="the series that follow from the seeds",
            next_command="check the season's playoffs_team_logs, and play_in in calendar.seasons",
        )
    return found


def conference_series(
    season: str,
    conference: str,
    seeds: Sequence[int],
    league_rank: Mapping[int, int],
    wins: PairWins,
) -> list[Series]:
    """Return the seven series of one conference, in the order of rounds.

    Parameters
    ----------
    season, league_rank, wins
        As in `rebuild_bracket`.
    conference
        'East' or 'West'.
    seeds
        Its eight teams, by seed.

    Raises
    ------
    IngestError
        If a series was not played to four wins.
    """
    seed_of = {team: place for place, team in enumerate(seeds, 1)}
    pairs = first_round(seeds)
    found: list[Series] = []
    for stage in range(1, ROUNDS):
        offset = 1 if conference == "East" else 1 + len(pairs)
        played = [
            _series(season, stage, offset + at, conference, pair, seed_of, league_rank, wins)
            for at, pair in enumerate(pairs)
        ]
        found += played
        winners = [series.winner_id for series in played]
        pairs = list(zip(winners[::2], winners[1::2], strict=False))
    return found


def _series(
    season: str,
    stage: int,
    number: int,
    conference: str,
    pair: tuple[int, int],
    seed_of: Mapping[int, int],
    league_rank: Mapping[int, int],
    wins: PairWins,
) -> Series:
    """Return one decided series."""
    first, second = pair
    won = wins.get((first, second), 0), wins.get((second, first), 0)
    if max(won) != SERIES_WINS or min(won) >= SERIES_WINS:
        raise IngestError(
            f"The bracket of {season} has {first} and {second} meet in round {stage}, and their "
            f"games stand at {won[0]}-{won[1]}.",
            where="the season's playoffs_team_logs",
            allowed=f"a series that one of them won with {SERIES_WINS} games",
            next_command="fetch the season's playoffs again; check play_in in calendar.seasons",
        )
    return Series(
        round=stage,
        series=number,
        conference=conference,
        first_id=first,
        second_id=second,
        first_seed=seed_of[first],
        second_seed=seed_of[second],
        home_court_id=first if league_rank[first] < league_rank[second] else second,
        first_wins=won[0],
        second_wins=won[1],
        winner_id=first if won[0] > won[1] else second,
    )
