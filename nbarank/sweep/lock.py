"""Write the values of an experiment into params.yaml, if its gain is beyond the noise."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import SweepError
from nbarank.core.params import seasons_of_role_test
from nbarank.core.sections import read_yaml
from nbarank.core.tables import write_text
from nbarank.dvc.git import experiment_refs, repository_root
from nbarank.dvc.outputs import read_params, read_scorecard
from nbarank.dvc.param_values import value_at
from nbarank.sweep.clone import SWEEP_FOLDER
from nbarank.sweep.gain import Gain, gain_of, season_gains
from nbarank.sweep.leaderboard import changed_values
from nbarank.sweep.objectives import objective_named
from nbarank.sweep.params_edit import with_values
from nbarank.sweep.preflight import refuse_bad_values
from nbarank.sweep.result import REFERENCE, tuned_revision
from nbarank.sweep.spaces import TARGET_KEY
from nbarank.sweep.storage import DATABASE, Storage, storage_url
from nbarank.sweep.study import Study


@dataclass(frozen=True)
class Locked:
    """What was written.

    Parameters
    ----------
    gain
        Over the configuration before.
    against
        Ref or commit whose scorecard the gain is over.
    values
        Key to (before, after).
    """

    gain: Gain
    against: str
    values: dict[str, tuple[Any, Any]]


def lock_experiment(
    name: str,
    folder: Path,
    *,
    objective: str | None = None,
    storage: str | None = None,
    force: bool = False,
) -> Locked:
    """Write the values of an experiment into params.yaml.

    Parameters
    ----------
    name
        The experiment, for example phase1_spearman_final_rank-17.
    objective
        Decides the gain; by default its study's objective, or spearman.
    storage
        Database URL of its study.
    force
        Lock although the gain is inside the noise.

    Raises
    ------
    SweepError
        If there is no such experiment, it changes nothing, or its gain is inside the noise.
    """
    root = repository_root(folder)
    ref, base = _find(root, name)
    study = _study_of(root, name, storage)
    aim = objective_named(objective or (study.record.objective if study else "spearman"))
    before = read_params(root, base)
    changed = changed_values(before, read_params(root, ref))
    if study is not None:
        # Values of a profile make the search cheap: they are not a result of the search.
        searched = {*study.space.space, *study.space.fixed, TARGET_KEY}
        changed = {key: pair for key, pair in changed.items() if key in searched}
    if not changed:
        raise SweepError(
            f"{name} changes no value of its commit's params.yaml.",
            where=ref,
            next_command="nbarank leaderboard",
        )
    made = study is not None and REFERENCE in study.study.user_attrs
    against = tuned_revision(root, name, base, has_reference=made)
    ours, theirs = (read_scorecard(root, revision) for revision in (ref, against))
    gain = gain_of(season_gains(ours, theirs, aim, seasons_of_role_test(before)))
    if not gain.beyond_noise and not force:
        raise SweepError(
            f"The gain of {name} over the tuned values is inside the noise.",
            where=f"{aim.name}: {gain} (above zero is better)",
            allowed="a gain whose 95 % interval over seasons is above zero",
            next_command=f"nbarank lock {shlex.quote(name)} --force   (or run more trials)",
        )
    path = root / "params.yaml"
    now = read_yaml(path)
    new = {key: value for key, (_, value) in changed.items()}
    refuse_bad_values({key: [value] for key, value in new.items()}, now)
    origin = f"{name}, {aim.name} {gain}, commit {base[:10]}"
    write_text(path, with_values(path.read_text(encoding="utf-8"), new, origin))
    return Locked(gain, against, {key: (value_at(now, key), new[key]) for key in new})


def _find(root: Path, name: str) -> tuple[str, str]:
    """Return ref and commit of an experiment; of the newest one of that name."""
    refs = [ref for ref in experiment_refs(root) if ref.endswith(f"/{name}")]
    if not refs:
        raise SweepError(
            f"There is no experiment '{name}'.",
            where=str(root),
            allowed="names shown by `nbarank leaderboard`",
            next_command=f"nbarank leaderboard, or dvc exp pull REMOTE {shlex.quote(name)}",
        )
    return refs[-1], "".join(refs[-1].split("/")[2:4])


def _study_of(root: Path, name: str, storage: str | None) -> Study | None:
    """Return an experiment's study, if its database is here."""
    if storage is None and not (root / SWEEP_FOLDER / DATABASE).exists():
        return None
    study = Study(Storage(storage_url(root, storage)), name.rsplit("-", 1)[0])
    with study.storage.reporting_errors():
        if not study.exists():
            return None
        study.join()
    return study
