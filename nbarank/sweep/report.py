"""The analysis of a sweep: `reports/sweeps/STUDY/ANALYSIS_01.md`, then 02, and so on."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import altair as alt
import optuna
from optuna.trial import FrozenTrial, TrialState

from nbarank.core.errors import NbarankError, SweepError, printable
from nbarank.core.markdown import markdown_table
from nbarank.core.tables import write_text
from nbarank.dvc.git import experiment_ref, git, ref_exists, repository_root
from nbarank.dvc.outputs import read_params
from nbarank.dvc.param_values import value_at
from nbarank.sweep.gain import gain_of, gains_over_tuned
from nbarank.sweep.pruning_report import pruning_section
from nbarank.sweep.spaces import NumberDimension
from nbarank.sweep.storage import FAILURE, Storage, storage_url
from nbarank.sweep.study import NOTE, RECORD, SECONDS, STATES, TAGS, Study, experiment_of

REPORTS = Path("reports") / "sweeps"
DIAGNOSTICS_SHOWN = 6
TAIL_SHOWN = 12


def write_report(name: str, folder: Path, storage: str | None = None) -> Path:
    """Write the next numbered analysis of a study and return its path.

    A SweepError if there is no such study, or no trial of it is complete.
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
    sections = [
        _head(study, best),
        [f"![trials]({path.stem}/trials.svg)"],
        ["## Compared with the tuned values", "", *_comparison(study, best, root)],
        ["## Parameter importance", "", *_importances(study)],
        pruning_section(study),
        ["## Trials", "", *_trials(study)],
        _diagnostics(study),
        _failures(study),
        ["## Settings and versions", "", *_settings(study)],
    ]
    figure = path.with_suffix("") / "trials.svg"
    figure.parent.mkdir(parents=True, exist_ok=True)
    trials_chart(study).save(figure)
    write_text(path, "\n\n".join("\n".join(lines) for lines in sections if lines) + "\n")
    return path


def next_path(folder: Path) -> Path:
    """Return the path of the next analysis: one more than the highest number there is."""
    matches = (re.fullmatch(r"ANALYSIS_(\d+)\.md", path.name) for path in folder.glob("*.md"))
    highest = max((int(match[1]) for match in matches if match), default=0)
    return folder / f"ANALYSIS_{highest + 1:02d}.md"


def trials_chart(study: Study) -> alt.ConcatChart:
    """Return a chart of the value of complete trials over their number and each parameter."""
    frame = study.study.trials_dataframe(attrs=("number", "value", "params"))
    points = alt.Chart(frame.dropna(subset="value")).mark_point(filled=True)
    value = alt.Y("value:Q", title=study.objective.name, scale=alt.Scale(zero=False))
    color = alt.Color("number:Q", title="trial", scale=alt.Scale(scheme="viridis"))
    whole = alt.Axis(tickMinStep=1)
    axes = [alt.X("number:Q", title="trial", axis=whole)]
    for key, dim in study.space.space.items():
        field = f"params_{key}".replace(".", r"\.")
        if isinstance(dim, NumberDimension):
            scale = alt.Scale(type="log" if dim.log else "linear", zero=False, nice=False)
            axis = whole if dim.type == "int" else alt.Axis()
            axes.append(alt.X(f"{field}:Q", title=key, scale=scale, axis=axis))
        else:
            axes.append(alt.X(f"{field}:N", title=key, axis=alt.Axis(labelAngle=0)))
    charts = (points.encode(x=axis, y=value, color=color) for axis in axes)
    return alt.concat(*(chart.properties(width=240, height=180) for chart in charts), columns=3)


def _head(study: Study, best: FrozenTrial) -> list[str]:
    states = [trial.state for trial in study.counted_trials()]
    counts = [f"{states.count(state)} {how}" for state, how in STATES.items() if state in states]
    attributes = study.study.user_attrs
    facts = {
        "tags": printable(", ".join(attributes.get(TAGS, ()))),
        "objective": str(study.objective),
        "trials": f"{', '.join(counts)} of {study.n_trials}",
        "best": f"{experiment_of(study.name, best)}, {study.objective.name} {best.value:.4f}",
        "tuned values": "" if study.tuned_value is None else f"{study.tuned_value:.4f}",
        "commit": study.record.base[:12],
    }
    return [
        *(f"# {study.name}", "", study.space.description, ""),
        *([printable(attributes[NOTE]), ""] if NOTE in attributes else []),
        *(f"- {title}: {fact}" for title, fact in facts.items() if fact),
    ]


