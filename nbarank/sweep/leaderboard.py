"""The leaderboard: experiments of all sweeps, one line each, and what the best one changed."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pandas as pd

from nbarank.core.errors import NbarankError, SweepError
from nbarank.dvc.git import experiment_refs, repository_root, show_many
from nbarank.dvc.outputs import SUMMARY_FILE, changed_values, left_over, read_params
from nbarank.sweep.lock import candidate
from nbarank.sweep.objectives import OBJECTIVES, objective_named, objective_values
from nbarank.sweep.spaces import FIRST_SWEEP

OTHERS = 3
"""Objectives shown beside the one asked for."""
PARTIAL = re.compile(r"-(explain|rung\d+)$")


def scored_experiments(root: Path) -> pd.DataFrame:
    """Return a row an experiment that has figures: `experiment`, `ref`, `commit` and objectives."""
    refs = [ref for ref in experiment_refs(root) if not PARTIAL.search(ref)]
    rows = []
    for ref, text in show_many(root, refs, SUMMARY_FILE).items():
        try:
            metrics = objective_values(json.loads(text))
        except (json.JSONDecodeError, AttributeError):
            continue
        _, _, start, end, name = ref.split("/")
        rows.append({"experiment": name, "ref": ref, "commit": start + end, **metrics})
    frame = pd.DataFrame(rows, columns=["experiment", "ref", "commit", *OBJECTIVES])
    return frame.dropna(how="all", subset=list(OBJECTIVES))


def leaderboard(folder: Path, objective: str = "spearman", top: int = 10) -> str:
    """Return the best `top` experiments by one objective, as text; a SweepError without any."""
    root, aim = repository_root(folder), objective_named(objective)
    known = scored_experiments(root)
    ranked = known.dropna(subset=aim.name).sort_values(
        [aim.name, "experiment"], ascending=[aim.sign < 0, True]
    )[:top]
    if ranked.empty:
        others = [name for name in OBJECTIVES if known[name].notna().any()]
        raise SweepError(
            f"None of the {len(known)} experiments here has a figure for {objective}."
            if len(known)
            else "Nothing to compare yet: no sweep or run has finished in this clone.",
            where=str(root),
            allowed="experiments: nbarank sweep run and nbarank run make them",
            next_command="nbarank leaderboard --objective " + others[0] if others else FIRST_SWEEP,
        )
    shown = [aim.name, *(name for name in OBJECTIVES if name != aim.name)][: 1 + OTHERS]
    table = ranked[["experiment", *shown]].assign(commit=ranked["commit"].str[:7])
    lines = table.to_string(index=False, na_rep="-", float_format="{:.4f}".format).splitlines()
    if ranked["commit"].nunique() > 1:
        lines.append("experiments of different commits: other code may explain a difference")
    for name, ref in zip(ranked["experiment"], ranked["ref"], strict=True):
        if reason := left_over(root, ref, SUMMARY_FILE):
            lines.append(f"{name}: these are not its own figures: {reason}")
    name, ref, commit = ranked.iloc[0][["experiment", "ref", "commit"]]
    changed = changed_values(read_params(root, commit), read_params(root, ref))
    lines += ["", f"{name} differs from its commit {commit[:7]} by"]
    lines += [f"  {key}: {old} -> {new}" for key, (old, new) in changed.items()] or ["  nothing"]
    try:
        candidate(name, root, aim.name).refuse_noise()
    except NbarankError as error:
        lines += ["", f"Not to be locked: {error.what}", f"next: {error.next_command}"]
    else:
        lines += ["", f"next: nbarank lock {shlex.quote(name)}"]
    return "\n".join(lines)
