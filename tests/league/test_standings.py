"""Standings: the NBA's tie-breaks, one criterion after the other, to date and at the end."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.core.tables import validate
from nbarank.league.ingest import LeagueTables
from nbarank.league.rules import SeasonRules, season_rules
from nbarank.league.standings import Standings, rank_tables, standings_to_date
from nbarank.schemas.league import STANDINGS
from tests.league.slow_standings import SlowStandings

# Eight teams: East 0-3 (divisions 0 0 1 1), West 4-7 (divisions 2 2 3 3).
CONFERENCE = np.array([0, 0, 0, 0, 1, 1, 1, 1])
DIVISION = np.array([0, 0, 1, 1, 2, 2, 3, 3])
TODAY = SeasonRules("none", division_winners_first=False, head_to_head_first=True, contenders=2)
OLD = SeasonRules("none", division_winners_first=True, head_to_head_first=False, contenders=2)


def ranked(
    won: np.ndarray, rules: SeasonRules = TODAY, points: dict[int, float] | None = None
) -> Standings:
    """Rank one table; `won` [8, 8]."""
    difference = np.zeros((8, 1))
    for team, value in (points or {}).items():
        difference[team] = value
    table = won[:, :, None]
    return rank_tables(
        table, table + table.transpose(1, 0, 2), difference, CONFERENCE, DIVISION, rules
    )


def table(*results: tuple[int, int, int, int]) -> np.ndarray:
    """(team, opponent, wins, losses) -> [8, 8] wins."""
    won = np.zeros((8, 8), dtype=np.int64)
    for team, opponent, wins, losses in results:
        won[team, opponent] += wins
        won[opponent, team] += losses
    return won


def east(won: np.ndarray, **options: object) -> list[int]:
    """Return the East's teams, best first."""
    places = ranked(won, **options).conference_rank[:4, 0]  # type: ignore[arg-type]
    return [int(team) for team in np.argsort(places)]


def test_record_comes_first() -> None:
    assert east(table((2, 0, 3, 0), (0, 1, 2, 1), (1, 3, 2, 0))) == [2, 1, 0, 3]


def test_two_tied_teams_head_to_head_before_points() -> None:
    # 0 and 2 are 4-2 each; 2 won both meetings; 0 has the better points.
    won = table((0, 2, 0, 2), (0, 4, 4, 0), (2, 4, 2, 2))
    order = east(won, points={0: 50, 2: -50})
    assert order.index(2) < order.index(0)


def test_division_winner_counts_first_of_two_until_2014_15_and_second_since() -> None:
    # 1 and 2 are 5-3 each. 1 won the meeting, but 0 (6-2) leads its division; 2 leads its own.
    won = table((1, 2, 1, 0), (1, 4, 4, 3), (2, 4, 5, 2), (0, 5, 6, 2), (3, 6, 0, 8))
    assert east(won, rules=TODAY) == [0, 1, 2, 3]
    assert east(won, rules=OLD) == [0, 2, 1, 3]


def test_division_winners_were_seeded_first_though_not_ranked_first() -> None:
    # 0 7-1, 1 6-2 (division 0); 2 4-4, 3 2-6 (division 1): 2 leads a weak division.
    won = table((0, 4, 7, 1), (1, 5, 6, 2), (2, 6, 4, 4), (3, 7, 2, 6))
    old = ranked(won, OLD)
    assert old.conference_rank[:4, 0].tolist() == [1, 2, 3, 4]
    # Winners 0 and 2 and the best other (1) come first, among themselves by record.
    assert old.seed_order[:4, 0].tolist() == [1, 2, 3, 4]


def test_five_strong_teams_of_one_division_give_way_to_a_weak_winner() -> None:
    # Twelve teams of one conference: division 0 has the best five, 1 and 2 have the rest.
    teams = 12
    conference = np.zeros(teams, dtype=np.int64)
    division = np.array([0, 0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 2])
    wins = np.array([60, 58, 56, 54, 52, 40, 38, 36, 30, 28, 26, 24])
    won = np.zeros((teams, teams, 1), dtype=np.int64)
    for team in range(teams):
        won[team, (team + 1) % teams] = wins[team]
        won[(team + 1) % teams, team] = 0
    # Give every team 100 games against its neighbour.
    played = np.zeros_like(won)
    for team in range(teams):
        played[team, (team + 1) % teams] = 100
    rules = SeasonRules("none", division_winners_first=True, head_to_head_first=False)
    table = rank_tables(won, played, np.zeros((teams, 1)), conference, division, rules)
    assert table.conference_rank[:, 0].tolist() == list(range(1, 13))
    # Winners 0, 5, 8 and the best other, 1, take the first four places by record.
    assert np.argsort(table.seed_order[:, 0]).tolist() == [0, 1, 5, 8, 2, 3, 4, 6, 7, 9, 10, 11]


def test_three_tied_teams_start_anew_once_one_is_apart() -> None:
    # 0, 1, 2 are 6-4 each and 3 is 0-10. No one leads alone: the leader of division 1 is 2.
    # Three tied: division winners first -> of division 0 the winner by head to head is 1, of
    # division 1 it is 2; so 0 falls behind, and of 1 and 2 the head to head decides: 1.
    won = table((1, 0, 2, 0), (0, 2, 2, 0), (1, 2, 1, 0), (0, 4, 4, 2), (1, 4, 3, 4), (2, 4, 6, 1),
                (3, 5, 0, 10))  # fmt: skip
    assert ranked(won).wins[:3, 0].tolist() == [6, 6, 6]
    assert east(won) == [1, 2, 0, 3]


