"""Scorecard rows of probabilities: single games, title, playoffs, upsets in the first round.

Parameters named forecast, classified, standings, rankings and outcomes are the tables
forecast/teams, playoffs/classifier, league/standings, evaluation/rankings and league/outcomes;
`days` are the checkpoints of the scored seasons, from `checkpoint_days`.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.errors import EvaluationError
from nbarank.evaluation.probability_metrics import event_scores, title_scores
from nbarank.evaluation.rank_metrics import roc_auc
from nbarank.evaluation.scorecard import COLUMNS
from nbarank.schemas.columns import KEY
from nbarank.schemas.league import SEEDS

GROUP = ["season", "checkpoint", "ranker"]
CLASSIFIER = "playoff_classifier"
WHOLE_SEASON = 100
SIDES = ["favourite", "underdog"]


def odds_rows(
    forecast: pd.DataFrame, games: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return tidy rows of the targets games, title and playoffs.

    Games are those from a checkpoint up to the next one, each predicted by the last snapshot before
    it; at 100 % those of play-in and playoffs.

    Parameters
    ----------
    games
        Predicted games of the scored seasons: season, checkpoint, ranker, home_win_probability,
        home_won. Those before the first checkpoint (-1) are not scored.

    Raises
    ------
    EvaluationError
        If a scored checkpoint has no forecast.
    """
    odds = days.merge(forecast, on=["season", "as_of"], how="left")
    if odds["title"].isna().any():
        raise EvaluationError(
            "A checkpoint has no forecast.",
            where=str(odds.loc[odds["title"].isna(), ["season", "checkpoint"]].head(3).to_dict()),
            allowed="forecast/teams on every checkpoint of the scored seasons",
            next_command="dvc repro forecast",
        )
    odds = odds.merge(outcomes, on=["season", "team_id"]).assign(ranker="ensemble")
    odds = odds.rename(columns={"title": "title_probability"})
    n = odds.groupby(["season", "as_of"])["team_id"].transform("size")
    equal = odds.assign(ranker="climatology", title_probability=1.0 / n)
    lined = scored_on_lines(games)
    scored = games[(games["checkpoint"] >= 0) & (games["ranker"] != "market")]
    tables = {
        "games": event_scores(scored, GROUP, "home_win_probability", "home_won", "game"),
        "lines": event_scores(lined, GROUP, "home_win_probability", "home_won", "line"),
        "title": title_scores(pd.concat([odds, equal]), GROUP),
        "playoffs": event_scores(odds, GROUP, "playoffs", "made_playoffs", "playoffs"),
    }
    return pd.concat([_tidy(table, target) for target, table in tables.items()], ignore_index=True)


def scored_on_lines(games: pd.DataFrame) -> pd.DataFrame:
    """Return every ranker's rows of the scored games that have a closing line."""
    lines = games.loc[games["ranker"] == "market", "game_id"]
    return games[(games["checkpoint"] >= 0) & games["game_id"].isin(lines)]


def playoff_rows(
    classified: pd.DataFrame,
    forecast: pd.DataFrame,
    standings: pd.DataFrame,
    outcomes: pd.DataFrame,
    days: pd.DataFrame,
) -> pd.DataFrame:
    """Return tidy rows of target 'playoffs' in addition to those of `odds_rows`.

    playoffs_auc of the classifier, the ensemble and the standings (by conference rank) over a
    season's teams; playoffs_brier and playoffs_logloss of the classifier.

    Raises
    ------
    EvaluationError
        If a ranker misses a team on a scored day.
    """
    scores = {
        CLASSIFIER: (classified, classified["probability"]),
        "ensemble": (forecast, forecast["playoffs"]),
        "standings": (standings, -standings["conference_rank"]),
    }
    grid = days.merge(outcomes[["season", "team_id", "made_playoffs"]], on="season")
    rows = grid.merge(pd.DataFrame({"ranker": list(scores)}), "cross").merge(
        pd.concat(
            frame[KEY].assign(ranker=ranker, score=score.astype(float))
            for ranker, (frame, score) in scores.items()
        ),
        on=[*KEY, "ranker"],
        how="left",
        validate="1:1",
    )
    if rows["score"].isna().any():
        raise EvaluationError(
            "A team's playoff probability is missing on a scored day.",
            where=str(rows.loc[rows["score"].isna(), GROUP].head(3).to_dict("records")),
            allowed="every team on every checkpoint of the scored seasons",
            next_command="dvc repro playoff_classifier forecast",
        )
    area = _auc(rows, "team_id", "made_playoffs", "playoffs")
    classifier = rows[rows["ranker"] == CLASSIFIER]
    scored = event_scores(classifier, GROUP, "score", "made_playoffs", "playoffs")
    return pd.concat([_tidy(table, "playoffs") for table in (area, scored)], ignore_index=True)


