"""The ledger's record in sentences, as the page shows it."""

from __future__ import annotations

from pathlib import Path

from nbarank.core.errors import NbarankError
from nbarank.core.tables import read_table
from nbarank.ledger.chain import EMPTY, read_entries
from nbarank.ledger.grade import grades, totals
from nbarank.schemas.league import GAMES, OUTCOMES
from nbarank.schemas.season_split import ENDED, read_whole


def record(root: Path) -> list[str]:
    """Return how many forecasts are sealed, of which days, and their grades; or what is wrong."""
    try:
        entries = read_entries(root)
        if not entries:
            return [EMPTY]
        return totals(grades(entries, read_whole(GAMES), read_table(OUTCOMES, ENDED)))
    except NbarankError as error:
        return [f"{error.what} Next: {error.next_command}"]
