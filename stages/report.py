"""Put everything on one page: report/index.html, its figures, predictions.json and analysis.md."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.sections import PARAMS_FILE
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, read_table, write_text
from nbarank.report.analysis import analysis_text
from nbarank.report.content import day_frame, seasons_data
from nbarank.report.headline import TARGETS, comparisons, sentences
from nbarank.report.kept_pictures import (
    MODELS,
    SCORED,
    kept_seasons,
    read_pictures,
    season_file,
)
from nbarank.report.model_figures import NAMES
from nbarank.report.model_pictures import FEATURES, draw_team
from nbarank.report.page import render
from nbarank.report.params import ReportParams
from nbarank.report.predictions import (
    by_team,
    leading_first,
    read_seasons,
    with_contributors,
    write_all,
)
from nbarank.report.provenance import environment, raw_files, read_manifest, text_hash
from nbarank.report.season_pictures import draw_season, strength_and_place
from nbarank.report.style import Picture
from nbarank.report.words import (
    health_sentence,
    odds_checkpoints,
    odds_table,
    origin_sentence,
    sentence_on_test_seasons,
    unit_of,
)
from nbarank.schemas.ensemble import STRENGTH
from nbarank.schemas.explain import CONTRIBUTORS, MODEL_HEALTH, SHAP_VALUES, TEAM_GRADIENTS
from nbarank.schemas.league import STANDINGS, TEAMS
from nbarank.schemas.predictions import DayForecast, Predictions
from nbarank.schemas.season_split import RESULTS, current_seasons, read_whole, read_with_current

log = logging.getLogger(__name__)
REPORT, PLOTS, METRICS = Path("report"), Path("plots"), Path("metrics")


def main(stage: Stage) -> None:
    """Read forecasts, scores and explanations; write report/ and plots of the forecasts."""
    params = stage.params(ReportParams)
    coverage = stage.value("evaluation.interval", float)
    contributors, shap = read_with_current(CONTRIBUTORS), read_with_current(SHAP_VALUES)
    players, teams = by_team(leading_first(contributors)), read_whole(TEAMS)
    history = strength_and_place(read_with_current(STRENGTH), read_whole(STANDINGS), teams)

    def complete(predictions: Predictions) -> Predictions:
        return with_contributors(predictions, players, params.run_id)

    latest, seasons = read_seasons(DATA)
    by_season = {season: read_pictures(season_file(season)) for season in kept_seasons()}
    if current_seasons():
        latest, under_way = read_seasons(RESULTS)
        names = teams[["season", "team_id", "abbreviation"]]
        told = contributors.merge(names, on=["season", "team_id"])
        threshold = stage.value("forecast.sleeper_threshold_slots", float)
        for one in under_way:
            by_season[one.forecasts[0].season] = draw_season(one, history, told, threshold)
        seasons += under_way
    latest = complete(latest)
    seasons = sorted(map(complete, seasons), key=_season, reverse=True)
    by_season = {_season(one): by_season[_season(one)] for one in seasons}
    _empty(REPORT)
    intervals = pd.read_csv(METRICS / "intervals.csv")
    scorecard = pd.read_csv(METRICS / "scorecard.csv")
    roles = stage.params(SeasonsParams)
    validation = [season for season in roles.validation if season in set(scorecard["season"])]
    test = [season for season in roles.test if season in set(scorecard["season"])]
    sizes = {
        name: pd.read_csv(PLOTS / "explain" / f"{name}.csv")
        for name in ("shap", "gradients", "ablation")
    }
    unit = unit_of(str(shap["score"].iloc[0]))
    deepset_unit = unit_of(str(read_table(TEAM_GRADIENTS)["score"].iloc[0]))
    scored = {picture.name: picture for picture in read_pictures(SCORED)}
    explained = [*read_pictures(MODELS), *_of_best_team(shap, latest.forecasts[-1], unit)]
    _write_figures([*scored.values(), *explained], REPORT / "figures")
    for season, pictures in by_season.items():
        _write_figures(pictures, REPORT / "figures" / season)

    manifest, manifest_hash = read_manifest(DATA / "manifest.json")
    params_text = PARAMS_FILE.read_text(encoding="utf-8")
    health = read_with_current(MODEL_HEALTH)
    found = comparisons(intervals)
    shared: dict[str, Any] = {
        "latest": latest.forecasts[-1],
        "simulated": latest.simulated_league,
        "comparisons": found,
        "sentences": sentences(found, coverage),
        "health_sentence": health_sentence(health),
        "origin_sentence": origin_sentence(manifest),
        "environment": environment(),
    }
    page = render(
        {
            **shared,
            "targets": TARGETS,
            "coverage": f"{coverage:.0%}",
            "sentence_on_test_seasons": sentence_on_test_seasons(scorecard, test),
            "pictures": scored,
            "explained": explained,
            "pictures_by_season": by_season,
            "odds_rows": odds_table(scorecard, validation),
            "calibration": pd.read_csv(PLOTS / "evaluation" / "calibration.csv").to_dict("records"),
            "odds_checkpoints": odds_checkpoints(scorecard),
            "health": health.to_dict("records"),
            "run_id": params.run_id,
            "manifest_hash": manifest_hash,
            "params_hash": text_hash(params_text),
            "params_text": params_text,
            "raw_files": raw_files(manifest),
            "data": {
                "seasons": seasons_data(seasons, players, shap, history),
                "model_names": NAMES,
                "unit": unit,
                "deepset_unit": deepset_unit,
                "shown_features": FEATURES,
            },
        }
    )
    write_text(REPORT / "index.html", page)
    write_all(REPORT, latest, seasons)
    text = analysis_text(
        **shared,
        test=sentence_on_test_seasons(scorecard, test),
        shap=sizes["shap"],
        gradients=sizes["gradients"],
        ablation=sizes["ablation"],
        hashes={
            "manifest of the raw files": manifest_hash,
            "params.yaml": text_hash(params_text),
        },
        unit=unit,
    )
    write_text(REPORT / "analysis.md", text)
    _write_plots(seasons)
    log.info("open %s in a browser, or run: nbarank serve", REPORT / "index.html")


def _season(predictions: Predictions) -> str:
    return predictions.forecasts[0].season


def _empty(folder: Path) -> None:
    """Leave nothing of an earlier report."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)


