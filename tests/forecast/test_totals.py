"""Expected totals: what they may see, and that they follow pace and efficiency."""

import numpy as np
import pandas as pd
import pytest

from nbarank.forecast.totals import SCORING, TotalModel, fit_total_model, with_scoring
from tests.forecast.made_league import MID, TEAMS, played, schedule

FAST, EFFICIENT = 3, 7


def scored_games(seed: int = 0) -> pd.DataFrame:
    """League/team_games of the made-up season: one fast team, one of good offence."""
    rng = np.random.default_rng(seed)
    games = played(schedule(), seed)
    home, away = games["home_id"].to_numpy(), games["away_id"].to_numpy()
    pace = 98.0 + 5.0 * ((home == FAST) | (away == FAST)) + rng.normal(0, 2, len(games))
    rate = 110.0 + 3.0 * ((home == EFFICIENT) | (away == EFFICIENT)) + rng.normal(0, 2, len(games))
    points = np.rint(pace * rate / 100.0)
    facts = {"minutes": 48.0, "possessions": pace, "pts": points, "opponent_pts": points}
    sides = [
        games.assign(team_id=home, opponent_id=away, is_home=True, **facts),
        games.assign(team_id=away, opponent_id=home, is_home=False, **facts),
    ]
    return pd.concat(sides, ignore_index=True)


def pairs(day: pd.Timestamp = MID) -> pd.DataFrame:
    """Every team at home against team 1 or 2."""
    home = np.arange(TEAMS) + 1
    rows = pd.DataFrame({"home_id": home, "away_id": np.where(home == 1, 2, 1), "kind": "regular"})
    return rows.assign(as_of=day)


def test_fast_and_efficient_teams_have_high_totals() -> None:
    found = with_scoring(pairs(), scored_games()).set_index("home_id")
    assert found["pace"].idxmax() == FAST and found["efficiency"].idxmax() == EFFICIENT
    assert found["pace"].max() == pytest.approx(5.0, abs=1.5)
    assert found["level"].nunique() == 1
    total = pd.Series(TotalModel().expected(found), found.index)
    assert set(total.nlargest(2).index) == {FAST, EFFICIENT}


def test_only_games_before_the_day_count() -> None:
    games = scored_games()
    later = games["game_date"] >= MID
    changed = games.copy()
    changed.loc[later, ["pts", "opponent_pts", "possessions"]] += 40.0
    pd.testing.assert_frame_equal(with_scoring(pairs(), changed), with_scoring(pairs(), games))
    pd.testing.assert_frame_equal(
        with_scoring(pairs(), games[~later]), with_scoring(pairs(), games)
    )


def test_days_do_not_depend_on_one_another_and_sides_can_be_swapped() -> None:
    games, early = scored_games(), MID - pd.Timedelta(days=20)
    both = with_scoring(pd.concat([pairs(), pairs(early)], ignore_index=True), games)
    alone = with_scoring(pairs(), games)
    pd.testing.assert_frame_equal(both.head(TEAMS), alone)
    swapped = pairs().rename(columns={"home_id": "away_id", "away_id": "home_id"})
    found = with_scoring(swapped, games)
    pd.testing.assert_frame_equal(found[list(SCORING)], alone[list(SCORING)])


def test_without_earlier_games_totals_are_missing() -> None:
    first = schedule()["game_date"].min()
    for games in (None, scored_games()):
        found = with_scoring(pairs(first), games)
        assert found[list(SCORING)].isna().all().all()
        assert np.isnan(TotalModel().expected(found)).all()
    assert fit_total_model(with_scoring(pairs(first), None)) == TotalModel()


def test_the_model_is_recovered() -> None:
    rng, n = np.random.default_rng(2), 40_000
    wanted = TotalModel(1.5, 2.0, 1.2, -5.0)
    rows = pd.DataFrame(
        {
            "level": rng.normal(210, 5, n),
            "pace": rng.normal(0, 2, n),
            "efficiency": rng.normal(0, 2, n),
            "kind": rng.choice(["regular", "playin", "playoffs"], n),
        }
    )
    points = wanted.expected(rows) + rng.normal(0, 18, n)
    found = fit_total_model(rows.assign(home_pts=points - 100.0, away_pts=100.0))
    for name in wanted.__dataclass_fields__:
        assert getattr(found, name) == pytest.approx(getattr(wanted, name), abs=0.35)
