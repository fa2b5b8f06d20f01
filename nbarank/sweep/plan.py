"""From a command line to a plan: what will run, from which commit, under which name.

Everything that can be wrong is said here, before the first trial.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from nbarank.core.errors import SweepError
from nbarank.core.sections import read_yaml
from nbarank.dvc.git import experiment_refs, has_commit, head, repository_root
from nbarank.dvc.outputs import SUMMARY_FILE, read_params, read_pipeline_file
from nbarank.dvc.param_values import flattened, value_at
from nbarank.dvc.pipeline import (
    StageNode,
    read_pipeline,
    shared_prefix,
    stage_that_makes,
    unread_keys,
)
from nbarank.sweep.bounds import refuse_out_of_bounds
from nbarank.sweep.clone import absolute_paths, cache_folder
from nbarank.sweep.guards import refuse_unseen_changes
from nbarank.sweep.objectives import Objective, objective_named, refuse_test_seasons
from nbarank.sweep.record import Record
from nbarank.sweep.spaces import TARGET_KEY, Space, extremes, load_space, refuse_unknown_keys
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study

STUDY_NAME = re.compile(r"[A-Za-z0-9_]{1,100}")
EXPLAIN_STAGE = "explain"


@dataclass(frozen=True)
class SweepRequest:
    """What was asked for on the command line, or by a campaign.

    Parameters
    ----------
    space
        Name of a space in `sweeps/`, or the path of its file.
    objective, listmle_target, n_trials
        Put over what the space says, where given.
    study
        Name of the study; made from space, objective and target where not given.
    jobs
        Trials at a time.
    profile
        Name of a file in `profiles/` whose values hold in all trials.
    engine
        How trials run.
    storage
        Database URL; the embedded database where not given.
    push
        Git remote to which every finished experiment is pushed.
    settings
        More values that hold in all trials, by dotted key.
    grace
        Seconds without a heartbeat after which another host's trial is taken over.
    base
        Commit that a new study hangs off; the one checked out where not given.
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
    grace: float = 120.0
    base: str | None = None


