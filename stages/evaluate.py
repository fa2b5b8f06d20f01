"""Score every ranking of the validation and test seasons beside the baselines."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.core.params import ReproParams, SeasonsParams
from nbarank.core.seeds import generator
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import read_table, write_csv, write_table
from nbarank.evaluation.baselines import baseline_rankings
from nbarank.evaluation.calibration import calibration, game_events, round_events
from nbarank.evaluation.compare import intervals_against
from nbarank.evaluation.game_odds import forecast_odds, odds_from_scores, snapshot_games
from nbarank.evaluation.odds import odds_rows
from nbarank.evaluation.params import EvaluationParams
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
from nbarank.schemas.ensemble import CALIBRATED_GAMES
from nbarank.schemas.evaluation import RANKED
from nbarank.schemas.features import RATINGS
from nbarank.schemas.forecast import FORECAST_GAMES, FORECAST_TEAMS
from nbarank.schemas.league import AS_OF, GAMES, OUTCOMES, SEASONS, STANDINGS
from nbarank.schemas.oof import BASE_MODELS, PLAYOFF_CLASSIFIER, oof_table
from nbarank.schemas.season_split import ENDED
from nbarank.schemas.truth import TRUTH

METRICS_FOLDER = Path("metrics")
PLOTS_FOLDER = Path("plots/evaluation")
BASELINES = ("standings", "srs", "elo")


def main(stage: Stage) -> None:
    """Read oof/*, forecast/*, features/ratings and the league; write tidy metrics and plots."""
    params, seasons = stage.params(EvaluationParams), stage.params(SeasonsParams)
    outcomes, as_of = read_table(OUTCOMES, ENDED), read_table(AS_OF, ENDED)
    ended = set(outcomes["season"])
    roles = {
        "validation": [season for season in seasons.validation if season in ended],
        "test": [season for season in seasons.test if season in ended],
    }
    _refuse_missing(seasons, ended)
    scored = [*roles["validation"], *roles["test"]]
    days = checkpoint_days(as_of)
    days = days[days["season"].isin(scored)].reset_index(drop=True)

    ratings, forecast = read_table(RATINGS, ENDED), read_table(FORECAST_TEAMS)
    models = {name: read_table(oof_table(name)) for name in BASE_MODELS}
    standings = read_table(STANDINGS, ENDED)
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
            stage.value("targets.playoff_definition", str),
            params.sleeper_slots,
        ),
        odds_rows(forecast, games, outcomes, days),
        playoff_rows(read_table(PLAYOFF_CLASSIFIER), forecast, standings, outcomes, days),
        upset_rows(forecast, rankings, outcomes, days),
    ]
    if read_table(SEASONS, ENDED)["simulated"].all():
        parts.append(truth_scores(strengths, read_table(TRUTH), days))
    scorecard = in_scorecard_order(pd.concat(parts, ignore_index=True))

    of_validation = scorecard[scorecard["season"].isin(roles["validation"])]
    seed = stage.params(ReproParams).seed
    intervals = pd.concat(
        [
            intervals_against(
                of_validation,
                baseline,
                generator(seed, "evaluate", "intervals"),
                params.bootstrap_samples,
                params.interval,
            )
            for baseline in BASELINES
        ],
        ignore_index=True,
    )
    write_csv(METRICS_FOLDER / "scorecard.csv", scorecard)
    write_csv(METRICS_FOLDER / "intervals.csv", intervals)
    _write_plots(
        of_validation,
        games[games["season"].isin(roles["validation"])],
        outcomes,
        params.reliability_bins,
    )


def _refuse_missing(seasons: SeasonsParams, ended: set[str]) -> None:
    missing = [season for season in seasons.validation if season not in ended]
    if missing:
        raise EvaluationError(
            f"Validation season(s) {', '.join(missing)} have not ended in the data.",
            where="seasons.validation in params.yaml",
            allowed=f"seasons whose champion is known: {', '.join(sorted(ended))}",
            next_command="move them to seasons.test, or collect their games",
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
            where="params.yaml: seasons.train and seasons.validation",
            allowed="walk-forward, three training seasons before the first validation season: one to "
            "learn from, one to stack on, one to calibrate on",
            next_command="add training seasons, or move the first validation seasons to seasons.train",
        )
    dates = pd.concat(
        [as_of[~as_of["season"].isin(scored)], as_of.merge(made, on=["season", "as_of"])]
    )
    games = snapshot_games(read_table(GAMES, ENDED), dates, checkpoint_days(as_of))
    ensemble = forecast_odds(games, forecast)
    rated = strengths[strengths["ranker"] != "ensemble"]
    others = odds_from_scores(games, rated, scored)
    others = others[others["game_id"].isin(set(ensemble["game_id"]))]
    return pd.concat([ensemble, others], ignore_index=True)


def _write_plots(
    of_validation: pd.DataFrame, games: pd.DataFrame, outcomes: pd.DataFrame, bins: int
) -> None:
    rows = of_validation[
        (of_validation["metric"] == "spearman") & of_validation["target"].isin(TARGETS)
    ]
    means = rows.groupby(["target", "checkpoint", "ranker"], sort=False)["value"].mean()
    for target in TARGETS:
        wide = means.loc[target].unstack("ranker")
        write_csv(PLOTS_FOLDER / f"spearman_{target}.csv", wide.reset_index())
    seasons = set(of_validation["season"])
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
    write_csv(PLOTS_FOLDER / "calibration.csv", table)
    write_csv(PLOTS_FOLDER / "reliability.csv", diagram)
    of_games = diagram[diagram["what"] == "games, Monte Carlo"]
    write_csv(PLOTS_FOLDER / "reliability_games.csv", of_games)


if __name__ == "__main__":
    run_stage("evaluate", main)
