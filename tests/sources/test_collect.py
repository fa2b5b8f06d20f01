"""Collected folders replace the old ones completely or not at all."""

from pathlib import Path

import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.collect import atomic_folders


def test_folders_are_replaced_as_a_whole(tmp_path: Path) -> None:
    raw, truth = tmp_path / "raw", tmp_path / "truth"
    raw.mkdir()
    (raw / "old").touch()
    with atomic_folders(raw, truth) as (new_raw, new_truth):
        (new_raw / "new").touch()
        assert [path.name for path in raw.iterdir()] == ["old"]
        assert new_truth.is_dir()
    assert [path.name for path in raw.iterdir()] == ["new"]
    assert list(truth.iterdir()) == []
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "truth"]


def test_a_failure_leaves_the_old_folder_and_nothing_else(tmp_path: Path) -> None:
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "old").touch()
    with pytest.raises(SourceError), atomic_folders(raw) as (new_raw,):
        (new_raw / "half").touch()
        raise SourceError("cut off")
    assert [path.name for path in raw.iterdir()] == ["old"]
    assert [path.name for path in tmp_path.iterdir()] == ["raw"]


def test_leftovers_of_a_killed_run_are_not_used(tmp_path: Path) -> None:
    left = tmp_path / ".raw.partial"
    left.mkdir()
    (left / "half").touch()
    with atomic_folders(tmp_path / "raw") as (new_raw,):
        assert list(new_raw.iterdir()) == []
