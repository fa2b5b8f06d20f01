"""Days on the command line: one form, of years that a season may have."""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import nbarank
from nbarank.core.errors import ForecastError, NbarankError, ParamsError, TableError
from nbarank.results import days
from nbarank.results.days import day_of, scored_season, season_of_games
from nbarank.results.python_calls import python_call


def test_a_day_is_year_month_day() -> None:
    day = day_of("2024-02-29")
    assert day == pd.Timestamp("2024-02-29")
    assert day.unit == pd.Timestamp("2024-02-29").unit


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "nan", "NaT", "None", "now", "today", "0001-01-01", "9999-12-31", "1945-12-31"),
        *("2023-02-29", "2023-1-5", "20230115", "2023-01-15 ", "2023-01-15T00:00", "-023-01-15"),
        *("2200-01-01", "\u0662\u0660\u0662\u0663-01-15", "2023-01-15\n", "0000-00-00"),
    ],
)
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(ParamsError, match="is not a day") as refused:
        day_of(text, "--date", "nbarank games")
    assert refused.value.next_command == "nbarank games"


@pytest.mark.parametrize(
    ("text", "meant"),
    [("2022-13-45", "2022-01-20"), ("2021-02-30", "2021-03-01"), ("soon", "2022-01-20")],
)
def test_the_next_command_is_the_typed_one_with_a_day_of_the_data(
    monkeypatch: pytest.MonkeyPatch, text: str, meant: str
) -> None:
    known = pd.DataFrame({"as_of": pd.to_datetime(["2021-03-01", "2022-01-20"])})
    monkeypatch.setattr(days, "read_with_current", lambda table: known)
    with pytest.raises(ParamsError) as refused:
        day_of(text, "--as-of")
    refused.value.correct(["forecast", "--as-of", text, "--team", "BOS", "--json"])
    expected = f"nbarank forecast --as-of {meant} --team BOS --json"
    assert refused.value.next_command == expected


@pytest.mark.parametrize("given", [20220109, 2022.5, None, pd.NaT])
def test_a_day_that_is_no_text_and_no_date_is_refused(given: Any) -> None:
    with pytest.raises(ParamsError, match=f"'{given}' is not a day"):
        day_of(given, "day")


def test_predictions_refuses_a_day_but_not_a_file_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ParamsError, match="'2022-13-45' is a day"):
        nbarank.predictions("2022-13-45")
    Path("2022-13-45").write_text("{}")
    with pytest.raises(TableError, match="2022-13-45 cannot be read"):
        nbarank.predictions("2022-13-45")


def test_a_day_outside_the_forecasts_gets_a_day_with_games(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [("2011-12", "2011-10-20", "2012-06-20"), ("2021-22", "2021-10-20", "2022-06-20")]
    seasons = pd.DataFrame(rows, columns=["season", "start", "playoffs_end"])
    dates = dict.fromkeys(("start", "playoffs_end"), "datetime64[us]")
    games = pd.DataFrame({"season": "2021-22", "game_date": pd.to_datetime(["2021-10-21"])})
    stored = pd.DataFrame({"season": "2021-22", "as_of": pd.to_datetime(["2021-10-20"])})
    old = pd.DataFrame({"season": "2011-12", "game_date": pd.to_datetime(["2011-12-25"])})
    monkeypatch.setattr(days, "read_whole", lambda table: pd.concat([games, old]))
    monkeypatch.setattr(days, "read_with_current", lambda table: stored)
    with pytest.raises(ForecastError) as refused:
        season_of_games(pd.Timestamp("2008-01-01"), seasons.astype(dates))
    assert refused.value.allowed == "a day of a season, 2021-10-20 to 2021-10-20"
    refused.value.correct(["games", "--date", "2008-01-01", "--next", "2"])
    assert refused.value.next_command == "nbarank games --date 2021-10-21 --next 2"
    with pytest.raises(ForecastError) as late:
        scored_season(pd.Timestamp("2023-08-30"), seasons.astype(dates), "nbarank forecast --as-of")
    assert late.value.next_command == "nbarank forecast --as-of 2021-10-20"
    with pytest.raises(ParamsError) as misspelt:
        day_of("2021-10-99", "--date", "nbarank games")
    assert misspelt.value.instead == ("2021-10-99", "2021-10-21")


def test_errors_of_python_calls_name_arguments_and_calls() -> None:
    said = {
        "nbarank forecast --as-of 2022-01-15 --result A-B=A --result C-D=D":
            "nbarank.forecast(day='2022-01-15', results=['A-B=A', 'C-D=D'])",
        "nbarank games --next 1": "nbarank.games(days=1)",
        "nbarank compare ensemble elo": "nbarank.compare('ensemble', 'elo')",
        "dvc repro": "dvc repro",
        "nbarank forecast --json": "nbarank forecast --json",
    }  # fmt: skip
    for command, call in said.items():
        with pytest.raises(NbarankError) as raised, python_call():
            raise NbarankError("no", where="--without, --with", next_command=command)
        assert raised.value.where == "without, playing"
        assert raised.value.next_command == call
    with pytest.raises(NbarankError) as raised, python_call():
        raise NbarankError("no")
    assert raised.value.where is None and raised.value.next_command is None
