"""The direction of each feature column, as its table declares it."""

from __future__ import annotations

from collections.abc import Iterable

from nbarank.schemas.features import RATINGS, TEAM_FEATURES
from nbarank.schemas.rosters import ROSTER_TEAMS


def directions(columns: Iterable[str]) -> dict[str, int]:
    """Return 1 or -1 for each of the columns that has a direction (see `columns.number`)."""
    declared = {
        name: int((column.metadata or {}).get("direction", 0))
        for table in (RATINGS, TEAM_FEATURES, ROSTER_TEAMS)
        for name, column in table.schema.columns.items()
    }
    return {name: declared[name] for name in columns if declared.get(name)}
