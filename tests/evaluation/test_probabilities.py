"""Probabilities: games, title, calibration, upsets; hand-computed values and refusals."""

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import brier_score_loss
from sklearn.metrics import log_loss as sklearn_log_loss

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.game_probabilities import forecast_odds, odds_from_scores, snapshot_games
from nbarank.evaluation.probability_metrics import brier, event_scores, log_loss, title_scores
from nbarank.evaluation.probability_rows import first_series, odds_rows, upset_rows
from nbarank.evaluation.reliability import (
    SERIES_TO_WIN,
    calibration,
    game_events,
    reliability,
    team_events,
)
from nbarank.evaluation.scorecard import checkpoint_days

from .league_data import SEASONS, as_of_table, games_table, outcomes_table

OUTCOMES = outcomes_table()
GAMES = games_table(OUTCOMES)
DATES = as_of_table()
DAYS = checkpoint_days(DATES)
SNAPSHOTS = snapshot_games(GAMES, DATES, DAYS)


def true_scores() -> pd.DataFrame:
    rows = DATES[["season", "as_of"]].merge(OUTCOMES[["season", "team_id", "final_rank"]])
    return rows.assign(ranker="oracle", score=-rows["final_rank"]).drop(columns="final_rank")


def test_brier_and_log_loss_agree_with_scikit_learn() -> None:
    random = np.random.default_rng(0)
    chance, won = random.random(500), random.random(500) < 0.5
    assert brier(chance, won).mean() == pytest.approx(brier_score_loss(won, chance))
    assert log_loss(chance, won).mean() == pytest.approx(sklearn_log_loss(won, chance))
    assert np.isfinite(log_loss(np.array([0.0, 1.0]), np.array([True, False]))).all()
    with pytest.raises(EvaluationError, match="not probabilities"):
        brier(np.array([0.5, np.nan]), np.array([True, True]))
    with pytest.raises(EvaluationError, match="not probabilities"):
        log_loss(np.array([1.2]), np.array([True]))


def test_title_scores_by_hand() -> None:
    odds = pd.DataFrame(
        {
            "season": "2014-15",
            "title_probability": [0.5, 0.3, 0.2],
            "champion": [False, True, False],
        }
    )
    got = title_scores(odds, ["season"]).iloc[0]
    assert got["title_logloss"] == pytest.approx(-np.log(0.3))
    assert got["title_brier"] == pytest.approx(0.25 + 0.49 + 0.04)
    assert got["champion_rank"] == 2
    with pytest.raises(EvaluationError, match="do not add up"):
        title_scores(odds.assign(title_probability=0.5), ["season"])
    with pytest.raises(EvaluationError, match="exactly one"):
        title_scores(odds.assign(champion=False), ["season"])


def test_reliability_by_hand_and_of_true_chances() -> None:
    chance = np.array([0.1, 0.1, 0.9, 1.0])
    diagram, ece = reliability(chance, np.array([False, True, True, True]), 10)
    assert diagram["bin"].tolist() == [1, 9] and diagram["count"].tolist() == [2, 2]
    assert ece == pytest.approx(0.5 * abs(0.1 - 0.5) + 0.5 * abs(0.95 - 1.0))
    random = np.random.default_rng(1)
    true = random.random(50_000)
    happened = random.random(50_000) < true
    assert reliability(true, happened, 10)[1] < 0.01
    assert reliability(1 - true, happened, 10)[1] > 0.4
    with pytest.raises(EvaluationError, match="No event"):
        reliability(np.array([]), np.array([], dtype=bool), 10)


def test_each_game_gets_the_last_snapshot_before_it() -> None:
    assert SNAPSHOTS["game_id"].is_unique and len(SNAPSHOTS) == len(GAMES)
    dated = SNAPSHOTS.merge(GAMES[["game_id", "game_date"]])
    assert (dated["as_of"] <= dated["game_date"]).all()
    merged = dated.merge(DATES[["season", "as_of"]], on="season", suffixes=("", "_other"))
    between = (merged["as_of_other"] > merged["as_of"]) & (
        merged["as_of_other"] <= merged["game_date"]
    )
    assert not between.any()
    by_day = dated.drop_duplicates(["season", "as_of"])
    expected = by_day["season_share"].map({0.10: 10, 0.30: 10, 0.50: 50, 1.00: 100})
    assert (by_day["checkpoint"] == expected).all()
    assert (SNAPSHOTS.loc[SNAPSHOTS["kind"] == "playoffs", "checkpoint"] == 100).all()


