"""Play-in and bracket: the rules of each format, and what a season cannot have been."""

from __future__ import annotations

import pandas as pd
import pytest

from nbarank.core.errors import IngestError
from nbarank.league.bracket import first_round, pair_wins, rebuild_bracket
from nbarank.league.playin import games_behind, play_in_seeds
from nbarank.league.rules import TWO_THREE_TWO, TWO_TWO_ONE_ONE_ONE, season_rules

NONE = season_rules("2018-19", "none")
BUBBLE = season_rules("2019-20", "bubble")
STANDARD = season_rules("2021-22", "standard")
ORDER = list(range(1, 16))
EAST, WEST = tuple(range(1, 9)), tuple(range(11, 19))
LEAGUE_RANK = {team: place for place, team in enumerate((*EAST, *WEST), 1)}


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
    ("wins", "last"),
    [
        ({(8, 9): 1}, 8),
        ({(9, 8): 1, (8, 9): 1}, 8),
        ({(9, 8): 2}, 9),
    ],
)
def test_in_the_bubble_the_ninth_must_win_twice(
    wins: dict[tuple[int, int], int], last: int
) -> None:
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
    bracket = rebuild_bracket(
        "2018-19", {"East": EAST, "West": WEST}, LEAGUE_RANK, favourites_win()
    )
    met = [(s.round, s.first_seed, s.second_seed) for s in bracket if s.conference == "East"]
    assert met == [(1, 1, 8), (1, 4, 5), (1, 2, 7), (1, 3, 6), (2, 1, 4), (2, 2, 3), (3, 1, 2)]
    final = bracket[-1]
    assert (final.conference, final.first_id, final.second_id, final.winner_id) == (
        "Final",
        1,
        11,
        1,
    )
    assert len(bracket) == 15
    assert all(series.home_court_id == series.first_id for series in bracket)


def test_home_court_goes_by_record_not_by_seed() -> None:
    # The fifth seed had the better record than the fourth, a division winner.
    rank = {**LEAGUE_RANK, 4: LEAGUE_RANK[5], 5: LEAGUE_RANK[4]}
    bracket = rebuild_bracket("2011-12", {"East": EAST, "West": WEST}, rank, favourites_win())
    fourth = next(s for s in bracket if (s.first_id, s.second_id) == (4, 5))
    assert fourth.home_court_id == 5


def test_unfinished_series_is_named() -> None:
    wins = favourites_win()
    wins[(2, 7)] = 3
    with pytest.raises(IngestError, match="2 and 7 meet in round 1, and their games stand at 3-1"):
        rebuild_bracket("2018-19", {"East": EAST, "West": WEST}, LEAGUE_RANK, wins)


def test_strangers_in_the_playoffs_are_named() -> None:
    with pytest.raises(IngestError, match="does not bring together"):
        rebuild_bracket(
            "2018-19", {"East": EAST, "West": WEST}, LEAGUE_RANK, {**favourites_win(), (1, 3): 1}
        )


def test_pairs_count_wins_of_both_sides() -> None:
    games = pd.DataFrame(
        {"home_id": [1, 2, 1], "away_id": [2, 1, 2], "home_pts": [9, 9, 8], "away_pts": [8, 8, 9]}
    )
    assert pair_wins(games) == {(1, 2): 1, (2, 1): 2}


def test_home_patterns_have_four_games_at_the_better_team() -> None:
    for pattern in (TWO_TWO_ONE_ONE_ONE, TWO_THREE_TWO):
        assert len(pattern) == 7
        assert sum(pattern) == 4
