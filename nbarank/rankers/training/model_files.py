"""Files of a saved model: checksums, and one error for a file that cannot be read.

The readers of JSON, safetensors and UBJ raise errors of many kinds for damaged files, XGBoost's can
end the process, and all read some damage, such as a flipped bit of a weight, without an error.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbarank.core.errors import ModelError
from nbarank.core.tables import sha256, write_text

CHECKSUM_FILE = "checksums.json"
RESTORE = "dvc repro (or dvc pull, if a remote has the model)"


@contextmanager
def reading(path: Path, kind: str) -> Iterator[None]:
    """Raise a `ModelError` that names the file for any error within the block.

    Parameters
    ----------
    path
        File that the block reads.
    kind
        Name of the ranker.
    """
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # includes MemoryError and RecursionError
        reason = " ".join(f"{type(error).__name__} {error}".split())[:200]
        raise ModelError(
            f"No saved {kind} can be read: {reason}",
            where=str(path),
            allowed="a model that a stage of this version wrote",
            next_command=RESTORE,
        ) from error


def read_mapping(path: Path, kind: str) -> dict[str, Any]:
    """Return the JSON object in a file; ModelError if there is none."""
    with reading(path, kind):
        content = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(content, dict):
            raise TypeError("the file is not a JSON object")
        return content


def write_checksums(folder: Path) -> None:
    """Write checksums.json: the SHA-256 of every other file of a model."""
    files = sorted(path for path in folder.iterdir() if path.is_file())
    sums = {path.name: sha256(path) for path in files if path.name != CHECKSUM_FILE}
    write_text(folder / CHECKSUM_FILE, json.dumps(sums, indent=1) + "\n")


def require_checksums(folder: Path, kind: str) -> None:
    """Raise a `ModelError` for a file that is not the one that `write_checksums` found."""
    for name, expected in read_mapping(folder / CHECKSUM_FILE, kind).items():
        with reading(folder / name, kind):
            if Path(name).name != name or sha256(folder / name) != expected:
                raise ValueError("the file has changed since it was written")
