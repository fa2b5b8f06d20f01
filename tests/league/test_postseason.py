"""Play-in and bracket: the rules of each format, and what a season cannot have been."""

import pandas as pd
import pytest

from nbarank.core.errors import IngestError
from nbarank.league.postseason import (
    Series,
    first_round,
    games_behind,
    pair_wins,
    play_in_seeds,
    rebuild_bracket,
)
from nbarank.league.rules import TWO_THREE_TWO, TWO_TWO_ONE_ONE_ONE, season_rules

NONE = season_rules("2018-19", "none")
BUBBLE = season_rules("2019-20", "bubble")
STANDARD = season_rules("2021-22", "standard")
ORDER = list(range(1, 16))
EAST, WEST = tuple(range(1, 9)), tuple(range(11, 19))
SEEDS = {"East": EAST, "West": WEST}


def record(eighth: tuple[int, int] = (35, 39), ninth: tuple[int, int] = (34, 39)):  # type: ignore[no-untyped-def]
    return {**dict.fromkeys(ORDER, (40, 30)), 8: eighth, 9: ninth}


def test_without_a_play_in_the_first_eight_are_in() -> None:
    assert play_in_seeds(ORDER, record(), {}, NONE) == EAST


@pytest.mark.parametrize(
    ("won", "seventh", "eighth"),
    [
        ([(7, 8), (9, 10), (8, 9)], 7, 8),
        ([(7, 8), (10, 9), (10, 8)], 7, 10),
        ([(8, 7), (9, 10), (7, 9)], 8, 7),
        ([(8, 7), (9, 10), (9, 7)], 8, 9),
    ],
)
def test_standard_play_in(won: list[tuple[int, int]], seventh: int, eighth: int) -> None:
    seeds = play_in_seeds(ORDER, record(), dict.fromkeys(won, 1), STANDARD)
    assert seeds == (1, 2, 3, 4, 5, 6, seventh, eighth)


def test_standard_play_in_needs_its_three_games() -> None:
    with pytest.raises(IngestError, match="8 and 9 meet in the play-in"):
        play_in_seeds(ORDER, record(), {(7, 8): 1, (9, 10): 1}, STANDARD)


@pytest.mark.parametrize(
    ("wins", "last"), [({(8, 9): 1}, 8), ({(9, 8): 1, (8, 9): 1}, 8), ({(9, 8): 2}, 9)]
)
def test_the_bubbles_ninth_must_win_twice(wins: dict[tuple[int, int], int], last: int) -> None:
    assert play_in_seeds(ORDER, record(), wins, BUBBLE)[-1] == last


def test_in_the_bubble_a_ninth_too_far_behind_does_not_play() -> None:
    assert games_behind((33, 40), (25, 47)) == 7.5
    assert play_in_seeds(ORDER, record((33, 40), (25, 47)), {}, BUBBLE) == EAST
    with pytest.raises(IngestError, match="8 and 9 meet"):
        play_in_seeds(ORDER, record((33, 40), (29, 44)), {}, BUBBLE)


def test_conference_too_small_for_the_format_is_named() -> None:
    with pytest.raises(IngestError, match="8 teams cannot fill"):
        play_in_seeds(ORDER[:8], record(), {}, STANDARD)


def favourites_win() -> dict[tuple[int, int], int]:
    """Every better seed wins 4-1, the East's first team the title."""
    wins = {}
    for side in (EAST, WEST):
        pairs = first_round(side)
        while pairs:
            for better, worse in pairs:
                wins[(better, worse)], wins[(worse, better)] = 4, 1
            winners = [pair[0] for pair in pairs]
            # 1 beats 4, 2 beats 3: pairs come in bracket order.
            pairs = list(zip(winners[::2], winners[1::2], strict=False))
    wins[(1, 11)], wins[(11, 1)] = 4, 1
    return wins


def test_bracket_brings_winners_of_neighbours_together() -> None:
    bracket = rebuild_bracket("2018-19", SEEDS, favourites_win())
    met = [(s.round, s.first_id, s.second_id) for s in bracket if s.first_id < 9 and s.round < 4]
    assert met == [(1, 1, 8), (1, 4, 5), (1, 2, 7), (1, 3, 6), (2, 1, 4), (2, 2, 3), (3, 1, 2)]
    assert bracket[-1] == Series(round=4, first_id=1, second_id=11, winner_id=1)
    assert len(bracket) == 15


@pytest.mark.parametrize(
    ("pair", "wins", "message"),
    [
        ((2, 7), 3, "2 and 7 meet in round 1, but the series is 3-1"),
        ((1, 3), 1, r"(?s)do not meet in its bracket.*\(1, 3\)"),
    ],
)
def test_other_series_are_named(pair: tuple[int, int], wins: int, message: str) -> None:
    with pytest.raises(IngestError, match=message):
        rebuild_bracket("2018-19", SEEDS, {**favourites_win(), pair: wins})


def test_pairs_count_wins_of_both_sides() -> None:
    games = pd.DataFrame(
        {"home_id": [1, 2, 1], "away_id": [2, 1, 2], "home_pts": [9, 9, 8], "away_pts": [8, 8, 9]}
    )
    assert pair_wins(games) == {(1, 2): 1, (2, 1): 2}


def test_home_patterns_have_four_games_at_the_better_team() -> None:
    for pattern in (TWO_TWO_ONE_ONE_ONE, TWO_THREE_TWO):
        assert len(pattern) == 7
        assert sum(pattern) == 4
