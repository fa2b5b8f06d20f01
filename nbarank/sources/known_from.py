"""Days from which fixtures are known: those drawn or moved during a season."""

from __future__ import annotations

import pandas as pd

_CUP = r"(?i)in-season|\bcup\b"
_KNOCK_OUT = r"(?i)knock-?out|quarter|semi|\bfinals?\b|championship"
_MEETING = ["HOME_TEAM_ID", "AWAY_TEAM_ID"]
_DAY = pd.Timedelta(days=1)


def known_from(
    fixtures: pd.DataFrame, labels: pd.Series, off: pd.DataFrame | None = None
) -> pd.Series:
    """Return the day from which each fixture is known; NaT: before the season.

    Games from the first to the last knock-out game of the NBA Cup are drawn after its group games:
    teams that are out meet in the same week. Without labelled group games, their own day counts.
    A fixture is moved if a postponed one has the same teams and home side and is the only earlier
    one: it is known from the day after that.

    Parameters
    ----------
    fixtures
        GAME_DATE, HOME_TEAM_ID and AWAY_TEAM_ID of a season, the Cup's final included.
    labels
        What the source says of each: 'NBA Cup - Group Play', 'in-season-knockout', ...
    off
        Postponed fixtures, with the same columns.
    """
    day = fixtures["GAME_DATE"]
    found = pd.Series(pd.NaT, index=fixtures.index, dtype="datetime64[us]")
    if off is not None and len(off):
        columns = ["GAME_DATE", *_MEETING]
        days = off[columns].drop_duplicates().rename(columns={"GAME_DATE": "GAME_DATE_OFF"})
        pairs = fixtures[columns].reset_index(names="index").merge(days, on=_MEETING)
        later = pairs[pairs["GAME_DATE"] > pairs["GAME_DATE_OFF"]]
        only = later[~later.duplicated([*_MEETING, "GAME_DATE_OFF"], keep=False)]
        moved = only.groupby("index")["GAME_DATE_OFF"].max() + _DAY
        found = moved.reindex(fixtures.index).astype("datetime64[us]")
    cup = labels.str.contains(_CUP)
    knock_out = cup & labels.str.contains(_KNOCK_OUT)
    if knock_out.any():
        drawn = day.between(day[knock_out].min(), day[knock_out].max())
        group = day[cup & ~knock_out & (day < day[knock_out].min())]
        found = found.mask(drawn, group.max() + _DAY if len(group) else day)
    return found
