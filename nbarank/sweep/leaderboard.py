"""Compare experiments over sweeps: one line each, few columns, and what the winner changed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import SweepError
from nbarank.dvc.git import experiment_refs, repository_root, show_many
from nbarank.dvc.outputs import SUMMARY_FILE, left_over, read_params
from nbarank.dvc.param_values import flattened, same_value
from nbarank.sweep.objectives import OBJECTIVES, Objective, objective_named, objective_values

OTHERS = 3
PARTIAL = ("-explain", "-prefix")
RUN_ID_KEY = "report.run_id"


@dataclass(frozen=True)
class Entry:
    """One experiment.

    Parameters
    ----------
    name, ref, base
        The experiment, its git ref, and the commit it hangs off.
    metrics
        Objectives by name.
    """

    name: str
    ref: str
    base: str
    metrics: dict[str, float]


def entries(root: Path) -> list[Entry]:
    """Return every experiment of a repository that has figures.

    Cheap rungs of halving and explanations are left out: they are no finished configurations.
    """
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
        parts = ref.split("/")
        found.append(Entry(parts[4], ref, parts[2] + parts[3], metrics))
    return found


def leaderboard(folder: Path, objective: str = "spearman", top: int = 10) -> str:
    """Return the best experiments by one objective, as text.

    Parameters
    ----------
    folder
        Any folder of the repository.
    objective
        Name of the objective.
    top
        Number of lines.

    Raises
    ------
    SweepError
        If no experiment has that figure.
    """
    root = repository_root(folder)
    wanted = objective_named(objective)
    ranked = sorted(
        (entry for entry in entries(root) if wanted.name in entry.metrics),
        key=lambda entry: (-wanted.sign * entry.metrics[wanted.name], entry.name),
    )
    if not ranked:
        raise SweepError(
            f"No experiment has a figure for '{objective}'.",
            where=str(root),
            next_command="nbarank sweep run SPACE, or dvc exp pull REMOTE",
        )
    lines = _table(ranked[:top], wanted)
    if len({entry.base for entry in ranked[:top]}) > 1:
        lines.append("experiments of different commits: other code may explain a difference")
    for entry in ranked[:top]:
        if reason := left_over(root, entry.ref, SUMMARY_FILE):
            lines.append(f"{entry.name}: these are not its own figures: {reason}")
    winner = ranked[0]
    lines += ["", f"{winner.name} differs from its commit {winner.base[:7]} by"]
    changed = changes(root, winner)
    lines += [f"  {key}: {old} -> {new}" for key, (old, new) in changed.items()] or ["  nothing"]
    lines += ["", f"next: nbarank lock {winner.name}"]
    return "\n".join(lines)


def changes(root: Path, entry: Entry) -> dict[str, tuple[Any, Any]]:
    """Return the parameters an experiment changed: key to (before, after).

    Paths that a private clone made absolute are no change.
    """
    return changed_values(read_params(root, entry.base), read_params(root, entry.ref))


def changed_values(
    before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, tuple[Any, Any]]:
    """Return the leaves that differ between two contents of params.yaml.

    The id that a recorded run was given is its name, not a value that it changed.
    """
    old, new = flattened(before), flattened(after)
    return {
        key: (old.get(key), value)
        for key, value in new.items()
        if key != RUN_ID_KEY
        and not same_value(old.get(key), value)
        and not _made_absolute(old.get(key), value)
    }


def _made_absolute(old: Any, new: Any) -> bool:
    return isinstance(old, str) and isinstance(new, str) and old != new and new.startswith("/")


def _table(ranked: Sequence[Entry], wanted: Objective) -> list[str]:
    shown = [wanted.name, *(name for name in OBJECTIVES if name != wanted.name)][: 1 + OTHERS]
    header = ["experiment", *shown, "commit"]
    rows = [
        [
            entry.name,
            *(f"{entry.metrics[name]:.4f}" if name in entry.metrics else "-" for name in shown),
            entry.base[:7],
        ]
        for entry in ranked
    ]
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]
