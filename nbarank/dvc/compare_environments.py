"""Where two machines begin to differ: the environment, then the first number in pipeline order.

A side is a folder (a clone, perhaps copied from another machine) or the name of an experiment or
commit of this repository. Stages are walked in the order of dvc.lock; the first whose code,
parameters and inputs agree but whose output does not is where the machines part. Then come the
first epoch's loss, what the attention did, and the metrics.
"""

from __future__ import annotations

import io
import json
import math
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from nbarank.core.environment import ENVIRONMENT_FILE
from nbarank.core.errors import NbarankError

METRICS = ("metrics/summary.json", "metrics/scorecard.csv")
EPOCHS = ("loss", "relative_loss", "attention_min", "attention_mean", "attention_max",
          "attention_entropy", "spearman")  # fmt: skip
"""Curves of the Deep Set whose first epoch is compared, in this order."""
_PLACES = 3


class CompareError(NbarankError):
    """A side of a comparison is not there, or holds no run."""


@dataclass(frozen=True)
class Difference:
    """One number that is not the same on both sides.

    Parameters
    ----------
    where
        File and place in it.
    left, right
        The two values.
    """

    where: str
    left: object
    right: object

    @property
    def size(self) -> float:
        """Return the distance of two numbers; infinite for anything else."""
        if isinstance(self.left, int | float) and isinstance(self.right, int | float):
            return abs(float(self.left) - float(self.right))
        return math.inf


class Side:
    """Files of one run: a folder's, or those of a commit and the cache.

    Parameters
    ----------
    name
        Folder, or name of an experiment or commit.
    home
        Repository that knows the experiment or commit.
    cache
        DVC's cache of that repository.
    """

    def __init__(self, name: str, home: Path, cache: Path) -> None:
        self.name = name
        self.folder = Path(name) if Path(name).is_dir() else None
        self.home, self.cache = home, cache
        self.revision = None if self.folder else _revision(name, home)
        text = self.read("dvc.lock")
        if text is None:
            raise CompareError(
                f"'{name}' holds no run: it has no dvc.lock.",
                where=name,
                allowed="a folder with a run, or the name of an experiment or commit",
                next_command="dvc exp show -A",
            )
        self.stages: dict[str, Any] = YAML(typ="safe").load(text.decode())["stages"]

    def read(self, path: str) -> bytes | None:
        """Return a file as this run left it, or None where it is not kept."""
        if self.folder:
            file = self.folder / path
            return file.read_bytes() if file.is_file() else None
        done = subprocess.run(
            ["git", "show", f"{self.revision}:{path}"],
            cwd=self.home,
            capture_output=True,
            check=False,
        )
        return done.stdout if done.returncode == 0 else self._cached(path)

    def _cached(self, path: str) -> bytes | None:
        for name, md5 in self.outputs().items():
            if name == path:
                return self._object(md5)
            if path.startswith(f"{name}/") and (listing := self._object(md5)):
                for entry in json.loads(listing):
                    if f"{name}/{entry['relpath']}" == path:
                        return self._object(entry["md5"])
        return None

    def _object(self, md5: str) -> bytes | None:
        file = self.cache / "files" / "md5" / md5[:2] / md5[2:]
        return file.read_bytes() if file.is_file() else None

    def outputs(self) -> dict[str, str]:
        """Return path -> hash of every output."""
        return {
            out["path"]: out["md5"]
            for content in getattr(self, "stages", {}).values()
            for out in content.get("outs", [])
        }

    def environment(self) -> dict[str, Any]:
        """Return the environment record, flat; empty where there is none."""
        text = self.read(ENVIRONMENT_FILE.as_posix())
        return dict(_flat(json.loads(text))) if text else {}


def compare_environments(left: Side, right: Side) -> str:
    """Tell where two runs begin to differ, in words."""
    lines = [f"{left.name} and {right.name}", ""]
    lines += _told_environment(left, right)
    lines += _told_stages(left, right)
    lines += _told_epochs(left, right)
    for path in METRICS:
        lines += _told_numbers(path, left, right)
    return "\n".join(lines)


