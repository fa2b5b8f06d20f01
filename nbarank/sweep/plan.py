"""The plan of a sweep: what runs, from which commit, under which name.

Every error that can be known beforehand is raised here, before the first trial.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

from nbarank.core.errors import SweepError
from nbarank.core.file_names import require_name
from nbarank.core.sections import read_yaml
from nbarank.dvc.git import (
    experiment_refs,
    has_commit,
    head,
    repository_root,
    require_whole_repository,
)
from nbarank.dvc.outputs import SUMMARY_FILE, read_params, read_pipeline_file
from nbarank.dvc.param_values import flattened, value_at
from nbarank.dvc.pipeline import (
    StageNode,
    read_pipeline,
    shared_prefix,
    stage_that_makes,
    unread_keys,
)
from nbarank.sweep.clone import absolute_paths, cache_folder, sweep_folder
from nbarank.sweep.objectives import Objective, objective_named
from nbarank.sweep.preflight import refuse_bad_values, refuse_unseen_changes
from nbarank.sweep.spaces import TARGET_KEY, Space, Target, load_space
from nbarank.sweep.storage import GRACE_SECONDS, Storage, storage_url
from nbarank.sweep.study import RECORD, Record, Study

STUDY_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
NOT_IN_A_NAME = re.compile(r"[^A-Za-z0-9_]")
EXPLAIN_STAGE = "explain"


@dataclass(frozen=True)
class SweepRequest:
    """A sweep as requested on the command line or by a campaign.

    Parameters
    ----------
    space
        Name of a space in `sweeps/`, or the path of its file.
    objective, listmle_target, n_trials
        Override the space, where given.
    study
        Name of the study; by default from space, objective and target.
    jobs
        Number of trials that run at the same time.
    profile
        Name of a file in `profiles/` whose values all trials have.
    storage
        Database URL; by default the embedded database.
    push
        Git remote to which every finished experiment is pushed.
    settings
        More values that all trials have, by dotted key.
    grace
        Seconds without a heartbeat after which another machine's trial runs again.
    base
        Commit of a new study; by default the one checked out.
    note, tags
        Why the sweep was made, and labels; they replace those of an existing study.
    """

    space: str
    objective: str | None = None
    listmle_target: str | None = None
    n_trials: int | None = None
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

    Parameters
    ----------
    home
        Root of the user's repository.
    name
        The study.
    params, stages
        params.yaml and the stages of dvc.yaml at the study's commit.
    target
        The stage that makes the metric.
    prefix, varying
        Stages up to the target whose results all trials share, and the others.
    paths
        Paths made absolute for the clones on this machine.
    """

    home: Path
    name: str
    request: SweepRequest
    space: Space
    objective: Objective
    record: Record
    n_trials: int
    params: dict[str, Any]
    stages: dict[str, StageNode]
    target: str
    prefix: list[str]
    varying: list[str]
    paths: dict[str, str]
    cache: Path
    storage: Storage

    def trial_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters of a trial: fixed ones, absolute paths, its own values."""
        return {**self.record.fixed, **self.paths, **values}

    def made_by_trials(self) -> list[str]:
        """Return the outputs of all stages that a trial brings up to date."""
        return [out for name in (*self.prefix, *self.varying) for out in self.stages[name].outs]

    def tuned_values(self) -> dict[str, Any]:
        """Return the swept keys with their values in params.yaml at the study's commit."""
        return {key: value_at(self.params, key) for key in self.space.space}

    def describe(self) -> str:
        """Return the plan as text, for `--dry-run`."""
        aim, tuned = self.objective, self.tuned_values()
        lines = [
            f"study       {self.name}",
            f"commit      {self.record.base[:12]}",
            f"objective   {aim.name} ({aim.direction}): {aim.meaning}",
            f"method      {self.space.method}, {self.n_trials} trials, seed {self.space.seed}",
            f"storage     {self.storage.shown_url}",
            f"engine      {self.request.engine}, {self.request.jobs} at a time",
            f"runs once   {', '.join(self.prefix) or '-'}",
            f"each trial  {', '.join(self.varying)}",
            "space",
        ]
        for key, dimension in self.space.space.items():
            limits = dimension.model_dump(exclude_defaults=True)
            lines.append(f"  {key}: {limits} (tuned {tuned[key]})")
        lines += [f"fixed       {key} = {value}" for key, value in self.record.fixed.items()]
        lines += [f"here        {key} = {value}" for key, value in self.paths.items()]
        return "\n".join(lines)


