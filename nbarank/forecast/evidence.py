"""Facts of other rooms about a team, for predictions.json; missing ones are left out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from nbarank.core.ordering import ranks_from_scores
from nbarank.forecast.params import ForecastParams
from nbarank.schemas.predictions import Agreement, Diagnostics, SeasonEnd

DECIMALS = 5


@dataclass(frozen=True)
class Evidence:
    """Tables about the same teams and dates; each is optional.

    Parameters
    ----------
    outcomes
        Table league/outcomes.
    as_of
        Table league/as_of: teams_listed is read.
    ratings
        Table features/ratings: sos, luck and games_played are read.
    roster_teams
        Table features/roster_teams: lineup_drift, missing_strength and star_reliance are read.
    model_scores
        Model name to its out-of-fold table: season, as_of, team_id, rank_score.
    """

    outcomes: pd.DataFrame | None = None
    as_of: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    roster_teams: pd.DataFrame | None = None
    model_scores: Mapping[str, pd.DataFrame] = field(default_factory=dict)


def rounded(value: float) -> float:
    """Return a plain number with the decimals of predictions.json."""
    return round(float(value), DECIMALS)


def _at(frame: pd.DataFrame, season: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Return a table's rows of one day by team."""
    rows = frame[frame["as_of"] == as_of]
    return rows[rows["season"] == season].set_index("team_id")


def facts_of(season: str, as_of: pd.Timestamp, evidence: Evidence) -> dict[int, dict[str, float]]:
    """Return the known facts of each team that the explanation may use."""
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


def teams_with_roster(season: str, as_of: pd.Timestamp, evidence: Evidence) -> int | None:
    """Return how many teams have a published roster on a day; None if that is not known."""
    days = evidence.as_of
    if days is None:
        return None
    found = days[(days["season"] == season) & (days["as_of"] == as_of)]["teams_listed"]
    return int(found.iloc[0]) if len(found) else None


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
    """Return the models' ranks of a team and how far they agree."""
    ranks = {model: float(rank[team]) for model, rank in models.items() if team in rank.index}
    if len(ranks) < 2:
        return Diagnostics(rank_by_model=ranks)
    sd = float(np.std(list(ranks.values())))
    agreement: Agreement = "Low"
    if sd <= params.agreement_medium:
        agreement = "High" if sd <= params.agreement_high else "Medium"
    return Diagnostics(rank_by_model=ranks, rank_sd=rounded(sd), agreement=agreement)


def season_ends(
    season: str,
    outcomes: pd.DataFrame | None,
    standings: Mapping[int, Mapping[str, int]],
    over: bool,
) -> dict[int, SeasonEnd]:
    """Return how the season ended, by team; empty while that is not known.

    Parameters
    ----------
    outcomes
        Table league/outcomes, if there is one.
    standings
        The standings on the day, by team.
    over
        The regular season is over, so those standings are final.
    """
    rows = None if outcomes is None else outcomes[outcomes["season"] == season]
    if rows is not None and len(rows):
        return {
            int(row["team_id"]): SeasonEnd(
                eos_rank=int(row["playoff_rank_performance"]),
                eos_rank_source="playoff_outcome",
                final_rank=int(row["final_rank"]),
                final_conference_rank=int(row["conference_rank"]),
                playoff_rank=int(row["playoff_rank_performance"]),
            )
            for row in rows.to_dict("records")
        }
    if not over:
        return {}
    return {
        team: SeasonEnd(
            eos_rank=standing["league_rank"],
            eos_rank_source="final_standings",
            final_rank=standing["league_rank"],
            final_conference_rank=standing["conference_rank"],
        )
        for team, standing in standings.items()
    }
