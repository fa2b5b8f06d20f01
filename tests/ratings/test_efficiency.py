"""Offence and defence of a league with known ones, by its games and by an independent solver."""

import numpy as np
import pandas as pd
import pytest

from nbarank.core.tables import validate
from nbarank.ratings.efficiency import adjusted_efficiency, per_100
from nbarank.ratings.least_squares import margin_sums, solve_with_home
from nbarank.ratings.params import SrsParams
from nbarank.ratings.season_games import split_seasons
from nbarank.schemas.ratings import EFFICIENCY
from tests.as_of_league import section

SRS = section(SrsParams)
FREE = section(SrsParams, carried_ridge_games=1e-6, home_ridge_games=1e-6)
SEASON, TEAMS, DAYS = "2015-16", 10, 60
Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def league(noise: float, seed: int = 1) -> tuple[Tables, np.ndarray]:
    """Return the tables and each team's offence and defence, shape (teams, 2), mean 0.

    Good defences play good offences ten times as often as others, at 90 to 110 possessions.
    """
    rng = np.random.default_rng(seed)
    sides = rng.normal(0.0, 5.0, (TEAMS, 2))
    sides -= sides.mean(axis=0)
    offence, defence = sides.T
    home, away = np.array([(i, j) for i in range(TEAMS) for j in range(TEAMS) if i != j]).T
    weight = np.where((defence[home] > 0) == (offence[away] > 0), 10.0, 1.0)
    chosen = rng.choice(len(home), 5 * DAYS, p=weight / weight.sum())
    home, away = home[chosen], away[chosen]
    possessions = rng.uniform(90.0, 110.0, len(home))
    scored = 105 + offence[home] - defence[away] + 1.5 + noise * rng.normal(size=len(home))
    allowed = 105 + offence[away] - defence[home] - 1.5 + noise * rng.normal(size=len(home))
    day = pd.Timestamp("2015-11-01") + pd.to_timedelta(np.arange(len(home)) // 5, unit="D")
    games = pd.DataFrame(
        {
            "game_id": [f"{at:010d}" for at in range(len(home))],
            "season": SEASON, "game_date": day, "kind": "regular", "neutral": False,
            "home_id": home + 1, "away_id": away + 1,
            "home_pts": scored * possessions / 100, "away_pts": allowed * possessions / 100,
        }
    )  # fmt: skip
    team_games = pd.DataFrame({"game_id": games["game_id"], "possessions": possessions})
    teams = pd.DataFrame({"season": SEASON, "team_id": range(1, TEAMS + 1), "conference": "East"})
    dates = pd.DataFrame(
        {"season": SEASON, "as_of": pd.to_datetime(["2015-11-01", "2015-12-01", "2016-01-01"])}
    )
    return (games, pd.concat([team_games] * 2), teams, dates), sides


def rated(tables: Tables, params: SrsParams = SRS) -> np.ndarray:
    """Return offence and defence, shape (dates, teams, 2)."""
    found = validate(EFFICIENCY, adjusted_efficiency(*tables, params))
    return found[["offence", "defence"]].to_numpy().reshape(-1, TEAMS, 2)


def test_noise_free_points_give_back_offence_and_defence() -> None:
    tables, sides = league(noise=0.0)
    found = rated(tables, FREE)[-1]
    centred = found - found.mean(axis=0)
    assert centred == pytest.approx(sides, abs=1e-3)


@pytest.mark.parametrize("seed", range(4))
def test_the_truth_is_nearer_than_unadjusted_points(seed: int) -> None:
    tables, sides = league(noise=5.0, seed=seed)
    games = per_100(*tables[:2])
    columns = ["team", "scored", "saved"]
    by_side = [
        games[[f"{own}_id", f"{own}_pts", f"{other}_pts"]].set_axis(columns, axis=1)
        for own, other in (("home", "away"), ("away", "home"))
    ]
    means = pd.concat(by_side).groupby("team").mean()
    unadjusted = ((means - means.mean()) * [1, -1]).to_numpy()
    errors = [((one - sides) ** 2).mean(axis=0) for one in (rated(tables, FREE)[-1], unadjusted)]
    assert (errors[0] < 0.8 * errors[1]).all()


def test_agrees_with_ridge_regression_on_the_points_of_both_sides() -> None:
    tables, _ = league(noise=11.0)
    games = per_100(*tables[:2])
    games = games[games["game_date"] < "2015-12-01"]
    home, away = games["home_id"].to_numpy() - 1, games["away_id"].to_numpy() - 1
    n = len(games)
    rows = np.arange(2 * n)
    design = np.zeros((2 * n, 2 * TEAMS + 1))
    design[rows, np.concatenate([home, away])] = 1
    design[rows, TEAMS + np.concatenate([away, home])] = -1
    design[:, -1] = np.repeat([0.5, -0.5], n)
    points = np.concatenate([games["home_pts"], games["away_pts"]])
    ridge = np.full(2 * TEAMS + 1, SRS.carried_ridge_games)
    ridge[-1] = SRS.home_ridge_games / 2
    prior = np.zeros(2 * TEAMS + 1)
    prior[-1] = SRS.home_court
    target = design.T @ (points - points.mean()) + ridge * prior
    solved = np.linalg.solve(design.T @ design + np.diag(ridge), target)
    found = rated(tables)[1]
    for side in (0, 1):
        oracle = solved[side * TEAMS : (side + 1) * TEAMS]
        assert found[:, side] - found[0, side] == pytest.approx(oracle - oracle[0], abs=1e-9)


def test_the_sum_is_the_net_rating_of_the_same_method() -> None:
    tables, _ = league(noise=11.0)
    games, team_games, teams, dates = tables
    season = split_seasons(per_100(games, team_games), teams, dates)[0]
    ridge = np.full(len(dates), SRS.carried_ridge_games)
    net, _ = solve_with_home(margin_sums(season), ridge, np.zeros(TEAMS), SRS.home_court, SRS)
    assert rated(tables).sum(axis=2) == pytest.approx(net, abs=1e-9)


def test_swapped_points_swap_offence_and_defence() -> None:
    games, *rest = league(noise=11.0)[0]
    points = games[["away_pts", "home_pts"]].to_numpy()
    swapped = games.assign(home_pts=points[:, 0], away_pts=points[:, 1])
    opposite = section(SrsParams, home_court=-SRS.home_court)
    found = rated((swapped, *rest), opposite)
    assert found == pytest.approx(-rated((games, *rest))[..., ::-1], abs=1e-9)


def test_a_season_starts_from_part_of_the_last() -> None:
    games, team_games, teams, dates = league(noise=11.0)[0]
    after = pd.Timestamp("2016-10-20")
    dates = pd.concat([dates, pd.DataFrame({"season": [SEASON, "2016-17"], "as_of": [
        games["game_date"].max() + pd.Timedelta(days=1), after]})])  # fmt: skip
    found = rated((games, team_games, pd.concat([teams, teams.assign(season="2016-17")]), dates))
    expected = SRS.carry_over * found[-2]
    assert (found[0] == 0).all()
    assert found[-1] == pytest.approx(expected - expected.mean(axis=0), abs=1e-9)
