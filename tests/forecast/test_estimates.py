"""Models fitted on earlier seasons: game model, error of strength, nothing of the future."""

import numpy as np
import pandas as pd
import pytest

from nbarank.forecast.game_model import (
    GameModel,
    default_model,
    fit_game_model,
    games_with_strength,
)
from nbarank.forecast.season_model import season_models, with_playoff_strength
from nbarank.forecast.strength_error import StrengthError, fit_strength_error, strength_misses
from tests.forecast.made_league import END, MID, SEASON, params, played, schedule, strength_rows


def drawn_games(model: GameModel, n: int, kind: str, error: float, seed: int) -> pd.DataFrame:
    """Games between teams whose strength is known up to an error."""
    rng = np.random.default_rng(seed)
    edge = rng.normal(0, 6, n)
    late = kind == "playoffs"
    stretch = model.playoff_stretch if late else 1.0
    court = model.playoff_home_court if late else model.home_court
    sd = model.playoff_game_sd if late else model.game_sd
    margin = stretch * (edge + rng.normal(0, error, n)) + court + rng.normal(0, sd, n)
    return pd.DataFrame(
        {
            "kind": kind,
            "edge": edge,
            "error": error,
            "neutral": False,
            "home_pts": np.where(margin > 0, 1, 0),
            "away_pts": np.where(margin > 0, 0, 1),
        }
    )


def test_the_game_model_is_recovered() -> None:
    true = GameModel(10.5, 3.2, 10.5 * 12.0 / 11.7, 4.5, 1.2)
    kinds = ("regular", "playoffs")
    games = pd.concat([drawn_games(true, 60_000, kind, 3.0, 0) for kind in kinds])
    found = fit_game_model(games, params())
    assert found.game_sd == pytest.approx(true.game_sd, abs=0.3)
    assert found.home_court == pytest.approx(true.home_court, abs=0.2)
    assert found.playoff_home_court == pytest.approx(true.playoff_home_court, abs=0.3)
    assert found.playoff_stretch == pytest.approx(true.playoff_stretch, abs=0.05)


def test_few_playoff_games_hardly_move_the_stretch() -> None:
    true = GameModel(11.7, 2.4, 12.0, 3.9, 2.0)
    games = drawn_games(true, 40, "playoffs", 2.0, 2)
    assert fit_game_model(games, params()).playoff_stretch == pytest.approx(1.3, abs=0.15)


def test_without_games_the_model_is_that_of_params() -> None:
    found = fit_game_model(drawn_games(default_model(params()), 0, "regular", 2.0, 0), params())
    expected = default_model(params())
    assert found.game_sd == pytest.approx(expected.game_sd, abs=1e-3)
    assert found.playoff_stretch == pytest.approx(expected.playoff_stretch, abs=1e-3)


def test_home_win_probabilities_follow_edge_court_and_error() -> None:
    model = default_model(params())
    no, yes = np.zeros(1, bool), np.ones(1, bool)
    zero, edge = np.zeros(1), np.full(1, 4.0)
    assert model.home_win(zero, zero, yes, no)[0] == 0.5
    assert model.home_win(zero, zero, no, no)[0] > 0.5
    assert model.home_win(zero, zero, no, yes)[0] > model.home_win(zero, zero, no, no)[0]
    away = model.home_win(-edge, zero, yes, no)
    assert model.home_win(edge, zero, yes, no)[0] == pytest.approx(1 - away[0])
    # An uncertain strength moves the probability towards one half.
    assert model.home_win(edge, edge, yes, no)[0] < model.home_win(edge, zero, yes, no)[0]


def test_a_game_sees_strengths_of_its_own_day_or_before() -> None:
    fixtures = schedule()
    games = played(fixtures, 0)
    early, late = strength_rows(pd.Timestamp("2021-11-01"), 0.1), strength_rows(MID, 0.5)
    late["strength"] = -late["strength"]
    paired = games_with_strength(games, pd.concat([early, late]))
    assert (paired["as_of"] <= paired["game_date"]).all()
    assert (paired["game_date"] >= "2021-11-01").all()
    on_day = paired[paired["game_date"] >= MID]
    assert (on_day["as_of"] == MID).all() and len(on_day) and len(on_day) < len(paired)


