"""Comparisons paired by season, the summary and the page."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from nbarank.cli.comparison_screen import comparison_text
from nbarank.cli.screen import WIDTH, number
from nbarank.core.errors import EvaluationError
from nbarank.core.season_intervals import holm
from nbarank.core.sections import read_yaml
from nbarank.evaluation.comparisons import (
    MEAN,
    intervals_against,
    paired_differences,
    read_scorecard,
    rows_of,
)
from nbarank.evaluation.scorecard import checkpoint_days, in_scorecard_order, score_rankings
from nbarank.evaluation.scorecard_page import scorecard_page
from nbarank.evaluation.summary import summary_text
from nbarank.results.scores import compared
from tests.conftest import ROOT

from .league_data import SEASONS, as_of_table, outcomes_table, pick, rankings_table

VALIDATION, TEST = list(SEASONS[:3]), [SEASONS[3]]
ROLES = {"validation": VALIDATION, "test": TEST}


@pytest.fixture(scope="module")
def card() -> pd.DataFrame:
    outcomes = outcomes_table()
    rankings = rankings_table(outcomes, {"standings": 6.0, "ensemble": 2.0, "srs": 9.0})
    days = checkpoint_days(as_of_table())
    return in_scorecard_order(score_rankings(rankings, days, outcomes, "performance", 5))


def one(frame: pd.DataFrame, **where: object) -> pd.Series:
    ((_, row),) = pick(frame, **where).iterrows()
    return row


def compare_rankers(
    card: pd.DataFrame, first: str, second: str, coverage: float = 0.95
) -> pd.DataFrame:
    pair = [rows_of(card, ranker) for ranker in (first, second)]
    return paired_differences(*pair, coverage)


def test_the_text_of_a_comparison_is_one_screen_in_order(card: pd.DataFrame) -> None:
    found = compare_rankers(card, "ensemble", "standings")
    lines = comparison_text(found, "ensemble minus standings", 0.95).splitlines()
    assert len(lines) <= 12 and max(map(len, lines)) <= WIDTH
    places = [line.split("%")[0].strip() for line in lines if "%" in line]
    assert places == sorted(places, key=int) and len(places) > 1
    row = one(found, checkpoint="10", target="final_rank", metric="spearman")
    shown = next(line for line in lines if line.strip().startswith("10 %"))
    half = (row["high"] - row["low"]) / 2
    assert f"{number(row['difference'], 3, '+')} ±{number(half, 3)}" in shown
    assert "The row 'mean' is not tested" in lines[-1]
    kendall = found[found["metric"] == "kendall"]
    chosen = comparison_text(found, "", 0.95, ["kendall"])
    adjusted = holm(kendall.loc[kendall["checkpoint"] != "mean", "p"])
    assert chosen.count("*") - 1 == (adjusted < 0.05).sum() > 0  # one in the legend
    assert comparison_text(found, "", 1 - 1e-9, ["kendall"]).count("*") == 1
    assert "kendall" in chosen and "Brier" not in chosen


def test_differences_are_paired_within_seasons(card: pd.DataFrame) -> None:
    found = compare_rankers(card, "ensemble", "standings")
    row = one(found, checkpoint="10", target="final_rank", metric="spearman")
    rows = pick(card, metric="spearman", target="final_rank", checkpoint=10)
    wide = rows.pivot(index="season", columns="ranker", values="value")
    gaps = wide["ensemble"] - wide["standings"]
    assert row["difference"] == pytest.approx(gaps.mean())
    assert row["difference"] == pytest.approx(row["first"] - row["second"])
    t = ttest_1samp(gaps, 0.0)
    assert (row["low"], row["high"]) == pytest.approx(tuple(t.confidence_interval(0.95)))
    assert row["p"] == pytest.approx(t.pvalue)
    assert row["share_positive"] == (gaps > 0).mean() and row["seasons"] == 4
    overall = one(found, checkpoint=MEAN, target="final_rank", metric="spearman")
    at = pick(found, target="final_rank", metric="spearman")
    parts = at.loc[at["checkpoint"] != MEAN, "difference"]
    assert overall["difference"] == pytest.approx(parts.mean())


def test_turning_the_comparison_round_turns_the_sign(card: pd.DataFrame) -> None:
    ahead = compare_rankers(card, "ensemble", "srs", coverage=0.9)
    behind = compare_rankers(card, "srs", "ensemble", coverage=0.9)
    np.testing.assert_allclose(ahead["difference"], -behind["difference"])
    np.testing.assert_allclose(ahead["low"], -behind["high"], atol=1e-12)


def test_all_rankers_against_one_share_their_draws(card: pd.DataFrame) -> None:
    together = intervals_against(card, "standings", 0.95)
    assert sorted(together["ranker"].unique()) == ["ensemble", "srs"]
    for ranker in ("ensemble", "srs"):
        alone = compare_rankers(card, ranker, "standings")
        part = together[together["ranker"] == ranker][list(alone.columns)]
        pd.testing.assert_frame_equal(part.reset_index(drop=True), alone)


def test_experiments_are_compared_on_the_seasons_both_have(card: pd.DataFrame) -> None:
    other = card[card["season"] != SEASONS[0]].copy()
    other.loc[other["metric"] == "spearman", "value"] -= 0.1
    pair = [rows_of(one, "ensemble") for one in (card, other)]
    found = paired_differences(*pair, 0.95)
    row = one(found, checkpoint="50", target="final_rank", metric="spearman")
    assert row["difference"] == pytest.approx(0.1) and row["seasons"] == 3
    assert row["low"] == pytest.approx(0.1) == row["high"]


def test_test_seasons_do_not_count(
    card: pd.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = read_yaml(ROOT / "params.yaml")
    params["seasons"] |= {"validation": VALIDATION, "test": TEST}
    (tmp_path / "params.yaml").write_text(json.dumps(params))
    (tmp_path / "metrics").mkdir()
    card.to_csv(tmp_path / "metrics/scorecard.csv", index=False)
    monkeypatch.chdir(tmp_path)
    found = compared("ensemble", "standings", "ensemble")
    expected = compare_rankers(card[card["season"].isin(VALIDATION)], "ensemble", "standings")
    key = ["checkpoint", "target", "metric"]
    pd.testing.assert_frame_equal(*(one.set_index(key).sort_index() for one in (found, expected)))
    first = found.groupby(["target", "metric"], sort=False)["checkpoint"].agg(list)
    assert (first.map(str) == str(["10", "50", "100", "mean"])).all()
    assert found["seasons"].max() == len(VALIDATION) < card["season"].nunique()


def test_refusals(card: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no ranker 'oracle'"):
        compare_rankers(card, "oracle", "standings")
    pair = [card[card["season"] == season] for season in SEASONS[:2]]
    with pytest.raises(EvaluationError, match="nothing in common"):
        paired_differences(*pair, 0.95)
    with pytest.raises(EvaluationError, match="There is no scorecard yet"):
        read_scorecard(tmp_path / "none.csv")
    (tmp_path / "other.csv").write_text("season,value\n2014-15,1\n")
    with pytest.raises(EvaluationError, match=r"checkpoint, target, .* is missing"):
        read_scorecard(tmp_path / "other.csv")


def test_a_scorecard_survives_its_file(card: pd.DataFrame, tmp_path: Path) -> None:
    card.to_csv(tmp_path / "scorecard.csv", index=False, float_format="%.6f")
    again = read_scorecard(tmp_path / "scorecard.csv")
    pd.testing.assert_frame_equal(again, card, check_dtype=False, atol=1e-6)


def test_the_summary_keeps_validation_and_test_apart(card: pd.DataFrame) -> None:
    content = json.loads(summary_text(card, ROLES))
    rows = pick(card, ranker="ensemble", metric="spearman", target="final_rank")
    for group, seasons in (("objectives", VALIDATION), ("test", TEST)):
        want = rows[rows["season"].isin(seasons)]["value"].mean()
        assert content[group]["spearman"] == pytest.approx(want, abs=1e-6)
    assert content["lead_over_standings"]["spearman"] > 0
    changed = card.copy()
    changed.loc[changed["season"].isin(TEST), "value"] = 0.0
    assert json.loads(summary_text(changed, ROLES))["objectives"] == content["objectives"]
    assert json.loads(summary_text(card, {"validation": VALIDATION, "test": []}))["test"] == {}


def test_the_summary_refuses_what_is_not_finite(card: pd.DataFrame) -> None:
    with pytest.raises(EvaluationError, match=r"objectives\.spearman is not finite"):
        summary_text(card.assign(value=float("inf")), ROLES)


CALIBRATION = pd.DataFrame(
    {"what": ["games"], "events": 50_000, "brier": 0.2, "log_loss": 0.6, "ece": 0.01}
    | {"reliability": 0.001, "resolution": 0.051, "uncertainty": 0.25}
)
GAME_TESTS = pd.DataFrame(
    {"baseline": ["elo"], "games": 50_000, "difference": -0.01, "statistic": -3.0, "p_holm": 0.01}
)
FOLDS = [{"fold": SEASONS[0], "verdict": "healthy", "relative_loss": 0.7}]


def page(card: pd.DataFrame, roles: dict[str, list[str]]) -> str:
    of_validation = card[card["season"].isin(roles["validation"])]
    intervals = intervals_against(of_validation, "standings", 0.95)
    return scorecard_page(card, intervals, roles, 0.95, CALIBRATION, GAME_TESTS, FOLDS)


def test_page(card: pd.DataFrame) -> None:
    text = page(card, ROLES)
    assert "3 seasons, 2014-15 to 2016-17" in text
    table = text.split("Spearman, higher is better")[1].split("\n\n")[0].splitlines()[2:]
    assert [line.split("|")[1].strip() for line in table] == ["ensemble", "standings", "srs"]
    rows = card[card["season"].isin(VALIDATION) & (card["metric"] == "spearman")]
    rows = rows[(rows["target"] == "playoff_outcome") & (rows["ranker"] == "ensemble")]
    mean = rows[rows["checkpoint"] == 10]["value"].mean()
    assert table[0].split("|")[2].strip() == f"**{mean:.3f}**"  # the best of its column
    errors = text.split("Rank error (MAE), lower is better")[1].split("\n\n")[0].splitlines()[2:]
    assert "**" in errors[0] and "**" not in errors[2]
    assert "## Test: season 2017-18" in text
    assert "| games | 50000 | 0.2000 | 0.6000 | 0.0100 |" in text
    assert "| 2014-15 | healthy | 0.700 | |" in text
    assert max(len(line) for line in text.splitlines()) < 320


def test_page_of_a_single_season_shows_no_interval(card: pd.DataFrame) -> None:
    text = page(card, {"validation": [SEASONS[0]], "test": []})
    assert "[" not in text and "nan" not in text
