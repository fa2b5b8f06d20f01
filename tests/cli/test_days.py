"""Days on the command line: one form, of years that a season may have."""

import pandas as pd
import pytest

from nbarank.core.errors import ParamsError
from nbarank.results.days import day_of


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
