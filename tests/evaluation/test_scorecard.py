"""Rankings and the scorecard: orientation, rows, sleepers, pairing, true strength, refusals."""

import logging

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbarank.core.errors import EvaluationError
from nbarank.core.tables import validate
from nbarank.evaluation.rankings import (
    baseline_rankings,
    ensemble_rankings,
    model_rankings,
    strength_scores,
)
from nbarank.evaluation.scorecard import (
    COLUMNS,
    KNOWN_RATINGS,
    checkpoint_days,
    in_scorecard_order,
    score_rankings,
)
from nbarank.evaluation.true_strength import true_strength_rows
from nbarank.evaluation.win_rows import win_rows
from nbarank.schemas.evaluation import RANKED

from .league_data import SEASONS, as_of_table, outcomes_table, pick, rankings_table

OUTCOMES = outcomes_table()
DAYS = checkpoint_days(as_of_table())
NOISE = {"standings": 4.0, "ensemble": 2.0, "srs": 6.0}


def card(rankings: pd.DataFrame, outcomes: pd.DataFrame = OUTCOMES) -> pd.DataFrame:
    return in_scorecard_order(score_rankings(rankings, DAYS, outcomes, "performance", 5))


def test_columns_rows_and_order() -> None:
    scorecard = card(rankings_table(OUTCOMES, NOISE))
    assert list(scorecard.columns) == COLUMNS
    assert np.isfinite(scorecard["value"]).all()
    assert not scorecard.duplicated(COLUMNS[:-1]).any()
    assert sorted(scorecard["checkpoint"].unique()) == [10, 50, 100]
    first = pick(scorecard, season=SEASONS[0], checkpoint=10, target="final_rank")
    assert list(first["ranker"].unique()) == ["ensemble", "standings", "srs"]
    metrics = set(scorecard["metric"])
    wanted = {"spearman", "kendall", "mrr2", "mrr4", "precision2", "precision4", "rank_mae"}
    wanted |= {"rank_rmse", "field_spearman", "sleeper_auc", "east_spearman", "west_rank_mae"}
    wanted |= {f"ndcg{k}{g}" for k in (4, 10, 12, 16, 20, 30) for g in ("", "_exponential")}
    assert wanted <= metrics


def test_values_are_those_of_scipy_on_the_same_rows() -> None:
    rankings = rankings_table(OUTCOMES, NOISE)
    scorecard = card(rankings)
    day = pd.Timestamp("2016-01-20")
    ranks = {"final_rank": "final_rank", "playoff_outcome": "playoff_rank_performance"}
    for target, rank in ranks.items():
        rows = pick(rankings, as_of=day, ranker="srs", target=target)
        rows = rows.merge(OUTCOMES, on=["season", "team_id"])
        where = {"season": "2015-16", "checkpoint": 50, "target": target, "ranker": "srs"}
        got = pick(scorecard, **where).set_index("metric")["value"]
        assert got["spearman"] == pytest.approx(spearmanr(rows["score"], -rows[rank]).statistic)
        field = rows[rows["made_playoffs"]]
        want = spearmanr(field["score"], -field[rank]).statistic
        assert got["field_spearman"] == pytest.approx(want)
        east = rows[rows["conference"] == "East"]
        own = east["score"].rank(ascending=False)
        want = (own - east[rank].rank()).abs().mean()
        assert got["east_rank_mae"] == pytest.approx(want)


def test_the_final_standings_are_perfect_for_one_target_only() -> None:
    scorecard = card(rankings_table(OUTCOMES, {"standings": 0.0}))
    assert (pick(scorecard, target="final_rank", metric="spearman")["value"] == 1.0).all()
    assert (pick(scorecard, target="final_rank", metric="rank_mae")["value"] == 0.0).all()
    assert (pick(scorecard, target="playoff_outcome", metric="spearman")["value"] < 1.0).all()


def test_sleepers_are_found_by_who_puts_them_higher() -> None:
    rankings = rankings_table(OUTCOMES, {"standings": 8.0, "ensemble": 0.0})
    scorecard = card(rankings)
    sleepers = pick(scorecard, metric="sleeper_auc", target="final_rank")
    assert (pick(sleepers, ranker="standings")["value"] == 0.5).all()
    assert (pick(sleepers, ranker="ensemble")["value"] == 1.0).all()
    none = card(rankings_table(OUTCOMES, {"standings": 0.0, "ensemble": 1.0}))
    assert pick(none, metric="sleeper_auc", target="final_rank").empty


def test_the_order_of_rows_and_teams_does_not_matter() -> None:
    rankings = rankings_table(OUTCOMES, NOISE)
    shuffled = card(rankings.sample(frac=1.0, random_state=3))
    pd.testing.assert_frame_equal(card(rankings), shuffled, check_exact=True)