def _revision(name: str, home: Path) -> str:
    refs = subprocess.run(
        ["git", "for-each-ref", "--format=%(refname)", f"refs/exps/*/*/{name}"],
        cwd=home,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split()
    for candidate in [*refs[-1:], name]:
        done = subprocess.run(
            [
                "git",
                "rev-parse",
                "--verify",
                "--quiet",
                "--end-of-options",
                f"{candidate}^{{commit}}",
            ],
            cwd=home,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return done.stdout.strip()
    raise CompareError(
        f"'{name}' is neither a folder nor an experiment nor a commit.",
        where=str(home),
        next_command="dvc exp show -A",
    )


def _told_environment(left: Side, right: Side) -> list[str]:
    first, second = left.environment(), right.environment()
    if not first or not second:
        lacking = " and ".join(side.name for side in (left, right) if not side.environment())
        return [f"Environment: not recorded by {lacking}.", ""]
    differences = [
        f"  {key}: {first.get(key)} | {second.get(key)}"
        for key in dict.fromkeys([*first, *second])
        if first.get(key) != second.get(key)
    ]
    return [f"Environment: {len(differences)} difference(s)", *differences, ""]


def first_stage_that_differs(left: Side, right: Side) -> tuple[str | None, list[str], list[str]]:
    """Return the first stage with other outputs, its outputs and its inputs that differ.

    Inputs are code, tables and parameters as dvc.lock holds them; none differing means that the
    same work on the same input gave other bytes.
    """
    for stage, content in left.stages.items():
        other = right.stages.get(stage)
        if other is None:
            return stage, ["(the stage is missing on the right)"], []
        outs = _differing(content, other, "outs")
        if outs:
            inputs = _differing(content, other, "deps")
            if content.get("params") != other.get("params"):
                mine = dict(_flat(content.get("params", {})))
                yours = dict(_flat(other.get("params", {})))
                inputs += sorted(key for key in mine | yours if mine.get(key) != yours.get(key))
            return stage, outs, inputs
    return None, [], []


def _differing(left: dict[str, Any], right: dict[str, Any], what: str) -> list[str]:
    hashes = [{e["path"]: e["md5"] for e in side.get(what, [])} for side in (left, right)]
    return sorted(p for p in hashes[0] | hashes[1] if hashes[0].get(p) != hashes[1].get(p))


def _told_stages(left: Side, right: Side) -> list[str]:
    stage, outs, inputs = first_stage_that_differs(left, right)
    if stage is None:
        return ["Outputs: every stage gave the same bytes.", ""]
    why = f"its inputs differ: {', '.join(inputs[:6])}" if inputs else "its inputs are the same"
    lines = [f"Outputs: {stage} is the first stage that gave other bytes; {why}."]
    for path in outs:
        if path.endswith(".parquet") and (told := _first_cell(path, left, right)):
            lines.append(f"  {told}")
        else:
            lines.append(f"  {path}")
    return [*lines, ""]


def _first_cell(path: str, left: Side, right: Side) -> str | None:
    """Name the first cell of a table that differs, and the largest distance."""
    texts = [side.read(path) for side in (left, right)]
    if texts[0] is None or texts[1] is None:
        return f"{path}: not at hand on both sides (dvc pull)"
    frames = [pd.read_parquet(io.BytesIO(text)) for text in texts if text is not None]
    if frames[0].shape != frames[1].shape or list(frames[0]) != list(frames[1]):
        return f"{path}: {frames[0].shape} and {frames[1].shape} rows and columns"
    for column in frames[0]:
        first, second = frames[0][column], frames[1][column]
        unequal = ~((first == second) | (first.isna() & second.isna()))
        if unequal.any():
            row = int(unequal.to_numpy().argmax())
            told = f"{path}: {column}, row {row + 1}: {first[row]!r} | {second[row]!r}"
            if pd.api.types.is_float_dtype(first):
                told += f"; at most {(first - second).abs().max():.3g} apart in this column"
            return told
    return f"{path}: every value is the same, only the bytes differ"


def _told_epochs(left: Side, right: Side) -> list[str]:
    lines, missing = [], []
    for metric in EPOCHS:
        found = []
        for side in (left, right):
            path = next(
                (name for name in _curve_files(side) if name.endswith(f"mean/{metric}.tsv")), None
            )
            text = side.read(path) if path else None
            if text:
                found.append(float(pd.read_csv(io.BytesIO(text), sep="\t")[metric].iloc[0]))
        if len(found) < len((left, right)):
            missing.append(metric)
        elif found[0] != found[1]:
            gap = abs(found[0] - found[1])
            lines.append(f"  {metric}: {found[0]!r} | {found[1]!r}; {gap:.3g} apart")
    if missing:
        lines.append(f"  not at hand on both sides: {', '.join(missing)}")
    if lines:
        return ["First epoch of the Deep Set, mean over the folds:", *lines, ""]
    return ["First epoch of the Deep Set: no difference.", ""]


def _curve_files(side: Side) -> Iterator[str]:
    """Yield the curves that a side holds, by path."""
    if side.folder:
        for top in ("plots", "metrics"):
            for file in sorted((side.folder / top).rglob("*.tsv")):
                yield file.relative_to(side.folder).as_posix()
        return
    for name, md5 in side.outputs().items():
        if md5.endswith(".dir") and name.startswith(("plots", "metrics")):
            listing = side._object(md5)
            for entry in json.loads(listing) if listing else []:
                yield f"{name}/{entry['relpath']}"


def numbers_that_differ(path: str, left: bytes, right: bytes) -> list[Difference]:
    """Return the numbers of a metrics file (JSON, or the tidy scorecard) that differ, in order."""
    if path.endswith(".json"):
        sides = [dict(_flat(json.loads(text))) for text in (left, right)]
    else:
        sides = []
        for text in (left, right):
            frame = pd.read_csv(io.BytesIO(text))
            keys = [c for c in frame if c != "value"]
            names = frame[keys].astype(str).agg(" ".join, axis=1)
            sides.append(dict(zip(names, frame["value"].tolist(), strict=True)))
    return [
        Difference(key, sides[0].get(key), sides[1].get(key))
        for key in dict.fromkeys([*sides[0], *sides[1]])
        if not _same(sides[0].get(key), sides[1].get(key))
    ]


def _same(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float) and math.isnan(left):
        return math.isnan(right)
    return left == right


def _told_numbers(path: str, left: Side, right: Side) -> list[str]:
    texts = [side.read(path) for side in (left, right)]
    if texts[0] is None or texts[1] is None:
        return [f"{path}: not at hand on both sides.", ""]
    differences = numbers_that_differ(path, texts[0], texts[1])
    if not differences:
        return [f"{path}: every number is the same.", ""]
    largest = max(one.size for one in differences)
    lines = [f"{path}: {len(differences)} number(s) differ, at most {largest:.3g} apart; first:"]
    lines += [f"  {d.where}: {d.left} | {d.right}" for d in differences[:_PLACES]]
    return [*lines, ""]


def _flat(node: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _flat(value, f"{prefix}{key}.")
    else:
        yield prefix.removesuffix("."), node
