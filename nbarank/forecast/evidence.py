"""What other rooms know of a team, for predictions.json: every piece may be missing.

What is not given is left out of the file, never made up.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nbarank.core.ordering import ranks_from_scores
from nbarank.forecast.params import ForecastParams
from nbarank.schemas.predictions import (
    CONTRIBUTORS,
    Agreement,
    Contributor,
    Diagnostics,
    RosterDependence,
    SeasonEnd,
)

DECIMALS = 5


@dataclass(frozen=True)
class Evidence:
    """What other rooms know of the same teams and dates; every frame may be missing.

    Parameters
    ----------
    outcomes
        Table league/outcomes: how seasons ended.
    ratings
        Table features/ratings: sos, luck and games_played are read.
    roster_teams
        Table features/roster_teams: lineup_drift, missing_strength and star_reliance are read.
    model_scores
        Model name to its out-of-fold table: season, as_of, team_id, rank_score.
    contributors
        season, as_of, team_id, player_id, player_name; attention_weight and
        integrated_gradients_share (missing where not known); contributors_are_fallback. In any
        order: the heaviest come first.
    """

    outcomes: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    roster_teams: pd.DataFrame | None = None
    model_scores: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    contributors: pd.DataFrame | None = None


def rounded(value: float) -> float:
    """Return a plain number, rounded for reading."""
    return round(float(value), DECIMALS)


def _at(frame: pd.DataFrame, season: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return a table's rows of one day by team."""
    rows = frame[(frame["season"] == season) & (frame["as_of"] == as_of)]
    return rows.set_index("team_id")


def facts_of(season: str, as_of: pd.Timestamp, evidence: Evidence) -> dict[int, dict[str, float]]:
    """Return what the explanation may read, by team; facts that are not known are absent."""
    wanted = (
        (evidence.ratings, ("sos", "luck", "games_played")),
        (evidence.roster_teams, ("lineup_drift", "missing_strength", "star_reliance")),
    )
    facts: dict[int, dict[str, float]] = {}
    for frame, names in wanted:
        if frame is None:
            continue
        rows = _at(frame, season, as_of)
        for name in names:
            if name in rows:
                for team, value in zip(rows.index.tolist(), rows[name].tolist(), strict=True):
                    facts.setdefault(team, {})[name] = value
    return facts


def model_ranks(
    season: str, as_of: pd.Timestamp, evidence: Evidence
) -> dict[str, pd.Series[float]]:
    """Return each model's league ranks by team, for the models that have the day."""
    ranks = {}
    for model, frame in evidence.model_scores.items():
        scores = _at(frame, season, as_of)["rank_score"]
        if len(scores):
            ranks[model] = pd.Series(ranks_from_scores(scores.to_numpy(float)), scores.index)
    return ranks


def diagnostics_of(
    models: Mapping[str, pd.Series[float]], team: int, params: ForecastParams
) -> Diagnostics:
    """Return how the models agree on a team."""
    ranks = {model: float(rank[team]) for model, rank in models.items() if team in rank.index}
    if len(ranks) < 2:
        return Diagnostics(rank_by_model=ranks)
    spread = float(np.std(list(ranks.values())))
    return Diagnostics(
        rank_by_model=ranks, rank_sd=rounded(spread), agreement=agreement(spread, params)
    )


def agreement(rank_sd: float, params: ForecastParams) -> Agreement:
    """Name how far models agree, from the SD of their league ranks of a team."""
    if rank_sd <= params.agreement_high:
        return "High"
    return "Medium" if rank_sd <= params.agreement_medium else "Low"


def season_end(
    season: str, team: int, outcomes: pd.DataFrame | None, standing: Mapping[str, int], over: bool
) -> SeasonEnd | None:
    """Return how the season ended for a team; None while that is not known.

    Parameters
    ----------
    season, team
        Label and team id.
    outcomes
        Table league/outcomes, if there is one.
    standing
        The team's row of the standings on the day.
    over
        The regular season was over by the day, so those standings are final.
    """
    if outcomes is not None:
        rows = outcomes[(outcomes["season"] == season) & (outcomes["team_id"] == team)]
        if len(rows):
            row = rows.iloc[0]
            return SeasonEnd(
                eos_rank=int(row["playoff_rank_performance"]),
                eos_rank_source="playoff_outcome",
                final_rank=int(row["final_rank"]),
                final_conference_rank=int(row["conference_rank"]),
                playoff_rank=int(row["playoff_rank_performance"]),
            )
    if not over:
        return None
    return SeasonEnd(
        eos_rank=standing["league_rank"],
        eos_rank_source="final_standings",
        final_rank=standing["league_rank"],
        final_conference_rank=standing["conference_rank"],
    )


def roster_of(
    season: str,
    as_of: pd.Timestamp,
    team: int,
    facts: Mapping[str, float],
    params: ForecastParams,
    contributors: pd.DataFrame | None,
) -> RosterDependence:
    """Return whom a team's score depends on, as far as it is given."""
    reliance = facts.get("star_reliance")
    reliance = None if reliance is None else rounded(reliance)
    if contributors is None:
        return RosterDependence(contributors=[], star_reliance=reliance)
    rows = _at(contributors, season, as_of)
    rows = rows[rows.index == team]
    weighed = [name for name in ("attention_weight", "integrated_gradients_share") if name in rows]
    fallback = rows.get("contributors_are_fallback")
    if weighed:
        by = weighed[-1] if rows[weighed[0]].isna().all() else weighed[0]
        rows = rows.assign(size=rows[by].abs()).sort_values(
            ["size", "player_id"], ascending=[False, True], kind="stable"
        )
    return RosterDependence(
        contributors=[
            Contributor(
                player_id=int(row["player_id"]),
                name=str(row["player_name"]),
                **{name: rounded(row[name]) for name in weighed if np.isfinite(row[name])},
            )
            for row in rows.head(CONTRIBUTORS).to_dict("records")
        ],
        star_reliance=reliance,
        contributors_are_fallback=None if fallback is None else bool(fallback.any()),
    )
