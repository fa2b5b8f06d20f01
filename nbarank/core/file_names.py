"""Names that users give to files, experiments and studies."""

from __future__ import annotations

import re

from nbarank.core.errors import ParamsError

LONGEST = 100
_NAME = re.compile(rf"[A-Za-z0-9][A-Za-z0-9._-]{{0,{LONGEST - 1}}}")


def require_name(name: str, what: str, next_command: str) -> str:
    """Return a name that is part of a path and of a git ref.

    Parameters
    ----------
    what
        What the name is of, for example 'profile'.

    Raises
    ------
    ParamsError
        If it is empty, too long, or has a sign that would lead to another folder or ref.
    """
    if not _NAME.fullmatch(name) or ".." in name or name.endswith((".lock", ".")):
        raise ParamsError(
            f"'{name[:LONGEST]}' is not a name of a {what}.",
            where=f"{len(name)} characters" if len(name) > LONGEST else None,
            allowed=f"letters, digits, '.', '_' and '-', at most {LONGEST}",
            next_command=next_command,
        )
    return name
