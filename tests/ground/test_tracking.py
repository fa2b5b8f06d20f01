"""Curves: plain files of finite numbers, reproducible to the byte."""

import json
from pathlib import Path

import pytest

from nbarank.core.tracking import TrackingError, write_curves
from tests.conftest import contents


def test_a_curve_is_one_file_per_metric(tmp_path: Path) -> None:
    write_curves(tmp_path / "live", [{"fold/loss": 2.0, "spearman": 0.1}, {"fold/loss": 1.5}])
    plots = tmp_path / "live" / "plots" / "metrics"
    assert (plots / "fold" / "loss.tsv").read_text() == "step\tloss\n0\t2.0\n1\t1.5\n"
    assert (plots / "spearman.tsv").read_text() == "step\tspearman\n0\t0.1\n"
    assert json.loads((tmp_path / "live" / "metrics.json").read_text())["fold"] == {"loss": 1.5}
    assert not list(tmp_path.rglob("dvc.yaml"))


def test_the_same_steps_give_the_same_bytes_and_replace_old_curves(tmp_path: Path) -> None:
    folder = tmp_path / "live"
    write_curves(folder, [{"old": 1.0}])
    write_curves(folder, [{"loss": 1.0}])
    first = contents(folder)
    write_curves(folder, [{"loss": 1.0}])
    assert first == contents(folder)
    assert not list(folder.rglob("old.tsv"))


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_value_that_is_not_finite_is_an_error(tmp_path: Path, value: float) -> None:
    with pytest.raises(TrackingError, match="fold/loss"):
        write_curves(tmp_path / "live", [{"spearman": 0.1}, {"fold/loss": value}])
    assert not (tmp_path / "live").exists()
