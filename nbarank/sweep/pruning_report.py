"""What pruning saved, and whether the winner is the same without it: a section of the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from nbarank.sweep.study import CURVE_SECONDS, RECORD, SECONDS, Study, experiment_of


def pruning_section(study: Study) -> list[str]:
    """Return the section of a study with a pruner and curves; empty for others."""
    trials = study.counted_trials()
    curves = [trial for trial in trials if CURVE_SECONDS in trial.user_attrs]
    complete = [trial for trial in curves if trial.state is TrialState.COMPLETE]
    pruned = [trial for trial in curves if trial.state is TrialState.PRUNED]
    if study.space.pruner.name == "none" or not complete:
        return []
    agreement = study.agreement(max(complete[-1].intermediate_values))
    lines = [
        *("## Pruning", ""),
        f"{study.space.pruner.name}: {len(pruned)} of {len(trials)} trials stopped by the curve of "
        "the Deep Set. Spearman of the curve's end with the objective over complete trials is "
        f"{'unknown' if agreement is None else f'{agreement:.2f}'}; trials are stopped only while "
        "it is above zero.",
    ]
    if pruned:
        spent = sum(trial.user_attrs.get(SECONDS, 0.0) for trial in trials)
        saved = sum(_whole_seconds(t, complete) - t.user_attrs[SECONDS] for t in pruned)
        twin = _unpruned(study)
        lines += [
            f"The trials took {spent / 60:.0f} min; pruning saved about {saved / 60:.0f} min "
            f"({saved / (saved + spent):.0%}), estimated from the share of its time that a "
            "complete trial has used when it reaches the same season.",
            "",
            _comparison(study, twin) if twin else _estimate(study, pruned, complete),
        ]
    return lines


def _whole_seconds(trial: FrozenTrial, complete: list[FrozenTrial]) -> float:
    """Return the time that a pruned trial would have taken, by the median complete trial."""
    step = str(max(trial.intermediate_values))
    reached = [t.user_attrs for t in complete if step in t.user_attrs[CURVE_SECONDS]]
    ratios = [attributes[SECONDS] / attributes[CURVE_SECONDS][step] for attributes in reached]
    return float(trial.user_attrs[SECONDS] * np.median(ratios or [1.0]))


def _unpruned(study: Study) -> Study | None:
    """Return a finished study in the same database that differs in its pruner alone, if any."""
    for name in study.storage.studies():
        other = Study(study.storage, name)
        same = RECORD in other.study.user_attrs and _identity(other) == _identity(study)
        finished = same and other.n_finished() >= other.n_trials and other.best()
        if finished and other.space.pruner.name == "none":
            return other
    return None


def _identity(study: Study) -> dict[str, Any]:
    return {**asdict(study.record), "space": {**study.essence(study.record.space), "pruner": None}}


def _comparison(study: Study, other: Study) -> str:
    """Compare the winner with that of a study without pruning, and what it stopped."""
    best, theirs = study.best(), other.best()
    assert best is not None and theirs is not None
    values = {str(t.params): t.value for t in other.trials() if t.state is TrialState.COMPLETE}
    pruned = [t for t in study.counted_trials() if t.state is TrialState.PRUNED]
    known = [value for t in pruned if (value := values.get(str(t.params))) is not None]
    top = max(known, key=lambda value: study.objective.sign * value, default=None)
    reached = "" if top is None else f"; the best of them reached {top:.4f}"
    return (
        f"Compared with {other.name}, the same study without pruning: its winner is "
        f"{experiment_of(other.name, theirs)} with {theirs.value:.4f}, here "
        f"{experiment_of(study.name, best)} with {best.value:.4f}; they have "
        f"{'the same' if best.params == theirs.params else 'other'} values. "
        f"{len(known)} of the pruned trials ran to the end there{reached}."
    )


def _estimate(study: Study, pruned: list[FrozenTrial], complete: list[FrozenTrial]) -> str:
    """Predict what pruned trials would have reached, by a line through the complete ones."""
    best = study.best()
    assert best is not None
    sign, found = study.objective.sign, []
    for trial in pruned:
        step = max(trial.intermediate_values)
        ended = [t for t in complete if step in t.intermediate_values]
        curve = np.array([t.intermediate_values[step] for t in ended])
        values = np.array([t.value for t in ended], dtype=float)
        if len(ended) >= 3 and np.ptp(curve) > 0:
            slope, start = np.polyfit(curve, values, 1)
            error = float(np.std(values - start - slope * curve, ddof=2))
            found.append((start + slope * trial.intermediate_values[step], error))
    if not found:
        return "Too few complete trials to estimate whether the winner is the same without pruning."
    top, error = max(found, key=lambda pair: sign * pair[0])
    same = sign * top + error < sign * (best.value or 0.0)
    return (
        "Estimated from the curves, for want of a study without pruning: the best pruned trial "
        f"would have reached {top:.4f} (SD {error:.4f}), the winner has {best.value:.4f}; without "
        f"pruning the winner is {'probably' if same else 'not certainly'} the same."
    )
