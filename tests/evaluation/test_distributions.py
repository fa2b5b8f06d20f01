"""Scores of distributions against their definitions; games against the market; decomposition."""

import numpy as np
import pandas as pd
import pytest

from nbarank.evaluation.distribution_metrics import (
    central_width,
    pit_bounds,
    ranked_probability,
    share_between,
)
from nbarank.evaluation.game_probabilities import climatology_odds, market_odds, snapshot_games
from nbarank.evaluation.game_tests import diebold_mariano, game_tests
from nbarank.evaluation.reliability import decomposition
from nbarank.evaluation.scorecard import checkpoint_days

from .league_data import SEASONS, as_of_table, games_table, outcomes_table


def binomials(n: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Return distributions of simulated wins and outcomes drawn from the same ones."""
    random = np.random.default_rng(3)
    share = random.uniform(0.2, 0.8, n)
    simulated = random.binomial(82, share[:, None], (n, 4000))
    counts = np.array([np.bincount(row, minlength=83) for row in simulated])
    return counts / 4000, random.binomial(82, share)


def test_ranked_probability_is_the_crps_of_an_ensemble() -> None:
    probability, observed = binomials(20)
    values = np.arange(83)
    distance = (probability * np.abs(values - observed[:, None])).sum(axis=1)
    between = np.abs(values[:, None] - values)
    own = np.einsum("ni,ij,nj->n", probability, between, probability)
    np.testing.assert_allclose(ranked_probability(probability, observed), distance - own / 2)
    certain = np.eye(83)[observed]
    assert ranked_probability(certain, observed).max() == 0.0
    assert ranked_probability(certain, np.zeros_like(observed)).tolist() == observed.tolist()


def test_intervals_of_right_distributions_cover_what_they_say() -> None:
    probability, observed = binomials(4000)
    low, high = pit_bounds(probability, observed)
    covered = share_between(low, high, 0.1, 0.9).mean()
    assert covered == pytest.approx(0.8, abs=0.02)
    tenths = [share_between(low, high, i / 10, (i + 1) / 10).mean() for i in range(10)]
    np.testing.assert_allclose(tenths, 0.1, atol=0.015)
    assert sum(tenths) == pytest.approx(1.0)
    narrow = np.array([[0.05, 0.9, 0.05], [0.2, 0.6, 0.2]])
    assert central_width(narrow, 0.8).tolist() == [0.0, 2.0]


def test_decomposition_adds_up() -> None:
    random = np.random.default_rng(0)
    chance = random.random(2000)
    happened = random.random(2000) < chance**2
    parts = decomposition(chance, happened)
    total = parts["reliability"] - parts["resolution"] + parts["uncertainty"]
    assert total == pytest.approx(((chance - happened) ** 2).mean())
    assert parts["reliability"] > 0.02
    assert decomposition(chance**2, happened)["reliability"] < 0.01


def test_climatology_knows_earlier_seasons_only_and_the_market_its_games() -> None:
    games = games_table(outcomes_table())
    dates = as_of_table()
    snapshots = snapshot_games(games, dates, checkpoint_days(dates))
    odds = climatology_odds(snapshots, SEASONS[1:])
    past = snapshots[snapshots["season"] < SEASONS[2]]
    of_season = odds[odds["season"] == SEASONS[2]]
    for kind, rows in of_season.groupby("kind"):
        rate = past.loc[past["kind"] == kind, "home_won"].mean()
        assert rows["home_win_probability"].unique() == pytest.approx([rate])
    lines = pd.DataFrame({"game_id": games["game_id"][:7], "home_win_probability": 0.6})
    assert market_odds(snapshots, lines)["game_id"].isin(games["game_id"][:7]).all()


def test_diebold_mariano_without_correlation_is_a_t_test() -> None:
    random = np.random.default_rng(1)
    rejected = []
    for _ in range(400):
        noise = random.normal(size=600)
        week = pd.Series(np.repeat(np.arange(60), 10).astype(str)).str.zfill(2)
        rejected.append(diebold_mariano(pd.Series(noise), week)[1] < 0.05)
    assert 0.02 < np.mean(rejected) < 0.10
    lasting = pd.Series(np.repeat(random.normal(size=20), 30))
    week = pd.Series(np.repeat(np.arange(60), 10).astype(str)).str.zfill(2)
    plain = lasting.sum() / np.sqrt(len(lasting) * lasting.var())
    assert abs(diebold_mariano(lasting, week)[0]) < abs(plain) / 2


def test_the_better_forecast_of_games_is_found() -> None:
    random = np.random.default_rng(2)
    chance = random.uniform(0.1, 0.9, 3000)
    facts = {"game_id": np.arange(3000).astype(str), "as_of": np.arange(3000) // 50}
    rows = pd.DataFrame({**facts, "home_won": random.random(3000) < chance})
    both = [("good", chance), ("coin", 0.5 + 0 * chance), ("twin", chance)]
    odds = pd.concat(rows.assign(ranker=name, home_win_probability=p) for name, p in both)
    found = game_tests(odds, "good").set_index("baseline")
    assert found.loc["coin", "difference"] < 0 and found.loc["coin", "p_holm"] < 1e-6
    assert np.isnan(found.loc["twin", "p"]) and (found["games"] == 3000).all()
