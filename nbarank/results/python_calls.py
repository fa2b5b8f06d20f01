"""Calls of `import nbarank`: in which repository they work, and the words of their errors."""

from __future__ import annotations

import contextlib
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from nbarank.core.errors import NbarankError
from nbarank.dvc.repository import in_repository

ARGUMENTS = {
    "--as-of": "day",
    "--date": "day",
    "--next": "days",
    "--team": "team",
    "--without": "without",
    "--with": "playing",
    "--result": "results",
    "--experiment": "experiment",
}
"""Argument of the functions for each option of the commands."""
FUNCTIONS = ("forecast", "games", "scorecard", "compare")
_OPTION = re.compile(r"--[a-z-]+")


@contextlib.contextmanager
def python_call(repository: Path | str | None = None) -> Iterator[None]:
    """Work as `in_repository`; errors name arguments and calls instead of options and commands."""
    try:
        with in_repository(repository):
            yield
    except NbarankError as error:
        error.where, error.allowed = map(_with_arguments, (error.where, error.allowed))
        error.next_command = _as_call(error.next_command)
        raise


def _with_arguments(text: str | None) -> str | None:
    return text and _OPTION.sub(lambda found: ARGUMENTS.get(found[0], found[0]), text)


def _as_call(command: str | None) -> str | None:
    """Return the call that does what a command does; the command if there is none."""
    try:
        program, name, *words = shlex.split(command or "")
    except ValueError:  # no command, one without a name, or quotes that are not closed
        return command
    if program != "nbarank" or name not in FUNCTIONS:
        return command
    given: list[str] = []
    named: dict[str, list[str]] = {}
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            given.append(repr(word))
        elif word in ARGUMENTS and words:
            value = words.pop(0)
            argument = ARGUMENTS[word]
            named.setdefault(argument, []).append(value if argument == "days" else repr(value))
        else:
            return command
    for argument, values in named.items():
        value = values[0] if len(values) == 1 else f"[{', '.join(values)}]"
        given.append(f"{argument}={value}")
    return f"nbarank.{name}({', '.join(given)})"
