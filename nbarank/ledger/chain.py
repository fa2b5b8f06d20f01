"""The chain of entries in ledger/, each with the SHA-256 of the one before.

`ledger/SHA256SUMS` lists the hash of every entry, in the format of `sha256sum --check`.
"""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbarank.core.errors import NbarankError
from nbarank.core.tables import write_text
from nbarank.ledger.entry import FORMAT, Entry, canonical, entry_name, read_entry, sha256_of

FOLDER, SUMS = Path("ledger"), "SHA256SUMS"
NONE = "0" * 64
"""Hash before the first entry."""
EMPTY = "No forecast is sealed yet. Next: nbarank seal, or nbarank seal --replay DAY."
NAME = re.compile(r"[0-9]{4}_[0-9]{4}-[0-9]{2}-[0-9]{2}\.json")


class LedgerError(NbarankError):
    """A forecast cannot be sealed, or the ledger is not intact."""


@contextmanager
def locked(root: Path) -> Iterator[None]:
    """Hold the repository's ledger; wait while another process or thread holds it."""
    folder = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def entry_names(root: Path) -> list[str]:
    """Return the names of the entries, in order."""
    folder = root / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(name for name in names if NAME.fullmatch(name))


def read_entries(root: Path) -> list[Entry]:
    """Read the ledger.

    Raises
    ------
    LedgerError
        If an entry is not in its form, or the chain has a problem.
    """
    entries, problems = examined(root)
    if problems:
        raise LedgerError(
            f"The ledger is not intact: {problems[0]}",
            where=str(root / FOLDER),
            allowed="entries as sealed",
            next_command="nbarank ledger verify",
        )
    return entries


def examined(root: Path) -> tuple[list[Entry], list[str]]:
    """Return the entries in the right form, and every problem of the chain."""
    entries: list[Entry] = []
    problems: list[str] = []
    previous = NONE
    for number, name in enumerate(entry_names(root), start=1):
        data = (root / FOLDER / name).read_bytes()
        try:
            entry = read_entry(name, data)
        except ValueError as error:
            problems.append(f"{name} {error}")
        else:
            content = entry.content
            forecast = sha256_of(canonical(content["forecast"]))
            checks = {
                f"should be entry {number}": content["number"] != number,
                "does not follow the entry before it": content["previous"] != previous,
                "has another forecast than its hash": forecast != content["forecast_sha256"],
            }
            problems += [f"{name} {problem}" for problem, found in checks.items() if found]
            entries.append(entry)
        previous = sha256_of(data)
    return entries, problems + _sums_problems(root)


def _sums_problems(root: Path) -> list[str]:
    listed, found = _listed(root), _lines(root)
    if listed == found:
        return []
    if listed == found[:-1]:
        return [f"{SUMS} does not list the last entry: `nbarank seal` was stopped; run it again"]
    odd = sorted({line[66:].strip() or line for line in {*listed} ^ {*found}})
    return [f"{SUMS} does not list the entries as they are: {', '.join(odd[:3]) or 'order'}"]


def _listed(root: Path) -> list[str]:
    path = root / FOLDER / SUMS
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    return text.splitlines(keepends=True)


def _lines(root: Path) -> list[str]:
    """Return the lines of SHA256SUMS for the files as they are."""
    folder = root / FOLDER
    return [f"{sha256_of((folder / name).read_bytes())}  {name}\n" for name in entry_names(root)]


def finish_stopped(root: Path) -> None:
    """List the last entry in SHA256SUMS if sealing was stopped before; remove its leftovers."""
    folder, lines = root / FOLDER, _lines(root)
    for pattern in (f".{SUMS}.*", ".[0-9]*.json.*"):  # temporary files of `write_text`
        for path in folder.glob(pattern):
            path.unlink(missing_ok=True)
    if lines and _listed(root) == lines[:-1]:
        write_text(folder / SUMS, "".join(lines))


def append(root: Path, facts: dict[str, Any], forecast: dict[str, Any]) -> Entry:
    """Write the next entry and its line of SHA256SUMS, in a block of `locked`.

    Stopped between the two files, the next call finishes (`finish_stopped`).

    Parameters
    ----------
    facts
        The keys of an entry that are not set here.

    Raises
    ------
    LedgerError
        If the ledger is not intact.
    """
    finish_stopped(root)
    entries = read_entries(root)
    content = facts | {
        "format": FORMAT,
        "number": len(entries) + 1,
        "previous": entries[-1].sha256 if entries else NONE,
        "forecast_sha256": sha256_of(canonical(forecast)),
        "forecast": forecast,
    }
    name = entry_name(content["number"], content["as_of"])
    entry = read_entry(name, canonical(content))
    (root / FOLDER).mkdir(exist_ok=True)
    write_text(root / FOLDER / name, entry.data.decode("ascii"))
    write_text(root / FOLDER / SUMS, "".join(_lines(root)))
    return entry
