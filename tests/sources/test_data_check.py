"""`nbarank data check`: one table, every data error at once, the next command."""

import time
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from nbarank.cli import data_check
from nbarank.cli.main import app
from nbarank.core.errors import SourceError
from tests.conftest import ROOT
from tests.sources.conftest import LEAGUE
from tests.tiny_league import league_calendar


@pytest.fixture
def folder(user: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(data_check, "read_calendar", lambda: league_calendar(LEAGUE))
    return user


def test_a_complete_folder_is_all_good_with_the_next_command(folder: Path) -> None:
    done = CliRunner().invoke(app, ["data", "check", str(folder)])
    assert done.exit_code == 0
    rows = [line.split() for line in done.output.splitlines() if line.startswith("20")]
    games = str(LEAGUE.games_per_season())
    assert [(row[0], row[1], row[-1]) for row in rows] == [
        ("2019-20", games, "ok"),
        ("2020-21", games, "ok"),
    ]
    assert rows[1][2] == "6" and rows[1][-2] == "1"
    assert all(len(line) <= 80 for line in done.output.splitlines()[1:-2])
    assert "nbarank run -S data.source=folder -S 'data.folder.path=" in done.output


def test_every_error_is_listed_at_once_and_exits_with_1(folder: Path) -> None:
    path = folder / "player_logs_2020_21.parquet"
    log = pd.read_parquet(path)
    log.loc[log["GAME_ID"] == log["GAME_ID"].iloc[0], "MIN"] = 0
    log.loc[3, "AST"] = -1
    log.to_parquet(path, index=False)
    (folder / "playoffs_team_logs_2019_20.parquet").unlink()
    (folder / "team_logs_2020_21 (1).csv").write_text("x")
    (folder / "injury_reports" / "2020-11-06.json").write_text('{"date": "2020-11-05"}')
    done = CliRunner().invoke(app, ["data", "check", str(folder)])
    assert done.exit_code == 1
    for part in (
        "do not add up",
        "AST breaks the rule",
        "playoffs_team_logs_2019_20.parquet",
        "team_logs_2020_21 (1).csv",
        "2020-11-06.json is not an injury report",
        "Next: correct what is named above",
    ):
        assert part in done.output, part


def test_a_missing_folder_is_named(folder: Path) -> None:
    with pytest.raises(SourceError, match="does not exist"):
        data_check.check_data(folder / "nowhere")


@pytest.mark.real
def test_real_files_are_good_in_seconds(real_raw: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    began = time.process_time()
    report, ok = data_check.check_data(real_raw)
    assert ok, report
    assert time.process_time() - began < 8.0
    assert report.count(" ok") == 13