def test_odds_from_scores_find_the_true_chances_and_never_look_ahead() -> None:
    odds = odds_from_scores(SNAPSHOTS, true_scores(), SEASONS[2:])
    assert set(odds["season"]) == set(SEASONS[2:])
    true = odds.merge(GAMES[["game_id", "true_chance"]])
    assert (true["home_win_probability"] - true["true_chance"]).abs().mean() < 0.03
    future = GAMES.copy()
    turned = future["season"] == SEASONS[3]
    future.loc[turned, ["home_pts", "away_pts"]] = future.loc[
        turned, ["away_pts", "home_pts"]
    ].to_numpy()
    again = odds_from_scores(snapshot_games(future, DATES, DAYS), true_scores(), SEASONS[2:])
    np.testing.assert_array_equal(again["home_win_probability"], odds["home_win_probability"])
    with pytest.raises(EvaluationError, match="No games before 2014-15"):
        odds_from_scores(SNAPSHOTS, true_scores(), SEASONS[:1])


def test_a_better_ranker_has_better_odds() -> None:
    random = np.random.default_rng(0)
    blunt = true_scores().assign(ranker="blunt")
    blunt["score"] += random.normal(0, 15, len(blunt))
    odds = odds_from_scores(SNAPSHOTS, pd.concat([true_scores(), blunt]), SEASONS[2:])
    scores = event_scores(odds, ["ranker"], "home_win_probability", "home_won", "game")
    scores = scores.set_index("ranker")
    assert scores.loc["oracle", "game_logloss"] < scores.loc["blunt", "game_logloss"] < 0.70
    assert scores.loc["oracle", "game_brier"] < scores.loc["blunt", "game_brier"]


def test_odds_rows_of_a_forecast() -> None:
    chances = SNAPSHOTS.merge(GAMES[["game_id", "true_chance"]])
    chances = chances.rename(columns={"true_chance": "home_win_probability"})
    own = forecast_odds(SNAPSHOTS, chances[["game_id", "season", "as_of", "home_win_probability"]])
    forecast = DAYS[["season", "as_of"]].merge(OUTCOMES[["season", "team_id"]])
    forecast = forecast.assign(title=1 / 30, playoffs=16 / 30)
    rows = odds_rows(forecast, own, OUTCOMES, DAYS)
    assert set(rows["target"]) == {"games", "title", "playoffs"}
    title = rows[rows["metric"] == "title_logloss"]["value"]
    assert title.to_numpy() == pytest.approx(np.log(30))
    assert (rows[rows["metric"] == "champion_rank"]["value"] == 15.5).all()
    assert sorted(rows[rows["target"] == "games"]["checkpoint"].unique()) == [10, 50, 100]
    with pytest.raises(EvaluationError, match="no forecast"):
        odds_rows(forecast[forecast["season"] != SEASONS[0]], own, OUTCOMES, DAYS)


def test_overconfident_probabilities_have_a_larger_error() -> None:
    random = np.random.default_rng(0)
    truth = random.uniform(0.1, 0.9, 50_000)
    happened = random.uniform(size=len(truth)) < truth
    overconfident = np.clip(0.5 + 1.8 * (truth - 0.5), 0.001, 0.999)
    table, diagram = calibration(
        {"true": (truth, happened), "overconfident": (overconfident, happened)}, 10
    )
    ece = table.set_index("what")["ece"]
    assert ece["true"] < 0.01 < 0.05 < ece["overconfident"]
    assert table.set_index("what")["log_loss"].idxmin() == "true"
    assert diagram.groupby("what")["count"].sum().eq(len(truth)).all()


def test_all_kinds_are_scored_on_the_same_games() -> None:
    calibrated = pd.DataFrame(
        {"game_id": ["a", "b", "c"], "home_won": True, "stacked": 0.6, "per_model": 0.7}
    )
    forecast = pd.DataFrame({"game_id": ["b", "c", "d"], "home_win_probability": [0.5, 0.6, 0.7]})
    events = game_events(calibrated, forecast)
    assert {len(chance) for chance, _ in events.values()} == {2}


