"""Data of the page's script: forecasts, reasons and explanations as plain values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.report.predictions import Key, by_team, season_of
from nbarank.schemas.predictions import CONTRIBUTORS, DayForecast, Predictions, TeamPrediction

Rows = list[dict[str, Any]]
Explained = Mapping[Key, Rows]


def seasons_data(
    seasons: Sequence[Predictions],
    players: Explained,
    shap: pd.DataFrame,
    history: pd.DataFrame,
) -> list[dict[str, Any]]:
    """Return what the page's script shows of each season, in the order of `seasons`.

    Parameters
    ----------
    players
        Rows of explain/contributors by team, the leading ones first.
    shap
        Table explain/shap.
    history
        See `nbarank.report.season_pictures.SeasonTables`.
    """
    largest_first = shap.assign(size=-shap["shap"].abs()).sort_values(
        ["season", "as_of", "team_id", "model", "size", "feature"], kind="stable"
    )
    values = by_team(largest_first)
    by_season = dict(list(history.groupby("season")))
    return [
        {
            "season": season_of(one),
            "days": [_day(day, players, values) for day in one.forecasts],
            "history": _history(by_season[season_of(one)]) if season_of(one) in by_season else None,
        }
        for one in seasons
    ]


def _day(forecast: DayForecast, players: Explained, values: Explained) -> dict[str, Any]:
    day = forecast.strength_as_of.isoformat()
    teams = []
    for team in forecast.teams:
        key = (forecast.season, day, team.team_id)
        teams.append(_team(team) | _explained(players.get(key), values.get(key)))
    return {
        "as_of": forecast.as_of.isoformat(),
        "share": round(100 * forecast.season_share),
        "known": forecast.known,
        "simulations": forecast.n_simulations,
        "interval": round(100 * forecast.interval),
        "teams": teams,
    }


def _team(team: TeamPrediction) -> dict[str, Any]:
    """Return a team in the fields of the page's script."""
    analysis, odds = team.analysis, team.odds
    end = analysis.season_end
    return {
        "id": team.team_id,
        "team": team.abbreviation,
        "name": team.name,
        "conference": team.conference,
        "rank": team.predicted_league_rank,
        "conference_rank": team.predicted_conference_rank,
        "strength": round(team.strength, 2),
        "strength_sd": round(team.strength_sd, 2),
        "wins": analysis.wins,
        "losses": analysis.losses,
        "standing": analysis.conference_rank,
        "projected": round(team.projected_wins, 1),
        "projected_low": team.wins_interval.low,
        "projected_high": team.wins_interval.high,
        "playoffs": round(odds.playoffs, 4),
        "second_round": round(odds.second_round, 4),
        "conference_final": round(odds.conference_final, 4),
        "final": round(odds.final, 4),
        "title": round(odds.title, 4),
        "delta": analysis.delta,
        "class": analysis.classification,
        "explanation": analysis.explanation,
        "reasons": [{"text": one.text, "points": round(one.points, 1)} for one in analysis.reasons],
        "models": team.diagnostics.rank_by_model,
        "agreement": team.diagnostics.agreement,
        "final_rank": end.final_conference_rank if end else None,
        "playoff_rank": end.playoff_rank if end else None,
    }


def _explained(players: Rows | None, values: Rows | None) -> dict[str, Any]:
    found: dict[str, Any] = {"players": [], "fallback": False, "shap": {}}
    if players is not None:
        found["fallback"] = any(row["contributors_are_fallback"] for row in players)
        found["players"] = [
            {
                "name": str(row["player_name"]),
                "attention": _finite(row["attention_weight"]),
                "minutes": _finite(row["minutes_share"]),
                "points": round(float(row["points"]), 2),
            }
            for row in players[:CONTRIBUTORS]
        ]
    for row in values or []:
        model = found["shap"].setdefault(
            str(row["model"]), {"base": round(float(row["base"]), 2), "parts": []}
        )
        part = [str(row["feature"]), round(float(row["value"]), 3), round(float(row["shap"]), 2)]
        model["parts"].append(part)
    return found


def _finite(value: float) -> float | None:
    return round(float(value), 4) if math.isfinite(value) else None


def _history(rows: pd.DataFrame) -> dict[str, Any]:
    days = sorted(rows["as_of"].unique())
    strength = rows.pivot(index="as_of", columns="team_id", values="strength").loc[days]
    place = rows.pivot(index="as_of", columns="team_id", values="place").loc[days]
    return {
        "days": [f"{pd.Timestamp(day):%Y-%m-%d}" for day in days],
        "teams": {
            str(team): {
                "strength": [round(float(value), 2) for value in strength[team]],
                "place": [int(value) for value in place[team]],
            }
            for team in strength.columns
        },
    }
