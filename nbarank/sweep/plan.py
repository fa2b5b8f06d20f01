"""The plan of a sweep: what runs, from which commit, under which name.

Every error that can be known beforehand is raised here, before the first trial.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nbarank.core.errors import SweepError
from nbarank.dvc.git import (
    experiment_refs,
    has_commit,
    head,
    repository_root,
    require_whole_repository,
)
from nbarank.dvc.outputs import SUMMARY_FILE, read_params, read_pipeline_file
from nbarank.dvc.param_values import flattened, nested, value_at
from nbarank.dvc.pipeline import (
    StageNode,
    read_pipeline,
    shared_prefix,
    stage_that_makes,
    unread_keys,
)
from nbarank.dvc.runs import read_profile, with_absolute_paths
from nbarank.sweep.clone import sweep_folder
from nbarank.sweep.objectives import OBJECTIVES, Objective
from nbarank.sweep.preflight import refuse_bad_values, refuse_unseen_changes
from nbarank.sweep.spaces import TARGET_KEY, Space, load_space
from nbarank.sweep.storage import GRACE_SECONDS, Storage, storage_url
from nbarank.sweep.study import Record, Study

STUDY_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_]")


@dataclass(frozen=True)
class SweepRequest:
    """A sweep as requested on the command line or by a campaign.

    `nbarank sweep run --help` describes the options. `settings` are values of all trials by dotted
    key; `base` is the commit of a new study, by default the one checked out.
    """

    space: str
    objective: str | None = None
    listmle_target: str | None = None
    n_trials: int | None = None
    pruner: str | None = None
    study: str | None = None
    jobs: int = 1
    profile: str | None = None
    explain: bool = True
    engine: Literal["workers", "queue"] = "workers"
    storage: str | None = None
    push: str | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    grace: float = GRACE_SECONDS
    base: str | None = None
    note: str | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """What a sweep will do.

    `params` and `stages` are those of the study's commit; `target` is the stage that makes the
    metric; trials share the results of the stages `prefix` and run `varying`; `paths` are values
    made absolute for the clones on this machine.
    """

    home: Path
    name: str
    request: SweepRequest
    space: Space
    record: Record
    n_trials: int
    params: dict[str, Any]
    stages: dict[str, StageNode]
    target: str
    prefix: list[str]
    varying: list[str]
    paths: dict[str, str]
    storage: Storage

    @property
    def objective(self) -> Objective:
        """Return the study's objective."""
        return OBJECTIVES[self.space.objective]

    def trial_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters of a trial: fixed ones, absolute paths, its own values."""
        return {**self.record.fixed, **self.paths, **values}

    def diagnostics(self) -> list[str]:
        """Return the files about attention that a trial makes."""
        made = [out for name in (*self.prefix, *self.varying) for out in self.stages[name].outs]
        return [out for out in made if out.endswith(".json") and "attention" in out]

    def tuned_values(self) -> dict[str, Any]:
        """Return the swept keys with their values in params.yaml at the study's commit."""
        return {key: value_at(self.params, key) for key in self.space.space}

    def describe(self) -> str:
        """Return the plan as text, for `--dry-run`."""
        tuned, pruner, jobs = self.tuned_values(), self.space.pruner.name, self.request.jobs
        methods = {"grid": "every point once", "random": "random", "optuna": "TPE"}
        method = methods.get(self.space.method, "TPE with successive halving")
        rows = {
            "study": self.name,
            "commit": self.record.base[:12],
            "objective": str(self.objective),
            "trials": f"{self.n_trials} ({method}, seed {self.space.seed}), {jobs} at a time",
            "pruner": "" if pruner == "none" else pruner,
            "engine": self.request.engine,
            "storage": self.storage.shown_url,
            "runs once": ", ".join(self.prefix),
            "each trial": ", ".join(self.varying),
        }
        searched = {key: f"{dim} (tuned: {tuned[key]})" for key, dim in self.space.space.items()}
        fixed = {**self.record.fixed, **self.paths}
        parts = {"": rows, "Search space": searched, "Same in all trials": fixed}
        lines = []
        for title, part in parts.items():
            width = max(map(len, part), default=0)
            lines += ["", title] if title and part else []
            lines += [f"{key:<{width}}  {text}" for key, text in part.items() if text != ""]
        return "\n".join(lines)


