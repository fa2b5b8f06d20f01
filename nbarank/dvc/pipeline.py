"""dvc.yaml as a graph: which stages make an output, and which ones a change re-runs.

The shared prefix of a sweep is every stage upstream of the metric whose result is the same for all
trials. It runs once, before the first trial: parallel trials would otherwise each compute it,
because DVC's run cache knows a stage only when it has finished.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from nbarank.core.errors import RevisionError

_TEMPLATE = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True)
class StageNode:
    """One stage of dvc.yaml: what it reads, writes, and which parameters it depends on."""

    name: str
    deps: tuple[str, ...]
    outs: tuple[str, ...]
    params: tuple[str, ...]


def read_pipeline(content: Mapping[str, Any], params: Mapping[str, Any]) -> dict[str, StageNode]:
    """Return the stages in the content of a dvc.yaml by name.

    `${...}` in paths is filled in from `params`, the content of params.yaml.

    Raises
    ------
    RevisionError
        For `foreach` and `matrix` stages, which are not supported, and for other content.
    """
    stages: dict[str, StageNode] = {}
    declared = content.get("stages", {})
    if not isinstance(declared, Mapping) or not all(
        isinstance(body, Mapping) for body in declared.values()
    ):
        raise RevisionError(
            "dvc.yaml has no mapping of stages.",
            where="dvc.yaml: stages",
            next_command="git diff dvc.yaml",
        )
    for name, body in declared.items():
        if "foreach" in body or "matrix" in body:
            raise RevisionError(
                f"Stage '{name}' is a matrix, which is not supported.",
                where=f"dvc.yaml: stages.{name}",
                allowed="plain stages; put the loop inside one stage",
                next_command="edit dvc.yaml",
            )
        outs = [*_paths(body.get("outs")), *_paths(body.get("metrics")), *_paths(body.get("plots"))]
        used = [*_param_keys(body.get("params")), *_TEMPLATE.findall(str(body))]
        folder = str(body.get("wdir", "."))
        stages[name] = StageNode(
            name=name,
            deps=tuple(_resolved(path, params, folder) for path in _paths(body.get("deps"))),
            outs=tuple(_resolved(path, params, folder) for path in outs),
            params=tuple(key.strip() for key in used),
        )
    return stages


def stage_that_makes(stages: Mapping[str, StageNode], path: str) -> str:
    """Return the stage that makes a file; RevisionError if none does."""
    for stage in stages.values():
        if any(_overlap(out, path) for out in stage.outs):
            return stage.name
    raise RevisionError(
        f"No stage of dvc.yaml makes {path}.",
        where="dvc.yaml",
        allowed=f"a stage with {path} among its metrics or outs",
        next_command="dvc stage list",
    )


def upstream(stages: Mapping[str, StageNode], target: str) -> list[str]:
    """Return the stages that `target` needs, itself last, in the order of dvc.yaml."""
    needed = {target}
    frontier = [target]
    while frontier:
        deps = stages[frontier.pop()].deps
        for stage in stages.values():
            if stage.name not in needed and any(
                _overlap(out, dep) for out in stage.outs for dep in deps
            ):
                needed.add(stage.name)
                frontier.append(stage.name)
    return [name for name in stages if name in needed and name != target] + [target]


def downstream(stages: Mapping[str, StageNode], start: Iterable[str]) -> list[str]:
    """Return the stages that read an output of `start`, directly or not; `start` left out."""
    found = set(start)
    frontier = list(found)
    while frontier:
        outs = stages[frontier.pop()].outs
        for stage in stages.values():
            if stage.name not in found and any(
                _overlap(out, dep) for out in outs for dep in stage.deps
            ):
                found.add(stage.name)
                frontier.append(stage.name)
    return [name for name in stages if name in found - set(start)]


def shared_prefix(
    stages: Mapping[str, StageNode], target: str, swept: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Split the stages up to `target` into those that no trial changes, and the others.

    `swept` are the dotted keys that differ between trials.
    """
    order, keys = upstream(stages, target), list(swept)
    direct = [
        name
        for name in order
        if any(_related(key, used) for key in keys for used in stages[name].params)
    ]
    varying = {*direct, *downstream(stages, direct)}
    return [n for n in order if n not in varying], [n for n in order if n in varying]


def reruns_by_room(
    stages: Mapping[str, StageNode], rooms: Iterable[str] = ()
) -> list[tuple[str, list[str], list[str]]]:
    """Return which stages an edit in each room re-runs; a room is a folder or file of nbarank/.

    Parameters
    ----------
    rooms
        Rooms to list besides those that a stage depends on.

    Returns
    -------
    list of tuple
        Room, the stages that depend on it, and the stages downstream of those, which re-run only
        if an output changes. A folder that contains other rooms is left out.
    """
    declared = dict.fromkeys(
        dep for stage in stages.values() for dep in stage.deps if dep.startswith("nbarank/")
    )
    every = dict.fromkeys([*declared, *rooms])
    rows = []
    for room in every:
        folders = (PurePosixPath(other) for other in every if not PurePosixPath(other).suffix)
        if any(PurePosixPath(room) in folder.parents for folder in folders):
            continue
        inside = (room, *map(str, PurePosixPath(room).parents))
        direct = [s.name for s in stages.values() if set(s.deps) & set(inside)]
        rows.append((room, direct, downstream(stages, direct)))
    return rows


def unread_keys(stages: Mapping[str, StageNode], target: str, swept: Iterable[str]) -> list[str]:
    """Return the swept keys that no stage up to `target` declares: they change nothing."""
    used = [key for name in upstream(stages, target) for key in stages[name].params]
    return [key for key in swept if not any(_related(key, other) for other in used)]


def _paths(entries: Any) -> list[str]:
    if entries is None:
        return []
    return [next(iter(entry)) if isinstance(entry, Mapping) else str(entry) for entry in entries]


def _param_keys(entries: Any) -> list[str]:
    keys: list[str] = []
    for entry in entries or ():
        if isinstance(entry, Mapping):
            for path, inner in entry.items():
                if path == "params.yaml":
                    keys.extend(inner or ())
        else:
            keys.append(str(entry))
    return keys


def _resolved(path: str, params: Mapping[str, Any], folder: str) -> str:
    def fill(match: re.Match[str]) -> str:
        value: Any = params
        for key in match.group(1).strip().split("."):
            value = value.get(key, "") if isinstance(value, Mapping) else ""
        return str(value)

    filled = _TEMPLATE.sub(fill, path)
    return str(PurePosixPath(folder) / filled)


def _overlap(one: str, other: str) -> bool:
    first, second = PurePosixPath(one), PurePosixPath(other)
    return first == second or first in second.parents or second in first.parents


def _related(key: str, used: str) -> bool:
    return key == used or key.startswith(f"{used}.") or used.startswith(f"{key}.")