def _of_best_team(shap: pd.DataFrame, latest: DayForecast, unit: str) -> list[Picture]:
    """Draw how the features of the latest day's best team lead to its score."""
    best = latest.teams[0]
    of_best = shap[
        (shap["season"] == latest.season)
        & (shap["as_of"] == pd.Timestamp(latest.strength_as_of))
        & (shap["team_id"] == best.team_id)
    ]
    return draw_team(of_best, best.name, unit)


def _write_figures(pictures: list[Picture], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for picture in pictures:
        (folder / f"{picture.name}.svg").write_bytes(picture.svg)


def _write_plots(seasons: list[Predictions]) -> None:
    """Write what the season's figures show, for `dvc plots diff`."""
    frames = []
    for one in seasons:
        for day in one.forecasts:
            share = round(100 * day.season_share)
            frames.append(day_frame(day).assign(season=day.season, checkpoint=share))
    columns = [
        "season",
        "checkpoint",
        "abbreviation",
        "conference",
        "predicted_conference_rank",
        "final_conference_rank",
        "predicted_playoff_rank",
        "playoff_rank",
        "delta",
        "wins",
        "title",
    ]
    teams = pd.concat(frames, ignore_index=True)[columns]
    text = teams.to_csv(index=False, float_format="%.6f")
    write_text(PLOTS / "report" / "teams.csv", text)


if __name__ == "__main__":
    run_stage("report", main)
