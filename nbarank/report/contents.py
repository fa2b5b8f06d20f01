"""Everything that page and analysis show, read from tables, metrics, plots and pictures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.sections import PARAMS_FILE
from nbarank.core.tables import DATA, read_table
from nbarank.report.explanation_figures import FEATURES, draw_team
from nbarank.report.names import RANKER_NAMES, TARGET_NAMES, unit_of
from nbarank.report.page_data import seasons_data
from nbarank.report.picture_files import MODELS, SCORED, drawn_seasons, read_pictures, season_file
from nbarank.report.predictions import (
    by_team,
    leading_first,
    read_seasons,
    season_of,
    with_contributors,
)
from nbarank.report.provenance import environment, raw_files, read_manifest, text_hash
from nbarank.report.season_pictures import draw_season, read_season_tables
from nbarank.report.sentences import (
    ablation_sentence,
    health_sentence,
    origin_sentence,
    test_seasons_sentence,
    verdict_sentences,
)
from nbarank.report.standings_comparison import comparisons, odds_table
from nbarank.report.style import Picture
from nbarank.schemas.explain import MODEL_HEALTH, SHAP_VALUES, TEAM_GRADIENTS
from nbarank.schemas.predictions import DayForecast, Predictions
from nbarank.schemas.season_split import RESULTS, current_seasons, read_with_current

METRICS = Path("metrics")


@dataclass(frozen=True)
class Contents:
    """What page and analysis show.

    Parameters
    ----------
    latest
        Predictions of the latest day.
    seasons
        Predictions by season, newest first; the pictures in the same order.
    pictures
        Figures of the scorecard by name.
    explained
        Figures that explain models.
    texts
        Everything else that the templates name.
    """

    latest: Predictions
    seasons: list[Predictions]
    pictures_by_season: dict[str, list[Picture]]
    pictures: dict[str, Picture]
    explained: list[Picture]
    texts: dict[str, Any]


def read_contents(
    run_id: str | None, roles: SeasonsParams, coverage: float, threshold: float
) -> Contents:
    """Read everything and draw the current season and the best team of the latest day.

    Parameters
    ----------
    run_id
        Id of the recorded run; None in a workspace that is not a recorded run.
    coverage, threshold
        `evaluation.interval` and `forecast.sleeper_threshold_slots`.

    Raises
    ------
    TableError
        If a table, predictions or pictures are missing or invalid.
    """
    tables, shap = read_season_tables(current=True), read_with_current(SHAP_VALUES)
    latest, seasons = read_seasons(DATA)
    pictures = {season: read_pictures(season_file(season)) for season in drawn_seasons()}
    if current_seasons():
        latest, current = read_seasons(RESULTS)
        pictures |= {season_of(one): draw_season(one, tables, threshold) for one in current}
        seasons += current
    players = by_team(leading_first(tables.contributors))
    latest = with_contributors(latest, players, run_id)
    seasons = [with_contributors(one, players, run_id) for one in seasons]
    seasons.sort(key=season_of, reverse=True)
    unit, deepset_unit = unit_of(shap), unit_of(read_table(TEAM_GRADIENTS))
    return Contents(
        latest=latest,
        seasons=seasons,
        pictures_by_season={season_of(one): pictures[season_of(one)] for one in seasons},
        pictures={picture.name: picture for picture in read_pictures(SCORED)},
        explained=[*read_pictures(MODELS), *_best_team(shap, latest.forecasts[-1], unit)],
        texts={
            **_scores(roles, coverage),
            **_explanations(deepset_unit),
            "unit": unit,
            "deepset_unit": deepset_unit,
            **_provenance(),
            "run_id": run_id,
            "targets": TARGET_NAMES,
            "data": {
                "seasons": seasons_data(seasons, players, shap, tables.history),
                "model_names": RANKER_NAMES,
                "unit": unit,
                "deepset_unit": deepset_unit,
                "shown_features": FEATURES,
            },
        },
    )


def _scores(roles: SeasonsParams, coverage: float) -> dict[str, Any]:
    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    scored = set(scorecard["season"])
    found = comparisons(pd.read_csv(METRICS / "intervals.csv"))
    return {
        "comparisons": found,
        "coverage": coverage,
        "sentences": verdict_sentences(found, coverage),
        "test_sentence": test_seasons_sentence(scorecard, [s for s in roles.test if s in scored]),
        "odds_rows": odds_table(scorecard, roles.validation),
        "odds_checkpoints": sorted(map(int, scorecard["checkpoint"].unique())),
        "calibration": pd.read_csv(DATA / "evaluation" / "calibration.csv"),
    }


def _explanations(deepset_unit: str) -> dict[str, Any]:
    names = ("shap", "gradients", "ablation")
    sizes = {name: pd.read_csv(DATA / "explain" / f"{name}.csv") for name in names}
    health = read_with_current(MODEL_HEALTH)
    return {
        "sizes": sizes,
        "ablation_sentence": ablation_sentence(sizes["ablation"], deepset_unit),
        "health": health,
        "health_sentence": health_sentence(health),
    }


def _provenance() -> dict[str, Any]:
    manifest, manifest_hash = read_manifest(DATA / "manifest.json")
    params_text = PARAMS_FILE.read_text(encoding="utf-8")
    return {
        "origin_sentence": origin_sentence(manifest),
        "raw_files": raw_files(manifest),
        "manifest_hash": manifest_hash,
        "params_text": params_text,
        "params_hash": text_hash(params_text),
        "environment": environment(),
    }


def _best_team(shap: pd.DataFrame, latest: DayForecast, unit: str) -> list[Picture]:
    """Draw how the features of the latest day's best team lead to its score."""
    best = latest.teams[0]
    rows = shap[
        (shap["season"] == latest.season)
        & (shap["as_of"] == pd.Timestamp(latest.strength_as_of))
        & (shap["team_id"] == best.team_id)
    ]
    return draw_team(rows, best.name, unit)
