"""Say in words and in one small file what the tidy scorecard holds.

Apart from `evaluate` because git tracks what it writes: such a stage is never served from DVC's
run cache, so it must cost nothing.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA, write_text
from nbarank.evaluation.compare import read_scorecard
from nbarank.evaluation.markdown import scorecard_text
from nbarank.evaluation.model_health import attention_metrics, read_diagnostics
from nbarank.evaluation.summary import summary, summary_text

METRICS = Path("metrics")


def main(stage: Stage) -> None:
    """Read the tidy scorecard; write summary.json, attention.json and scorecard.md."""
    seasons = stage.params(SeasonsParams)
    scorecard = read_scorecard(METRICS / "scorecard.csv")
    intervals = pd.read_csv(METRICS / "intervals.csv")
    folds = read_diagnostics(DATA / "diagnostics" / "deepset.json")
    played = set(scorecard["season"])
    roles = {
        "validation": [season for season in seasons.validation if season in played],
        "test": [season for season in seasons.test if season in played],
    }
    text = scorecard_text(
        scorecard,
        intervals,
        roles["validation"],
        roles["test"],
        coverage=stage.value("evaluation.interval", float),
        calibration=pd.read_csv(Path("plots/evaluation/calibration.csv")),
        health=folds,
    )
    write_text(METRICS / "attention.json", attention_metrics(folds))
    write_text(METRICS / "summary.json", summary_text(summary(scorecard, roles)))
    write_text(METRICS / "scorecard.md", text)


if __name__ == "__main__":
    run_stage("scorecard", main)