def test_a_constant_ranker_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    rankings = rankings_table(OUTCOMES, NOISE)
    rankings.loc[rankings["ranker"] == "srs", "score"] = 0.0
    with caplog.at_level(logging.WARNING):
        scorecard = card(rankings)
    assert "srs gives all teams the same score on 24 list(s)" in caplog.text
    assert (pick(scorecard, ranker="srs", metric="spearman")["value"] == 0.0).all()


def test_refusals_name_what_is_missing() -> None:
    rankings = rankings_table(OUTCOMES, NOISE)
    with pytest.raises(EvaluationError, match="do not cover all teams"):
        card(rankings[~((rankings["ranker"] == "srs") & (rankings["team_id"] == 7))])
    with pytest.raises(EvaluationError, match="same seasons and checkpoints"):
        card(rankings[~((rankings["ranker"] == "srs") & (rankings["season"] == SEASONS[1]))])
    with pytest.raises(EvaluationError, match="cannot be paired"):
        card(rankings[rankings["ranker"] != "standings"])
    with pytest.raises(EvaluationError, match="without an outcome"):
        card(rankings, OUTCOMES[OUTCOMES["season"] != SEASONS[2]])
    close = as_of_table().assign(checkpoint=[0.101, 0.102, 0.5, 1.0] * len(SEASONS))
    with pytest.raises(EvaluationError, match="same per cent"):
        checkpoint_days(close)


def test_golden_scorecard_of_four_teams() -> None:
    """Worked out by hand: predicted B A C D, true order A B C D, champion B."""
    outcomes = pd.DataFrame(
        {
            "season": "2014-15",
            "team_id": [1, 2, 3, 4],
            "conference": ["East", "West", "East", "West"],
            "final_rank": [1, 2, 3, 4],
            "conference_rank": [1, 1, 2, 2],
            "made_playoffs": [True, True, False, False],
            "playoff_rank_performance": [2, 1, 3, 4],
        }
    )
    rankings = pd.DataFrame(
        {
            "season": "2014-15",
            "as_of": pd.Timestamp("2014-11-20"),
            "target": np.repeat(["final_rank", "playoff_outcome"], 4),
            "ranker": "standings",
            "team_id": [1, 2, 3, 4] * 2,
            "score": [3.0, 4.0, 2.0, 1.0] * 2,
        }
    )
    got = score_rankings(rankings, DAYS, outcomes, "performance", 1)
    got = got.set_index(["target", "metric"])["value"].round(6).to_dict()
    golden = {
        "spearman": 0.8,
        "kendall": 0.666667,
        "ndcg4": 0.922495,  # (2 + 3/log2(3) + 1/2) / (3 + 2/log2(3) + 1/2)
        "ndcg4_exponential": 0.842828,  # gains 7 3 1 0
        "mrr2": 1.0,
        "precision2": 1.0,
        "rank_mae": 0.5,
        "rank_rmse": 0.707107,
        "field_spearman": -1.0,
        "east_spearman": 1.0,
        "sleeper_auc": 0.5,
    }
    for metric, value in golden.items():
        assert got["final_rank", metric] == pytest.approx(value, abs=1e-6), metric
    assert got["playoff_outcome", "spearman"] == 1.0
    assert ("playoff_outcome", "sleeper_auc") not in got


BASE = as_of_table()[["season", "as_of"]].merge(OUTCOMES[["season", "team_id"]])
PLAYED = OUTCOMES.assign(wins=41, losses=41)
STRONG = BASE["team_id"].astype(float)  # team 30 is the strongest by every measure


def ratings() -> pd.DataFrame:
    return BASE.assign(
        win_pct=STRONG / 31,
        point_diff=STRONG - 15,
        srs=STRONG - 15,
        srs_carried=STRONG - 15,
        elo=1500 + STRONG,
        last_season_rank=31 - STRONG,
        games_played=41.0,
        wins=STRONG,
    )


def scores() -> pd.DataFrame:
    return BASE.assign(rank_score=STRONG, margin_score=STRONG, rank_score_sd=0.1)


def forecast() -> pd.DataFrame:
    ranks = {"expected_final_rank": 31 - STRONG, "expected_playoff_rank": 31 - STRONG}
    return BASE.assign(strength=STRONG, **ranks)


def test_every_ranker_puts_the_strongest_first_on_checkpoints_only() -> None:
    places = BASE.assign(league_rank=31 - BASE["team_id"])
    rankings = pd.concat(
        [
            baseline_rankings(ratings(), places, PLAYED, DAYS),
            model_rankings({"xgb": scores(), "rf": scores()}, DAYS),
            ensemble_rankings(forecast(), DAYS),
        ]
    )
    checked = validate(RANKED, rankings)
    assert checked["ranker"].nunique() == 11
    assert len(checked) == 11 * 2 * len(DAYS) * 30
    order = checked.sort_values("score").groupby(["season", "as_of", "target", "ranker"])
    assert (order["team_id"].last() == 30).all() and (order["team_id"].first() == 1).all()


