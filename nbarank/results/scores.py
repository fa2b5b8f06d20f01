"""Scorecards of the workspace and of recorded runs, and their paired differences."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from nbarank.core.errors import RevisionError
from nbarank.core.params import SeasonsParams
from nbarank.core.sections import load_section
from nbarank.dvc.git import experiment_named, experiments_by_name
from nbarank.dvc.outputs import SCORECARD_FILE, locked_hash
from nbarank.dvc.outputs import read_scorecard as read_recorded
from nbarank.evaluation.comparisons import paired_differences, read_scorecard, rows_of
from nbarank.evaluation.params import EvaluationParams

WORKSPACE, BOX_SCORES = "workspace", "data/raw"


def scorecard_of(experiment: str = WORKSPACE) -> pd.DataFrame:
    """Return the scorecard of the workspace or of a recorded run.

    Raises
    ------
    NbarankError
        If there is no such run, or it has no scorecard of its own.
    """
    if experiment == WORKSPACE:
        return read_scorecard(Path(SCORECARD_FILE))
    root = Path.cwd()
    return read_recorded(root, experiment_named(root, experiment, allowed=[WORKSPACE]))


def comparable() -> tuple[list[str], list[str]]:
    """Return the names that `compared` takes: rankers of the workspace, and experiments."""
    root = Path.cwd()
    experiments = experiments_by_name(root) if (root / ".git").exists() else {}
    return list(scorecard_of()["ranker"].unique()), [WORKSPACE, *experiments]


def same_box_scores(first: str, second: str) -> bool:
    """Return whether two runs, of which one may be the workspace, are of the same box scores.

    Two rankers are.
    """
    root = Path.cwd()
    runs = experiments_by_name(root) if (root / ".git").exists() else {}
    if not {first, second} <= {WORKSPACE, *runs}:
        return True
    return len({locked_hash(root, runs.get(name), BOX_SCORES) for name in (first, second)}) == 1


def compared(first: str, second: str, ranker: str) -> pd.DataFrame:
    """Return `paired_differences` of two rankers, or of one ranker in two runs, 'mean' last.

    Only the validation seasons of params.yaml count: a comparison is a reason for a choice.

    Raises
    ------
    NbarankError
        If there is no such ranker or run.
    """
    root = Path.cwd()
    experiments = experiments_by_name(root) if (root / ".git").exists() else {}
    if {first, second} & {WORKSPACE, *experiments}:
        try:
            rows = [rows_of(scorecard_of(name), ranker) for name in (first, second)]
        except RevisionError as error:
            if not experiments:
                error.next_command = "nbarank compare ensemble standings"
            raise
    else:
        rows = [rows_of(scorecard_of(), name) for name in (first, second)]
    validation = load_section(SeasonsParams).validation
    first_rows, second_rows = (one[one["season"].isin(list(validation))] for one in rows)
    level = load_section(EvaluationParams).interval
    return paired_differences(first_rows, second_rows, level).sort_values(
        ["target", "metric", "checkpoint"], key=_in_time_order, ignore_index=True
    )


def _in_time_order(column: pd.Series[str]) -> pd.Series[str] | pd.Series[float]:
    if column.name != "checkpoint":
        return column
    return pd.to_numeric(column, errors="coerce")
