"""A campaign: several sweeps in a fixed order from one commit, resumable as a whole.

Every sweep has its own study. The commit of the campaign keeps its sweeps comparable, although it
may take days and the user's tree changes meanwhile.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import optuna
from pydantic import Field, ValidationError

from nbarank.core.errors import SweepError
from nbarank.core.file_names import require_name
from nbarank.core.sections import read_yaml
from nbarank.dvc.git import head, repository_root
from nbarank.sweep.clone import sweep_folder
from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.spaces import SweepModel, Target, errors_by_key
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study
from nbarank.sweep.workers import SweepOutcome, run_sweep


class CampaignSweep(SweepModel):
    """One sweep of a campaign."""

    space: str
    objective: str
    listmle_target: Target
    n_trials: int | None = Field(default=None, ge=1)


class Campaign(SweepModel):
    """A campaign as written in sweeps/campaigns/NAME.yaml."""

    description: str = Field(min_length=1)
    sweeps: list[CampaignSweep] = Field(min_length=1)


def load_campaign(name: str, root: Path) -> Campaign:
    """Read a campaign by name.

    Raises
    ------
    SweepError
        If there is none, or a key of it is not allowed.
    """
    folder = root / "sweeps" / "campaigns"
    require_name(name, "campaign", "nbarank sweep campaign NAME")
    path = folder / f"{name}.yaml"
    if not path.is_file():
        known = sorted(found.stem for found in folder.glob("*.yaml"))
        raise SweepError(
            f"There is no campaign '{name}'.",
            where=str(path),
            allowed=", ".join(known) or f"a file in {folder}",
            next_command=f"nbarank sweep campaign {shlex.quote(known[0]) if known else 'NAME'}",
        )
    try:
        return Campaign.model_validate_json(json.dumps(read_yaml(path)))
    except ValidationError as error:
        raise SweepError(
            f"{path} is not a campaign.", where=errors_by_key(error), next_command=f"edit {path}"
        ) from error


def run_campaign(
    name: str,
    common: SweepRequest,
    folder: Path,
    say: Callable[[str], None] = print,
    *,
    quiet: bool = False,
    dry_run: bool = False,
) -> list[SweepOutcome]:
    """Start or resume a campaign; it ends after a sweep that was stopped.

    Parameters
    ----------
    common
        Values of all its sweeps: jobs, engine, storage, profile, n_trials.
    dry_run
        Print the plans of its sweeps; start and write nothing.

    Raises
    ------
    SweepError, ParamsError
        If a sweep cannot start. All are checked before the first one runs.
    """
    home = repository_root(folder)
    campaign = load_campaign(name, home)
    storage = Storage(storage_url(home, common.storage))
    with storage.reporting_errors():
        base = _campaign_base(storage, name) or head(home)
    requests = [
        replace(
            common,
            space=sweep.space,
            objective=sweep.objective,
            listmle_target=sweep.listmle_target,
            n_trials=common.n_trials or sweep.n_trials,
            study=f"{sweep.space}_{sweep.objective}_{sweep.listmle_target}",
            base=base,
        )
        for sweep in campaign.sweeps
    ]
    plans = [make_plan(request, home, join=False)[0] for request in requests]
    if dry_run:
        say("\n\n".join(plan.describe() for plan in plans))
        return []
    sweep_folder(home)
    with storage.reporting_errors():
        _record_base(storage, name, base)
    outcomes: list[SweepOutcome] = []
    for number, request in enumerate(requests, start=1):
        say(f"campaign {name}: sweep {number} of {len(requests)}, {request.study}")
        outcomes.append(run_sweep(request, home, quiet=quiet))
        if outcomes[-1].stopped:
            break
    return outcomes


def _campaign_base(storage: Storage, name: str) -> str | None:
    """Return the commit that a campaign was started from; None if it has not been started."""
    study = Study(storage, f"campaign_{name}")
    if not study.exists():
        return None
    attributes = optuna.load_study(study_name=study.name, storage=storage.optuna).user_attrs
    return attributes.get("base")


def _record_base(storage: Storage, name: str, base: str) -> None:
    study_name = f"campaign_{name}"
    with storage.exclusive(study_name):
        study = optuna.create_study(
            storage=storage.optuna, study_name=study_name, load_if_exists=True
        )
        if "base" not in study.user_attrs:
            study.set_user_attr("base", base)
