"""Rows of report/teams.csv: each team at each checkpoint, for `dvc plots`."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from nbarank.schemas.predictions import Predictions


def checkpoint_rows(seasons: Iterable[Predictions]) -> pd.DataFrame:
    """Return one row a (season, checkpoint in per cent, team); final ranks may be missing."""
    rows = []
    for day in (day for one in seasons for day in one.forecasts):
        # Stable: teams with equal expected ranks stay in the order of predicted league rank.
        order = sorted(day.teams, key=lambda team: team.expected_playoff_rank)
        place = {team.team_id: number for number, team in enumerate(order, 1)}
        for team in day.teams:
            end = team.analysis.season_end
            rows.append(
                {
                    "season": day.season,
                    "checkpoint": round(100 * day.season_share),
                    "abbreviation": team.abbreviation,
                    "conference": team.conference,
                    "predicted_conference_rank": team.predicted_conference_rank,
                    "final_conference_rank": end.final_conference_rank if end else None,
                    "predicted_playoff_rank": float(place[team.team_id]),
                    "playoff_rank": end.playoff_rank if end else None,
                    "delta": team.analysis.delta,
                    "wins": team.analysis.wins,
                    "title": team.odds.title,
                }
            )
    return pd.DataFrame(rows)