def seasons_of_error(late: float, n_seasons: int = 60) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Strengths that are off by a known SD at mid-season, and the games that followed."""
    rng = np.random.default_rng(4)
    fixtures = schedule()
    games, strengths = [], []
    for number in range(n_seasons):
        season = f"{1950 + number}-{(51 + number) % 100:02d}"
        games.append(played(fixtures, number).assign(season=season))
        for as_of, share in ((MID, 0.5), (pd.Timestamp("2022-03-01"), 0.75)):
            rows = strength_rows(as_of, share, season)
            rows["strength"] += rng.normal(0, late, len(rows))
            strengths.append(rows)
    return pd.concat(strengths, ignore_index=True), pd.concat(games, ignore_index=True)


def test_the_error_of_strength_is_recovered() -> None:
    strengths, games = seasons_of_error(2.5)
    section = params(drift_sd=0.0)
    error = fit_strength_error(strength_misses(strengths, games, 2.4), section)
    assert error.sd(np.array([0.5, 0.75])) == pytest.approx([2.5, 2.5], abs=0.3)


def test_error_falls_from_its_early_to_its_late_value() -> None:
    sd = StrengthError(3.5, 2.0).sd(np.linspace(0, 1, 11))
    assert sd[0] == pytest.approx(3.5) and sd[-1] == pytest.approx(2.0)
    assert (np.diff(sd) < 0).all()
    # Half of the reducible variance is gone within a fifth of the season.
    assert sd[2] ** 2 < (3.5**2 + 2.0**2) / 2


def test_without_earlier_seasons_the_error_is_that_of_params() -> None:
    rows = strength_rows(MID, 0.5)
    fitted = season_models([SEASON], rows, played(schedule(), 0), params())[SEASON]
    assert fitted.error == StrengthError(params().strength_sd_early, params().strength_sd_late)
    assert fitted.game == default_model(params())


def test_the_model_of_a_season_sees_neither_it_nor_later_ones() -> None:
    strengths, games = seasons_of_error(2.0, n_seasons=4)
    season = "1952-53"
    before = season_models([season], strengths, games, params())[season]
    now = games["season"] >= season
    turned = games.copy()
    turned.loc[now, ["home_pts", "away_pts"]] = games.loc[now, ["away_pts", "home_pts"]].to_numpy()
    other = strengths.copy()
    other.loc[other["season"] >= season, "strength"] *= -3
    assert season_models([season], other, turned, params())[season] == before
    assert season_models(["1953-54"], other, turned, params())["1953-54"] != before


def test_strength_in_the_playoffs_is_the_mean_of_the_end_so_far() -> None:
    shares = {"2022-01-15": 0.5, "2022-03-10": 0.82, "2022-03-25": 0.9, "2022-04-11": 1.0}
    rows = pd.concat(
        [
            strength_rows(pd.Timestamp(day), share).assign(strength=10 * share)
            for day, share in shares.items()
        ],
        ignore_index=True,
    )
    late = with_playoff_strength(rows, 0.2).groupby("as_of")["playoff_strength"].first()
    assert late.tolist() == pytest.approx([5.0, 8.2, 8.6, (8.2 + 9 + 10) / 3])
    assert "playoff_strength" not in with_playoff_strength(rows, 0.0)
    own = rows.assign(playoff_strength=1.0)
    assert (with_playoff_strength(own, 0.2)["playoff_strength"] == 1.0).all()
    assert pd.Timestamp("2022-04-11") > END


def test_players_expected_back_count_in_the_playoffs_less_as_they_approach() -> None:
    rows = pd.concat(
        [strength_rows(pd.Timestamp("2022-01-01"), 0.4), strength_rows(END, 0.9)],
        ignore_index=True,
    ).assign(returning=2.0)
    found = with_playoff_strength(rows, 0.0)
    added = (found["playoff_strength"] - found["strength"]).groupby(found["season_share"]).first()
    assert added.to_dict() == pytest.approx({0.4: 1.0, 0.9: 0.2})
