"""`nbarank grade` without a sealed forecast."""

from pathlib import Path

import pandas as pd
import pytest

from nbarank.cli.ledger import grade
from nbarank.ledger.chain import EMPTY
from nbarank.results import days
from nbarank.schemas import season_split


@pytest.mark.parametrize(("season", "command"), [([], " --replay 2023-06-12"), (["2023-24"], "")])
def test_grades_of_an_empty_ledger_are_an_empty_list_and_a_command(
    tmp_path: Path,
    project: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    season: list[str],
    command: str,
) -> None:
    (tmp_path / ".dvc").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(season_split, "current_seasons", lambda: season)
    grade()  # no data either
    assert capsys.readouterr().out == f"{EMPTY}\n"
    monkeypatch.setattr(days, "newest_game_day", lambda: pd.Timestamp("2023-06-12"))
    grade()
    next_command = f"No forecast is sealed yet. Next: nbarank seal{command}\n"
    assert capsys.readouterr().out == next_command
    grade(as_json=True)
    assert capsys.readouterr() == ("[]\n", next_command)
    grade(as_csv=True)
    assert capsys.readouterr() == ("", next_command)
