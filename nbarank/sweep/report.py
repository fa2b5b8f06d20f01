"""The analysis of a sweep: `reports/sweeps/STUDY/ANALYSIS_01.md`, then 02, and so on."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.pyplot as plt
import optuna
from optuna.trial import FrozenTrial, TrialState
from optuna.visualization import matplotlib as plots

from nbarank.core.errors import NbarankError, SweepError, printable
from nbarank.core.markdown import markdown_table
from nbarank.core.params import seasons_of_role_test
from nbarank.core.tables import write_text
from nbarank.dvc.git import experiment_ref, ref_exists, repository_root
from nbarank.dvc.outputs import read_params, read_scorecard
from nbarank.dvc.param_values import value_at
from nbarank.sweep.gain import gain_of, season_gains
from nbarank.sweep.objectives import OBJECTIVES
from nbarank.sweep.result import REFERENCE, tuned_revision
from nbarank.sweep.storage import FAILURE, Storage, storage_url
from nbarank.sweep.study import NOTE, TAGS, Study, experiment_of

REPORTS = Path("reports") / "sweeps"
DIAGNOSTICS_SHOWN = 6
TAIL_SHOWN = 12
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
    storage
        Database URL; by default the embedded database.

    Raises
    ------
    SweepError
        If there is no such study, or no trial of it is complete.
    """
    root = repository_root(folder)
    study = Study(Storage(storage_url(root, storage)), name)
    with study.storage.reporting_errors():
        study.join()
        return _write(study, root)


def _write(study: Study, root: Path) -> Path:
    name, best = study.name, study.best()
    if best is None:
        raise SweepError(
            f"No trial of '{name}' is complete yet.",
            where=f"{len(study.trials())} trial(s)",
            next_command=f"nbarank sweep run {shlex.quote(study.space.name)} "
            f"--study {shlex.quote(name)}",
        )
    path = next_path(root / REPORTS / name)
    importances = importances_of(study)
    _draw(study, importances, path.with_suffix(""))
    sections = [
        *_head(study, best),
        f"![history]({path.stem}/history.png)",
        *_comparison(study, best, root),
        *_best_by_metric(study),
        *_importances(importances, path.stem),
        *("", "## Slices", "", f"![slices]({path.stem}/slices.png)"),
        *_trials(study),
        *_diagnostics(study),
        *_failures(study),
        *_settings(study),
    ]
    write_text(path, "\n".join(sections) + "\n")
    return path


def next_path(folder: Path) -> Path:
    """Return the path of the next analysis: one more than the highest number there is."""
    matches = (re.fullmatch(r"ANALYSIS_(\d+)\.md", path.name) for path in folder.glob("*.md"))
    highest = max((int(match[1]) for match in matches if match), default=0)
    return folder / f"ANALYSIS_{highest + 1:02d}.md"


def importances_of(study: Study) -> dict[str, float]:
    """Return the share of the objective's variance that each parameter explains (fANOVA).

    Empty where it cannot be computed: fewer than four complete trials, or all with one value.
    """
    complete = [trial for trial in study.trials() if trial.state is TrialState.COMPLETE]
    if len(complete) < 4 or len({trial.value for trial in complete}) < 2:
        return {}
    return dict(optuna.importance.get_param_importances(study.study, evaluator=_fanova(study)))


def _fanova(study: Study) -> optuna.importance.FanovaImportanceEvaluator:
    return optuna.importance.FanovaImportanceEvaluator(seed=study.space.seed)


def _draw(study: Study, importances: Mapping[str, float], folder: Path) -> None:
    """Draw history, slices and, if there are any, importances."""
    folder.mkdir(parents=True, exist_ok=True)
    plot_importances = partial(plots.plot_param_importances, evaluator=_fanova(study))
    drawn: dict[str, Callable[..., object]] = {
        "history": plots.plot_optimization_history,
        "slices": plots.plot_slice,
    }
    drawn |= {"importances": plot_importances} if importances else {}
    with mpl.rc_context():  # Optuna sets a style
        for name, plot in drawn.items():
            plot(study.study, target_name=study.objective.name)
            plt.savefig(folder / f"{name}.png", bbox_inches="tight", metadata={"Software": None})
            plt.close()


def _head(study: Study, best: FrozenTrial) -> list[str]:
    states = [trial.state for trial in study.counted_trials()]
    counts = [
        f"{states.count(state)} {label}" for state, label in STATES.items() if state in states
    ]
    aim = study.objective
    better = "higher" if aim.sign > 0 else "lower"
    attributes = study.study.user_attrs
    reference = attributes.get(REFERENCE)
    return [
        f"# {study.name}",
        "",
        study.space.description,
        "",
        *([printable(attributes[NOTE]), ""] if NOTE in attributes else []),
        *([f"- tags: {printable(', '.join(attributes[TAGS]))}"] if TAGS in attributes else []),
        f"- objective: {aim.name} ({aim.meaning}), {better} is better",
        f"- trials: {', '.join(counts)} of {study.n_trials}",
        f"- best: {experiment_of(study.name, best)}, {aim.name} {best.value:.4f}",
        *([f"- tuned values: {reference['value']:.4f}"] if reference else []),
        f"- commit: {study.record.base[:12]}",
        "",
    ]


