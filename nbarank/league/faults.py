"""A fault in the box scores: what is wrong, in which file and rows, and what would repair it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from nbarank.core.errors import IngestError

_SHOWN_ROWS = 3
_SHOWN_FAULTS = 10


@dataclass(frozen=True)
class Fault:
    """One kind of fault in one file.

    Parameters
    ----------
    what
        What is wrong, a few words.
    file
        Name of the raw file.
    remedy
        What to do about it.
    rows
        Numbers of the rows in the file, counted from 1 without the heading; may be empty.
    games
        Ids of the games concerned. Empty where the fault is not a matter of single games: then
        it cannot be repaired by leaving games out.
    example
        The first of the rows, in words.
    """

    what: str
    file: str
    remedy: str
    rows: tuple[int, ...] = ()
    games: tuple[str, ...] = ()
    example: str = ""

    def describe(self) -> str:
        """Return one line for a person."""
        shown = ", ".join(map(str, self.rows[:_SHOWN_ROWS]))
        more = f" and {len(self.rows) - _SHOWN_ROWS} more" if len(self.rows) > _SHOWN_ROWS else ""
        rows = f", row {shown}{more}" if self.rows else ""
        example = f" ({self.example})" if self.example else ""
        return f"{self.file}{rows}: {self.what}{example} -> {self.remedy}"


def faults_in(
    frame: pd.DataFrame, bad: pd.Series, what: str, remedy: str, columns: Sequence[str]
) -> list[Fault]:
    """Return a fault per file for the rows of a normalised log that are bad.

    Parameters
    ----------
    frame
        Normalised log with FILE, ROW and GAME_ID.
    bad
        Flag for each row.
    what, remedy
        As in `Fault`.
    columns
        What to show of the first bad row.
    """
    wrong = frame[bad.to_numpy()]
    found = []
    for name, part in wrong.groupby("FILE", sort=True):
        first = part.iloc[0]
        found.append(
            Fault(
                what=what,
                file=str(name),
                remedy=remedy,
                rows=tuple(int(row) for row in part["ROW"]),
                games=tuple(sorted(set(part["GAME_ID"]))),
                example=", ".join(f"{column} {_plain(first[column])}" for column in columns),
            )
        )
    return found


def raise_faults(faults: Sequence[Fault]) -> None:
    """Raise one IngestError that names every fault, if there is any."""
    if not faults:
        return
    lines = [fault.describe() for fault in faults[:_SHOWN_FAULTS]]
    if len(faults) > _SHOWN_FAULTS:
        lines.append(f"... and {len(faults) - _SHOWN_FAULTS} more")
    games = {game for fault in faults for game in fault.games}
    whole = [fault for fault in faults if not fault.games]
    raise IngestError(
        f"The box scores have {len(faults)} fault(s): {faults[0].what}"
        + (", and others." if len(faults) > 1 else "."),
        where="\n           ".join(lines),
        allowed="box scores that agree with themselves, with the calendar and with the teams",
        next_command="correct the files named above"
        + (
            ""
            if whole
            else f", or leave the {len(games)} game(s) out: dvc exp run -S data.on_fault=drop_games"
        ),
    )


def _plain(value: object) -> str:
    """Return a value as short text; days without the time."""
    if isinstance(value, pd.Timestamp):
        return str(value.date())
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)
