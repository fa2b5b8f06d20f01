"""Say how sure each team's place is: agreement of models, their own spreads, restless ranks."""

from __future__ import annotations

from nbarank.ensemble.confidence import confidence
from nbarank.schemas.scores import BASE_MODELS, CONFIDENCE, STRENGTH, oof_table
from nbarank.stage import Stage, run_stage
from nbarank.tables import read_table, write_table


def main(_stage: Stage) -> None:
    """Read oof/* and ensemble/strength, write ensemble/confidence."""
    oof = {model: read_table(oof_table(model)) for model in BASE_MODELS}
    write_table(CONFIDENCE, confidence(oof, read_table(STRENGTH)))


if __name__ == "__main__":
    run_stage("confidence", main)