def _comparison(study: Study, best: FrozenTrial, root: Path) -> list[str]:
    title = ["", "## Compared with the tuned values", ""]
    base, aim = study.record.base, study.objective
    name = experiment_of(study.name, best)
    ours = experiment_ref(base, name)
    if not ref_exists(root, ours):
        return [*title, f"No interval: {name} is not in this clone (`dvc exp pull REMOTE {name}`)."]
    params = read_params(root, base)
    try:
        made = REFERENCE in study.study.user_attrs
        theirs = tuned_revision(root, name, base, has_reference=made)
        card, tuned = (read_scorecard(root, revision) for revision in (ours, theirs))
        gains = season_gains(card, tuned, aim, seasons_of_role_test(params))
    except NbarankError as error:
        hint = f" Next: {error.next_command}" if error.next_command else ""
        return [*title, f"No interval: {error.what}{hint}"]
    overall = gain_of(gains)
    values = study.space.decoded(best.params)
    compared = (
        f"commit {base[:12]} as committed"
        if theirs == base
        else f"{theirs.rsplit('/', 1)[1]}, the tuned values under the same settings"
    )
    return [
        *title,
        *markdown_table(
            ["parameter", "tuned", "best"],
            [[key, str(value_at(params, key)), _short(value)] for key, value in values.items()],
        ),
        "",
        f"Gain in {aim.name} (above zero is better), paired by season, with the 95 % t "
        f"interval over seasons; test seasons are excluded. Compared with {compared}.",
        "",
        *markdown_table(
            ["part of the season", "gain"],
            [
                ["all checkpoints", str(overall)],
                *([f"{point:g} %", str(gain_of(gains[point]))] for point in gains.columns),
            ],
        ),
        "",
        "The interval is above zero."
        if overall.beyond_noise
        else "The interval includes zero or is below it: the gain is inside the noise, and "
        "`nbarank lock` refuses it.",
        "The best of many trials was selected on these seasons, so its gain is biased upwards; "
        "the test seasons show what remains.",
    ]


def _best_by_metric(study: Study) -> list[str]:
    rows = []
    for name, aim in OBJECTIVES.items():
        scored = [t for t in study.trials() if name in t.user_attrs.get("metrics", {})]
        if scored:
            best = max(scored, key=lambda t: aim.sign * t.user_attrs["metrics"][name])
            value = f"{best.user_attrs['metrics'][name]:.4f}"
            rows.append([name, _number(study, best), value, _params(study, best)])
    columns = ["metric", "trial", "value", "its parameters"]
    return ["", "## Best by every metric", "", *markdown_table(columns, rows, "lrrl")]


def _importances(importances: Mapping[str, float], figures: str) -> list[str]:
    title = ["", "## Parameter importance", ""]
    if not importances:
        return [*title, "Unknown: it takes four complete trials with different values."]
    rows = [[key, f"{share:.0%}"] for key, share in importances.items()]
    table = markdown_table(["parameter", "share of the variance"], rows)
    return [*title, *table, "", f"![importances]({figures}/importances.png)"]


def _trials(study: Study) -> list[str]:
    keys = list(study.space.space)
    rows = []
    for trial in study.counted_trials():
        values = study.space.decoded(trial.params)
        rows.append(
            [
                _number(study, trial),
                STATES[trial.state],
                "" if trial.value is None else f"{trial.value:.4f}",
                *(_short(values.get(key, "")) for key in keys),
                str(trial.user_attrs.get("seconds", "")),
            ]
        )
    columns = ["trial", "state", study.objective.name, *keys, "seconds"]
    return ["", "## Trials", "", *markdown_table(columns, rows, "rl" + "r" * (2 + len(keys)))]


def _diagnostics(study: Study) -> list[str]:
    figures = {_number(study, t): t.user_attrs.get("diagnostics") for t in study.trials()}
    known = {number: found for number, found in figures.items() if found}
    keys = sorted(
        {key for found in known.values() for key in found}, key=lambda k: (k.count("."), k)
    )
    keys = keys[:DIAGNOSTICS_SHOWN]
    rows = [
        [number, *(f"{found[key]:.4g}" if key in found else "" for key in keys)]
        for number, found in known.items()
    ]
    return ["", "## Attention", "", *markdown_table(["trial", *keys], rows)] if rows else []


def _failures(study: Study) -> list[str]:
    failed = [t for t in study.counted_trials() if t.state is TrialState.FAIL]
    lines = ["", "## Failed trials"] if failed else []
    for trial in failed:
        reason = trial.user_attrs.get(FAILURE, "its process was killed each time")
        tail = str(trial.user_attrs.get("log_tail", "")).splitlines()[-TAIL_SHOWN:]
        lines += ["", f"Trial {_number(study, trial)} ({_params(study, trial)}): {reason}"]
        lines += ["", "```", *tail, "```"] if tail else []
    return lines


def _settings(study: Study) -> list[str]:
    known = study.study.user_attrs["nbarank"]
    content: dict[str, Any] = {
        "method": study.space.method,
        "seed": study.space.seed,
        "sampler": study.space.sampler.model_dump(),
        **{key: known[key] for key in ("optuna", "python", "profile", "fixed")},
    }
    return ["", "## Settings and versions", "", "```json", json.dumps(content, indent=2), "```"]


def _number(study: Study, trial: FrozenTrial) -> str:
    """Return the number in the name of a trial's experiment."""
    return experiment_of(study.name, trial).rsplit("-", 1)[1]


def _params(study: Study, trial: FrozenTrial) -> str:
    values = study.space.decoded(trial.params)
    return ", ".join(f"{key.rsplit('.', 1)[-1]} {_short(value)}" for key, value in values.items())


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return json.dumps(list(value))
    return str(value)
