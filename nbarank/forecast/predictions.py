"""predictions.json: forecasts next to standings and models, with an explanation per team."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from nbarank.core.errors import ForecastError
from nbarank.core.ordering import ranks_from_scores
from nbarank.core.tables import write_text
from nbarank.forecast.evidence import (
    Evidence,
    diagnostics_of,
    facts_of,
    model_ranks,
    rounded,
    season_ends,
    teams_with_roster,
)
from nbarank.forecast.explanation import explanation, reasons
from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_state import League
from nbarank.league.standings import standings_to_date
from nbarank.schemas.league import SEEDS
from nbarank.schemas.predictions import (
    SCHEMA_VERSION,
    Analysis,
    Classification,
    DayForecast,
    GamePrediction,
    Interval,
    Predictions,
    RosterDependence,
    RoundOdds,
    SeasonEnd,
    TeamPrediction,
)

COPIED = (
    *("ensemble_score", "strength", "strength_sd", "projected_wins", "expected_final_rank"),
    *("expected_conference_rank", "expected_playoff_rank"),
)
"""Columns of forecast/teams that are fields of a team."""
STANDING = ("wins", "losses", "league_rank", "conference_rank")


def build_predictions(
    rows: pd.DataFrame,
    league: League,
    season_shares: Mapping[tuple[str, pd.Timestamp], float],
    params: ForecastParams,
    evidence: Evidence,
    games: Callable[[str, pd.Timestamp], list[GamePrediction] | None] = lambda *_: None,
) -> Predictions:
    """Return forecasts in the schema of predictions.json.

    Parameters
    ----------
    rows
        Rows of forecast/teams, complete days.
    season_shares
        (season, as_of) to share of the regular season played.
    evidence
        Facts of other rooms.
    games
        Of `coming_predictions`; by default days have no field `games`.

    Raises
    ------
    ForecastError
        If the forecasts do not fit the schema (probabilities that do not add up).
    """
    forecasts = []
    for _, day in rows.groupby(["season", "as_of"], sort=True):
        season, as_of = str(day["season"].iloc[0]), pd.Timestamp(day["as_of"].iloc[0])
        share = season_shares[(season, as_of)]
        teams = _teams(day, league, season, as_of, share >= 1.0, params, evidence)
        try:
            forecasts.append(
                DayForecast(
                    season=season,
                    as_of=as_of.date(),
                    strength_as_of=as_of.date(),
                    season_share=rounded(share),
                    teams_with_roster=teams_with_roster(season, as_of, evidence),
                    n_simulations=int(day["n_simulations"].iloc[0]),
                    interval=params.interval,
                    championship_odds_method=params.championship_odds_method,
                    true_strength_scale=params.true_strength_scale,
                    teams=teams,
                    games=games(season, as_of),
                )
            )
        except ValueError as error:
            raise ForecastError(
                f"The forecast of {as_of:%Y-%m-%d} breaks the schema of predictions.json.",
                where=" ".join(str(error).split()),
                allowed="docs/predictions-schema.md",
            ) from error
    simulated = league.seasons.set_index("season")["simulated"]
    return Predictions(
        schema_version=SCHEMA_VERSION,
        simulated_league=bool(simulated[forecasts[-1].season]) if forecasts else False,
        forecasts=forecasts,
    )


def to_json(predictions: Predictions) -> str:
    """Return the text of predictions.json; the same forecasts give the same bytes."""
    return predictions.model_dump_json(indent=1, exclude_none=True) + "\n"


def write_predictions(predictions: Predictions, path: Path) -> None:
    """Write predictions atomically, after checking that they can be read back."""
    text = to_json(predictions)
    Predictions.model_validate_json(text)
    write_text(path, text)


def _teams(
    day: pd.DataFrame,
    league: League,
    season: str,
    as_of: pd.Timestamp,
    over: bool,
    params: ForecastParams,
    evidence: Evidence,
) -> list[TeamPrediction]:
    """Return the teams of one day, best first."""
    members = league.teams[league.teams["season"] == season].set_index("team_id")
    conference = members["conference"].reindex(day["team_id"]).to_numpy(str)
    league_rank = _whole_ranks(day["expected_final_rank"], day["strength"])
    conference_rank = np.zeros(len(day), np.int64)
    for name in np.unique(conference):
        part = conference == name
        conference_rank[part] = _whole_ranks(
            day.loc[part, "expected_conference_rank"], day.loc[part, "strength"]
        )
    standings = standings_to_date(
        league.games,
        league.teams,
        league.seasons,
        pd.DataFrame({"season": [season], "as_of": [as_of]}),
    )
    table: dict[Any, Any] = standings.set_index("team_id")[list(STANDING)].to_dict("index")
    ends = season_ends(season, evidence.outcomes, table, over)
    facts = facts_of(season, as_of, evidence)
    models = model_ranks(season, as_of, evidence)
    names, rows = members.to_dict("index"), day.to_dict("records")
    places = [name for name in day if str(name).startswith("conference_rank_p")]
    predicted = []
    for place in np.argsort(league_rank):
        row = rows[place]
        team = int(row["team_id"])
        known, standing = facts.get(team, {}), table[team]
        reliance = rounded(known["star_reliance"]) if "star_reliance" in known else None
        predicted.append(
            TeamPrediction(
                team_id=team,
                abbreviation=names[team]["abbreviation"],
                name=names[team]["name"],
                conference="East" if conference[place] == "East" else "West",
                predicted_league_rank=int(league_rank[place]),
                predicted_conference_rank=int(conference_rank[place]),
                ensemble_score_100=rounded(100.0 * row["ensemble_score"]),
                **{name: rounded(row[name]) for name in COPIED},
                wins_interval=_interval(row, "wins"),
                final_rank_interval=_interval(row, "final_rank"),
                conference_rank_interval=_interval(row, "conference_rank"),
                odds=RoundOdds(**{name: rounded(row[name]) for name in RoundOdds.model_fields}),
                seed_odds=[rounded(row[f"seed_{seed}"]) for seed in range(1, SEEDS + 1)],
                conference_rank_odds=[rounded(row[name]) for name in places],
                analysis=_analysis(
                    standing,
                    int(conference_rank[place]),
                    known,
                    params,
                    ends.get(team),
                ),
                diagnostics=diagnostics_of(models, team, params),
                roster=RosterDependence(contributors=[], star_reliance=reliance),
            )
        )
    return predicted


def _whole_ranks(expected: pd.Series[float], strength: pd.Series[float]) -> NDArray[np.int64]:
    """Return ranks 1..n by expected rank, ties broken by strength."""
    nudge = 1e-7 * strength.to_numpy(float) - 1e-12 * np.arange(len(strength))
    return np.rint(ranks_from_scores(nudge - expected.to_numpy(float))).astype(np.int64)


def _interval(row: Mapping[str, float], name: str) -> Interval:
    return Interval(low=float(row[f"{name}_low"]), high=float(row[f"{name}_high"]))


def classify(delta: float, threshold: float) -> Classification:
    """Classify a team by the conference places that its forecast is above (+) its record."""
    if delta >= threshold:
        return "sleeper"
    return "paper tiger" if delta <= -threshold else "aligned"


def _analysis(
    standing: Mapping[str, int],
    predicted: int,
    facts: Mapping[str, float],
    params: ForecastParams,
    end: SeasonEnd | None,
) -> Analysis:
    """Return a team's forecast compared with its record."""
    wins, losses = standing["wins"], standing["losses"]
    begun = wins + losses > 0
    actual = standing["conference_rank"]
    delta = float(actual - predicted) if begun else 0.0
    classification = classify(delta, params.sleeper_threshold_slots)
    # Points per unit of win percentage: the slope of the normal curve at equal strength.
    found = reasons(facts, params.game_sd * float(np.sqrt(2 * np.pi))) if begun else []
    text = explanation(classification, abs(delta), (wins, losses), found if facts else None)
    return Analysis(
        wins=wins,
        losses=losses,
        league_rank=standing["league_rank"] if begun else None,
        conference_rank=actual if begun else None,
        delta=delta,
        slots=abs(delta),
        classification=classification,
        explanation=text,
        reasons=[one.model_copy(update={"points": rounded(one.points)}) for one in found],
        season_end=end,
    )
