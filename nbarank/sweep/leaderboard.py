"""The leaderboard: experiments of all sweeps, one line each, and what the best one changed."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import SweepError
from nbarank.dvc.git import experiment_refs, repository_root, show_many
from nbarank.dvc.outputs import SUMMARY_FILE, left_over, read_params
from nbarank.dvc.param_values import flattened, same_value
from nbarank.sweep.objectives import OBJECTIVES, objective_named, objective_values

OTHERS = 3
"""Objectives shown beside the one asked for."""
PARTIAL = ("-explain", "-prefix")
RUN_ID_KEY = "report.run_id"


@dataclass(frozen=True)
class Entry:
    """One experiment: its git ref, the commit it started from, and its objectives by name."""

    name: str
    ref: str
    base: str
    metrics: dict[str, float]


def entries(root: Path) -> list[Entry]:
    """Return every experiment that has figures, without rungs of halving and explanations."""
    refs = [
        ref
        for ref in experiment_refs(root)
        if not ref.endswith(PARTIAL) and "-rung" not in ref.rsplit("/", 1)[1]
    ]
    found = []
    for ref, text in show_many(root, refs, SUMMARY_FILE).items():
        try:
            metrics = objective_values(json.loads(text))
        except (json.JSONDecodeError, TypeError):
            continue
        _, _, start, end, name = ref.split("/")
        found.append(Entry(name, ref, start + end, metrics))
    return found


def leaderboard(folder: Path, objective: str = "spearman", top: int = 10) -> str:
    """Return the best `top` experiments by one objective, as text.

    Raises
    ------
    SweepError
        If no experiment has that figure.
    """
    root = repository_root(folder)
    aim = objective_named(objective)
    ranked = sorted(
        (entry for entry in entries(root) if aim.name in entry.metrics),
        key=lambda entry: (-aim.sign * entry.metrics[aim.name], entry.name),
    )[:top]
    if not ranked:
        raise SweepError(
            f"No experiment has a figure for '{objective}'.",
            where=str(root),
            next_command="nbarank sweep run SPACE, or dvc exp pull REMOTE",
        )
    shown = [aim.name, *(name for name in OBJECTIVES if name != aim.name)][: 1 + OTHERS]
    rows = [["experiment", *shown, "commit"]]
    for entry in ranked:
        figures = [f"{entry.metrics[n]:.4f}" if n in entry.metrics else "-" for n in shown]
        rows.append([entry.name, *figures, entry.base[:7]])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    if len({entry.base for entry in ranked}) > 1:
        lines.append("experiments of different commits: other code may explain a difference")
    for entry in ranked:
        if reason := left_over(root, entry.ref, SUMMARY_FILE):
            lines.append(f"{entry.name}: these are not its own figures: {reason}")
    best = ranked[0]
    changed = changed_values(read_params(root, best.base), read_params(root, best.ref))
    lines += ["", f"{best.name} differs from its commit {best.base[:7]} by"]
    lines += [f"  {key}: {old} -> {new}" for key, (old, new) in changed.items()] or ["  nothing"]
    return "\n".join([*lines, "", f"next: nbarank lock {shlex.quote(best.name)}"])


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Return the leaves that differ between two contents of params.yaml: key to (before, after).

    Without the id of a recorded run, and paths that a private clone made absolute.
    """
    old = flattened(before)
    return {
        key: (old.get(key), value)
        for key, value in flattened(after).items()
        if key != RUN_ID_KEY
        and not same_value(old.get(key), value)
        and not (isinstance(old.get(key), str) and str(value).startswith("/"))
    }
