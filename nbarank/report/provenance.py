"""Provenance of the results: raw files, parameters, software. No times, hosts or paths."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbarank.core.environment import version_of

PACKAGES = ("nbarank", "numpy", "pandas", "scikit-learn", "xgboost-cpu", "torch", "captum")
"""Those of a plain installation: the page must not depend on which others there are."""


def environment() -> dict[str, str]:
    """Return the processor architecture and the versions of Python and of the main packages.

    Without Python's third number and builds such as +cpu: no output but the page would show them,
    and machines that compute the same bytes differ in them. metrics/environment.json has both.
    """
    versions = {name: (version_of(name) or "not installed").split("+")[0] for name in PACKAGES}
    python = ".".join(platform.python_version_tuple()[:2])
    return {"Python": python, "machine": platform.machine(), **versions}


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def raw_files(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the manifest's files, a folder of several files as one row.

    Keys: name, files, bytes, rows (None if unknown), sha256 (of the file; for a folder, of its
    files' hashes in order).
    """
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for entry in manifest.get("files", []):
        folder = str(Path(entry["file"]).parent)
        groups.setdefault(entry["file"] if folder == "." else f"{folder}/", []).append(entry)
    rows = []
    for name, entries in groups.items():
        hashes = [str(entry["sha256"]) for entry in entries]
        counts = [entry["rows"] for entry in entries if "rows" in entry]
        rows.append(
            {
                "name": name,
                "files": len(entries),
                "bytes": sum(int(entry["bytes"]) for entry in entries),
                "rows": sum(counts) if counts else None,
                "sha256": hashes[0] if len(entries) == 1 else text_hash("".join(hashes)),
            }
        )
    return rows


def read_manifest(path: Path) -> tuple[dict[str, Any], str]:
    """Return the manifest and its hash."""
    text = path.read_text(encoding="utf-8")
    content: dict[str, Any] = json.loads(text)
    return content, text_hash(text)
