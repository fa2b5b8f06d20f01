"""Play-in and bracket in progress, and brackets that cannot be completed."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbarank.core.errors import ForecastError
from nbarank.forecast.odds import simulate_odds
from nbarank.forecast.postseason_simulation import play_in
from nbarank.forecast.season_simulation import Strengths
from nbarank.league.postseason import play_in_seeds
from nbarank.league.rules import season_rules
from tests.forecast.made_league import END, SEASON, league, series_games, strengths
from tests.forecast.test_simulation import DRIFT, MODEL

AFTER = END + pd.Timedelta(days=1)


def odds_after(extra: pd.DataFrame, play_in_format: str = "none", day: pd.Timestamp | None = None):
    """Odds on a day after the regular season, some more games played."""
    base = league(AFTER, play_in_format)
    whole = replace(base, games=pd.concat([base.games, extra], ignore_index=True))
    morning_after = whole.games["game_date"].max() + pd.Timedelta(days=1)
    state = whole.state(SEASON, day or morning_after)
    return simulate_odds(
        state, Strengths(strengths(), np.full(30, 2.0)), MODEL, DRIFT, 300, np.random.default_rng(3)
    )


@pytest.fixture(scope="module")
def seeds() -> list[int]:
    odds = odds_after(league().games.head(0))
    return [int(np.argmax(odds.seed[:15, seed])) + 1 for seed in range(8)]


def test_a_series_in_progress_continues_from_its_score(seeds: list[int]) -> None:
    best, worst = seeds[0], seeds[7]
    behind = odds_after(series_games(best, worst, [worst] * 3, AFTER))
    fresh = odds_after(series_games(best, worst, [best], AFTER).head(0))
    assert 0 < behind.rounds[best - 1, 1] < fresh.rounds[best - 1, 1]
    lost = odds_after(series_games(best, worst, [worst] * 4, AFTER))
    assert lost.rounds[best - 1, 1] == 0
    assert lost.rounds[worst - 1, 1] == lost.n
    assert lost.rounds[worst - 1, 0] == lost.n


def test_games_on_the_day_itself_are_still_open(seeds: list[int]) -> None:
    games = series_games(seeds[0], seeds[7], [seeds[7]] * 4, AFTER)
    day = games["game_date"].max()
    assert odds_after(games, day=day).rounds[seeds[0] - 1, 1] > 0
    assert odds_after(games, day=day + pd.Timedelta(days=1)).rounds[seeds[0] - 1, 1] == 0


def test_results_that_do_not_fit_the_bracket_are_refused(seeds: list[int]) -> None:
    with pytest.raises(ForecastError, match="bracket cannot be completed"):
        odds_after(series_games(seeds[0], seeds[1], [seeds[0]], AFTER))
    unfinished = series_games(seeds[0], seeds[7], [seeds[0], seeds[7]] * 3, AFTER)
    finished = series_games(seeds[3], seeds[4], [seeds[3]] * 4, AFTER)
    second_round = series_games(seeds[0], seeds[3], [seeds[0]], AFTER + pd.Timedelta(days=10))
    with pytest.raises(ForecastError, match="bracket cannot be completed"):
        odds_after(pd.concat([unfinished, finished, second_round]))
    with pytest.raises(ForecastError, match="best of seven"):
        odds_after(series_games(seeds[0], seeds[7], [seeds[0]] * 5, AFTER))


def test_a_played_play_in_game_is_not_simulated() -> None:
    base = odds_after(league().games.head(0), "standard")
    places = base.conference_rank[:15].argmax(axis=1)
    seventh, eighth = (int(np.flatnonzero(places == place)[0]) + 1 for place in (6, 7))
    won = odds_after(series_games(seventh, eighth, [eighth], AFTER, "playin"), "standard")
    assert won.seed[eighth - 1, 6] == won.n
    assert won.seed[seventh - 1, 6] == 0
    assert 0 < won.rounds[seventh - 1, 0] < won.n
    assert set(won.play_in[:15]) == {0, won.n}
    assert (won.play_in[:15] > 0).sum() == 4


@given(
    play_in_format=st.sampled_from(["standard", "bubble", "none"]),
    seed=st.integers(0, 100_000),
    gap=st.integers(0, 12),
)
@settings(max_examples=80, deadline=None, derandomize=True)
def test_seeds_are_those_of_the_league_when_all_games_are_known(play_in_format, seed, gap) -> None:
    rng = np.random.default_rng(seed)
    rules = season_rules(SEASON, play_in_format)
    order = list(range(12))
    first_eight = [60 - 3 * place for place in range(8)]
    wins = np.array(first_eight + [39 - gap - place for place in range(4)])
    losses = 82 - wins
    record = {team: (int(wins[team]), int(losses[team])) for team in order}
    won = np.zeros((12, 12), np.int64)
    if play_in_format == "standard":
        for first, second in ((6, 7), (8, 9), (6, 8), (6, 9), (7, 8), (7, 9)):
            winner, loser = (first, second) if rng.random() < 0.5 else (second, first)
            won[winner, loser] = 1
    elif play_in_format == "bubble":
        won[8, 7] = rng.integers(0, 3)
        won[7, 8] = 1 if won[8, 7] < 2 else 0
    pairs = {(i, j): int(won[i, j]) for i in order for j in order if won[i, j]}
    expected = play_in_seeds(order, record, pairs, rules)
    seeds, took_part = play_in(
        np.arange(12)[:, None],
        losses[:, None].astype(np.float32),
        wins[:, None].astype(np.float32),
        np.zeros((12, 1), np.float32),
        rng.normal(0, 12, (3, 1)).astype(np.float32),
        rules=rules,
        home_court=2.4,
        won=won,
    )
    assert tuple(seeds[:, 0].tolist()) == expected
    assert took_part.sum() in {"standard": {4}, "bubble": {0, 2}, "none": {0}}[play_in_format]


def test_the_ninth_of_the_bubble_needs_two_wins() -> None:
    """Between equals on neutral ground the ninth gets in one time in four."""
    n = 20_000
    ranked = np.broadcast_to(np.arange(10)[:, None], (10, n))
    wins = np.broadcast_to(np.linspace(50, 40, 10)[:, None], (10, n)).astype(np.float32)
    seeds, _ = play_in(
        ranked,
        73 - wins,
        wins,
        np.zeros((10, n), np.float32),
        np.random.default_rng(0).normal(0, 12, (3, n)).astype(np.float32),
        rules=season_rules("2019-20", "bubble"),
        home_court=2.4,
        won=np.zeros((10, 10), np.int64),
    )
    assert (seeds[7] == 8).mean() == pytest.approx(0.25, abs=0.015)


def test_a_league_without_the_needed_teams_is_refused() -> None:
    whole = league(AFTER)
    fewer = whole.teams[~whole.teams["team_id"].between(10, 15)]
    with pytest.raises(ForecastError, match="too few teams"):
        replace(whole, teams=fewer).state(SEASON, AFTER)
    with pytest.raises(ForecastError, match="Team 15 plays"):
        replace(whole, teams=whole.teams[whole.teams["team_id"] != 15]).state(SEASON, AFTER)
