"""The validation curve that an out-of-fold run reports: right, and without test seasons."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from nbarank.core.live_curve import CURVE_VARIABLE, read_points
from nbarank.core.params import SeasonsParams
from nbarank.rankers.training import out_of_fold
from nbarank.rankers.training.contract import RankerInputs
from nbarank.rankers.training.params import CvParams, TargetsParams

ROLES = SeasonsParams(
    warm_up=[], train=["2010-11"], validation=["2011-12", "2012-13"], test=["2013-14"]
)
SEASONS = (*ROLES.train, *ROLES.validation, *ROLES.test)


def described(seed: int) -> pd.DataFrame:
    """Twelve teams on three dates of each season, with random scores and targets."""
    days = pd.date_range("2011-01-01", periods=3)
    index = pd.MultiIndex.from_product(
        [SEASONS, days, range(12)], names=["season", "as_of", "team_id"]
    )
    rows = index.to_frame(index=False)
    random = np.random.default_rng(seed)
    return rows.assign(
        rank_score=random.normal(size=len(rows)), rank_target=random.integers(0, 12, len(rows))
    )


def by_hand(rows: pd.DataFrame, season: str) -> float:
    dates = rows[rows["season"] == season].groupby("as_of")
    return float(np.mean([spearmanr(d["rank_score"], d["rank_target"])[0] for _, d in dates]))


def test_spearman_by_season_is_the_mean_over_dates() -> None:
    rows = described(0)
    found = out_of_fold.spearman_by_season(rows, rows)
    assert found.to_dict() == pytest.approx({season: by_hand(rows, season) for season in SEASONS})
    equal = out_of_fold.spearman_by_season(rows.assign(rank_score=1.0), rows)
    assert (equal == 0).all()


@pytest.mark.parametrize("scheme", ["walk_forward", "season_kfold"])
def test_the_curve_has_validation_seasons_only(
    scheme: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = described(1)
    train = ["2009-10", *ROLES.train] if scheme == "season_kfold" else list(ROLES.train)
    roles = ROLES.model_copy(update={"train": tuple(train)})
    extra = rows[rows["season"] == "2010-11"].assign(season="2009-10")
    rows = pd.concat([extra, rows], ignore_index=True)
    models = {
        SeasonsParams: roles,
        CvParams: CvParams(scheme=scheme, n_folds=2),
        TargetsParams: TargetsParams(playoff_definition="performance", margin_horizon_days=None),
    }
    stage: Any = SimpleNamespace(params=models.get, value=lambda *_: 1)

    class Known:
        """Returns the scores of its inputs."""

        name = "deepset"

        def fit(self, *_: object) -> "Known":
            return self

        def predict(self, inputs: RankerInputs) -> pd.DataFrame:
            return inputs.teams

        def save(self, _: Path) -> None: ...

    written: list[pd.DataFrame] = []
    monkeypatch.setenv(CURVE_VARIABLE, str(tmp_path / "curve"))
    monkeypatch.setattr(out_of_fold, "read_table", lambda *_: rows)
    monkeypatch.setattr(out_of_fold, "build_targets", lambda *_: rows)
    monkeypatch.setattr(out_of_fold, "game_targets", lambda *_: None)
    monkeypatch.setattr(out_of_fold, "write_table", lambda _, table: written.append(table))
    make: Any = lambda _: Known()  # noqa: E731
    run = out_of_fold.score_out_of_fold
    run(stage, make, RankerInputs(rows), "final_rank", report_curve=True)
    assert set(written[0]["season"]) >= set(ROLES.test), "test seasons are scored"
    each = [by_hand(rows, season) for season in ROLES.validation]
    points = read_points(tmp_path / "curve")
    expected = {1: each[0], 2: sum(each)} if scheme == "walk_forward" else {2: sum(each)}
    assert points == pytest.approx(expected)
