"""Lock a winner: write an experiment's values into params.yaml, if its gain is no noise."""

from __future__ import annotations

from collections.abc import Mapping
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
from nbarank.sweep.bounds import refuse_out_of_bounds
from nbarank.sweep.clone import SWEEP_FOLDER
from nbarank.sweep.compare import Gain, gain_over
from nbarank.sweep.leaderboard import changed_values
from nbarank.sweep.objectives import Objective, objective_named
from nbarank.sweep.params_edit import with_values
from nbarank.sweep.results import REFERENCE, locked_revision
from nbarank.sweep.spaces import TARGET_KEY
from nbarank.sweep.storage import DATABASE, Storage, storage_url
from nbarank.sweep.study import Study


@dataclass(frozen=True)
class Locked:
    """What was locked.

    Parameters
    ----------
    experiment
        The winner.
    gain
        Over the configuration locked before, with its interval.
    against
        Ref or commit whose scorecard the gain is over.
    values
        Key to (before, after).
    """

    experiment: str
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
    folder
        Any folder of the repository.
    objective
        By what it is judged; its study's objective, or spearman, where not given.
    storage
        Database URL of its study.
    force
        Lock although the gain lies inside the noise.

    Raises
    ------
    SweepError
        If there is no such experiment, it changes nothing, or its gain is inside the noise.
    """
    root = repository_root(folder)
    ref, base = _find(root, name)
    study = _study_of(root, name, storage)
    record = study.record if study else None
    aim = objective_named(objective or (record.objective if record else "spearman"))
    before, after = read_params(root, base), read_params(root, ref)
    changed = changed_values(before, after)
    if record is not None:
        # What a profile made cheap for searching is no finding of the search.
        found = {*record.space["space"], *record.space["fixed"], TARGET_KEY}
        changed = {key: pair for key, pair in changed.items() if key in found}
    if not changed:
        raise SweepError(
            f"{name} has the values that are locked already.",
            where=ref,
            next_command="nbarank leaderboard",
        )
    made = study is not None and REFERENCE in study.study.user_attrs
    against = locked_revision(root, name, base, has_reference=made)
    gain = gain_of(root, ref, against, aim, before)
    if not gain.beyond_noise and not force:
        raise SweepError(
            f"The gain of {name} over the locked configuration is inside the noise.",
            where=f"{aim.name}: {gain} (above zero is better)",
            allowed="a gain whose season-clustered 95 % interval lies above zero",
            next_command=f"nbarank lock {name} --force   (or more trials, or leave it)",
        )
    path = root / "params.yaml"
    now = read_yaml(path)
    new = {key: value for key, (_, value) in changed.items()}
    text = with_values(
        path.read_text(encoding="utf-8"), new, f"{name}, {aim.name} {gain}, commit {base[:10]}"
    )
    refuse_out_of_bounds(now, {key: [value] for key, value in new.items()})
    write_text(path, text)
    return Locked(
        name, gain, against, {key: (value_at(now, key), value) for key, value in new.items()}
    )


def gain_of(
    root: Path, ref: str, against: str, objective: Objective, params: Mapping[str, Any]
) -> Gain:
    """Return an experiment's gain over the locked configuration.

    Raises
    ------
    SweepError
        If one of the two has no scorecard of its own.
    """
    cards = [read_scorecard(root, revision) for revision in (ref, against)]
    test = seasons_of_role_test(params)
    return gain_over(cards[0], cards[1], objective, test)


def _find(root: Path, name: str) -> tuple[str, str]:
    refs = [ref for ref in experiment_refs(root) if ref.endswith(f"/{name}")]
    if not refs:
        raise SweepError(
            f"There is no experiment '{name}'.",
            where=str(root),
            allowed="names shown by `nbarank leaderboard`",
            next_command="nbarank leaderboard, or dvc exp pull REMOTE " + name,
        )
    parts = refs[-1].split("/")
    return refs[-1], parts[2] + parts[3]


def _study_of(root: Path, name: str, storage: str | None) -> Study | None:
    """Return an experiment's study, if its database is here."""
    if storage is None and not (root / SWEEP_FOLDER / DATABASE).exists():
        return None
    study = Study(Storage(storage_url(root, storage)), name.rsplit("-", 1)[0])
    if not study.exists():
        return None
    study.join()
    return study