@dataclass(frozen=True)
class Plan:
    """What a sweep will do.

    Parameters
    ----------
    home
        The user's repository.
    name
        The study.
    record
        What the study is started with.
    params
        params.yaml at the study's commit.
    stages
        Stages of dvc.yaml at that commit.
    target
        The stage that yields the metric.
    prefix, varying
        Stages up to the target that no trial changes, and the others.
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
    storage_url: str

    def trial_values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return all parameters of a trial: held ones, absolute paths, its own values."""
        return {**self.record.fixed, **self.paths, **values}

    def made_by_trials(self) -> list[str]:
        """Return the outputs of all stages that a trial brings up to date."""
        names = [*self.prefix, *self.varying]
        return [out for name in names for out in self.stages[name].outs]

    def locked_values(self) -> dict[str, Any]:
        """Return the swept keys as params.yaml has them at the study's commit."""
        return {key: value_at(self.params, key) for key in self.space.space}

    def describe(self) -> str:
        """Return the plan in words, for `--dry-run`."""
        lines = [
            f"study       {self.name}",
            f"commit      {self.record.base[:12]}",
            f"objective   {self.objective.name} ({self.objective.direction}): "
            f"{self.objective.meaning}",
            f"method      {self.space.method}, {self.n_trials} trials, seed {self.space.seed}",
            f"storage     {self.storage_url.split('@')[-1]}",
            f"engine      {self.request.engine}, {self.request.jobs} at a time",
            f"runs once   {', '.join(self.prefix) or '-'}",
            f"each trial  {', '.join(self.varying)}",
            "space",
        ]
        for key, dimension in self.space.space.items():
            locked = value_at(self.params, key)
            lines.append(
                f"  {key}: {dimension.model_dump(exclude_defaults=True)} (locked {locked})"
            )
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
    SweepError, ParamsError
        For whatever would make trials meaningless: unknown keys, wrong types, a test season,
        uncommitted files, a study of the same name that wants something else.
    """
    home = repository_root(folder)
    space = _with_request(load_space(request.space, home / "sweeps"), request)
    objective = objective_named(space.objective)
    fixed = _fixed_values(space, request, home)
    name = request.study or default_study_name(space)
    if not STUDY_NAME.fullmatch(name):
        raise SweepError(
            f"'{name}' cannot name a study: experiments are called STUDY-NUMBER.",
            allowed="letters, digits and underscores",
            next_command=f"--study {re.sub(r'[^A-Za-z0-9_]', '_', name)}",
        )
    refuse_unseen_changes(home)
    url = storage_url(home, request.storage)
    study = Study(Storage(url), name, grace=request.grace)
    known = study.exists()
    if known:
        study.join()
    base = str(study.study.user_attrs.get("nbarank", {}).get("base", "")) if known else ""
    base = base or request.base or head(home)
    _refuse_bad_base(home, name, base, known)
    params = read_params(home, base)
    stages = read_pipeline(read_pipeline_file(home, base), params)
    target = stage_that_makes(stages, SUMMARY_FILE)
    possible = extremes(space)
    for key, value in fixed.items():
        possible.setdefault(key, [value])
    refuse_unknown_keys(possible, params)
    refuse_test_seasons(possible, params)
    refuse_out_of_bounds(params, possible)
    ignored = unread_keys(stages, target, space.space)
    if ignored:
        raise SweepError(
            f"No stage up to '{target}' reads {', '.join(ignored)}: every trial would be the same.",
            where="dvc.yaml: params of the stages",
            allowed="keys that a stage declares",
            next_command="edit the search space",
        )
    prefix, varying = shared_prefix(stages, target, _varying_keys(space))
    record = Record(
        base=base,
        space=json.loads(space.model_dump_json()),
        objective=objective.name,
        fixed=json.loads(json.dumps(fixed)),
        profile=request.profile,
    )
    plan = Plan(
        home=home,
        name=name,
        request=request,
        space=space,
        objective=objective,
        record=record,
        n_trials=space.trials_wanted(request.n_trials),
        params=params,
        stages=stages,
        target=target,
        prefix=prefix,
        varying=varying,
        paths=absolute_paths({**flattened(params), **fixed}, home),
        cache=cache_folder(home),
        storage_url=url,
    )
    if join:
        study.create_or_join(record, plan.n_trials)
    return plan, study


def default_study_name(space: Space) -> str:
    """Return `SPACE_OBJECTIVE_TARGET`, for example phase1_spearman_final_rank."""
    parts = [space.name, space.objective, *([space.listmle_target] if space.listmle_target else [])]
    return re.sub(r"[^A-Za-z0-9_]", "_", "_".join(parts))


def _with_request(space: Space, request: SweepRequest) -> Space:
    changes: dict[str, Any] = {}
    if request.objective:
        changes["objective"] = objective_named(request.objective).name
    if request.listmle_target:
        if request.listmle_target not in ("final_rank", "playoff_outcome"):
            raise SweepError(
                f"'{request.listmle_target}' is not a target.",
                where="--listmle-target",
                allowed="final_rank, playoff_outcome",
                next_command="nbarank sweep run SPACE --listmle-target final_rank",
            )
        changes["listmle_target"] = request.listmle_target
    return space.model_copy(update=changes)


def _fixed_values(space: Space, request: SweepRequest, home: Path) -> dict[str, Any]:
    fixed: dict[str, Any] = {}
    if request.profile:
        path = home / "profiles" / f"{request.profile}.yaml"
        if not path.is_file():
            known = ", ".join(sorted(found.stem for found in path.parent.glob("*.yaml")))
            raise SweepError(
                f"There is no profile '{request.profile}'.",
                where=str(path),
                allowed=known or "none",
                next_command="nbarank sweep run SPACE --profile NAME",
            )
        fixed.update(flattened(read_yaml(path)))
    fixed.update(space.fixed)
    if space.listmle_target:
        fixed[TARGET_KEY] = space.listmle_target
    fixed.update(request.settings)
    return {key: value for key, value in fixed.items() if key not in space.space}


def _varying_keys(space: Space) -> set[str]:
    rungs = space.halving.rungs if space.halving else []
    return {*space.space, *(key for rung in rungs for key in rung)}


def _refuse_bad_base(home: Path, name: str, base: str, known: bool) -> None:
    if not has_commit(home, base):
        raise SweepError(
            f"Study '{name}' hangs off commit {base[:12]}, which this clone does not have.",
            where=str(home),
            allowed="clones that hold the study's commit",
            next_command="git fetch --all",
        )
    if known:
        return
    taken = [
        ref
        for ref in experiment_refs(home)
        if re.fullmatch(rf"{re.escape(name)}-\d+", ref.rsplit("/", 1)[1])
        and ref.split("/")[2:4] == [base[:2], base[2:]]
    ]
    if taken:
        raise SweepError(
            f"{len(taken)} experiment(s) of an earlier study '{name}' hang off this commit, and "
            "their results would pass for those of the new one.",
            where=taken[0],
            allowed="a name without experiments, or the database of the earlier study",
            next_command="the same command with --study ANOTHER_NAME, or dvc exp remove "
            + " ".join(ref.rsplit("/", 1)[1] for ref in taken[:5]),
        )
