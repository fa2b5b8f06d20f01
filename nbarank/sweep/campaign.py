"""A campaign: many sweeps in a fixed order, from one commit, resumable as a whole.

Each sweep keeps its own study; what a campaign adds is the order and the commit, so that its
sweeps can be compared although it may take days and the tree moves on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Literal

import optuna
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nbarank.core.errors import SweepError
from nbarank.core.sections import read_yaml
from nbarank.dvc.git import head, repository_root
from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.run import SweepOutcome, run_sweep
from nbarank.sweep.storage import Storage, storage_url


class CampaignSweep(BaseModel):
    """One sweep of a campaign."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    space: str
    objective: str
    listmle_target: Literal["final_rank", "playoff_outcome"]
    n_trials: int | None = Field(default=None, ge=1)


class Campaign(BaseModel):
    """A campaign as written in sweeps/campaigns/NAME.yaml."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
    name: str
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
    path = folder / f"{name}.yaml"
    if not path.is_file():
        raise SweepError(
            f"There is no campaign '{name}'.",
            where=str(path),
            allowed=", ".join(sorted(found.stem for found in folder.glob("*.yaml"))) or "none",
            next_command="nbarank sweep campaign NAME",
        )
    try:
        return Campaign.model_validate_json(json.dumps({"name": name, **read_yaml(path)}))
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(map(str, f['loc']))}: {f['msg']}" for f in error.errors())
        raise SweepError(
            f"{path} is not a campaign.", where=faults, next_command=f"edit {path}"
        ) from error


def requests_of(campaign: Campaign, common: SweepRequest) -> list[SweepRequest]:
    """Return the sweeps of a campaign in their order.

    Parameters
    ----------
    common
        What holds for all of them: jobs, engine, storage, profile.
    """
    return [
        replace(
            common,
            space=sweep.space,
            objective=sweep.objective,
            listmle_target=sweep.listmle_target,
            n_trials=common.n_trials or sweep.n_trials,
            study=f"{sweep.space}_{sweep.objective}_{sweep.listmle_target}",
        )
        for sweep in campaign.sweeps
    ]


def run_campaign(
    name: str,
    common: SweepRequest,
    folder: Path,
    say: Callable[[str], None] = print,
    *,
    quiet: bool = False,
) -> list[SweepOutcome]:
    """Run a campaign, or go on with it; stops after the sweep that was stopped.

    Raises
    ------
    SweepError, ParamsError
        If a sweep cannot start. All are checked before the first one runs.
    """
    home = repository_root(folder)
    campaign = load_campaign(name, home)
    base = _campaign_base(Storage(storage_url(home, common.storage)), campaign.name, head(home))
    requests = [replace(request, base=base) for request in requests_of(campaign, common)]
    for request in requests:
        make_plan(request, home, join=False)
    outcomes: list[SweepOutcome] = []
    for number, request in enumerate(requests, start=1):
        say(f"campaign {name}: sweep {number} of {len(requests)}, {request.study}")
        outcomes.append(run_sweep(request, home, quiet=quiet))
        if outcomes[-1].stopped:
            break
    return outcomes


def _campaign_base(storage: Storage, name: str, current: str) -> str:
    """Return the commit a campaign hangs off: the one it was started from."""
    study_name = f"campaign_{name}"
    with storage.exclusive(study_name):
        study = optuna.create_study(
            storage=storage.optuna, study_name=study_name, load_if_exists=True
        )
        base = study.user_attrs.get("base")
        if base is None:
            study.set_user_attr("base", current)
            return current
        return str(base)
