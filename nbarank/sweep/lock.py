"""Write the values of an experiment into params.yaml, if its gain is beyond the noise."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import SweepError
from nbarank.core.sections import read_yaml
from nbarank.core.tables import write_text
from nbarank.dvc.git import experiment_named, repository_root
from nbarank.dvc.outputs import read_params
from nbarank.dvc.param_values import value_at
from nbarank.dvc.params_edit import with_values
from nbarank.sweep.gain import Gain, gain_of, gains_over_tuned
from nbarank.sweep.leaderboard import changed_values
from nbarank.sweep.objectives import objective_named
from nbarank.sweep.preflight import refuse_bad_values
from nbarank.sweep.spaces import TARGET_KEY
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study


@dataclass(frozen=True)
class Locked:
    """What was written: values by key, before and after, and the gain over `against`."""

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

    The gain is in `objective`, by default that of the experiment's study, or spearman. A SweepError
    if it changes nothing, or, without `force`, its gain is inside the noise.
    """
    root = repository_root(folder)
    ref = experiment_named(root, name)
    base = "".join(ref.split("/")[2:4])
    found = Study(Storage(storage_url(root, storage)), name.rsplit("-", 1)[0])
    with found.storage.reporting_errors():
        study = found if found.exists() else None
    aim = objective_named(objective or (study.record.objective if study else "spearman"))
    changed = changed_values(read_params(root, base), read_params(root, ref))
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
    made = study is not None and study.has_reference
    gains, against = gains_over_tuned(root, name, base, aim, has_reference=made)
    gain = gain_of(gains)
    if not gain.beyond_noise and not force:
        raise SweepError(
            f"The gain of {name} over the tuned values is inside the noise.",
            where=f"{aim.name}: {gain} (above zero is better)",
            allowed="a gain whose 95 % interval over seasons is above zero: try more trials",
            next_command=f"nbarank lock {shlex.quote(name)} --force",
        )
    path = root / "params.yaml"
    now = read_yaml(path)
    new = {key: value for key, (_, value) in changed.items()}
    refuse_bad_values({key: [value] for key, value in new.items()}, now)
    origin = f"{name}, {aim.name} {gain}, commit {base[:10]}"
    write_text(path, with_values(path.read_text(encoding="utf-8"), new, origin))
    return Locked(gain, against, {key: (value_at(now, key), new[key]) for key in new})