def upset_rows(
    forecast: pd.DataFrame, rankings: pd.DataFrame, outcomes: pd.DataFrame, days: pd.DataFrame
) -> pd.DataFrame:
    """Return tidy rows of target 'series': the first round, predicted at the end of the season.

    Pairings are the actual ones, which a play-in may still decide after that day. So an underdog's
    probability is relative to its favourite's: with w = second_round / playoffs of each (a series
    won, given that it is played), w_underdog / (w_underdog + w_favourite). Other rankers score an
    upset by the underdog's score for playoff_outcome minus the favourite's.

    Returns
    -------
    pandas.DataFrame
        upset_auc of every ranker over a season's series (no row where none was an upset),
        upset_brier and upset_logloss of the ensemble. No rows for a league without seeds.
    """
    series = first_series(outcomes).merge(days[days["checkpoint"] == WHOLE_SEASON], on="season")
    if series.empty:
        return pd.DataFrame(columns=COLUMNS)
    won = forecast.assign(
        score=forecast["second_round"] / forecast["playoffs"].where(forecast["playoffs"] > 0)
    )
    ours = _with_scores(series, won.assign(ranker="ensemble")).fillna({"underdog_score": 0.0})
    total = ours["underdog_score"] + ours["favourite_score"].fillna(0.0)
    ours["score"] = (ours["underdog_score"] / total.where(total > 0)).fillna(0.5)
    others = rankings[rankings["ranker"] != "ensemble"]
    others = _with_scores(series, others[others["target"] == "playoff_outcome"])
    others["score"] = others["underdog_score"] - others["favourite_score"]
    both = pd.concat([ours, others], ignore_index=True)
    area = _auc(both.assign(number=both.groupby(GROUP).cumcount()), "number", "upset", "upset")
    scored = event_scores(ours, GROUP, "score", "upset", "upset")
    return pd.concat([_tidy(table, "series") for table in (area, scored)], ignore_index=True)


def first_series(outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return the first round: season, favourite, underdog (team ids), upset (the latter won).

    Seeds s and 9 - s of a conference meet. A conference without eight seeds has no first round.
    """
    seeded = outcomes[outcomes["seed"] > 0]
    seeded = seeded.assign(
        pair=np.minimum(seeded["seed"], SEEDS + 1 - seeded["seed"]),
        side=np.where(seeded["seed"] <= SEEDS // 2, *SIDES),
    )
    wide = seeded.pivot(
        index=["season", "conference", "pair"], columns="side", values=["team_id", "rounds_won"]
    )
    wide = wide.reindex(columns=pd.MultiIndex.from_product([["team_id", "rounds_won"], SIDES]))
    wide = wide.dropna()
    return pd.DataFrame(
        {
            "season": wide.index.get_level_values("season"),
            **{side: wide["team_id", side].to_numpy(dtype="int64") for side in SIDES},
            "upset": (wide["rounds_won", "underdog"] > 0).to_numpy(),
        }
    )


def _with_scores(series: pd.DataFrame, scored: pd.DataFrame) -> pd.DataFrame:
    """Return series with `favourite_score` and `underdog_score`, once for each ranker."""
    for side in SIDES:
        columns = scored[["season", "as_of", "ranker", "team_id", "score"]].rename(
            columns={"team_id": side, "score": f"{side}_score"}
        )
        keys = [name for name in columns if name in series]
        series = series.merge(columns, on=keys)
    return series


def _auc(rows: pd.DataFrame, member: str, happened: str, name: str) -> pd.DataFrame:
    """Return the keys of each list and {name}_auc of its scores; `member` numbers its rows."""
    wide = rows.pivot(index=GROUP, columns=member, values=["score", happened])
    scores = wide["score"].to_numpy(dtype=float)
    area = roc_auc(scores, wide[happened].to_numpy() == 1, np.isfinite(scores))
    return wide.index.to_frame(index=False).assign(**{f"{name}_auc": area})


def _tidy(table: pd.DataFrame, target: str) -> pd.DataFrame:
    """Return one row a list and measure, those without a value left out."""
    long = table.melt(GROUP, var_name="metric", value_name="value").dropna(subset="value")
    return long.assign(target=target)[COLUMNS].reset_index(drop=True)
