"""Collected folders replace the old ones completely or not at all."""

import datetime as dt
import logging
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbarank.cli import data_check
from nbarank.cli.main import app
from nbarank.core.errors import SourceError
from nbarank.core.sections import parse_section, read_yaml
from nbarank.sources.collect import atomic_folders, collect, warn_if_not_over
from nbarank.sources.coverage import require_roles
from nbarank.sources.layout import raw_files
from nbarank.sources.params import DataParams
from tests.conftest import ROOT
from tests.sources.conftest import AFTER, LEAGUE, downloads, new_raw, seasons_params
from tests.tiny_league import league_calendar


def data_params(**changes: object) -> DataParams:
    content = {**read_yaml(ROOT / "params.yaml")["data"], **changes}
    return parse_section(DataParams, content, "params.yaml")


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


@pytest.mark.parametrize(("today", "warns"), [(AFTER, True), (dt.date(2020, 12, 20), False)])
def test_a_season_without_playoffs_that_is_over_by_the_calendar_is_a_warning(
    user: Path, caplog: pytest.LogCaptureFixture, today: dt.date, warns: bool
) -> None:
    for path in [*user.glob("playoffs_*2020_21*"), *user.glob("playin_*2020_21*")]:
        path.unlink()
    warn_if_not_over(user, league_calendar(LEAGUE), today)
    assert ("2020-21 ended on" in caplog.text) == warns


@pytest.mark.parametrize(
    ("source", "level"), [("folder", logging.WARNING), ("simulated", logging.INFO)]
)
def test_a_test_season_without_data_is_logged(
    user: Path, caplog: pytest.LogCaptureFixture, source: str, level: int
) -> None:
    caplog.set_level(logging.INFO)
    require_roles(raw_files(user), seasons_params(test=["2021-22"]), source, "here")
    (record,) = [r for r in caplog.records if "2021-22 (test): not scored" in r.getMessage()]
    assert record.levelno == level


def test_too_few_training_seasons_are_refused_before_any_work(user: Path, tmp_path: Path) -> None:
    params = data_params(source="folder", folder={"path": str(user)})
    raw = new_raw(tmp_path)
    arguments = (params, league_calendar(LEAGUE), seasons_params(), raw, raw, AFTER)
    with pytest.raises(SourceError, match=r"train has 1 season\(s\), 2019-20, instead of 3"):
        collect(*arguments, 3)
    assert list(raw.iterdir()) == []


def test_refetch_removes_the_downloads_of_a_season(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = downloads("hoopr", tmp_path, AFTER)
    for name in ("team_box_2020.parquet", "team_box_2021.parquet"):
        cache.put(name, b"x")
    section = {**read_yaml(ROOT / "params.yaml")["data"]["hoopr"], "cache": str(tmp_path)}
    params = data_params(source="hoopr", hoopr=section)
    monkeypatch.setattr(data_check, "load_section", lambda _: params)
    monkeypatch.setattr(data_check, "read_calendar", lambda: league_calendar(LEAGUE))
    done = CliRunner().invoke(app, ["data", "refetch", "2020-21"])
    assert done.exit_code == 0
    assert "team_box_2021.parquet" in done.output and "dvc repro -f collect" in done.output
    assert [path.name for path in cache.of_season("2019-20")] == ["team_box_2020.parquet"]
    assert cache.of_season("2020-21") == []
    for season, source in (("1900-01", params), ("2020-21", data_params())):
        monkeypatch.setattr(data_check, "load_section", lambda _, source=source: source)
        refused = CliRunner().invoke(app, ["data", "refetch", season])
        assert refused.exit_code != 0
