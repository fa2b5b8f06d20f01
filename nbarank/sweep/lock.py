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
from nbarank.dvc.outputs import changed_values, read_params
from nbarank.dvc.param_values import value_at
from nbarank.dvc.params_edit import with_values
from nbarank.sweep.gain import Gain, gain_of, gains_over_tuned
from nbarank.sweep.objectives import objective_named
from nbarank.sweep.preflight import refuse_bad_values
from nbarank.sweep.spaces import TARGET_KEY
from nbarank.sweep.storage import Storage, storage_url
from nbarank.sweep.study import Study


@dataclass(frozen=True)
class Candidate:
    """An experiment, the gain of its values over the tuned ones of `against`, and the values."""

    name: str
    base: str
    objective: str
    gain: Gain
    against: str
    values: dict[str, Any]

    def refuse_noise(self) -> None:
        """Raise a SweepError unless the gain is beyond the noise."""
        if not self.gain.beyond_noise:
            raise SweepError(
                f"The gain of {self.name} over the tuned values is inside the noise.",
                where=f"{self.objective}: {self.gain} (above zero is better)",
                allowed="a gain whose 95 % interval over seasons is above zero, or --force",
                next_command=f"nbarank compare {shlex.quote(self.name)} workspace",
            )


def candidate(
    name: str, root: Path, objective: str | None = None, storage: str | None = None
) -> Candidate:
    """Return an experiment as one to lock; a SweepError if it changes nothing."""
    ref = experiment_named(root, name)
    base = "".join(ref.split("/")[2:4])
    found = Study(Storage(storage_url(root, storage)), name.rsplit("-", 1)[0])
    with found.storage.reporting_errors():
        study = found if found.exists() else None
    aim = objective_named(objective or (study.record.objective if study else "spearman"))
    changed = changed_values(read_params(root, base), read_params(root, ref))
    new = {key: value for key, (_, value) in changed.items()}
    if study is not None:
        # Values of a profile make the search cheap: they are not a result of the search.
        searched = {*study.space.space, *study.space.fixed, TARGET_KEY}
        new = {key: value for key, value in new.items() if key in searched}
    if not new:
        raise SweepError(
            f"{name} changes no value of its commit's params.yaml.",
            where=ref,
            next_command=f"nbarank compare {shlex.quote(name)} workspace",
        )
    made = study is not None and study.tuned_value is not None
    gains, against = gains_over_tuned(root, name, base, aim, has_reference=made)
    return Candidate(name, base, aim.name, gain_of(gains), against, new)


def lock_experiment(
    name: str,
    folder: Path,
    *,
    objective: str | None = None,
    storage: str | None = None,
    force: bool = False,
) -> tuple[Candidate, dict[str, Any]]:
    """Write the values of an experiment into params.yaml; return it and the values before.

    The gain is in `objective`, by default that of the experiment's study, or spearman. A SweepError
    if it changes nothing, or, without `force`, its gain is inside the noise.
    """
    root = repository_root(folder)
    found = candidate(name, root, objective, storage)
    if not force:
        found.refuse_noise()
    path = root / "params.yaml"
    now = read_yaml(path)
    refuse_bad_values({key: [value] for key, value in found.values.items()}, now)
    origin = f"{name}, {found.objective} {found.gain}, commit {found.base[:10]}"
    write_text(path, with_values(path.read_text(encoding="utf-8"), found.values, origin))
    return found, {key: value_at(now, key) for key in found.values}