def test_a_round_counts_as_reached_by_the_series_won_before_it() -> None:
    forecast = pd.DataFrame(
        {
            "season": "2015-16",
            "as_of": pd.Timestamp("2016-01-20"),
            "team_id": [1, 2, 3],
            **dict.fromkeys(SERIES_TO_WIN, 0.5),
        }
    )
    outcomes = pd.DataFrame(
        {
            "season": "2015-16",
            "team_id": [1, 2, 3],
            "made_playoffs": [True, True, False],
            "rounds_won": [4, 0, 0],
        }
    )
    classified = forecast[["season", "as_of", "team_id"]].assign(probability=0.5)
    events = team_events(forecast, classified.head(2), outcomes)
    assert events["teams, title"][1].tolist() == [True, False, False]
    assert events["teams, playoffs"][1].tolist() == [True, True, False]
    assert events["teams, second round"][1].tolist() == [True, False, False]
    assert events["teams, playoffs by classifier"][1].tolist() == [True, True]


def test_no_events_are_refused() -> None:
    with pytest.raises(EvaluationError):
        calibration({}, 10)


DAY = {"season": "2014-15", "as_of": pd.Timestamp("2015-04-16")}


def _outcomes() -> pd.DataFrame:
    """One conference: the seventh beats the second, the fifth the fourth; two teams are out."""
    rows = [(seed, int(seed in (1, 3, 5, 7))) for seed in range(1, 9)] + [(0, 0), (0, 0)]
    return pd.DataFrame(
        {
            "season": "2014-15",
            "team_id": range(101, 111),
            "conference": "East",
            "seed": [seed for seed, _ in rows],
            "rounds_won": [won for _, won in rows],
        }
    )


def _forecast(second_round: list[float], playoffs: float = 1.0) -> pd.DataFrame:
    teams = range(101, 109)
    return pd.DataFrame(
        {**DAY, "team_id": teams, "second_round": second_round, "playoffs": playoffs}
    )


def _rankings() -> pd.DataFrame:
    standings = pd.DataFrame({"team_id": range(101, 109), "score": [8.0, 7, 6, 5, 4, 3, 2, 1]})
    return standings.assign(**DAY, target="playoff_outcome", ranker="standings")


LAST_DAY = pd.DataFrame([{**DAY, "checkpoint": 100}])


def test_who_met_and_who_won() -> None:
    series = first_series(_outcomes()).set_index(["favourite", "underdog"])["upset"]
    upsets = {(101, 108): False, (102, 107): True, (103, 106): False, (104, 105): True}
    assert series.to_dict() == upsets


def test_upsets_by_hand() -> None:
    chances = [0.9, 0.6, 0.8, 0.7, 0.3, 0.2, 0.4, 0.1]
    rows = upset_rows(_forecast(chances), _rankings(), _outcomes(), LAST_DAY)
    found = rows.set_index(["ranker", "metric"])["value"]
    assert found["ensemble", "upset_auc"] == 1.0  # .4 and .3 were upsets, .2 and .1 were not
    brier = (0.1**2 + 0.6**2 + 0.2**2 + 0.7**2) / 4
    assert found["ensemble", "upset_brier"] == pytest.approx(brier)
    # Places apart: 7, 5, 3 and 1; the upsets are 5 and 1. Three of four pairs are right.
    assert found["standings", "upset_auc"] == 0.75


def test_an_open_playoff_place_does_not_change_the_probability_of_an_upset() -> None:
    """A team that may miss the playoffs is scored given that it makes them."""
    sure = _forecast([0.9, 0.6, 0.8, 0.7, 0.3, 0.2, 0.4, 0.1])
    open_place = sure.copy()
    open_place.loc[7, ["second_round", "playoffs"]] = [0.05, 0.5]
    pd.testing.assert_frame_equal(
        upset_rows(sure, _rankings(), _outcomes(), LAST_DAY),
        upset_rows(open_place, _rankings(), _outcomes(), LAST_DAY),
    )


def test_a_season_without_upsets_has_no_auc() -> None:
    outcomes = _outcomes().assign(
        rounds_won=lambda frame: (frame["seed"].between(1, 4)).astype(int)
    )
    rows = upset_rows(_forecast([0.5] * 8), _rankings(), outcomes, LAST_DAY)
    assert set(rows["metric"]) == {"upset_brier", "upset_logloss"}


def test_without_seeds_or_the_end_of_the_season_there_are_no_rows() -> None:
    unseeded = _outcomes().assign(seed=0)
    assert upset_rows(_forecast([0.5] * 8), _rankings(), unseeded, LAST_DAY).empty
    half = LAST_DAY.assign(checkpoint=50)
    assert upset_rows(_forecast([0.5] * 8), _rankings(), _outcomes(), half).empty
