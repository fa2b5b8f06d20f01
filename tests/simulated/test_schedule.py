"""The fixture list follows the league's rules for every size."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.sources.simulated.schedule import make_fixtures
from nbarank.sources.simulated.teams import build_structure


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    n_teams=st.integers(8, 15).map(lambda half: 2 * half),
    games=st.integers(15, 41).map(lambda half: 2 * half),
    turn=st.integers(0, 20),
    seed=st.integers(0, 10_000),
)
def test_each_team_hosts_half_of_its_games(n_teams: int, games: int, turn: int, seed: int) -> None:
    structure = build_structure(n_teams)
    fixtures = make_fixtures(structure, games, turn, np.random.default_rng(seed))
    assert (np.bincount(fixtures.home, minlength=n_teams) == games // 2).all()
    assert (np.bincount(fixtures.away, minlength=n_teams) == games // 2).all()
    assert (fixtures.home != fixtures.away).all()
    rest = np.diff(fixtures.team_days(n_teams), axis=1)
    assert rest.min() >= 1, "a team plays twice on a day"
    assert not ((rest[:, 1:] == 1) & (rest[:, :-1] == 1)).any(), "three days in a row"


@pytest.mark.parametrize("turn", [0, 1, 7])
def test_thirty_teams_meet_as_often_as_in_the_nba(turn: int) -> None:
    structure = build_structure(30)
    fixtures = make_fixtures(structure, 82, turn, np.random.default_rng(turn))
    meetings = np.zeros((30, 30), dtype=int)
    np.add.at(meetings, (fixtures.home, fixtures.away), 1)
    hosted, meetings = meetings, meetings + meetings.T
    conference, division = structure.conference, structure.division
    for team in range(30):
        others = np.arange(30) != team
        mates = (division == division[team]) & others
        rest = (conference == conference[team]) & (division != division[team])
        assert (meetings[team, mates] == 4).all()
        assert sorted(meetings[team, rest]) == [3] * 4 + [4] * 6
        assert (meetings[team, conference != conference[team]] == 2).all()
    assert np.abs(hosted - hosted.T).max() == 1, "home games of a pair differ by one at most"


def test_back_to_backs_are_as_common_as_in_the_nba() -> None:
    fixtures = make_fixtures(build_structure(30), 82, 0, np.random.default_rng(3))
    back_to_backs = (np.diff(fixtures.team_days(30), axis=1) == 1).sum(axis=1)
    assert 11 <= back_to_backs.mean() <= 20
    assert back_to_backs.max() <= 27


def test_opponents_met_four_times_rotate_from_year_to_year() -> None:
    structure = build_structure(30)
    first, second = (
        make_fixtures(structure, 82, turn, np.random.default_rng(0)) for turn in (0, 1)
    )

    def met_four_times(fixtures: object) -> set[tuple[int, int]]:
        pairs = np.zeros((30, 30), dtype=int)
        np.add.at(pairs, (fixtures.home, fixtures.away), 1)  # type: ignore[attr-defined]
        return set(zip(*np.nonzero(pairs + pairs.T == 4), strict=True))

    assert met_four_times(first) != met_four_times(second)
