"""The playoff residual: a known difference is found, and no later playoffs are seen."""

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import RankerError
from nbarank.ensemble.playoff_residual import INPUTS, fit_residual, playoff_inputs, playoff_residual
from nbarank.forecast.season_model import with_playoff_strength
from nbarank.schemas.columns import KEY
from tests.rankers.synthetic_league import SEASONS, known_strengths

ALPHAS = (1e-4, 1.0, 100.0)


def _league(effect: float, seed: int = 0) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sixteen teams, three dates a season, playoffs in which experience counts `effect` points."""
    random = np.random.default_rng(seed)
    strength = known_strengths(random, SEASONS, teams=16, sd=4.0, days=(15, 135, 150))
    strength["season_share"] = np.tile(np.repeat([0.1, 0.9, 1.0], 16), len(SEASONS))
    inputs = pd.DataFrame(random.normal(0, 1, (len(strength), len(INPUTS))), columns=INPUTS)
    inputs = strength[KEY].join(inputs)
    experience = random.normal(0, 1, (len(SEASONS), 1, 16))
    experience -= experience.mean(axis=2, keepdims=True)
    inputs["playoff_experience"] = experience.repeat(3, axis=1).ravel()
    end = inputs.merge(strength).query("season_share == 1").groupby("season")
    home, away = (end.sample(1000, replace=True, random_state=random) for _ in range(2))
    gap = (
        home[["strength", "playoff_experience"]]
        - away[["strength", "playoff_experience"]].to_numpy()
    )
    margin = 3.0 + 1.2 * gap["strength"] + effect * gap["playoff_experience"]
    games = home[["season"]].assign(
        game_id=np.arange(len(home)).astype(str),
        game_date=home["as_of"] + pd.Timedelta(days=20),
        kind="playoffs",
        home_id=home["team_id"],
        away_id=away["team_id"].to_numpy(),
        neutral=False,
        home_pts=100 + np.round(margin + random.normal(0, 6, len(home))).astype(int),
        away_pts=100,
    )
    games = games[games["home_id"] != games["away_id"]].reset_index(drop=True)
    return strength, inputs, games


def test_a_known_difference_is_found_in_points_of_strength() -> None:
    strength, inputs, games = _league(effect=2.4)
    found = playoff_residual(strength, inputs, games, ALPHAS, 0.2)
    last = found.merge(inputs)[lambda rows: rows["season"] == SEASONS[-1]]
    # 2.4 points of margin at a stretch of 1.2 are 2 points of strength.
    expected = 2.0 * last["playoff_experience"]
    assert np.abs(last["playoff_residual"] - expected).max() < 0.4


def test_where_nothing_differs_little_is_added() -> None:
    strength, inputs, games = _league(effect=0.0)
    found = playoff_residual(strength, inputs, games, ALPHAS, 0.2)
    assert found.loc[found["season"] == SEASONS[-1], "playoff_residual"].abs().max() < 0.3


def test_no_season_learns_from_its_own_or_later_playoffs() -> None:
    strength, inputs, games = _league(effect=2.4)
    before = playoff_residual(strength, inputs, games, ALPHAS, 0.2)
    assert (before.loc[before["season"] == SEASONS[0], "playoff_residual"] == 0).all()
    turned = games.copy()
    late = turned["season"] >= SEASONS[4]
    turned.loc[late, "home_pts"] = 200 - turned.loc[late, "home_pts"]
    after = playoff_residual(strength, inputs, turned, ALPHAS, 0.2)
    early = before["season"] <= SEASONS[4]
    pd.testing.assert_frame_equal(before[early], after[early])
    assert not np.allclose(before[~early]["playoff_residual"], after[~early]["playoff_residual"])


def test_a_single_season_is_given_the_heaviest_penalty() -> None:
    random = np.random.default_rng(3)
    design = np.column_stack([np.ones(80), random.normal(0, 5, 80), random.normal(size=(80, 2))])
    margin = design @ np.array([3.0, 1.0, 2.0, 0.0])
    one = np.full(80, "2011-12", dtype=object)
    heavy, _ = fit_residual(design, margin, one, (1e-6, 1e4))
    assert np.abs(heavy).max() < 0.01
    two = np.repeat(np.array(["2011-12", "2012-13"], dtype=object), 40)
    light, stretch = fit_residual(design, margin, two, (1e-6, 1e4))
    assert light == pytest.approx([2.0, 0.0], abs=0.01) and stretch == pytest.approx(1.0, abs=0.01)


def test_strengths_without_inputs_are_an_error() -> None:
    strength, inputs, games = _league(effect=1.0)
    with pytest.raises(RankerError, match="inputs of the playoff residual are missing"):
        playoff_residual(strength, inputs.iloc[1:], games, ALPHAS, 0.2)


def test_inputs_are_differences_from_the_regular_rotation_about_the_leagues_mean() -> None:
    roster = pd.DataFrame({"season": "2015-16", "as_of": pd.Timestamp("2016-01-01")}, index=[0, 1])
    roster["team_id"] = [1, 2]
    for name in ("star_reliance", "playoff_experience", "missing_strength", "lineup_drift"):
        roster[name] = 0.5
    roster["player_strength"] = [1.0, 2.0]
    roster["playoff_strength"] = [3.0, 2.0]
    roster["available_strength"] = [1.0, -2.0]
    inputs = playoff_inputs(roster)
    assert list(inputs["shortened_rotation"]) == [1.0, -1.0]
    assert list(inputs["return_of_absent"]) == [-2.0, 2.0]


@pytest.mark.parametrize("share", [0.0, 0.2])
def test_the_forecast_adds_the_residual_to_the_strength_of_the_playoffs(share: float) -> None:
    strength, _, _ = _league(effect=0.0)
    plain = with_playoff_strength(strength, share)
    usual = plain["playoff_strength"] if share else plain["strength"]
    added = with_playoff_strength(strength.assign(playoff_residual=1.5), share)
    np.testing.assert_allclose(added["playoff_strength"], usual + 1.5)
    np.testing.assert_allclose(added["strength"], plain["strength"])