def make_plan(request: SweepRequest, folder: Path, *, join: bool = True) -> tuple[Plan, Study]:
    """Check a request against the repository and make the plan of its sweep.

    Parameters
    ----------
    folder
        Any folder of the user's repository.
    join
        Create or join the study; without it nothing is written (`--dry-run`).

    Raises
    ------
    SweepError, ParamsError, RevisionError
        For anything that would make trials meaningless: unknown keys, wrong types, a test season,
        uncommitted files, a study of the same name that was started with something else.
    """
    home = repository_root(folder)
    require_whole_repository(home)
    space = _with_request(load_space(request.space, home / "sweeps"), request)
    fixed = _fixed_values(space, request, home)
    name = request.study or _default_study_name(space)
    if not STUDY_NAME.fullmatch(name):
        raise SweepError(
            f"'{name}' cannot name a study: experiments are called STUDY-NUMBER.",
            allowed="letters, digits and underscores",
            next_command=f"--study {NOT_IN_A_NAME.sub('_', name)}",
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
            next_command="edit the search space",
        )
    rungs = space.halving.rungs if space.halving else []
    prefix, varying = shared_prefix(
        stages, target, {*space.space, *(key for rung in rungs for key in rung)}
    )
    record = Record(
        base=base,
        space=json.loads(space.model_dump_json()),
        objective=space.objective,
        fixed=json.loads(json.dumps(fixed)),
        profile=request.profile,
    )
    plan = Plan(
        home=home,
        name=name,
        request=request,
        space=space,
        objective=objective_named(space.objective),
        record=record,
        n_trials=space.total_trials(request.n_trials),
        params=params,
        stages=stages,
        target=target,
        prefix=prefix,
        varying=varying,
        paths=absolute_paths({**flattened(params), **fixed}, home),
        cache=cache_folder(home),
        storage=study.storage,
    )
    if join:
        sweep_folder(home)
        with study.storage.reporting_errors():
            study.create_or_join(record, plan.n_trials)
    return plan, study


def _default_study_name(space: Space) -> str:
    """Return `SPACE_OBJECTIVE_TARGET`, for example phase1_spearman_final_rank."""
    parts = filter(None, [space.name, space.objective, space.listmle_target])
    return NOT_IN_A_NAME.sub("_", "_".join(parts))


def _with_request(space: Space, request: SweepRequest) -> Space:
    target = request.listmle_target or space.listmle_target
    if target is not None and target not in get_args(Target):
        raise SweepError(
            f"'{target}' is not a target.",
            where="--listmle-target",
            allowed=", ".join(get_args(Target)),
            next_command="nbarank sweep run SPACE --listmle-target final_rank",
        )
    objective = objective_named(request.objective or space.objective).name
    return space.model_copy(update={"objective": objective, "listmle_target": target})


def _fixed_values(space: Space, request: SweepRequest, home: Path) -> dict[str, Any]:
    fixed: dict[str, Any] = {}
    if request.profile is not None:
        require_name(request.profile, "profile", "nbarank sweep run SPACE --profile NAME")
        path = home / "profiles" / f"{request.profile}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in path.parent.glob("*.yaml")))
            raise SweepError(
                f"There is no profile '{request.profile}'.",
                where=str(path),
                allowed=known or f"a file in {path.parent}",
                next_command="nbarank sweep run SPACE --profile NAME",
            )
        fixed |= flattened(read_yaml(path))
    fixed |= flattened(space.fixed)
    if space.listmle_target:
        fixed[TARGET_KEY] = space.listmle_target
    fixed |= flattened(request.settings)
    return {key: value for key, value in fixed.items() if key not in space.space}


def _base_of(study: Study, request: SweepRequest, home: Path) -> str:
    """Return the commit of a study's trials: the one it was started with, if it exists.

    Raises
    ------
    SweepError
        If the commit is missing here, or has experiments of an earlier study of the same name.
    """
    known = study.exists()
    if known:
        study.join()
    base = str(study.study.user_attrs.get(RECORD, {}).get("base", "")) if known else ""
    base = base or request.base or head(home)
    name = study.name
    if not has_commit(home, base):
        raise SweepError(
            f"Commit {base[:12]} of study '{name}' is not in this clone.",
            where=str(home),
            allowed="clones that have the study's commit",
            next_command="git fetch --all",
        )
    prefix = f"refs/exps/{base[:2]}/{base[2:]}/{name}-"
    refs = [ref for ref in experiment_refs(home) if re.fullmatch(re.escape(prefix) + r"\d+", ref)]
    if refs and not known:
        raise SweepError(
            f"This commit has {len(refs)} experiment(s) of an earlier study '{name}', whose "
            "results would pass for those of the new one.",
            where=refs[0],
            allowed="a name without experiments, or the database of the earlier study",
            next_command="the same command with --study ANOTHER_NAME, or dvc exp remove "
            + " ".join(ref.rsplit("/", 1)[1] for ref in refs[:5]),
        )
    return base
