"""Epochs of the folds become curves that dvclive takes, whatever happened in a fold."""

from pathlib import Path

import pytest

from nbarank.core.tracking import write_curves
from nbarank.rankers.deepset.ranker import DeepSetRanker
from nbarank.rankers.deepset.training_history import curve_steps, fold_row

from ..synthetic_league import synthetic_league
from .sections import model, training


@pytest.fixture(scope="module")
def rankers() -> dict[str, DeepSetRanker]:
    data, _ = synthetic_league()
    return {
        fold: DeepSetRanker(
            model(epochs=epochs, early_stopping_patience=epochs), training(), final=True
        ).fit(data, seed)
        for fold, epochs, seed in (("2012-13", 3, 1), ("2013-14", 2, 2))
    }


def test_steps_are_means_of_the_folds(rankers: dict[str, DeepSetRanker], tmp_path: Path) -> None:
    steps = curve_steps(rankers)
    assert len(steps) == 3
    both = [steps[1][f"{fold}/spearman"] for fold in rankers]
    assert steps[1]["mean/spearman"] == pytest.approx(sum(both) / 2)
    assert steps[2]["mean/spearman"] == pytest.approx(steps[2]["2012-13/spearman"])
    assert "2013-14/spearman" not in steps[2]
    write_curves(tmp_path / "live", steps)
    table = (tmp_path / "live/plots/metrics/2012-13/relative_loss.tsv").read_text()
    assert len(table.splitlines()) == 4


@pytest.mark.parametrize("final", [False, True])
def test_without_early_stopping_a_model_is_fitted_once(final: bool) -> None:
    fold = DeepSetRanker(model(epochs=3), training(), final=final).fit(synthetic_league()[0], 1)
    assert set(fold.history["phase"]) == {"final"}
    assert len(fold.history) == len(curve_steps({"2011-12": fold})) == 3


def test_a_fold_that_broke_leaves_gaps_and_a_verdict(tmp_path: Path) -> None:
    data, _ = synthetic_league()
    slow = model(epochs=12, learning_rate=1e-12, early_stopping_val_frac=0.0)
    ranker = DeepSetRanker(slow, training(margin_weight=0.0)).fit(data, 1)
    ranker.history.loc[0, ["loss", "relative_loss"]] = float("nan")
    steps = curve_steps({"2014-15": ranker})
    assert "mean/loss" not in steps[0]
    write_curves(tmp_path / "live", steps)
    row = fold_row("2014-15", ranker)
    assert "not learning" in row["verdict"]
    assert "spearman_best" not in row


def test_a_fold_row_tells_of_the_probe_and_the_final_fit(rankers: dict[str, DeepSetRanker]) -> None:
    row = fold_row("2012-13", rankers["2012-13"])
    assert row["verdict"] == "healthy"
    assert row["epochs"] == rankers["2012-13"].history["spearman"].iloc[:3].idxmax() + 1
    assert row["spearman_best"] >= row["spearman_last"] > 0
