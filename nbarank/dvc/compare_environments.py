"""Where the runs of two machines begin to differ: environment, stages, first epoch, metrics.

A side is a folder (a clone, perhaps copied from another machine) or the name of an experiment or
commit of this repository. Stages are compared in the order of dvc.lock. The first one with equal
code, parameters and inputs but another output is where the two machines diverge.
"""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.environment import ENVIRONMENT_FILE
from nbarank.core.errors import RevisionError
from nbarank.dvc.git import commit_of, experiments_by_name
from nbarank.dvc.outputs import LOCK, SCORECARD_FILE, SUMMARY_FILE, parse_lock, read_output
from nbarank.dvc.param_values import flattened

CURVES = "plots/deepset/plots/metrics/mean/{metric}.tsv"
"""Curves of the Deep Set, mean over the folds; the first epoch of each is compared."""
EPOCHS = ("loss", "relative_loss", "attention_min", "attention_mean", "attention_max",
          "attention_entropy", "spearman")  # fmt: skip
_SHOWN = 3


@dataclass(frozen=True)
class Difference:
    """One number, at `where` (file and key), that is not the same on both sides."""

    where: str
    left: object
    right: object

    @property
    def size(self) -> float:
        """Return the absolute difference of two numbers; infinite for anything else."""
        if isinstance(self.left, int | float) and isinstance(self.right, int | float):
            return abs(float(self.left) - float(self.right))
        return math.inf


class Side:
    """Files of one run: those of a folder, or of a commit and DVC's cache.

    Parameters
    ----------
    name
        Folder, or name of an experiment or commit.
    home
        Repository of the experiment or commit.

    Raises
    ------
    RevisionError
        If there is no such folder, experiment or commit, or it has no dvc.lock.
    """

    def __init__(self, name: str, home: Path) -> None:
        self.name = name
        self.home = home
        self.folder = Path(name) if Path(name).is_dir() else None
        self.revision = "" if self.folder else _revision(name, home)
        text = self.read(LOCK)
        if text is None:
            raise RevisionError(
                f"'{name}' is not a run: it has no {LOCK}.",
                where=name,
                allowed="a folder with a run, or the name of an experiment or commit",
                next_command="dvc exp list --all-commits",
            )
        self.stages = parse_lock(text.decode("utf-8", errors="replace"))

    def read(self, path: str) -> bytes | None:
        """Return a file as this run left it; None if it is missing, here or in the cache."""
        if self.folder:
            file = self.folder / path
            return file.read_bytes() if file.is_file() else None
        try:
            return read_output(self.home, self.revision, path, fetch=False)
        except RevisionError:
            return None

    def environment(self) -> dict[str, Any]:
        """Return the environment record by dotted key; empty if there is none."""
        text = self.read(ENVIRONMENT_FILE.as_posix())
        with _reading(ENVIRONMENT_FILE.as_posix(), self):
            return flattened(json.loads(text)) if text else {}


def compare_environments(left: Side, right: Side) -> str:
    """Return where two runs begin to differ, as text to print."""
    lines = [f"{left.name} and {right.name}", ""]
    lines += _environment_lines(left, right)
    lines += _stage_lines(left, right)
    lines += _epoch_lines(left, right)
    for path in (SUMMARY_FILE, SCORECARD_FILE):
        lines += _metric_lines(path, left, right)
    return "\n".join(lines)


def _revision(name: str, home: Path) -> str:
    commit = commit_of(home, experiments_by_name(home).get(name, name))
    if not commit:
        raise RevisionError(
            f"'{name}' is neither a folder nor an experiment nor a commit.",
            where=str(home),
            next_command="dvc exp list --all-commits",
        )
    return commit


def _environment_lines(left: Side, right: Side) -> list[str]:
    first, second = left.environment(), right.environment()
    if not first or not second:
        missing = " and ".join(side.name for side in (left, right) if not side.environment())
        return [f"Environment: not recorded by {missing}.", ""]
    differences = [
        f"  {key}: {first.get(key)} | {second.get(key)}"
        for key in dict.fromkeys([*first, *second])
        if first.get(key) != second.get(key)
    ]
    return [f"Environment: {len(differences)} difference(s)", *differences, ""]


def first_stage_that_differs(left: Side, right: Side) -> tuple[str | None, list[str], list[str]]:
    """Return the first stage with other outputs, its outputs and its inputs that differ.

    Inputs are code, tables and parameters as recorded in dvc.lock. If none differs, the same code
    on the same input gave other bytes.
    """
    for stage, content in left.stages.items():
        other = right.stages.get(stage)
        if other is None:
            return stage, ["(the stage is missing on the right)"], []
        outs = _differing(content, other, "outs")
        if outs:
            inputs = _differing(content, other, "deps")
            mine, theirs = (flattened(side.get("params", {})) for side in (content, other))
            inputs += sorted(key for key in mine | theirs if mine.get(key) != theirs.get(key))
            return stage, outs, inputs
    return None, [], []


