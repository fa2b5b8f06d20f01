"""Say what each base model's scores are made of, season by season with the fold's own model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.ensemble.inputs import folds_of, read_described_teams
from nbarank.evaluation.bootstrap import season_intervals
from nbarank.explain.season import explain_seasons
from nbarank.in_progress import HISTORY
from nbarank.params.ensemble import CvParams
from nbarank.params.evaluation import EvaluationParams
from nbarank.params.explain import ExplainParams
from nbarank.params.repro import ReproParams
from nbarank.params.seasons import SeasonsParams
from nbarank.rankers.contract import RankerInputs
from nbarank.runtime import generator
from nbarank.schemas.explain import (
    ABLATION,
    GRADIENT,
    PLAYER_GRADIENTS,
    REMOVALS,
    SHAP_VALUES,
    TEAM_GRADIENTS,
)
from nbarank.schemas.league import AS_OF
from nbarank.schemas.rosters import ROSTERS
from nbarank.stage import Stage, run_stage
from nbarank.tables import DATA, read_table, write_text

MODELS, PLOTS = Path("models"), Path("plots")


def main(stage: Stage) -> None:
    """Read history/ and models; write data/explain/ and plots of it."""
    roles, teams = stage.params(SeasonsParams), read_described_teams(HISTORY)
    folds = folds_of(roles, stage.params(CvParams), list(pd.unique(teams["season"])))
    told = {*roles.test, *roles.holdout}
    whole = explain_seasons(
        {season: fold.score[0] for fold in folds for season in fold.score if season in told},
        RankerInputs(teams, read_table(ROSTERS, HISTORY)),
        read_table(AS_OF, HISTORY),
        MODELS,
        stage.params(ExplainParams),
        DATA,
    )
    _write_plots(whole, stage)


def _write_plots(whole: dict[str, pd.DataFrame], stage: Stage) -> None:
    """Write how large attributions are, and the ablation with intervals over seasons.

    `spread` is the standard deviation between teams of the same day: an input that moves all
    teams alike (is_new in autumn) has a size and no spread, and changes no ranking.
    """
    shap = whole[SHAP_VALUES.name].assign(size=lambda frame: frame["shap"].abs())
    means = shap.groupby(["model", "feature"])["size"].mean().reset_index()
    _write_csv("shap", means.sort_values(["model", "size"], ascending=[True, False]))

    gradients = []
    for table, source in ((PLAYER_GRADIENTS, "player"), (TEAM_GRADIENTS, "team")):
        frame = whole[table.name]
        columns = [name for name in map(str, frame.columns) if name.startswith(GRADIENT)]
        # a statistic's part of a team's score is its sum over the players
        sums = frame.groupby(["season", "as_of", "team_id"])[columns].sum()
        within = sums - sums.groupby(level=["season", "as_of"]).transform("mean")
        sizes = pd.DataFrame({"size": sums.abs().mean(), "spread": within.std()})
        sizes = sizes.rename_axis("input").reset_index().assign(of=source)
        sizes["input"] = sizes["input"].str.removeprefix(GRADIENT)
        gradients.append(sizes)
    ranked = pd.concat(gradients, ignore_index=True)[["of", "input", "size", "spread"]]
    _write_csv("gradients", ranked.sort_values("spread", ascending=False))
    _write_csv("ablation", _intervals(whole[ABLATION.name], stage))


def _intervals(ablation: pd.DataFrame, stage: Stage) -> pd.DataFrame:
    """Return the mean size of the change by removal, and of its lead over an average player's."""
    params = stage.params(EvaluationParams)
    table = ablation.pivot_table(index="season", columns="removed", values="size")
    table = table.reindex(columns=list(REMOVALS))
    lead = table.sub(table["average other"], axis=0).drop(columns="average other")
    values = np.column_stack([table.to_numpy(), lead.to_numpy()])
    random = generator(stage.params(ReproParams).seed, "explain", "ablation")
    found = season_intervals(values, random, params.bootstrap_samples, params.interval)
    measures = ["size"] * table.shape[1] + ["lead over average other"] * lead.shape[1]
    return pd.DataFrame(
        {
            "measure": measures,
            "removed": [*table.columns, *lead.columns],
            "mean": found.mean,
            "low": found.low,
            "high": found.high,
            "share_positive": found.share_positive,
            "seasons": found.seasons,
        }
    )


def _write_csv(name: str, frame: pd.DataFrame) -> None:
    write_text(PLOTS / f"{name}.csv", frame.to_csv(index=False, float_format="%.6f"))


if __name__ == "__main__":
    run_stage("explain", main)
