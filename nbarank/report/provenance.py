"""Where the figures come from: raw files, parameters, software. Nothing that changes by itself."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

PACKAGES = (
    "nbarank",
    "numpy",
    "pandas",
    "scikit-learn",
    "xgboost-cpu",
    "torch",
    "captum",
    "shap",
    "matplotlib",
)


def environment() -> dict[str, str]:
    """Return versions of Python, the platform and the packages that make the figures."""
    found = {"Python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text as hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def raw_files(manifest: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the manifest's files for reading: whole folders of small files as one row.

    Returns
    -------
    list of dict
        name, files, bytes, rows (None where unknown), sha256 (of the file; of all hashes in order
        where a row stands for several).
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