def _differing(left: dict[str, Any], right: dict[str, Any], what: str) -> list[str]:
    hashes = [{e["path"]: e.get("md5") for e in side.get(what, [])} for side in (left, right)]
    return sorted(p for p in hashes[0] | hashes[1] if hashes[0].get(p) != hashes[1].get(p))


def _stage_lines(left: Side, right: Side) -> list[str]:
    stage, outs, inputs = first_stage_that_differs(left, right)
    if stage is None:
        return ["Outputs: every stage gave the same bytes.", ""]
    why = f"its inputs differ: {', '.join(inputs[:6])}" if inputs else "its inputs are the same"
    lines = [f"Outputs: {stage} is the first stage that gave other bytes; {why}."]
    for path in outs:
        lines.append(f"  {_first_cell(path, left, right) if path.endswith('.parquet') else path}")
    return [*lines, ""]


def _first_cell(path: str, left: Side, right: Side) -> str:
    """Return the first cell of a table that differs, and the largest difference."""
    mine, theirs = left.read(path), right.read(path)
    if mine is None or theirs is None:
        return f"{path}: not available on both sides (dvc pull)"
    frames = []
    for side, content in ((left, mine), (right, theirs)):
        with _reading(path, side):
            frames.append(pd.read_parquet(io.BytesIO(content)))
    if frames[0].shape != frames[1].shape or list(frames[0]) != list(frames[1]):
        return f"{path}: {frames[0].shape} and {frames[1].shape} rows and columns"
    for column in frames[0]:
        first, second = frames[0][column], frames[1][column]
        unequal = ~((first == second) | (first.isna() & second.isna()))
        if unequal.any():
            row = int(unequal.to_numpy().argmax())
            cell = f"{path}: {column}, row {row + 1}: {first[row]!r} | {second[row]!r}"
            if pd.api.types.is_float_dtype(first):
                cell += f"; at most {(first - second).abs().max():.3g} apart in this column"
            return cell
    return f"{path}: every value is the same, only the bytes differ"


def _epoch_lines(left: Side, right: Side) -> list[str]:
    lines, missing = [], []
    for metric in EPOCHS:
        path, first = CURVES.format(metric=metric), []
        for side in (left, right):
            if text := side.read(path):
                with _reading(path, side):
                    first.append(pd.read_csv(io.BytesIO(text), sep="\t")[metric].iloc[0])
        if len(first) < 2:
            missing.append(metric)
        elif first[0] != first[1]:
            gap = abs(first[0] - first[1])
            lines.append(f"  {metric}: {first[0]} | {first[1]}; {gap:.3g} apart")
    if missing:
        lines.append(f"  not available on both sides: {', '.join(missing)}")
    if lines:
        return ["First epoch of the Deep Set, mean over the folds:", *lines, ""]
    return ["First epoch of the Deep Set: no difference.", ""]


@contextmanager
def _reading(path: str, side: Side) -> Iterator[None]:
    """Raise a RevisionError that names file and side for any error of a reader in the block."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, OSError, RecursionError) as error:
        raise RevisionError(
            f"{path} of {side.name} cannot be read: {type(error).__name__} {error}",
            where=path,
            allowed="a file that a stage of this project wrote",
            next_command="nbarank verify, in the repository of that run",
        ) from error


def numbers_that_differ(first: dict[str, Any], second: dict[str, Any]) -> list[Difference]:
    """Return the numbers of two metrics files that differ, in order."""
    return [
        Difference(key, first.get(key), second.get(key))
        for key in dict.fromkeys([*first, *second])
        if first.get(key) != second.get(key)
        and not (pd.isna(first.get(key)) and pd.isna(second.get(key)))
    ]


def _numbers(path: str, content: bytes) -> dict[str, Any]:
    """Return the numbers of a metrics file (JSON, or the tidy scorecard) by key."""
    if path.endswith(".json"):
        return flattened(json.loads(content))
    frame = pd.read_csv(io.BytesIO(content))
    keys = frame.drop(columns="value").astype(str).agg(" ".join, axis=1)
    return dict(zip(keys, frame["value"].tolist(), strict=True))


def _metric_lines(path: str, left: Side, right: Side) -> list[str]:
    mine, theirs = left.read(path), right.read(path)
    if mine is None or theirs is None:
        return [f"{path}: not available on both sides.", ""]
    numbers = []
    for side, content in ((left, mine), (right, theirs)):
        with _reading(path, side):
            numbers.append(_numbers(path, content))
    differences = numbers_that_differ(*numbers)
    if not differences:
        return [f"{path}: every number is the same.", ""]
    largest = max(one.size for one in differences)
    lines = [f"{path}: {len(differences)} number(s) differ, at most {largest:.3g} apart; first:"]
    lines += [f"  {d.where}: {d.left} | {d.right}" for d in differences[:_SHOWN]]
    return [*lines, ""]
