"""Checks before the first trial: values that mean nothing, test seasons, uncommitted files."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from nbarank.core.errors import ParamsError, SweepError, did_you_mean, nearest
from nbarank.core.params import expanded, seasons_of_role_test
from nbarank.dvc.git import git
from nbarank.dvc.param_values import flattened, nested, value_at
from nbarank.dvc.params_file import check_changes, check_content

TEST_SEASONS = "seasons.test"
HARMLESS_FOLDERS = ("reports", "docs", "sweeps", "tests", "benchmarks", "ledger", ".github", ".ci")
"""Folders that no stage reads; sweeps/ is read from the user's tree by the sweep itself."""
FILES_SHOWN = 12
_MISSING = object()


def refuse_bad_values(values: Mapping[str, list[Any]], params: Mapping[str, Any]) -> None:
    """Check every value that a trial may set, by dotted key, against params.yaml and its models.

    A SweepError or ParamsError for an unknown key, which DVC would add, a value that the section's
    model does not allow, or a test season.
    """
    known = flattened(params)
    if unknown := [key for key in values if value_at(params, key, _MISSING) is _MISSING]:
        raise SweepError(
            f"'{unknown[0]}' is not a key of params.yaml{did_you_mean(unknown[0], known)}",
            where=", ".join(unknown),
            allowed="the keys of params.yaml",
            next_command=f"correct {unknown[0]} in the search space, the profile or -S",
            instead=(unknown[0], close[0]) if (close := nearest(unknown[0], known, 1)) else None,
        )
    refuse_test_seasons(values, params)
    try:
        check_content(dict(params), "params.yaml")
    except ParamsError:
        return  # another project's params.yaml, whose sections have no models
    for key, candidates in values.items():
        for value in candidates:
            source = f"params.yaml with {key} = {value!r}"
            check_changes(dict(params), nested({key: value}), source)


def refuse_test_seasons(values: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Raise a SweepError if a key changes the test seasons, or a value names one of them."""
    test = set(seasons_of_role_test(params))
    for key, value in values.items():
        named = test & set(_leaves(value))
        if named or key == TEST_SEASONS or TEST_SEASONS.startswith(f"{key}."):
            raise SweepError(
                f"'{key}' would let the sweep see test seasons"
                f"{': ' + ', '.join(sorted(named)) if named else ''}.",
                where=key,
                allowed="seasons whose role is train or validation",
                next_command=f"remove {key} from the search space, the profile or -S",
            )


def _leaves(value: Any) -> list[str]:
    """Return all texts in a value, with the seasons of a range."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    with contextlib.suppress(ValueError):  # an invalid range is reported with the parameters
        value = expanded(value)
    return list(value) if isinstance(value, tuple) else [str(value)]


def refuse_unseen_changes(root: Path) -> None:
    """Raise a SweepError for changes that trials, which run a commit, would miss."""
    status = ("status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames")
    paths = [PurePosixPath(entry[3:]) for entry in git(root, *status).split("\0") if entry]
    files = [
        str(path)
        for path in paths
        if path.parts[0] not in HARMLESS_FOLDERS and path.suffix != ".md"
    ]
    if not files:
        return
    many = len(files) > FILES_SHOWN
    shown = "-A" if many else shlex.join(files)
    raise SweepError(
        f"Trials run what is committed, and would miss {len(files)} changed or untracked file(s).",
        where=", ".join(files[:FILES_SHOWN]) + " ..." * many,
        allowed=f"a clean tree (changes below {', '.join(HARMLESS_FOLDERS)} do not matter)",
        next_command=f"git add {shown} && git commit -m 'Changes to sweep over'",
    )
