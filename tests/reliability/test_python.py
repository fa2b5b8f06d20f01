"""The functions of `import nbarank` give what the command prints, as documented tables."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import nbarank
from nbarank.cli import results
from nbarank.core.errors import NbarankError
from tests.conftest import ROOT
from tests.reliability.small import nbarank as command

DAY = "2014-12-15"
UNLISTED = {f"seed_{seed}" for seed in range(2, 8)}
"""Columns that a docstring names as a range."""


def assert_tidy(frame: pd.DataFrame, documented: str, key: list[str]) -> None:
    """Each column is documented and has one type; the key identifies a row."""
    words = set(re.findall(r"\w+", documented))
    assert set(frame.columns) - UNLISTED <= words
    assert not frame.duplicated(key).any() and len(frame)
    assert "object" not in set(frame.dtypes.astype(str))


@pytest.fixture
def inside(reproduced: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder within the small repository."""
    monkeypatch.chdir(reproduced / "docs")
    return reproduced


def test_forecast_has_the_numbers_of_the_command(inside: Path) -> None:
    frame = nbarank.forecast(DAY)
    assert_tidy(frame, nbarank.forecast.__doc__ or "", ["season", "as_of", "team_id"])
    assert Path.cwd() == inside / "docs"
    (day,) = json.loads(command(inside, "forecast", "--as-of", DAY, "--json"))["forecasts"]
    assert frame["abbreviation"].tolist() == [team["abbreviation"] for team in day["teams"]]
    assert frame["title"].tolist() == [team["odds"]["title"] for team in day["teams"]]
    team = str(frame["abbreviation"].iloc[0])
    alone = nbarank.forecast(pd.Timestamp(DAY), team=team.lower(), repository=inside)
    pd.testing.assert_frame_equal(alone, frame.head(1))


def test_games_have_the_numbers_of_the_command(inside: Path) -> None:
    frame = nbarank.games(DAY, np.int64(2))  # such as a length from pandas
    assert_tidy(frame, nbarank.games.__doc__ or "", ["game_id"])
    games = json.loads(command(inside, "games", "--date", DAY, "--next", "2", "--json"))["games"]
    assert frame["home"].tolist() == [game["home"] for game in games]
    assert frame["home_win_probability"].to_numpy() == pytest.approx(
        [game["home_win_probability"] for game in games], abs=1e-6
    )
    worth = nbarank.games(DAY, team=frame["home"].iloc[0], leverage=True)
    assert_tidy(worth, nbarank.games.__doc__ or "", ["game_id"])
    assert worth["home_playoffs"].between(-1, 1).all()
    (idle, *_) = set(nbarank.forecast(DAY)["abbreviation"]) - {*frame["home"], *frame["away"]}
    none = nbarank.games(DAY, team=idle, leverage=True)
    assert none.empty and none.dtypes.equals(worth.dtypes)
    with pytest.raises(NbarankError, match=f"no games of {idle} on the chosen days"):
        nbarank.games(DAY, team=idle, results=f"{idle}-{frame['home'].iloc[0]}={idle}")


def test_scores_and_published_predictions(inside: Path) -> None:
    card = nbarank.scorecard()
    assert_tidy(card, nbarank.scorecard.__doc__ or "", card.columns[:-1].tolist())
    against = nbarank.compare("ensemble", "standings")
    assert_tidy(against, nbarank.compare.__doc__ or "", ["checkpoint", "target", "metric"])
    printed = json.loads(command(inside, "compare", "ensemble", "standings", "--json"))
    assert against["difference"].tolist() == pytest.approx([row["difference"] for row in printed])
    published = nbarank.predictions()
    whole = nbarank.predictions("../report/seasons/2014-15.json")
    assert list(published.columns) == list(whole.columns) == list(nbarank.forecast(DAY).columns)
    assert whole["as_of"].nunique() > 1


def test_default_day_and_names_of_rankers_as_the_command_prints_them(
    inside: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    day = nbarank.forecast()["as_of"].iloc[0]
    monkeypatch.chdir(inside)
    results.forecast()
    assert f"as of {day:%Y-%m-%d}" in capsys.readouterr().out
    results.compare(None, None)
    assert "Rankers:      ensemble, deepset" in capsys.readouterr().out


def test_the_package_lists_its_functions_only() -> None:
    assert {name for name in dir(nbarank) if not name.startswith("_")} == set(nbarank.__all__)
    with pytest.raises(NbarankError, match="There is no") as error:
        nbarank.predictions("no_folder/predictions.json")
    assert error.value.next_command == "make repro"


def test_errors_have_the_message_of_the_command(
    inside: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(NbarankError, match="is not a day"):
        nbarank.forecast("15.12.2014")
    for days in (0, 367, 1.5, "3"):
        with pytest.raises(NbarankError, match=f"{days} is not a number of days"):
            nbarank.games(days=days)
    with pytest.raises(NbarankError, match="There is no experiment 'workspce'; did you mean"):
        nbarank.scorecard("workspce")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NbarankError, match="not inside an nbarank repository"):
        nbarank.games()


def test_rooms_can_be_imported_in_any_order() -> None:
    code = (
        "import nbarank.forecast.inputs, nbarank; from nbarank.forecast.params import "
        "ForecastParams; assert callable(nbarank.forecast)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_example_draws_two_charts(inside: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = runpy.run_path(str(ROOT / "examples" / "season.py"))
    charts = [made[name].to_dict() for name in ("strength", "title")]  # validated by altair
    for chart, column in zip(charts, ("strength", "title"), strict=True):
        (rows, *_) = chart["datasets"].values()
        assert len(rows) >= 10 and all(isinstance(row[column], float) for row in rows)
    assert len(made["games"]) and len(made["card"])
    assert made["spearman"]["checkpoint"].to_list() == ["50", "100", "mean"]
    assert "..." not in capsys.readouterr().out
