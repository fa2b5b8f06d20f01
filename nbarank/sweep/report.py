"""The analysis of a sweep: `reports/sweeps/STUDY/ANALYSIS_01.md`, the next number each time."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from nbarank.core.errors import NbarankError, SweepError
from nbarank.core.params import seasons_of_role_test
from nbarank.core.tables import write_text
from nbarank.dvc.git import experiment_ref, ref_exists, repository_root
from nbarank.dvc.outputs import read_params, read_scorecard
from nbarank.dvc.param_values import value_at
from nbarank.sweep.compare import gain_over, gains_by_checkpoint
from nbarank.sweep.objectives import OBJECTIVES
from nbarank.sweep.plots import plot_history, plot_importances, plot_slices
from nbarank.sweep.results import REFERENCE, locked_revision
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study

REPORTS = Path("reports") / "sweeps"
DIAGNOSTICS_SHOWN = 6
STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "stopped early",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "running",
    TrialState.WAITING: "waiting",
}


def write_report(name: str, folder: Path, storage: str | None = None) -> Path:
    """Write the next numbered analysis of a study and return its path.

    Parameters
    ----------
    name
        The study.
    folder
        Any folder of the repository.
    storage
        Database URL; the embedded database where not given.

    Raises
    ------
    SweepError
        If there is no such study, or no trial of it is complete.
    """
    root = repository_root(folder)
    study = Study(Storage(storage_url(root, storage)), name)
    study.join()
    best = study.best()
    if best is None:
        raise SweepError(
            f"No trial of '{name}' is complete yet.",
            where=f"{len(study.trials())} trial(s)",
            next_command=f"nbarank sweep run {study.space.name} --study {name}",
        )
    path = next_path(root / REPORTS / name)
    figures = path.with_suffix("")
    plot_history(study.trials(), study.objective, figures / "history.png")
    plot_slices(study.trials(), study.objective, figures / "slices.png")
    importances = importances_of(study)
    if importances:
        plot_importances(importances, figures / "importances.png")
    sections = [
        *_head(study, best, figures.name),
        *_comparison(study, best, root),
        *_best_by_metric(study),
        *_importances(importances, figures.name),
        *_slices(figures.name),
        *_trials(study),
        *_diagnostics(study),
        *_failures(study),
        *_how(study),
    ]
    write_text(path, "\n".join(sections) + "\n")
    return path


def next_path(folder: Path) -> Path:
    """Return the path of the next analysis: one more than the highest number there is."""
    numbers = [
        int(match.group(1))
        for path in folder.glob("ANALYSIS_*.md")
        if (match := re.fullmatch(r"ANALYSIS_(\d+)\.md", path.name))
    ]
    return folder / f"ANALYSIS_{max(numbers, default=0) + 1:02d}.md"


def importances_of(study: Study) -> dict[str, float]:
    """Return the share of the objective's variance each parameter explains (fANOVA).

    Empty where it cannot be computed: fewer than four complete trials, or all alike.
    """
    complete = [trial for trial in study.trials() if trial.state is TrialState.COMPLETE]
    if len(complete) < 4 or len({trial.value for trial in complete}) < 2:
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=study.space.seed)
    return dict(optuna.importance.get_param_importances(study.study, evaluator=evaluator))


def _head(study: Study, best: FrozenTrial, figures: str) -> list[str]:
    counts = {
        label: sum(trial.state is state for trial in study.trials())
        for state, label in STATES.items()
    }
    told = ", ".join(f"{count} {label}" for label, count in counts.items() if count)
    objective = study.objective
    reference = study.study.user_attrs.get(REFERENCE)
    lines = [
        f"# {study.name}",
        "",
        study.space.description,
        "",
        f"- objective: {objective.name} ({objective.meaning}), "
        f"{'higher' if objective.sign > 0 else 'lower'} is better",
        f"- trials: {told} of {study.n_trials}",
        f"- best: {study.name}-{best.number}, {objective.name} {best.value:.4f}",
    ]
    if reference:
        lines.append(f"- locked configuration: {reference['value']:.4f}")
    lines += [f"- commit: {study.record.base[:12]}", "", f"![history]({figures}/history.png)", ""]
    return lines


def _comparison(study: Study, best: FrozenTrial, root: Path) -> list[str]:
    lines = ["## Against the locked configuration", ""]
    base = study.record.base
    name = f"{study.name}-{best.number}"
    ours = experiment_ref(base, name)
    if not ref_exists(root, ours):
        absent = f"{name} is not in this clone (`dvc exp pull REMOTE {name}`)."
        return [*lines, f"No interval: {absent}", ""]
    params = read_params(root, base)
    test = seasons_of_role_test(params)
    objective = study.objective
    try:
        made = REFERENCE in study.study.user_attrs
        theirs = locked_revision(root, name, base, has_reference=made)
        card, against = read_scorecard(root, ours), read_scorecard(root, theirs)
        overall = gain_over(card, against, objective, test)
        points = gains_by_checkpoint(card, against, objective, test)
    except NbarankError as fault:
        hint = f" Next: {fault.next_command}" if fault.next_command else ""
        return [*lines, f"No interval: {fault.what}{hint}", ""]
    values = study.space.decoded(best.params)
    lines += ["| parameter | locked | best |", "|---|---|---|"]
    lines += [f"| {key} | {value_at(params, key)} | {_short(values[key])} |" for key in values]
    lines += [
        "",
        f"Gain in {objective.name} (above zero is better), paired by season, with the 95 % "
        "interval of a bootstrap over seasons; test seasons are not in it. Compared with "
        + (
            f"commit {base[:12]} as committed."
            if theirs == base
            else f"{theirs.rsplit('/', 1)[1]}, the locked configuration under the same settings."
        ),
        "",
        "| part of the season | gain |",
        "|---|---|",
        f"| all checkpoints | {overall} |",
        *(f"| {point:g} % | {gain} |" for point, gain in points.items()),
        "",
        "The interval lies above zero."
        if overall.beyond_noise
        else "The interval reaches down to zero or below: the gain is inside the noise, and "
        "`nbarank lock` refuses it.",
        "The best of many trials is chosen on these very seasons, so its gain is flattered; the "
        "test seasons show the rest.",
        "",
    ]
    return lines


def _best_by_metric(study: Study) -> list[str]:
    done = [trial for trial in study.trials() if trial.user_attrs.get("metrics")]
    lines = [
        "## Best by every metric",
        "",
        "| metric | trial | value | its parameters |",
        "|---|---|---|---|",
    ]
    for name, objective in OBJECTIVES.items():
        scored = [trial for trial in done if name in trial.user_attrs["metrics"]]
        if scored:
            best = max(scored, key=lambda t: objective.sign * t.user_attrs["metrics"][name])
            lines.append(
                f"| {name} | {best.number} | {best.user_attrs['metrics'][name]:.4f} | "
                f"{_params(study, best)} |"
            )
    return [*lines, ""]


def _importances(importances: Mapping[str, float], figures: str) -> list[str]:
    lines = ["## What mattered", ""]
    if not importances:
        return [*lines, "Too few different trials to tell (four complete ones at least).", ""]
    lines += ["| parameter | share of the variance |", "|---|---|"]
    lines += [f"| {key} | {share:.0%} |" for key, share in importances.items()]
    return [*lines, "", f"![importances]({figures}/importances.png)", ""]


def _slices(figures: str) -> list[str]:
    return ["## Slices", "", f"![slices]({figures}/slices.png)", ""]


def _trials(study: Study) -> list[str]:
    keys = list(study.space.space)
    lines = [
        "## Trials",
        "",
        "| trial | state | " + " | ".join([study.objective.name, *keys, "seconds"]) + " |",
        "|" + "---|" * (4 + len(keys)),
    ]
    for trial in study.trials():
        value = "" if trial.value is None else f"{trial.value:.4f}"
        values = study.space.decoded(trial.params)
        cells = [str(trial.number), STATES[trial.state], value]
        cells += [_short(values.get(key, "")) for key in keys]
        cells.append(f"{trial.user_attrs.get('seconds', ''):}")
        lines.append("| " + " | ".join(cells) + " |")
    return [*lines, ""]


def _diagnostics(study: Study) -> list[str]:
    told = [trial for trial in study.trials() if trial.user_attrs.get("diagnostics")]
    if not told:
        return []
    keys = sorted(
        {key for trial in told for key in trial.user_attrs["diagnostics"]},
        key=lambda key: (key.count("."), key),
    )[:DIAGNOSTICS_SHOWN]
    lines = [
        "## Attention",
        "",
        "| trial | " + " | ".join(keys) + " |",
        "|" + "---|" * (1 + len(keys)),
    ]
    for trial in told:
        figures = trial.user_attrs["diagnostics"]
        cells = [f"{figures[key]:.4g}" if key in figures else "" for key in keys]
        lines.append(f"| {trial.number} | " + " | ".join(cells) + " |")
    return [*lines, ""]


def _failures(study: Study) -> list[str]:
    failed = [trial for trial in study.trials() if trial.state is TrialState.FAIL]
    lines = ["## Failed trials", ""] if failed else []
    for trial in failed:
        tail = str(trial.user_attrs.get("log_tail", "")).splitlines()[-12:]
        lines += [
            f"Trial {trial.number} ({_params(study, trial)}): "
            f"{trial.user_attrs.get('failure', '')}",
            "",
            "```",
            *tail,
            "```",
            "",
        ]
    return lines


def _how(study: Study) -> list[str]:
    known = study.study.user_attrs["nbarank"]
    content: dict[str, Any] = {
        "method": study.space.method,
        "seed": study.space.seed,
        "sampler": study.space.sampler.model_dump(),
        "optuna": known["optuna"],
        "python": known["python"],
        "profile": known["profile"],
        "fixed": known["fixed"],
    }
    return ["## How it was made", "", "```json", json.dumps(content, indent=2), "```"]


def _params(study: Study, trial: FrozenTrial) -> str:
    values = study.space.decoded(trial.params)
    return ", ".join(f"{key.rsplit('.', 1)[-1]} {_short(value)}" for key, value in values.items())


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return json.dumps(list(value))
    return str(value)
