"""Checks before the first trial: values that mean nothing, test seasons, uncommitted files."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from nbarank.core.errors import ParamsError, SweepError, did_you_mean
from nbarank.core.params import expanded, seasons_of_role_test
from nbarank.dvc.git import git
from nbarank.dvc.param_values import flattened, merged, value_at
from nbarank.dvc.params_file import check_content

TEST_SEASONS = "seasons.test"
HARMLESS_FOLDERS = ("reports", "docs", "sweeps", "tests", "benchmarks", ".github", ".ci")
"""Folders that no stage reads; sweeps/ is read from the user's tree by the sweep itself."""
HARMLESS_ENDINGS = (".md",)
FILES_SHOWN = 12


def refuse_bad_values(values: Mapping[str, list[Any]], params: Mapping[str, Any]) -> None:
    """Check every value that a trial may set against params.yaml and its models.

    Parameters
    ----------
    values
        Candidates by dotted key.
    params
        Content of params.yaml.

    Raises
    ------
    SweepError, ParamsError
        For an unknown key, a wrong type, a value out of bounds, or a test season.
    """
    _refuse_unknown_keys(values, params)
    refuse_test_seasons(values, params)
    try:
        check_content(dict(params), "params.yaml")
    except ParamsError:
        return  # another project's params.yaml, whose sections have no models
    for key, candidates in values.items():
        for value in candidates:
            overlay = value
            for part in reversed(key.split(".")):
                overlay = {part: overlay}
            check_content(merged(params, overlay), f"params.yaml with {key} = {value!r}")


def refuse_test_seasons(values: Mapping[str, Any], params: Mapping[str, Any]) -> None:
    """Refuse values that would turn a test season into a scored one.

    Raises
    ------
    SweepError
        If a key changes the test seasons, or a value names one of them.
    """
    test = set(seasons_of_role_test(params))
    for key, value in values.items():
        named = test & set(_leaves(value))
        if named or key == TEST_SEASONS or TEST_SEASONS.startswith(f"{key}."):
            raise SweepError(
                f"'{key}' would let the sweep see test seasons"
                f"{': ' + ', '.join(sorted(named)) if named else ''}.",
                where=key,
                allowed="seasons whose role is train or validation",
                next_command="remove the test seasons from the space, the profile or --set-param",
            )


def _leaves(value: Any) -> list[str]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _leaves(item)]
    found = _as_seasons(value)
    return list(found) if isinstance(found, tuple) else [str(value)]


def _as_seasons(value: Any) -> Any:
    """Return the seasons of a range or list; anything else, invalid ranges included, as it is."""
    try:
        return expanded(value)
    except ValueError:
        return value


def _refuse_unknown_keys(values: Mapping[str, list[Any]], params: Mapping[str, Any]) -> None:
    """Refuse keys and types that params.yaml does not have: DVC accepts both silently."""
    for key, candidates in values.items():
        try:
            current = value_at(params, key)
        except KeyError:
            raise SweepError(
                f"'{key}' is not a key of params.yaml{did_you_mean(key, flattened(params))}",
                where=key,
                allowed="the keys of params.yaml",
                next_command="edit the search space",
            ) from None
        for candidate in candidates:
            if not _same_kind(_as_seasons(candidate), _as_seasons(current)):
                raise SweepError(
                    f"'{key}' is {type(current).__name__} {current!r} in params.yaml, and the "
                    f"sweep would make it {type(candidate).__name__} {candidate!r}.",
                    where=key,
                    allowed=f"values of type {type(current).__name__}",
                    next_command="edit the search space",
                )


def _same_kind(candidate: Any, current: Any) -> bool:
    if current is None or candidate is None:
        return True
    if isinstance(current, bool) or isinstance(candidate, bool):
        return isinstance(current, bool) and isinstance(candidate, bool)
    if isinstance(current, float):
        return isinstance(candidate, int | float)
    if isinstance(current, list | tuple):
        return isinstance(candidate, list | tuple)
    return isinstance(candidate, type(current))


def refuse_unseen_changes(root: Path) -> None:
    """Refuse a tree with changes that trials, which run a commit, would miss.

    Raises
    ------
    SweepError
        With the files, and the `git add` to type.
    """
    untracked: list[str] = []
    changed: list[str] = []
    entries = iter(git(root, "status", "--porcelain=v1", "-z", "--untracked-files=all").split("\0"))
    for entry in filter(None, entries):
        code, path = entry[:2], entry[3:]
        if "R" in code or "C" in code:
            next(entries, None)  # the old name of a renamed file follows
        pure = PurePosixPath(path)
        if pure.parts[0] not in HARMLESS_FOLDERS and pure.suffix not in HARMLESS_ENDINGS:
            (untracked if code == "??" else changed).append(path)
    files = [*untracked, *changed]
    if not files:
        return
    parts = [f"{len(untracked)} untracked file(s)"] * bool(untracked)
    parts += [f"{len(changed)} uncommitted change(s)"] * bool(changed)
    many = len(files) > FILES_SHOWN
    shown = "-A" if many else shlex.join(files)
    raise SweepError(
        f"Trials run what is committed, and would miss {' and '.join(parts)}.",
        where=", ".join(files[:FILES_SHOWN]) + " ..." * many,
        allowed=f"a clean tree (changes below {', '.join(HARMLESS_FOLDERS)} do not matter)",
        next_command=f"git add {shown} && git commit -m 'Changes to sweep over'",
    )