def test_missing_standings_are_named() -> None:
    places = BASE.assign(league_rank=31 - BASE["team_id"])
    with pytest.raises(EvaluationError, match="no ratings or no standings"):
        baseline_rankings(ratings(), places[places["season"] != "2015-16"], PLAYED, DAYS)


def test_truth_correlates_with_strength_of_that_day() -> None:
    scored = strength_scores(ratings(), {"xgb": scores()}, forecast())
    assert set(scored["ranker"]) == {"ensemble", "xgb", "last_season", *KNOWN_RATINGS}
    truth = BASE.assign(strength=STRONG - 15.5, talent=15.5 - STRONG)
    got = true_strength_rows(scored, truth, DAYS)
    assert len(got) == 8 * len(DAYS) * 3
    by_metric = got.groupby("metric")["value"]
    np.testing.assert_allclose(by_metric.min()["truth_spearman"], 1.0)
    np.testing.assert_allclose(by_metric.max()["talent_spearman"], -1.0)
    with pytest.raises(EvaluationError, match="no true strength"):
        true_strength_rows(scored, truth[truth["season"] != "2016-17"], DAYS)
    with pytest.raises(EvaluationError, match="misses teams"):
        true_strength_rows(
            scored[~((scored["ranker"] == "elo") & (scored["team_id"] == 3))], truth, DAYS
        )


def test_before_the_first_game_only_rankers_that_know_earlier_seasons_are_ranked() -> None:
    days = DAYS.assign(checkpoint=DAYS["checkpoint"].replace({10: 0}))
    known = ratings()
    known.loc[known["as_of"].isin(days.loc[days["checkpoint"] == 0, "as_of"]), "srs"] = 0.0
    places = BASE.assign(league_rank=31 - BASE["team_id"])
    rankings = baseline_rankings(known, places, PLAYED, days)
    scorecard = score_rankings(rankings, days, OUTCOMES, "performance", 5)
    opening = scorecard[scorecard["checkpoint"] == 0]
    assert set(opening["ranker"]) == {
        "point_diff",
        "srs_carried",
        "elo",
        "record_elo",
        "record_shrunk",
        "last_season",
    }
    assert "sleeper_auc" not in set(opening["metric"])
    assert {"standings", "srs"} < set(scorecard.loc[scorecard["checkpoint"] == 50, "ranker"])
    with pytest.raises(EvaluationError, match="same seasons and checkpoints"):
        score_rankings(rankings[rankings["ranker"] != "standings"], days, OUTCOMES, "eos_final", 5)


def test_projected_wins_are_scored_against_final_wins_on_a_line_of_earlier_seasons() -> None:
    final = OUTCOMES.assign(wins=56 - OUTCOMES["final_rank"], losses=26 + OUTCOMES["final_rank"])
    half = DAYS[DAYS["checkpoint"] == 50]
    rows = half[["season", "as_of"]].merge(final[["season", "team_id", "final_rank", "wins"]])
    record = rows.assign(games_played=41.0, wins=rows["wins"] // 2, elo=1500.0)
    exact = (rows["wins"] - record["wins"]) / 41  # of the rest: a perfect score on a line
    scores = pd.concat(
        BASE.merge(rows).assign(ranker=ranker, score=score).drop(columns=["wins", "final_rank"])
        for ranker, score in {"exact": 7 - 3 * exact, "none": 0.0 * exact}.items()
    )
    forecast = rows.assign(projected_wins=rows["wins"] + 3.0)
    forecast = forecast[forecast["season"] > SEASONS[0]]
    found = win_rows(forecast, scores, record, final, half)
    value = found.set_index(["season", "ranker", "metric"])["value"]
    assert set(found["season"]) == set(SEASONS[1:])
    for season in SEASONS[1:]:
        assert value[season, "ensemble", "wins_rmse"] == pytest.approx(3.0)
        assert value[season, "exact", "wins_mae"] == pytest.approx(0.0, abs=1e-6)
        rest = exact[rows["season"] == season] * 41
        spread = np.sqrt(((rest - exact[rows["season"] < season].mean() * 41) ** 2).mean())
        assert value[season, "none", "wins_rmse"] == pytest.approx(spread)
    # Equal Elo: half of the rest is won. Eleven games at one half are added to a record.
    elo, shrunk = (value[SEASONS[1], f"record_{name}", "wins_mae"] for name in ("elo", "shrunk"))
    of_season = record[rows["season"] == SEASONS[1]]
    won = of_season["wins"]
    ended = rows.loc[of_season.index, "wins"]
    assert elo == pytest.approx((won + 20.5 - ended).abs().mean())
    assert shrunk == pytest.approx((won + 41 * (won + 5.5) / 52 - ended).abs().mean())
    # A season's own result never enters its line.
    turned = final.assign(wins=final["wins"].where(final["season"] < SEASONS[-1], 41))
    again = win_rows(forecast, scores, record, turned, half).set_index("season")
    pd.testing.assert_frame_equal(
        again.drop(index=SEASONS[-1]), found.set_index("season").drop(index=SEASONS[-1])
    )
