"""Absences: games missed in a row, and players listed as Out by injury reports."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.arrays import Bools
from nbarank.features.params import PlayerParams
from nbarank.features.players.members import Members
from nbarank.features.players.player_form import History, Spans
from nbarank.features.players.player_log import Floats, Ints, PlayerLog, Snapshots, day_numbers

SHARE_DAYS = 30
"""Number of days of reports for the share of reports that list a player."""
LONG_AGO_DAYS = 365
"""Days since the latest game of a player without one."""


def absences(
    log: PlayerLog,
    history: History,
    members: Members,
    snapshots: Snapshots,
    spans: Spans,
    reports: pd.DataFrame,
    params: PlayerParams,
) -> dict[str, Floats]:
    """Return the columns of features/rosters about absence, each (n_rows,).

    `reports` has `report_date` and `player_id` and may be empty; a report counts from the day
    after its date.
    """
    last_day = np.r_[log.day, -1][members.last_row]
    last_day = np.where(members.last_row >= 0, last_day, spans.day - LONG_AGO_DAYS)
    listed_out, listed_share = _listed(log, members, snapshots, reports, params.injury_report_days)
    pair = members.player * len(log.teams) + members.team
    with_team = history.within_team.between(pair, spans.season_start, spans.day)[:, 0]
    missed = history.team_days.count(members.team, members.since, spans.day)
    return {
        "games_missed": missed.astype(np.float64),
        "days_absent": (spans.day - last_day).astype(np.float64),
        "games_with_team": with_team.astype(np.float64),
        "is_absent": (missed >= params.absent_games).astype(np.float64),
        "is_new": (with_team <= params.new_games).astype(np.float64),
        "listed_out": listed_out,
        "listed_share": listed_share,
    }


def _listed(
    log: PlayerLog, members: Members, snapshots: Snapshots, reports: pd.DataFrame, report_days: int
) -> tuple[Floats, Floats]:
    """Return whether the latest report lists each member, and the share of reports that do."""
    out, share = np.zeros(len(members)), np.zeros(len(members))
    if not len(members):
        return out, share
    day = day_numbers(reports["report_date"])
    oldest = int(snapshots.day.min()) - max(SHARE_DAYS, report_days)
    reports, day = reports[day >= oldest], day[day >= oldest]
    if reports.empty:
        return out, share
    days = np.unique(day)
    player = reports["player_id"].to_numpy(np.int64)
    keys = np.unique(day * 2**40 + player)
    today = snapshots.day[members.snapshot]
    player_id = log.players[members.player]
    latest = np.searchsorted(days, today) - 1
    report = days[np.maximum(latest, 0)]
    current = (latest >= 0) & (report >= today - report_days)

    def listed(on: Ints) -> Bools:
        wanted = on * 2**40 + player_id
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.asarray(keys[place] == wanted)

    out = (current & listed(report)).astype(np.float64)
    n_reports = np.searchsorted(days, today) - np.searchsorted(days, today - SHARE_DAYS)
    for back in range(1, SHARE_DAYS + 1):
        share += listed(today - back)
    return out, share / np.maximum(n_reports, 1)
