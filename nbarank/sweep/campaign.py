"""A campaign: several sweeps in a fixed order from one commit, resumable as a whole.

Every sweep has its own study. The commit of the campaign keeps its sweeps comparable, although it
may take days and the user's tree changes meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import optuna
from pydantic import Field

from nbarank.core.file_names import require_name
from nbarank.core.sections import read_yaml
from nbarank.dvc.git import head, repository_root
from nbarank.sweep.clone import sweep_folder
from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.spaces import SweepModel, Target, parsed, require_file
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import CAMPAIGN, Study
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
    """Read a campaign by name; a SweepError if there is none, or a key of it is not allowed."""
    require_name(name, "campaign", "nbarank sweep campaign phase1")
    path = root / "sweeps" / "campaigns" / f"{name}.yaml"
    require_file(path, f"campaign '{name}'", "nbarank sweep campaign")
    return parsed(Campaign, read_yaml(path), str(path))


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

    `common` has the values of all its sweeps: jobs, engine, storage, profile, n_trials. With
    `dry_run` the plans are printed, and nothing is started or written. A SweepError or ParamsError
    if a sweep cannot start: all are checked before the first one runs.
    """
    home = repository_root(folder)
    campaign = load_campaign(name, home)
    storage = Storage(storage_url(home, common.storage))
    record = Study(storage, f"{CAMPAIGN}{name}")
    with storage.reporting_errors():
        base = record.base() or head(home)
    requests = []
    for sweep in campaign.sweeps:
        n_trials = common.n_trials or sweep.n_trials
        requests.append(replace(common, **{**sweep.model_dump(), "n_trials": n_trials}, base=base))
    plans = [make_plan(request, home, join=False)[0] for request in requests]
    if dry_run:
        say("\n\n".join(plan.describe() for plan in plans))
        return []
    sweep_folder(home)
    with storage.reporting_errors(), storage.exclusive(record.name):
        optuna.create_study(
            storage=storage.optuna, study_name=record.name, load_if_exists=True
        ).set_user_attr("base", record.base() or base)
    outcomes: list[SweepOutcome] = []
    for number, request in enumerate(requests):
        say(f"campaign {name}: sweep {number + 1} of {len(requests)}, {plans[number].name}")
        outcomes.append(run_sweep(request, home, quiet=quiet))
        if outcomes[-1].stopped:
            break
    return outcomes
