"""Tests that every ranker must pass: subclass `RankerContract` and define `make_ranker`."""

import inspect
import pickletools
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbarank.core.errors import RankerError
from nbarank.rankers.training.contract import SCORE_COLUMNS, Ranker, RankerInputs, TrainingData
from nbarank.schemas.columns import KEY
from tests.conftest import contents

from .synthetic_league import synthetic_league

SEED = 11
TEST_SEASONS = {"2013-14"}
TRAIN_SEASONS = {"2011-12", "2012-13"}
OTHER_PROCESS = """
import pickle, sys
from pathlib import Path
from typing import Any
sys.path[:0] = {path!r}
import torch
torch.set_num_threads({threads})
test = pickle.loads(Path({test!r}).read_bytes())
test.make_ranker().fit(*test.fold_and_seed()).save(Path({out!r}))
"""


class RankerContract:
    """Tests of the contract; a subclass makes an unfitted ranker."""

    saved_endings = (".json", ".safetensors", ".ubj")

    def make_ranker(self) -> Ranker:
        raise NotImplementedError

    def fold_and_seed(self) -> tuple[TrainingData, int]:
        return synthetic_league()[0].restrict(TRAIN_SEASONS), SEED

    def unseen(self) -> RankerInputs:
        return synthetic_league()[0].inputs.restrict(TEST_SEASONS)

    @pytest.fixture(scope="class")
    @classmethod
    def fitted(cls) -> Ranker:
        return cls().make_ranker().fit(*cls().fold_and_seed())

    def test_scores_are_finite_one_row_a_team_sorted_by_key(self, fitted: Ranker) -> None:
        scores = fitted.predict(self.unseen())
        assert list(scores.columns) == [*KEY, *SCORE_COLUMNS]
        assert len(scores) == len(self.unseen().teams)
        assert np.isfinite(scores[SCORE_COLUMNS].to_numpy()).all()
        assert (scores[["rank_score_sd", "margin_score_sd"]] >= 0).all().all()
        pd.testing.assert_frame_equal(scores[KEY], scores[KEY].sort_values(KEY, ignore_index=True))

    def test_higher_is_stronger_in_a_season_never_seen(self, fitted: Ranker) -> None:
        scores = fitted.predict(self.unseen()).merge(synthetic_league()[1], on=KEY)
        by_date = scores.groupby("as_of")
        for column in ("rank_score", "margin_score"):
            correlation = by_date[[column, "truth"]].corr("spearman").loc[(slice(None), column), :]
            assert correlation["truth"].mean() > 0.5

    def test_margin_score_is_in_points(self, fitted: Ranker) -> None:
        scores = fitted.predict(self.unseen()).merge(synthetic_league()[1], on=KEY)
        slope = np.polyfit(scores["margin_score"], scores["truth"], 1)[0]
        assert 0.5 < slope < 2.0

    def test_same_seed_same_scores(self, fitted: Ranker) -> None:
        again = self.make_ranker().fit(*self.fold_and_seed())
        pd.testing.assert_frame_equal(
            fitted.predict(self.unseen()), again.predict(self.unseen()), check_exact=True
        )

    def test_same_bytes_in_another_process(self, fitted: Ranker, tmp_path: Path) -> None:
        import pickle

        import torch

        blob, out = tmp_path / "test.pickle", tmp_path / "theirs"
        blob.write_bytes(pickle.dumps(type(self)()))
        # where the test module's own name starts, whichever way pytest imported it
        root = Path(inspect.getfile(type(self))).parents[type(self).__module__.count(".")]
        code = OTHER_PROCESS.format(
            path=[str(root), *sys.path],
            threads=torch.get_num_threads(),
            test=str(blob),
            out=str(out),
        )
        subprocess.run([sys.executable, "-c", code], check=True, timeout=300)
        fitted.save(tmp_path / "own")
        assert contents(out) == contents(tmp_path / "own")

    def test_order_of_rows_and_columns_does_not_matter(self, fitted: Ranker) -> None:
        data, seed = self.fold_and_seed()
        targets = data.targets.sample(frac=1, random_state=2)
        shuffled = TrainingData(_shuffled(data.inputs), targets, data.games)
        other = self.make_ranker().fit(shuffled, seed)
        expected = fitted.predict(self.unseen())
        pd.testing.assert_frame_equal(expected, other.predict(self.unseen()))
        pd.testing.assert_frame_equal(expected, fitted.predict(_shuffled(self.unseen())))

    def test_a_team_scores_alike_with_other_teams(self, fitted: Ranker) -> None:
        inputs = self.unseen()
        half = replace(inputs, teams=inputs.teams[inputs.teams["team_id"] <= 6])
        some = fitted.predict(half).set_index(KEY)
        every = fitted.predict(inputs).set_index(KEY).loc[some.index]
        columns = ["rank_score", "margin_score"]
        np.testing.assert_allclose(some[columns], every[columns], rtol=1e-4, atol=1e-5)

    def test_saved_twice_and_loaded_without_a_pickle(self, fitted: Ranker, tmp_path: Path) -> None:
        for name in ("model", "again"):
            fitted.save(tmp_path / name)
        assert contents(tmp_path / "model") == contents(tmp_path / "again")
        loaded = type(fitted).load(tmp_path / "model")
        pd.testing.assert_frame_equal(
            fitted.predict(self.unseen()), loaded.predict(self.unseen()), check_exact=True
        )
        for path in (tmp_path / "model").iterdir():
            assert path.suffix in self.saved_endings and not _is_pickle(path), path

    def test_scores_before_fit_are_refused(self, tmp_path: Path) -> None:
        with pytest.raises(RankerError, match="before it was fitted"):
            self.make_ranker().predict(self.unseen())
        with pytest.raises(RankerError, match="before it was fitted"):
            self.make_ranker().save(tmp_path)

    @pytest.mark.parametrize(
        ("change", "named"),
        [
            (lambda teams: teams.drop(columns="rating"), "rating"),
            (lambda teams: teams.assign(surprise=1.0), "surprise"),
            (lambda teams: pd.concat([teams, teams.head(1)]), "repeated key"),
        ],
    )
    def test_invalid_inputs_are_refused(self, fitted: Ranker, change: Any, named: str) -> None:
        inputs = self.unseen()
        with pytest.raises(RankerError, match=named):
            fitted.predict(replace(inputs, teams=change(inputs.teams)))

    def test_invalid_folds_are_refused(self) -> None:
        data, seed = self.fold_and_seed()
        text = replace(data.inputs, teams=data.inputs.teams.assign(nickname="Bulls"))
        for fold, named in (
            (replace(data, inputs=text), "nickname"),
            (data.restrict({"1999-00"}), "no rows"),
            (replace(data, targets=data.targets.iloc[1:]), "same teams"),
        ):
            with pytest.raises(RankerError, match=named):
                self.make_ranker().fit(fold, seed)

    def test_missing_values_still_give_finite_scores(self, fitted: Ranker) -> None:
        inputs = self.unseen()
        teams = inputs.teams.copy()
        teams.loc[::3, "rating"] = np.nan
        scores = fitted.predict(replace(inputs, teams=teams))
        assert np.isfinite(scores[SCORE_COLUMNS].to_numpy()).all()

    def test_teams_without_later_games_do_not_break_training(self) -> None:
        data, seed = self.fold_and_seed()
        targets = data.targets.copy()
        late = targets["as_of"] == targets["as_of"].max()
        targets.loc[late, ["margin_target", "margin_games"]] = [np.nan, 0.0]
        scores = self.make_ranker().fit(replace(data, targets=targets), seed).predict(self.unseen())
        assert np.isfinite(scores[SCORE_COLUMNS].to_numpy()).all()

    def test_a_folder_of_something_else_is_refused(self, fitted: Ranker, tmp_path: Path) -> None:
        with pytest.raises(RankerError, match="can be read"):
            type(fitted).load(tmp_path)
        (tmp_path / "ranker.json").write_text('{"ranker": "oracle", "format": 1}')
        with pytest.raises(RankerError, match="oracle"):
            type(fitted).load(tmp_path)


def _shuffled(inputs: RankerInputs) -> RankerInputs:
    assert inputs.rosters is not None
    teams, rosters = (
        frame.sample(frac=1, random_state=5)[frame.columns[::-1]]
        for frame in (inputs.teams, inputs.rosters)
    )
    return RankerInputs(teams, rosters)


def _is_pickle(path: Path) -> bool:
    blob = path.read_bytes()
    try:
        return any(op.name == "STOP" for op, _, _ in pickletools.genops(blob)) and len(blob) > 2
    except (ValueError, UnicodeDecodeError, IndexError):
        return False
