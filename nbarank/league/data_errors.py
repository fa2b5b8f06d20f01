"""A data error in the box scores: what is wrong, in which file and rows, and how to fix it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nbarank.core.errors import IngestError

_SHOWN_ROWS = 3
_SHOWN_ERRORS = 10


@dataclass(frozen=True)
class DataError:
    """One kind of error in one file.

    Parameters
    ----------
    what
        What is wrong, in a few words.
    file
        Name of the raw file.
    fix
        What to do about it.
    rows
        Row numbers in the file, from 1 without the header; may be empty.
    games
        Ids of the games concerned. Empty where leaving out games cannot fix the error.
    example
        The first of the rows, as text.
    """

    what: str
    file: str
    fix: str
    rows: tuple[int, ...] = ()
    games: tuple[str, ...] = ()
    example: str = ""

    def describe(self) -> str:
        """Return the error as one line."""
        shown = ", ".join(map(str, self.rows[:_SHOWN_ROWS]))
        more = f" and {len(self.rows) - _SHOWN_ROWS} more" if len(self.rows) > _SHOWN_ROWS else ""
        rows = f", row {shown}{more}" if self.rows else ""
        example = f" ({self.example})" if self.example else ""
        return f"{self.file}{rows}: {self.what}{example} -> {self.fix}"


def data_errors_in(
    frame: pd.DataFrame, bad: pd.Series, what: str, fix: str, columns: Sequence[str]
) -> list[DataError]:
    """Return one data error per file for the bad rows of a log.

    Parameters
    ----------
    frame
        Normalised log with FILE, ROW and GAME_ID.
    bad
        Flag for each row.
    what, fix
        As in `DataError`.
    columns
        Columns of the first bad row to show.
    """
    found = []
    for name, part in frame[bad.to_numpy()].groupby("FILE", sort=True):
        first = part.iloc[0]
        found.append(
            DataError(
                what=what,
                file=str(name),
                fix=fix,
                rows=tuple(int(row) for row in part["ROW"]),
                games=tuple(sorted(set(part["GAME_ID"]))) if "GAME_ID" in part else (),
                example=", ".join(f"{column} {_as_text(first[column])}" for column in columns),
            )
        )
    return found


def raise_data_errors(errors: Sequence[DataError], downloaded: bool = False) -> None:
    """Raise one IngestError that lists every data error, if there is any.

    `downloaded` says that the files come from a network source, whose cache can be removed.
    """
    if not errors:
        return
    lines = [error.describe() for error in errors[:_SHOWN_ERRORS]]
    if len(errors) > _SHOWN_ERRORS:
        lines.append(f"... and {len(errors) - _SHOWN_ERRORS} more")
    games = {game for error in errors for game in error.games}
    next_command = "correct the files named above"
    if downloaded:
        next_command = "fetch the season again: nbarank data refetch SEASON, then: dvc repro"
    if all(error.games for error in errors):
        next_command += (
            f", or leave out the {len(games)} game(s): dvc exp run -S data.on_fault=drop_games"
        )
    raise IngestError(
        f"The box scores have {len(errors)} data error(s): {errors[0].what}"
        + (", and others." if len(errors) > 1 else "."),
        where="\n           ".join(lines),
        allowed="box scores that agree with each other, the calendar and the teams",
        next_command=next_command,
    )


def _as_text(value: object) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
