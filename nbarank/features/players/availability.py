"""Absences: games missed in a row, and players listed as Out by injury reports."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.features.players.members import Members
from nbarank.features.players.player_form import History, Spans
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots, day_numbers

SHARE_DAYS = 30
"""Number of days of reports for the share of reports that list a player."""


@dataclass(frozen=True)
class Absence:
    """Columns of features/rosters of these names, one value per member."""

    games_missed: Floats
    days_absent: Floats
    games_with_team: Floats
    listed_out: Floats
    listed_share: Floats


def absences(
    log: PlayerLog,
    history: History,
    members: Members,
    snapshots: Snapshots,
    spans: Spans,
    reports: pd.DataFrame,
    report_days: int,
) -> Absence:
    """Return each member's absence.

    Parameters
    ----------
    reports
        `report_date`, `player_id`; may be empty. A report counts from the day after its date.
    report_days
        Days for which the latest report counts.
    """
    last_day = log.day[members.last_row]
    listed_out, listed_share = _listed(log, members, snapshots, reports, report_days)
    pair = members.player * len(log.teams) + members.team
    with_team = history.within_team.between(pair, spans.season_start, spans.day)[:, 0]
    missed = history.team_days.count(members.team, last_day + 1, spans.day)
    return Absence(
        games_missed=missed.astype(np.float64),
        days_absent=(spans.day - last_day).astype(np.float64),
        games_with_team=with_team.astype(np.float64),
        listed_out=listed_out,
        listed_share=listed_share,
    )


def _listed(
    log: PlayerLog,
    members: Members,
    snapshots: Snapshots,
    reports: pd.DataFrame,
    report_days: int,
) -> tuple[Floats, Floats]:
    """Return whether the latest report lists each member, and the share of reports that do."""
    out, share = np.zeros(len(members)), np.zeros(len(members))
    if reports.empty:
        return out, share
    day = day_numbers(reports["report_date"])
    days = np.unique(day)
    player = reports["player_id"].to_numpy(np.int64)
    keys = np.unique(day * 2**40 + player)
    today = snapshots.day[members.snapshot]
    player_id = log.players[members.player]
    latest = np.searchsorted(days, today) - 1
    report = days[np.maximum(latest, 0)]
    current = (latest >= 0) & (report >= today - report_days)
    out = (current & _contains(keys, report * 2**40 + player_id)).astype(np.float64)
    n_reports = np.searchsorted(days, today) - np.searchsorted(days, today - SHARE_DAYS)
    for back in range(1, SHARE_DAYS + 1):
        share += _contains(keys, (today - back) * 2**40 + player_id)
    return out, share / np.maximum(n_reports, 1)


def _contains(keys: Ints, wanted: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.asarray(keys[place] == wanted)
