"""The chain of entries in ledger/: canonical files, each with the SHA-256 of the one before.

An entry is one line of JSON with sorted keys, so that one content has one form. `ledger/SHA256SUMS`
lists the hash of every entry, in the format of `sha256sum --check`.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbarank.core.errors import NbarankError
from nbarank.core.tables import write_text

FOLDER, SUMS = Path("ledger"), "SHA256SUMS"
FORMAT = 1
NONE = "0" * 64
"""Hash before the first entry."""
KEYS = frozenset(
    {
        *("format", "number", "previous", "season", "as_of", "sealed_on", "replay", "commit"),
        *("dvc_lock", "manifest", "knowledge", "forecast_sha256", "forecast"),
    }
)
_DAY, _COMMIT = re.compile(r"\d{4}-\d{2}-\d{2}"), re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_NAME = re.compile(r"^(\d{4})_(\d{4}-\d{2}-\d{2})\.json$")


class LedgerError(NbarankError):
    """A forecast cannot be sealed, or the ledger is not intact."""


@dataclass(frozen=True)
class Entry:
    """One sealed forecast: name and bytes of its file, and its content."""

    name: str
    data: bytes
    content: dict[str, Any]

    @property
    def sha256(self) -> str:
        """Hash of the file."""
        return sha256_of(self.data)


def sha256_of(data: bytes) -> str:
    """Return the SHA-256 of bytes as hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def canonical(content: Any) -> bytes:
    """Return the only form of a content: JSON on one line, keys sorted, ASCII."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii") + b"\n"


def entry_names(root: Path) -> list[str]:
    """Return the names of the entries, in order."""
    folder = root / FOLDER
    names = [path.name for path in folder.iterdir()] if folder.is_dir() else []
    return sorted(name for name in names if _NAME.match(name))


def read_entries(root: Path) -> list[Entry]:
    """Read the ledger.

    Raises
    ------
    LedgerError
        If an entry is not JSON, or the chain has a problem.
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
    """Return the entries that can be read, and every problem of the chain."""
    entries: list[Entry] = []
    problems: list[str] = []
    previous = NONE
    for number, name in enumerate(entry_names(root), start=1):
        data = (root / FOLDER / name).read_bytes()
        try:
            content = json.loads(data)
        except (ValueError, RecursionError):
            content = None
        if not _is_entry(content):
            problems.append(f"{name} is not an entry of format {FORMAT}")
            previous = sha256_of(data)
            continue
        entry = Entry(name, data, content)
        checks = {
            "is not in canonical form": canonical(content) != data,
            f"should be entry {number}": content["number"] != number
            or name != entry_name(number, content["as_of"]),
            "does not follow the entry before it": content["previous"] != previous,
            "has another forecast than its hash": sha256_of(canonical(content["forecast"]))
            != content["forecast_sha256"],
        }
        problems += [f"{name} {problem}" for problem, found in checks.items() if found]
        entries.append(entry)
        previous = entry.sha256
    return entries, problems + _sums_problems(root)


def _is_entry(content: Any) -> bool:
    """Return whether a content has the keys and kinds of values of an entry."""
    return (
        isinstance(content, dict)
        and set(content) == KEYS
        and content["format"] == FORMAT
        and all(isinstance(content[key], str) for key in ("season", "commit", "manifest"))
        and bool(_DAY.fullmatch(str(content["as_of"])))
        and bool(_COMMIT.fullmatch(content["commit"]))
        and isinstance(content["forecast"], dict)
    )


def _sums_problems(root: Path) -> list[str]:
    names = entry_names(root)
    path = root / FOLDER / SUMS
    listed = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    found = "".join(f"{sha256_of((root / FOLDER / name).read_bytes())}  {name}\n" for name in names)
    if listed == found:
        return []
    lines, expected = listed.splitlines(), found.splitlines()
    odd = sorted({line[66:] or line for line in {*lines} ^ {*expected}})
    return [f"{SUMS} does not list the entries as they are: {', '.join(odd[:3]) or 'order'}"]


def entry_name(number: int, as_of: str) -> str:
    """Return the name of an entry's file."""
    return f"{number:04d}_{as_of}.json"


def append(root: Path, facts: dict[str, Any], forecast: dict[str, Any]) -> Entry:
    """Write the next entry and its line of SHA256SUMS.

    Parameters
    ----------
    facts
        The keys of an entry that are not set here.

    Raises
    ------
    LedgerError
        If the ledger is not intact.
    """
    entries = read_entries(root)
    content = facts | {
        "format": FORMAT,
        "number": len(entries) + 1,
        "previous": entries[-1].sha256 if entries else NONE,
        "forecast_sha256": sha256_of(canonical(forecast)),
        "forecast": forecast,
    }
    name = entry_name(content["number"], content["as_of"])
    entry = Entry(name, canonical(content), content)
    (root / FOLDER).mkdir(exist_ok=True)
    write_text(root / FOLDER / name, entry.data.decode("ascii"))
    sums = "".join(f"{one.sha256}  {one.name}\n" for one in (*entries, entry))
    write_text(root / FOLDER / SUMS, sums)
    return entry
