"""Simulated rests of a season: probabilities, common random numbers, fixed results."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from nbarank.forecast.game_model import GameModel
from nbarank.forecast.odds import Odds, simulate_odds
from nbarank.forecast.postseason_simulation import GAMES, SERIES, play_bracket, play_series
from nbarank.forecast.season_simulation import Drift, Strengths, simulate
from nbarank.forecast.season_state import SeasonState
from nbarank.league.rules import SERIES_WINS, TWO_THREE_TWO, TWO_TWO_ONE_ONE_ONE, season_rules
from tests.forecast.made_league import END, MID, SEASON, START, league, strengths

MODEL = GameModel(11.7, 2.4, 12.0, 3.9, 1.3)
DRIFT = Drift(1.5, 35.0)
NOTHING_WON = np.zeros((30, 30), np.int64)


def series_probability(
    edge: float,
    game_sd: float,
    home_court: float,
    pattern: tuple[bool, ...],
    *,
    first_hosts: bool = True,
    won: tuple[int, int] = (0, 0),
) -> np.ndarray:
    """Exact probability [5, 5] that a series ends with i wins of the first and j of the second."""
    state = np.zeros((SERIES_WINS + 1, SERIES_WINS + 1))
    state[won] = 1.0
    for game in range(sum(won), GAMES):
        side = 1.0 if pattern[game] == first_hosts else -1.0
        win = float(norm.cdf((edge + side * home_court) / game_sd))
        after = np.zeros_like(state)
        after[SERIES_WINS] = state[SERIES_WINS]
        after[:SERIES_WINS, SERIES_WINS] = state[:SERIES_WINS, SERIES_WINS]
        live = state[:SERIES_WINS, :SERIES_WINS]
        after[1:, :SERIES_WINS] += win * live
        after[:SERIES_WINS, 1:] += (1.0 - win) * live
        state = after
    return state


@pytest.fixture(scope="module")
def states() -> dict[tuple[str, str], SeasonState]:
    days = {"before": START, "mid": MID, "over": END + pd.Timedelta(days=1)}
    return {
        (name, play_in): league(day, play_in).state(SEASON, day)
        for name, day in days.items()
        for play_in in ("none", "bubble", "standard")
    }


def odds_of(
    state: SeasonState,
    mean: np.ndarray,
    n: int = 300,
    sd: float = 2.0,
    playoff_mean: np.ndarray | None = None,
    drift: Drift = DRIFT,
    seed: int = 5,
    chunk_size: int = 200,
) -> Odds:
    given = Strengths(np.asarray(mean, float), np.full(30, sd), playoff_mean)
    random = np.random.default_rng(seed)
    return simulate_odds(state, given, MODEL, drift, n, random, chunk_size=chunk_size)


@given(
    mean=st.lists(st.floats(-15, 15), min_size=30, max_size=30),
    when=st.sampled_from(["before", "mid", "over"]),
    play_in=st.sampled_from(["none", "bubble", "standard"]),
)
@settings(max_examples=12, deadline=None, derandomize=True)
def test_probabilities_are_in_0_1_and_add_up(states, mean, when, play_in) -> None:
    state = states[when, play_in]
    odds = odds_of(state, mean, n=120)
    assert (odds.rounds >= 0).all() and (odds.rounds <= odds.n).all()
    assert odds.rounds.sum(axis=0).tolist() == [odds.n * teams for teams in (16, 8, 4, 2, 1)]
    assert (np.diff(odds.rounds, axis=1) <= 0).all()
    for places in (odds.league_rank, odds.playoff_rank):
        assert (places.sum(axis=0) == odds.n).all() and (places.sum(axis=1) == odds.n).all()
    assert (odds.conference_rank.sum(axis=0)[:15] == 2 * odds.n).all()
    assert (odds.seed.sum(axis=0) == 2 * odds.n).all()
    assert (odds.seed.sum(axis=1) == odds.rounds[:, 0]).all()
    assert odds.wins.sum() == 30 * odds.n
    assert odds.mean_wins().sum() == pytest.approx(1230)
    assert odds.play_in.sum() == (8 * odds.n if play_in == "standard" else odds.play_in.sum())
    # Playoff wins: 15 series of 4 wins each at least, 7 games at most.
    assert 60 * odds.n <= odds.playoff_wins.sum() <= 105 * odds.n
    low, high = odds.interval(odds.wins, 0.8)
    assert (low <= odds.mean_wins() + 1).all() and (high >= odds.mean_wins() - 1).all()


@given(team=st.integers(0, 29), more=st.floats(2.0, 8.0))
@settings(max_examples=8, deadline=None, derandomize=True)
def test_more_strength_never_lowers_title_odds(states, team, more) -> None:
    state = states["mid", "standard"]
    mean = strengths() / 2
    stronger = mean.copy()
    stronger[team] += more
    before, after = odds_of(state, mean, 600), odds_of(state, stronger, 600)
    assert after.rounds[team, 4] >= before.rounds[team, 4]
    assert after.rounds[team, 0] >= before.rounds[team, 0]
    assert after.mean_wins()[team] > before.mean_wins()[team]


@given(team=st.integers(0, 15), more=st.floats(0.0, 10.0), seed=st.integers(0, 10_000))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_in_the_bracket_more_strength_never_wins_fewer_rounds(team, more, seed) -> None:
    """With the same random numbers a stronger team wins every series it won before."""
    rng = np.random.default_rng(seed)
    n = 50
    seeds = np.broadcast_to(np.arange(16).reshape(2, 8, 1), (2, 8, n)).copy()
    court = np.broadcast_to(rng.permutation(30)[:, None] + 1, (30, n))
    mean = rng.normal(0, 4, (1, 30, n)).astype(np.float32).repeat(4, axis=0)
    stronger = mean.copy()
    stronger[:, team] += more
    noise = rng.normal(0, 12, (SERIES, GAMES, n)).astype(np.float32)
    rules = season_rules(SEASON, "none")
    runs = [
        play_bracket(
            seeds, court, one, noise, rules=rules, home_court=3.0, won=NOTHING_WON
        ).rounds_won[team]
        for one in (mean, stronger)
    ]
    assert (runs[1] >= runs[0]).all()


@given(
    edge=st.floats(-12, 12),
    home=st.floats(0, 6),
    pattern=st.sampled_from([TWO_TWO_ONE_ONE_ONE, TWO_THREE_TWO]),
    hosts=st.booleans(),
    before=st.tuples(st.integers(0, 3), st.integers(0, 3)),
)
@settings(max_examples=25, deadline=None, derandomize=True)
def test_simulated_series_agree_with_the_exact_result(edge, home, pattern, hosts, before) -> None:
    n = 20_000
    rng = np.random.default_rng(11)
    first, second = play_series(
        np.full(n, edge, np.float32),
        np.full(n, hosts),
        rng.normal(0, 12, (GAMES, n)).astype(np.float32),
        pattern=pattern,
        home_court=home,
        won_first=np.full(n, before[0], np.int16),
        won_second=np.full(n, before[1], np.int16),
    )
    exact = series_probability(edge, 12.0, home, pattern, first_hosts=hosts, won=before)
    assert exact.sum() == pytest.approx(1.0)
    found = np.zeros((5, 5))
    np.add.at(found, (first, second), 1 / n)
    error = np.sqrt(exact * (1 - exact) / n)
    assert (np.abs(found - exact) <= 5 * error + 1e-4).all()


def test_a_series_between_equals_has_textbook_odds() -> None:
    ends = series_probability(0.0, 12.0, 0.0, TWO_TWO_ONE_ONE_ONE)
    assert ends[4, :4].tolist() == pytest.approx([1 / 16, 4 / 32, 10 / 64, 20 / 128])
    assert np.allclose(ends, ends.T)
    hosts, guests = (
        series_probability(0.0, 12.0, 4.0, TWO_TWO_ONE_ONE_ONE, first_hosts=first, won=(3, 3))
        for first in (True, False)
    )
    assert hosts[4, 3] == pytest.approx(guests[3, 4]) and hosts[4, 3] > 0.6


def test_between_equals_the_better_record_has_home_court_and_wins_more() -> None:
    n = 4000
    seeds = np.broadcast_to(np.arange(16).reshape(2, 8, 1), (2, 8, n))
    # The worst seed of each conference has the best record of the sixteen.
    court = np.full((30, n), 20)
    court[[7, 15]] = [[1], [2]]
    court[:7] = np.arange(3, 10)[:, None]
    court[8:15] = np.arange(10, 17)[:, None]
    played = play_bracket(
        seeds,
        court,
        np.zeros((4, 30, n), np.float32),
        np.random.default_rng(0).normal(0, 12, (SERIES, GAMES, n)).astype(np.float32),
        rules=season_rules(SEASON, "none"),
        home_court=5.0,
        won=NOTHING_WON,
    )
    exact = series_probability(0.0, 12.0, 5.0, TWO_TWO_ONE_ONE_ONE)[4].sum()
    assert exact > 0.53
    for team in (7, 15):
        assert (played.rounds_won[team] >= 1).mean() == pytest.approx(exact, abs=0.03)
    assert (played.rounds_won[7] == 4).mean() == pytest.approx(exact**4, abs=0.03)


def test_every_chunk_has_its_own_random_numbers(states) -> None:
    state = states["mid", "standard"]
    once, twice = (odds_of(state, strengths(), n, chunk_size=100) for n in (100, 200))
    assert not np.array_equal(twice.wins, 2 * once.wins)


def test_what_was_played_is_fixed(states) -> None:
    """After the regular season wins and places are one number each, whatever the strengths."""
    state = states["over", "none"]
    odds = odds_of(state, -strengths())
    wins = state.won.sum(axis=1)
    assert odds.mean_wins().tolist() == wins.tolist()
    assert (odds.league_rank.max(axis=1) == odds.n).all()
    assert set(odds.rounds[:, 0]) == {0, odds.n}


def test_the_same_random_stream_gives_the_same_odds(states) -> None:
    state = states["mid", "standard"]
    mean = strengths()
    first, again = odds_of(state, mean), odds_of(state, mean)
    assert np.array_equal(first.wins, again.wins)
    assert np.array_equal(first.playoff_rank, again.playoff_rank)
    other = odds_of(state, mean, seed=6)
    assert not np.array_equal(first.wins, other.wins)


def test_simulated_wins_match_the_sum_of_win_probabilities(states) -> None:
    """Without error and drift, expected wins are a sum of normal probabilities."""
    state, mean = states["before", "none"], strengths()
    odds = odds_of(state, mean, 3000, 0.0, drift=Drift(0.0, 35.0))
    edge = mean[state.home] - mean[state.away]
    level = np.zeros(len(edge), bool)
    chance = MODEL.home_win(edge, np.zeros(len(edge)), level, level)
    expected = np.bincount(state.home, chance, 30) + np.bincount(state.away, 1 - chance, 30)
    assert np.abs(odds.mean_wins() - expected).max() < 0.5


def test_uncertain_strength_widens_the_wins(states) -> None:
    state = states["before", "none"]
    sure, unsure = (odds_of(state, strengths(), sd=sd) for sd in (0.0, 4.0))
    widths = [np.subtract(*odds.interval(odds.wins, 0.8)[::-1]).mean() for odds in (sure, unsure)]
    assert widths[1] > 1.5 * widths[0]


def test_playoff_strength_moves_the_playoffs_and_not_the_regular_season(states) -> None:
    state, mean = states["mid", "none"], strengths()
    late = mean.copy()
    late[3] += 10
    plain, other = (odds_of(state, mean, playoff_mean=given) for given in (None, late))
    assert np.array_equal(plain.wins, other.wins)
    assert np.array_equal(plain.seed, other.seed)
    assert other.rounds[3, 4] > plain.rounds[3, 4] + 50


def test_playoff_rank_is_by_playoff_wins_then_record(states) -> None:
    given = Strengths(strengths(), np.full(30, 2.0))
    one = simulate(states["mid", "none"], given, MODEL, DRIFT, 40, np.random.default_rng(2))
    champion = one.playoffs.rounds_won.argmax(axis=0)
    columns = np.arange(40)
    assert (one.playoff_rank[champion, columns] == 1).all()
    assert (one.playoffs.wins[champion, columns] == 16).all()
    outside = one.playoffs.rounds_won < 0
    assert (one.playoff_rank[outside] >= 17).all() and (one.playoff_rank[~outside] <= 16).all()
    by_place = np.argsort(one.playoff_rank, axis=0)[:16]
    wins = np.take_along_axis(one.playoffs.wins, by_place, axis=0)
    assert (np.diff(wins, axis=0) <= 0).all()
