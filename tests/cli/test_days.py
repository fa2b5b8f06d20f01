"""Days on the command line: one form, of years that a season may have."""

import pandas as pd
import pytest

from nbarank.core.errors import NbarankError, ParamsError
from nbarank.results import days
from nbarank.results.days import day_of
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