def make_plan(request: SweepRequest, folder: Path, *, join: bool = True) -> tuple[Plan, Study]:
    """Check a request against the repository and make the plan of its sweep.

    Without `join` the study is neither created nor joined, and nothing is written (`--dry-run`).

    Raises
    ------
    SweepError, ParamsError, RevisionError
        For anything that would make trials meaningless: unknown keys, wrong types, a test season,
        uncommitted files, a study of the same name that was started with something else.
    """
    home = repository_root(folder)
    require_whole_repository(home, remote=request.push)
    space = load_space(request.space, home / "sweeps")
    space = space.overridden(request.objective, request.listmle_target, request.pruner)
    fixed = _fixed_values(space, request, home)
    parts = filter(None, [space.name, space.objective, space.listmle_target])
    default = NOT_IN_A_NAME.sub("_", "_".join(parts))
    name = default if request.study is None else request.study
    if not STUDY_NAME.fullmatch(name):
        raise SweepError(
            f"'{name}' cannot name a study: experiments are called STUDY-NUMBER.",
            allowed="letters, digits and underscores",
            option=("--study", NOT_IN_A_NAME.sub("_", name)[:100] or default),
        )
    refuse_unseen_changes(home)
    study = Study(Storage(storage_url(home, request.storage), request.grace), name)
    with study.storage.reporting_errors():
        base = _base_of(study, request, home)
    params = read_params(home, base)
    stages = read_pipeline(read_pipeline_file(home, base), params)
    target = stage_that_makes(stages, SUMMARY_FILE)
    possible = {**{key: [value] for key, value in fixed.items()}, **space.extremes()}
    refuse_bad_values(possible, params)
    if ignored := unread_keys(stages, target, space.space):
        raise SweepError(
            f"No stage up to '{target}' reads {', '.join(ignored)}: every trial would be the same.",
            where="dvc.yaml: params of the stages",
            allowed="keys that a stage declares",
            next_command=f"remove {', '.join(ignored)} from sweeps/{space.name}.yaml",
        )
    rungs = space.halving.rungs if space.halving else []
    varied = {*space.space, *(key for rung in rungs for key in rung)}
    prefix, varying = shared_prefix(stages, target, varied)
    with_paths = flattened(with_absolute_paths(nested(fixed), params, home))
    plan = Plan(
        home=home,
        name=name,
        request=request,
        space=space,
        record=Record(
            base=base,
            space=space.model_dump(mode="json"),
            objective=space.objective,
            fixed=json.loads(json.dumps(fixed)),
            profile=request.profile,
        ),
        n_trials=space.total_trials(request.n_trials),
        params=params,
        stages=stages,
        target=target,
        prefix=prefix,
        varying=varying,
        paths={key: path for key, path in with_paths.items() if path != fixed.get(key)},
        storage=study.storage,
    )
    if join:
        sweep_folder(home)
    with study.storage.reporting_errors():
        if join:
            study.create_or_join(plan.record, plan.n_trials)
        elif study.exists():
            study.refuse_another(plan.record)
    return plan, study


def _fixed_values(space: Space, request: SweepRequest, home: Path) -> dict[str, Any]:
    """Return the values of all trials by dotted key; later sources win."""
    command = f"nbarank sweep run {shlex.quote(space.name)}"
    profile = read_profile(request.profile, home, command) if request.profile is not None else {}
    target = {TARGET_KEY: space.listmle_target} if space.listmle_target else {}
    parts = (flattened(profile), flattened(space.fixed), target, flattened(request.settings))
    fixed = {key: value for part in parts for key, value in part.items()}
    return {key: value for key, value in fixed.items() if key not in space.space}


def _base_of(study: Study, request: SweepRequest, home: Path) -> str:
    """Return the commit of a study's trials: the one it was started with, if it exists."""
    name, base = study.name, study.base() or request.base or head(home)
    if not has_commit(home, base):
        raise SweepError(
            f"Commit {base[:12]} of study '{name}' is not in this clone.",
            where=str(home),
            allowed="clones that have the study's commit",
            next_command="git fetch --all",
        )
    prefix = f"refs/exps/{base[:2]}/{base[2:]}/{name}-"
    refs = [ref for ref in experiment_refs(home) if re.fullmatch(re.escape(prefix) + r"\d+", ref)]
    if refs and not study.exists():
        raise SweepError(
            f"This commit has {len(refs)} experiment(s) of an earlier study '{name}', whose "
            "results would pass for those of the new one.",
            where=refs[0],
            allowed="a name without experiments, or the database of the earlier study",
            option=("--study", f"{name}_2"),
        )
    return base