def test_conference_record_then_points_then_id() -> None:
    # 0 and 3 never met, lead no division (1 and 2 do) and are 3-3.
    base = [(1, 7, 6, 0), (2, 7, 6, 0)]
    by_conference = table(*base, (0, 1, 1, 0), (0, 4, 2, 3), (3, 2, 0, 1), (3, 4, 3, 2))
    assert east(by_conference)[2:] == [0, 3]
    level = table(*base, (0, 4, 3, 3), (3, 4, 3, 3))
    assert east(level, points={3: 10.0})[2:] == [3, 0]
    assert east(level)[2:] == [0, 3]


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 10_000), st.booleans(), st.integers(1, 4))
def test_any_table_is_ranked_as_by_plain_python(seed: int, old: bool, meetings: int) -> None:
    rng = np.random.default_rng(seed)
    played = np.triu(rng.integers(0, meetings + 1, (5, 8, 8)), 1)
    won = rng.binomial(played, 0.5)
    won = (won + (played - won).transpose(0, 2, 1)).transpose(1, 2, 0)
    points = rng.integers(-2, 3, (8, 5)).astype(float)
    rules = OLD if old else TODAY
    result = rank_tables(won, won + won.transpose(1, 0, 2), points, CONFERENCE, DIVISION, rules)
    for n in range(5):
        slow = SlowStandings(won[:, :, n], points[:, n], CONFERENCE, DIVISION, rules)
        assert result.conference_rank[:, n].tolist() == slow.conference_rank()
        assert result.seed_order[:, n].tolist() == slow.seed_order()
        assert result.league_rank[:, n].tolist() == slow.league_rank()


@settings(max_examples=60, derandomize=True, deadline=None)
@given(st.integers(0, 10_000), st.booleans())
def test_any_table_has_each_place_once_and_follows_the_record(seed: int, old: bool) -> None:
    rng = np.random.default_rng(seed)
    played = np.tril(rng.integers(0, 4, (5, 8, 8)), -1).transpose(1, 2, 0)
    won_low = rng.binomial(played, 0.5)
    won = won_low + (played - won_low).transpose(1, 0, 2)
    both = played + played.transpose(1, 0, 2)
    points = rng.integers(-3, 4, (8, 5)).astype(float)
    result = rank_tables(won, both, points, CONFERENCE, DIVISION, OLD if old else TODAY)
    for column in range(5):
        assert sorted(result.league_rank[:, column]) == list(range(1, 9))
        by_rank = np.argsort(result.league_rank[:, column])
        assert (np.diff(result.share[by_rank, column]) <= 0).all()
        for side in (slice(0, 4), slice(4, 8)):
            assert sorted(result.conference_rank[side, column]) == [1, 2, 3, 4]
            assert sorted(result.seed_order[side, column]) == [1, 2, 3, 4]
            # The league's order keeps each conference's.
            assert (
                np.argsort(result.league_rank[side, column])
                == np.argsort(result.conference_rank[side, column])
            ).all()


@settings(max_examples=30, derandomize=True, deadline=None)
@given(st.integers(0, 10_000))
def test_order_does_not_depend_on_how_teams_are_listed(seed: int) -> None:
    rng = np.random.default_rng(seed)
    won = rng.integers(0, 3, (8, 8))
    np.fill_diagonal(won, 0)
    points = rng.permutation(8).astype(float)
    # Another listing that keeps each division together with its conference.
    shuffled = np.concatenate([rng.permutation(4), 4 + rng.permutation(4)])
    plain = ranked(won, points=dict(enumerate(points)))
    moved = rank_tables(
        won[np.ix_(shuffled, shuffled)][:, :, None],
        (won + won.T)[np.ix_(shuffled, shuffled)][:, :, None],
        points[shuffled][:, None],
        CONFERENCE[shuffled],
        DIVISION[shuffled],
        TODAY,
    )
    assert (moved.conference_rank == plain.conference_rank[shuffled]).all()


def test_standings_to_date_see_no_game_of_the_day_or_later(made: LeagueTables) -> None:
    before = standings_to_date(made.games, made.teams, made.seasons, made.as_of)
    validate(STANDINGS, before)
    day = made.as_of.loc[made.as_of["season"] == "2020-21", "as_of"].iloc[2]
    late = made.games["game_date"] >= day
    changed = made.games.copy()
    changed.loc[late, ["home_pts", "away_pts"]] = made.games.loc[
        late, ["away_pts", "home_pts"]
    ].to_numpy()
    after = standings_to_date(changed, made.teams, made.seasons, made.as_of)
    same = before["as_of"] <= day
    pd.testing.assert_frame_equal(before[same], after[same])
    assert not before[~same].equals(after[~same])
    regular = made.games[(made.games["kind"] == "regular") & (made.games["game_date"] < day)]
    now = before[(before["as_of"] == day) & (before["season"] == "2020-21")]
    assert now["wins"].sum() == (regular["season"] == "2020-21").sum() == now["losses"].sum()


@pytest.mark.parametrize(
    ("season", "winners_first", "finals"),
    [("2012-13", True, 5), ("2013-14", True, 4), ("2014-15", True, 4), ("2015-16", False, 4)],
)
def test_formats_changed_when_they_did(season: str, winners_first: bool, finals: int) -> None:
    rules = season_rules(season, "none")
    assert rules.division_winners_first is winners_first
    # The fifth game: at the better team's since 2013-14, at the other's before.
    assert rules.final_pattern[4] is (finals == 4)
    assert season_rules(season, "none", simulated=True) == season_rules("2021-22", "none")
