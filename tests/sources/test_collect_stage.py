"""The stage collect: data/raw is whole or as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from nbarank.core.errors import SourceError
from stages.collect import whole_folders


def test_folders_are_swapped_in_whole(tmp_path: Path) -> None:
    raw, truth = tmp_path / "raw", tmp_path / "truth"
    raw.mkdir()
    (raw / "old").touch()
    with whole_folders(raw, truth) as (new_raw, new_truth):
        (new_raw / "new").touch()
        assert [path.name for path in raw.iterdir()] == ["old"]
        assert new_truth.is_dir()
    assert [path.name for path in raw.iterdir()] == ["new"]
    assert list(truth.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "truth"]


def test_a_failure_leaves_what_was_there_and_nothing_else(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "old").touch()
    with pytest.raises(SourceError), whole_folders(raw) as (new_raw,):
        (new_raw / "half").touch()
        raise SourceError("cut off")
    assert [path.name for path in raw.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_what_a_killed_run_left_is_not_mixed_in(tmp_path: Path) -> None:
    left = tmp_path / ".raw.partial"
    left.mkdir()
    (left / "half").touch()
    with whole_folders(tmp_path / "raw") as (new_raw,):
        assert list(new_raw.iterdir()) == []
