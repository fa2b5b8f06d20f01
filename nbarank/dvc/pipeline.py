"""Read dvc.yaml as a graph: which stage yields the metric, which stages no trial changes.

The shared prefix of a sweep is every stage above the metric whose result is the same for all
trials. It runs once, before the first trial: trials that run side by side would otherwise each
compute it, because DVC's run cache knows a stage only when it has finished.
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
    """Return the stages of a dvc.yaml by name.

    Parameters
    ----------
    content
        Plain content of dvc.yaml.
    params
        Content of params.yaml, from which `${...}` in paths is filled.

    Raises
    ------
    RevisionError
        For `foreach` and `matrix` stages, which sweeps do not read.
    """
    stages: dict[str, StageNode] = {}
    for name, body in content.get("stages", {}).items():
        if "foreach" in body or "matrix" in body:
            raise RevisionError(
                f"Stage '{name}' is a matrix, and sweeps do not read those.",
                where=f"dvc.yaml: stages.{name}",
                allowed="plain stages; do the loop inside one stage",
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
    """Return the stage whose outputs hold a file.

    Raises
    ------
    RevisionError
        If no stage makes it.
    """
    for stage in stages.values():
        if any(_overlap(out, path) for out in stage.outs):
            return stage.name
    raise RevisionError(
        f"No stage of dvc.yaml makes {path}, so a trial would have no value.",
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


def shared_prefix(
    stages: Mapping[str, StageNode], target: str, swept: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Split the stages above (and with) `target` into those no trial changes, and the others.

    Parameters
    ----------
    swept
        Dotted keys that differ between trials.
    """
    order = upstream(stages, target)
    keys = list(swept)
    varying = {
        name
        for name in order
        if any(_related(key, used) for key in keys for used in stages[name].params)
    }
    grew = True
    while grew:
        outs = [out for name in varying for out in stages[name].outs]
        more = {
            name
            for name in order
            if name not in varying
            and any(_overlap(out, dep) for out in outs for dep in stages[name].deps)
        }
        varying |= more
        grew = bool(more)
    return [n for n in order if n not in varying], [n for n in order if n in varying]


def unread_keys(stages: Mapping[str, StageNode], target: str, swept: Iterable[str]) -> list[str]:
    """Return the swept keys that no stage up to `target` declares: they would change nothing."""
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
