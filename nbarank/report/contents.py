"""Everything that page and analysis show, read from tables and metrics."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from statistics import NormalDist
from typing import Any

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.sections import PARAMS_FILE
from nbarank.core.tables import DATA, read_table
from nbarank.report.chart_files import SPECIFICATIONS
from nbarank.report.names import RANKER_NAMES, TARGET_NAMES, feature_meanings, unit_of
from nbarank.report.page_data import seasons_data, without_star
from nbarank.report.page_inputs import PageTables, read_page_tables
from nbarank.report.predictions import (
    by_team,
    leading_first,
    read_seasons,
    season_of,
    with_contributors,
)
from nbarank.report.provenance import environment, raw_files, read_manifest, text_hash
from nbarank.report.sentences import (
    ablation_sentence,
    health_sentence,
    origin_sentence,
    test_seasons_sentence,
    verdict_sentences,
)
from nbarank.report.standings_comparison import comparisons, odds_table
from nbarank.schemas.explain import MODEL_HEALTH, TEAM_GRADIENTS
from nbarank.schemas.predictions import Predictions
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
        Predictions by season, newest first.
    texts
        Everything else that the templates name.
    """

    latest: Predictions
    seasons: list[Predictions]
    texts: dict[str, Any]


def read_contents(run_id: str | None, roles: SeasonsParams, coverage: float) -> Contents:
    """Read everything.

    Parameters
    ----------
    run_id
        Id of the recorded run; None in a workspace that is not a recorded run.
    coverage
        `evaluation.interval`.

    Raises
    ------
    TableError
        If a table or predictions are missing or invalid.
    """
    tables = read_page_tables()
    latest, seasons = read_seasons(DATA)
    if current_seasons():
        latest, current = read_seasons(RESULTS)
        seasons += current
    players = by_team(leading_first(tables.contributors))
    latest = with_contributors(latest, players, run_id)
    seasons = [with_contributors(one, players, run_id) for one in seasons]
    seasons.sort(key=season_of, reverse=True)
    units = {"unit": unit_of(tables.shap), "deepset_unit": unit_of(read_table(TEAM_GRADIENTS))}
    return Contents(
        latest=latest,
        seasons=seasons,
        texts={
            **_scores(roles, coverage),
            **_explanations(units["deepset_unit"]),
            **units,
            **_provenance(),
            "run_id": run_id,
            "targets": TARGET_NAMES,
            "data": units | _data(latest, seasons_data(seasons, tables, players), tables),
        },
    )


def _data(latest: Predictions, seasons: list[dict[str, Any]], tables: PageTables) -> dict[str, Any]:
    """Return the data of the page's script."""
    interval = latest.forecasts[-1].interval
    return {
        "seasons": seasons,
        "simulations": tables.simulations,
        "without_star": without_star(tables.without_star),
        "model_names": RANKER_NAMES,
        "interval": round(100 * interval),
        "z": round(NormalDist().inv_cdf((1 + interval) / 2), 3),
        "reliability": _reliability(interval),
        "charts": json.loads(SPECIFICATIONS.read_text(encoding="utf-8")),
    }


def _reliability(coverage: float) -> list[dict[Any, Any]]:
    """Return rows of the chart `calibration`; intervals are Wilson's."""
    rows = pd.read_csv(DATA / "evaluation" / "reliability_games.csv")
    games = rows["count"]
    share = (rows["observed"] * games).round() / games  # stored with six decimals
    z = NormalDist().inv_cdf((1 + coverage) / 2)
    width = z * (4 * games * share * (1 - share) + z**2) ** 0.5
    ends = {"low": -width, "high": width}
    shares = rows[["predicted", "observed"]].assign(
        **{
            name: (2 * games * share + z**2 + side) / (2 * (games + z**2))
            for name, side in ends.items()
        }
    )
    return ((100 * shares).round(1) + 0.0).assign(games=games).to_dict("records")


def _scores(roles: SeasonsParams, coverage: float) -> dict[str, Any]:
    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    scored = set(scorecard["season"])
    found = comparisons(pd.read_csv(METRICS / "intervals.csv"), coverage)
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
        "features": feature_meanings(sizes["shap"]["feature"]),
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
