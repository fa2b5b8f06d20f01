"""Who will be in the playoffs: the classifier beside the Monte Carlo and the standings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.calibration import Events
from nbarank.evaluation.games import event_scores
from nbarank.evaluation.metrics import roc_auc
from nbarank.evaluation.scorecard import COLUMNS

LIST = ["season", "checkpoint", "ranker"]
CLASSIFIER = "playoff_classifier"


def playoff_rows(
    classified: pd.DataFrame,
    forecast: pd.DataFrame,
    standings: pd.DataFrame,
    outcomes: pd.DataFrame,
    days: pd.DataFrame,
) -> pd.DataFrame:
    """Return tidy rows of target 'playoffs': AUC of three rankers, probabilities of one.

    Parameters
    ----------
    classified
        Table playoffs/classifier.
    forecast
        Table forecast/teams: the ensemble's chances. Their Brier score and log-loss are made in
        `nbarank.evaluation.odds`.
    standings
        Table league/standings: place in the conference, which is no probability.
    outcomes
        Table league/outcomes.
    days
        Checkpoints of the scored seasons.

    Returns
    -------
    pandas.DataFrame
        playoffs_auc of playoff_classifier, ensemble and standings over a season's teams;
        playoffs_brier and playoffs_logloss of the classifier.

    Raises
    ------
    EvaluationError
        If a ranker lacks a team on a scored day.
    """
    parts = [
        _scored(classified, "probability", CLASSIFIER),
        _scored(forecast, "playoffs", "ensemble"),
        _scored(standings.assign(place=-standings["conference_rank"]), "place", "standings"),
    ]
    members = outcomes[["season", "team_id", "made_playoffs"]]
    grid = days.merge(members, on="season")
    wanted = grid.merge(
        pd.DataFrame({"ranker": [part["ranker"].iloc[0] for part in parts]}), "cross"
    )
    rows = wanted.merge(
        pd.concat(parts), on=["season", "as_of", "team_id", "ranker"], how="left", validate="1:1"
    )
    if rows["score"].isna().any():
        raise EvaluationError(
            "A team's chance of the playoffs is missing on a scored day.",
            where=str(rows.loc[rows["score"].isna(), LIST].head(3).to_dict("records")),
            allowed="every team on every checkpoint of the scored seasons",
            next_command="dvc repro playoff_classifier forecast",
        )
    wide = rows.pivot(index=LIST, columns="team_id", values=["score", "made_playoffs"])
    scores = wide["score"].to_numpy(dtype=float)
    made = wide["made_playoffs"].to_numpy() == 1
    area = wide.index.to_frame(index=False).assign(
        metric="playoffs_auc", value=roc_auc(scores, made, np.isfinite(scores))
    )
    chances = rows[rows["ranker"] == CLASSIFIER]
    judged = event_scores(chances, LIST, "score", "made_playoffs", "playoffs")
    both = pd.concat([area, judged.melt(LIST, var_name="metric")]).dropna(subset="value")
    return both.assign(target="playoffs")[list(COLUMNS)].reset_index(drop=True)


def classifier_events(
    classified: pd.DataFrame, forecast: pd.DataFrame, outcomes: pd.DataFrame
) -> dict[str, Events]:
    """Return the classifier's chances on the rows of the forecast, for the calibration table.

    Parameters
    ----------
    classified
        Table playoffs/classifier.
    forecast
        Table forecast/teams, of the seasons and dates to judge.
    outcomes
        Table league/outcomes.
    """
    rows = forecast[["season", "as_of", "team_id"]].merge(classified)
    rows = rows.merge(outcomes[["season", "team_id", "made_playoffs"]])
    return {
        "teams, playoffs by classifier": (
            rows["probability"].to_numpy(dtype=float),
            rows["made_playoffs"].to_numpy(dtype=bool),
        )
    }


def _scored(frame: pd.DataFrame, column: str, ranker: str) -> pd.DataFrame:
    return frame[["season", "as_of", "team_id"]].assign(
        ranker=ranker, score=frame[column].astype(float)
    )
