"""Score every ranking of the test and holdout seasons beside the baselines."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.errors import EvaluationError
from nbarank.evaluation.baselines import baseline_rankings
from nbarank.evaluation.calibration import calibration, game_events, round_events
from nbarank.evaluation.compare import intervals_against
from nbarank.evaluation.game_odds import forecast_odds, odds_from_scores, snapshot_games
from nbarank.evaluation.lift import ensemble_lift
from nbarank.evaluation.odds import odds_rows
from nbarank.evaluation.playoffs import classifier_events, playoff_rows
from nbarank.evaluation.rankings import ensemble_rankings, model_rankings, strength_scores
from nbarank.evaluation.scorecard import (
    TARGETS,
    checkpoint_days,
    in_scorecard_order,
    score_rankings,
)
from nbarank.evaluation.truth import truth_scores
from nbarank.evaluation.upsets import upset_rows
from nbarank.in_progress import HISTORY
from nbarank.params.evaluation import EvaluationParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.params.targets import TargetsParams
from nbarank.runtime import generator
from nbarank.schemas.features import RATINGS
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SEASONS, STANDINGS
from nbarank.schemas.scores import (
    BASE_MODELS,
    CALIBRATED_GAMES,
    PLAYOFF_CLASSIFIER,
    RANKED,
    oof_table,
)
from nbarank.schemas.truth import TRUTH
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table, write_text

METRICS_FOLDER = Path("metrics")
PLOTS_FOLDER = Path("plots")
BASELINES = ("standings", "srs", "elo")


def main(stage: Stage) -> None:
    """Read oof/*, forecast/*, features/ratings and the league; write tidy metrics and plots."""
    params, seasons = stage.params(EvaluationParams), stage.params(SeasonsParams)
    outcomes, as_of = read_table(OUTCOMES), read_table(AS_OF, HISTORY)
    ended = set(outcomes["season"])
    roles = {
        "test": [season for season in seasons.test if season in ended],
        "holdout": [season for season in seasons.holdout if season in ended],
    }
    _refuse_missing(seasons, ended)
    scored = [*roles["test"], *roles["holdout"]]
    days = checkpoint_days(as_of)
    days = days[days["season"].isin(scored)].reset_index(drop=True)

    ratings, forecast = read_table(RATINGS, HISTORY), read_table(FORECAST_TEAMS)
    models = {name: read_table(oof_table(name)) for name in BASE_MODELS}
    standings = read_table(STANDINGS, HISTORY)
    places = standings[["season", "as_of", "team_id", "league_rank"]]
    rankings = pd.concat(
        [
            ensemble_rankings(forecast, days),
            model_rankings(models, days),
            baseline_rankings(ratings, places, days),
        ],
        ignore_index=True,
    )
    write_table(RANKED, rankings)

    strengths = strength_scores(ratings, models, forecast)
    games = _predicted_games(as_of, strengths, scored)
    parts = [
        score_rankings(
            rankings,
            days,
            outcomes,
            stage.params(TargetsParams).playoff_definition,
            params.sleeper_slots,
        ),
        odds_rows(forecast, games, outcomes, days),
        playoff_rows(read_table(PLAYOFF_CLASSIFIER), forecast, standings, outcomes, days),
        upset_rows(forecast, rankings, outcomes, days),
    ]
    if read_table(SEASONS, HISTORY)["simulated"].all():
        parts.append(truth_scores(strengths, read_table(TRUTH), days))
    scorecard = in_scorecard_order(pd.concat(parts, ignore_index=True))

    of_test = scorecard[scorecard["season"].isin(roles["test"])]
    seed = stage.params(ReproParams).seed
    intervals = pd.concat(
        [
            intervals_against(
                of_test,
                baseline,
                generator(seed, "evaluate", "intervals"),
                params.bootstrap_samples,
                params.interval,
            )
            for baseline in BASELINES
        ],
        ignore_index=True,
    )
    _write_csv(METRICS_FOLDER / "scorecard.csv", scorecard)
    _write_csv(METRICS_FOLDER / "intervals.csv", intervals)
    _write_csv(METRICS_FOLDER / "lift.csv", ensemble_lift(scorecard, BASE_MODELS))
    _write_plots(
        of_test, games[games["season"].isin(roles["test"])], outcomes, params.reliability_bins
    )


def _refuse_missing(seasons: SeasonsParams, ended: set[str]) -> None:
    missing = [season for season in seasons.test if season not in ended]
    if missing:
        raise EvaluationError(
            f"Test season(s) {', '.join(missing)} have not ended in the data.",
            where="seasons.test in params.yaml",
            allowed=f"seasons whose champion is known: {', '.join(sorted(ended))}",
            next_command="move them to seasons.holdout, or collect their games",
        )


def _predicted_games(
    as_of: pd.DataFrame, strengths: pd.DataFrame, scored: list[str]
) -> pd.DataFrame:
    """Return the odds of every ranker on the same games, each predicted by its last snapshot."""
    forecast = read_table(FORECAST_GAMES)
    forecast = forecast[forecast["season"].isin(scored)]
    made = forecast[["season", "as_of"]].drop_duplicates()
    lacking = sorted(set(scored) - set(made["season"]))
    if lacking:
        raise EvaluationError(
            f"Season(s) {', '.join(lacking)} have no forecast, so they cannot be scored.",
            where="params.yaml: seasons.train and seasons.test",
            allowed="walk-forward, three training seasons before the first test season: one to "
            "learn from, one to stack on, one to calibrate on",
            next_command="add training seasons, or move the first test seasons to seasons.train",
        )
    dates = pd.concat(
        [as_of[~as_of["season"].isin(scored)], as_of.merge(made, on=["season", "as_of"])]
    )
    games = snapshot_games(read_table(GAMES, HISTORY), dates, checkpoint_days(as_of))
    ensemble = forecast_odds(games, forecast)
    rated = strengths[strengths["ranker"] != "ensemble"]
    others = odds_from_scores(games, rated, scored)
    others = others[others["game_id"].isin(set(ensemble["game_id"]))]
    return pd.concat([ensemble, others], ignore_index=True)


def _write_plots(
    of_test: pd.DataFrame, games: pd.DataFrame, outcomes: pd.DataFrame, bins: int
) -> None:
    rows = of_test[(of_test["metric"] == "spearman") & of_test["target"].isin(TARGETS)]
    means = rows.groupby(["target", "checkpoint", "ranker"], sort=False)["value"].mean()
    for target in TARGETS:
        wide = means.loc[target].unstack("ranker")
        _write_csv(PLOTS_FOLDER / f"spearman_{target}.csv", wide.reset_index())
    seasons = set(of_test["season"])
    calibrated, forecast = read_table(CALIBRATED_GAMES), read_table(FORECAST_TEAMS)
    forecast = forecast[forecast["season"].isin(seasons)]
    events = {
        **game_events(
            calibrated[calibrated["season"].isin(seasons)], games[games["ranker"] == "ensemble"]
        ),
        **round_events(forecast, outcomes),
        **classifier_events(read_table(PLAYOFF_CLASSIFIER), forecast, outcomes),
    }
    table, diagram = calibration(events, bins)
    _write_csv(PLOTS_FOLDER / "calibration.csv", table)
    _write_csv(PLOTS_FOLDER / "reliability.csv", diagram)
    of_games = diagram[diagram["what"] == "games, Monte Carlo"]
    _write_csv(PLOTS_FOLDER / "reliability_games.csv", of_games)


def _write_csv(path: Path, frame: pd.DataFrame) -> None:
    write_text(path, frame.to_csv(index=False, float_format="%.6f"))


if __name__ == "__main__":
    run_stage("evaluate", main)