def _comparison(study: Study, best: FrozenTrial, root: Path) -> list[str]:
    base, name = study.record.base, experiment_of(study.name, best)
    if not ref_exists(root, experiment_ref(base, name)):
        remote = [*git(root, "remote").split(), "origin"][0]
        return [f"No interval: {name} is not in this clone (`dvc exp pull {remote} {name}`)."]
    try:
        gains, against = gains_over_tuned(
            root, name, base, study.objective, has_reference=study.tuned_value is not None
        )
    except NbarankError as error:
        hint = f" Next: {error.next_command}" if error.next_command else ""
        return [f"No interval: {error.what}{hint}"]
    overall, params = gain_of(gains), read_params(root, base)
    values = study.space.decoded(best.params)
    compared = (
        f"commit {base[:12]} as committed"
        if against == base
        else f"{against.rsplit('/', 1)[1]}, the tuned values under the same settings"
    )
    by_checkpoint = [[f"{point:g} %", str(gain_of(gains[point]))] for point in gains.columns]
    return [
        *markdown_table(
            ["parameter", "tuned", "best"],
            [[key, str(value_at(params, key)), _short(value)] for key, value in values.items()],
        ),
        "",
        f"Gain in {study.objective.name} (above zero is better), paired by season, with the 95 % t "
        f"interval over seasons; test seasons are excluded. Compared with {compared}.",
        "",
        *markdown_table(
            ["part of the season", "gain"], [["all checkpoints", str(overall)], *by_checkpoint]
        ),
        "",
        "The interval is above zero."
        if overall.beyond_noise
        else "The interval includes zero or is below it: the gain is inside the noise, and "
        "`nbarank lock` refuses it.",
        "The best of many trials was selected on these seasons, so its gain is biased upwards; "
        "the test seasons show what remains.",
    ]


def _importances(study: Study) -> list[str]:
    """Return the share of the objective's variance that each parameter explains (fANOVA)."""
    values = [trial.value for trial in study.trials() if trial.state is TrialState.COMPLETE]
    if len(values) < 4 or len(set(values)) < 2:
        return ["Unknown: it takes four complete trials with different values."]
    fanova = optuna.importance.FanovaImportanceEvaluator(seed=study.space.seed)
    found = optuna.importance.get_param_importances(study.study, evaluator=fanova)
    rows = [[key, f"{share:.0%}"] for key, share in found.items()]
    return markdown_table(["parameter", "share of the variance"], rows)


def _trials(study: Study) -> list[str]:
    keys = list(study.space.space)
    rows = []
    for trial in study.counted_trials():
        values = study.space.decoded(trial.params)
        value = f"{trial.value:.4f}" if trial.state is TrialState.COMPLETE else ""
        shown = (_short(values.get(key, "")) for key in keys)
        seconds = str(trial.user_attrs.get(SECONDS, ""))
        rows.append([_number(study, trial), STATES[trial.state], value, *shown, seconds])
    columns = ["trial", "state", study.objective.name, *keys, "seconds"]
    return markdown_table(columns, rows, "rl" + "r" * (2 + len(keys)))


def _diagnostics(study: Study) -> list[str]:
    known = {_number(study, t): t.user_attrs.get("diagnostics", {}) for t in study.trials()}
    keys = sorted(set().union(*known.values()), key=lambda k: (k.count("."), k))[:DIAGNOSTICS_SHOWN]
    rows = [
        [number, *(f"{found[key]:.4g}" if key in found else "" for key in keys)]
        for number, found in known.items()
        if found
    ]
    return ["## Attention", "", *markdown_table(["trial", *keys], rows)] if rows else []


def _failures(study: Study) -> list[str]:
    failed = [t for t in study.counted_trials() if t.state is TrialState.FAIL]
    lines = ["## Failed trials"] if failed else []
    for trial in failed:
        reason = trial.user_attrs.get(FAILURE, "its process was killed each time")
        tail = str(trial.user_attrs.get("log_tail", "")).splitlines()[-TAIL_SHOWN:]
        lines += ["", f"Trial {_number(study, trial)} ({_params(study, trial)}): {reason}"]
        lines += ["", "```", *tail, "```"] if tail else []
    return lines


def _settings(study: Study) -> list[str]:
    known = study.study.user_attrs[RECORD]
    content = {key: known["space"][key] for key in ("method", "seed", "startup_trials")}
    content |= {key: known[key] for key in ("optuna", "python", "profile", "fixed")}
    return ["```json", json.dumps(content, indent=2), "```"]


def _number(study: Study, trial: FrozenTrial) -> str:
    """Return the number in the name of a trial's experiment."""
    return experiment_of(study.name, trial).rsplit("-", 1)[1]


def _params(study: Study, trial: FrozenTrial) -> str:
    values = study.space.decoded(trial.params)
    return ", ".join(f"{key.rsplit('.', 1)[-1]} {_short(value)}" for key, value in values.items())


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
