"""Environment variables that point git at a repository, kept from the commands started here."""

from __future__ import annotations

import os
from collections.abc import Mapping

_GIT_VARIABLES = frozenset(
    f"GIT_{name}"
    for name in (
        *("ALTERNATE_OBJECT_DIRECTORIES", "ATTR_SOURCE", "COMMON_DIR", "CONFIG", "DIR"),
        *("GRAFT_FILE", "IMPLICIT_WORK_TREE", "INDEX_FILE", "INDEX_VERSION"),
        *("INTERNAL_SUPER_PREFIX", "LITERAL_PATHSPECS", "NAMESPACE", "NO_REPLACE_OBJECTS"),
        *("GLOB_PATHSPECS", "ICASE_PATHSPECS", "NOGLOB_PATHSPECS", "OBJECT_DIRECTORY", "PREFIX"),
        *("QUARANTINE_PATH", "REPLACE_REF_BASE", "SHALLOW_FILE", "WORK_TREE"),
    )
)
"""Variables that point git at a repository: those of `git rev-parse --local-env-vars` and
settings of path arguments. Git sets some of them for hooks and aliases."""


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment without git's repository variables, for every command started here.

    Otherwise a command meant for a clone changes the caller's repository. Configuration (`git -c`)
    and identity are kept, as git does for submodules.
    """
    kept = {key: value for key, value in os.environ.items() if key not in _GIT_VARIABLES}
    return {**kept, **(extra or {})}


def forget_git_variables() -> None:
    """Remove git's repository variables from this process, for libraries that read them (DVC)."""
    for name in _GIT_VARIABLES:
        os.environ.pop(name, None)
