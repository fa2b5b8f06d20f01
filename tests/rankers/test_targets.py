"""Labels look at the games from a date on, within the horizon, and at nothing before it."""

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import RankerError
from nbarank.rankers.training.targets import (
    RIDGE_GAMES,
    build_targets,
    game_targets,
    margin_targets,
    season_ratings,
)

DAYS = pd.to_datetime(["2015-11-01", "2015-11-03", "2015-11-10", "2015-11-20"])


def games(neutral: bool = True) -> pd.DataFrame:
    """Return four games of three teams: 1 beats 2 by 10, 2 beats 3 by 6, 3 - 1 by 2, 1 - 2 by 4."""
    home, away = [1, 2, 3, 1], [2, 3, 1, 2]
    margins = [10, 6, 2, 4]
    return pd.DataFrame(
        {
            "game_id": [f"002150000{n}" for n in range(4)],
            "season": "2015-16",
            "game_date": DAYS,
            "kind": "regular",
            "home_id": home,
            "away_id": away,
            "home_pts": [100 + m for m in margins],
            "away_pts": 100,
            "neutral": neutral,
        }
    )


def dates(*days: str) -> pd.DataFrame:
    return pd.DataFrame({"season": "2015-16", "as_of": pd.to_datetime(list(days))})


def test_ratings_are_the_ridge_solution() -> None:
    rating, home = season_ratings(games())
    # normal equations by hand: the three ratings add to zero by symmetry of the games
    matrix = np.array([[3.0, -2, -1], [-2, 3, -1], [-1, -1, 2]]) + RIDGE_GAMES * np.eye(3)
    expected = np.linalg.solve(matrix, [10 + 4 - 2, 6 - 10 - 4, 2 - 6])
    np.testing.assert_allclose(rating.to_numpy(), expected, atol=1e-6)
    assert home == 0.0


def test_margins_of_the_window_with_the_opponent_taken_off() -> None:
    rating, _ = season_ratings(games())
    found = margin_targets(games(), dates("2015-11-03"), 8).set_index("team_id")
    # of 3 to 10 November: 2 beat 3 by 6 on the first day; 3 beat 1 on the 10th, within 8 days
    assert found.loc[1, "margin_target"] == pytest.approx(-2 + rating[3])
    assert found.loc[2, "margin_target"] == pytest.approx(6 + rating[3])
    assert found.loc[3, "margin_target"] == pytest.approx((-6 + rating[2] + 2 + rating[1]) / 2)
    assert found["margin_games"].tolist() == [1, 1, 2]
    short = margin_targets(games(), dates("2015-11-03"), 7).set_index("team_id")
    assert short["margin_games"].tolist() == [0, 1, 1]
    assert np.isnan(short.loc[1, "margin_target"])


def test_the_rest_of_the_season_is_the_open_horizon() -> None:
    rest = margin_targets(games(), dates("2015-11-02", "2015-12-01"), None)
    assert rest["margin_games"].tolist() == [2, 2, 2, 0, 0, 0]
    assert rest["margin_target"].isna().tolist() == [False] * 3 + [True] * 3


def test_games_before_the_date_are_not_counted() -> None:
    before = games()
    after = before.assign(home_pts=before["home_pts"].where(before.index > 0, 150))
    day = dates("2015-11-03")
    first, second = (margin_targets(g, day, 5)["margin_games"] for g in (before, after))
    assert first.equals(second)
    pd.testing.assert_frame_equal(game_targets(before, day, 5), game_targets(after, day, 5))


def test_home_court_is_taken_off_but_not_on_neutral_ground() -> None:
    own = games(neutral=False)
    _, home = season_ratings(own)
    assert home == pytest.approx(5.5, abs=0.6)  # the home side won by 5.5 on average
    found = game_targets(own, dates("2015-11-03"), 8)
    np.testing.assert_allclose(found["home_margin"], np.array([6.0, 2.0]) - home)
    neutral = own.assign(neutral=[False, True, False, False])
    _, home = season_ratings(neutral)
    found = game_targets(neutral, dates("2015-11-03"), 8)
    np.testing.assert_allclose(found["home_margin"], [6.0, 2.0 - home])


def outcomes() -> pd.DataFrame:
    return pd.DataFrame(
        {"season": "2015-16", "team_id": [1, 2, 3], "conference": "East", "final_rank": [1, 3, 2]}
    )


def keys() -> pd.DataFrame:
    return dates("2015-11-03", "2015-11-21").merge(
        pd.DataFrame({"team_id": [1, 2, 3]}), how="cross"
    )


def test_ranks_become_targets_that_grow_with_strength() -> None:
    found = build_targets(keys(), outcomes(), games(), "final_rank", 14)
    assert found["rank_target"].tolist() == [2.0, 0.0, 1.0] * 2
    late = found[found["as_of"] == pd.Timestamp("2015-11-21")]
    assert (late["margin_games"] == 0).all()
    assert late["margin_target"].isna().all()
    assert len(found) == len(keys())


def test_a_season_without_outcome_is_refused_by_name() -> None:
    with pytest.raises(RankerError, match="2015-16"):
        build_targets(keys(), outcomes().iloc[:0], games(), "final_rank", 14)
