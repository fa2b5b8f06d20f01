"""Re-hash what dvc.lock records: the outputs in the workspace and the objects in the cache.

DVC trusts a file whose size and time have not changed, so a bit flipped by a disk, or a tool that
restores times, goes unnoticed. Every data error is reported with the command that deletes the
damage and restores the right bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from shlex import quote
from typing import Any

from nbarank.core.errors import NbarankError
from nbarank.core.sections import PARAMS_FILE, read_yaml
from nbarank.core.tables import sha256
from nbarank.dvc.outputs import parse_listing, parse_lock
from nbarank.dvc.param_values import value_at
from nbarank.dvc.truncated_files import FIXES, LOCK_FILE, truncated

MANIFEST = Path("data/manifest.json")
RAW = Path("data/raw")


class VerifyError(NbarankError):
    """dvc.lock is missing or cannot be read."""


@dataclass(frozen=True)
class DataError:
    """A file that is not as recorded, and the command that fixes it.

    `of_other_commit`: its bytes are in the cache, and so are those recorded: dvc checkout suffices.
    """

    what: str
    fix: str
    of_other_commit: bool = False


@dataclass(frozen=True)
class Output:
    """One output of dvc.lock; `cached` unless dvc.yaml declares `cache: false`."""

    stage: str
    path: str
    md5: str
    cached: bool


@dataclass(frozen=True)
class Report:
    """Number of files and cache objects re-hashed, and the data errors found."""

    files: int
    objects: int
    data_errors: tuple[DataError, ...]


def verify(repository: Any, *, everything: bool = False) -> Report:
    """Re-hash outputs and cache.

    Parameters
    ----------
    repository
        `dvc.repo.Repo`. Whether it has a remote decides how a data error is fixed.
    everything
        Also re-hash cache objects that the present dvc.lock does not name (other commits,
        experiments).

    Raises
    ------
    VerifyError
        If dvc.lock is missing or cannot be read.
    """
    root, cache = Path(repository.root_dir), repository.cache.local
    has_remote = bool(repository.config["remote"])
    errors: list[DataError] = []
    seen: set[Path] = set()
    damaged_objects: set[Path] = set()
    files = 0
    for output in _locked_outputs(repository, root):
        entries = _entries(output, cache, errors, has_remote)
        for path, md5 in entries:
            files += 1
            target, stored = root / path, _object_path(cache, md5)
            exists = target.is_file()
            right = exists and file_md5(target) == md5
            sound = damaged = False
            if output.cached and stored.is_file():
                sound = stored in seen or file_md5(stored) == md5
                damaged = not sound
            if sound:
                seen.add(stored)
            if damaged:
                damaged_objects.add(stored)
                errors.append(_damaged_object(stored, output, right, has_remote))
            if not right and not (damaged and exists):  # fixing the object fixes both
                what = f"is not what {LOCK_FILE} records" if exists else "is missing"
                fix = _restore(output, path, sound, has_remote)
                known = not exists or _is_cached(target, cache)
                text = f"{path} (stage {output.stage}) {what}."
                errors.append(DataError(text, fix, of_other_commit=sound and known))
        errors += _unknown_files(output, entries, root, cache)
    if everything:
        errors += _other_objects(cache, seen | damaged_objects)
    errors += _raw_files(root)
    objects = len(seen) if not everything else sum(1 for _ in _objects(cache))
    return Report(files, objects, tuple(dict.fromkeys(errors)))


def _locked_outputs(repository: Any, root: Path) -> list[Output]:
    """Return the outputs in dvc.lock."""
    if not (root / LOCK_FILE).is_file():
        raise VerifyError(
            "There is no dvc.lock: nothing has been run here.",
            where=str(root / LOCK_FILE),
            next_command="dvc repro",
        )
    if LOCK_FILE in truncated(root):
        raise VerifyError(
            "dvc.lock cannot be read.", where=str(root / LOCK_FILE), next_command=FIXES[LOCK_FILE]
        )
    parse_lock((root / LOCK_FILE).read_text(encoding="utf-8"))  # hashes are paths in the cache
    return [
        Output(
            stage=out.stage.addressing,
            path=Path(out.fs_path).relative_to(root).as_posix(),
            md5=out.hash_info.value,
            cached=out.use_cache,
        )
        for out in repository.index.outs
        if out.hash_info
    ]


def _is_cached(path: Path, cache: Any) -> bool:
    """Return whether DVC wrote a file, of whatever commit: its bytes are in the cache."""
    return _object_path(cache, file_md5(path)).is_file()


def _object_path(cache: Any, md5: str) -> Path:
    return Path(cache.oid_to_path(md5))


def file_md5(path: Path) -> str:
    """Return the MD5 of a file's bytes, under which DVC stores it."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _entries(
    output: Output, cache: Any, errors: list[DataError], has_remote: bool
) -> list[tuple[str, str]]:
    """Return path and hash of every file of an output; a folder's listing is a cache object."""
    if not output.md5.endswith(".dir"):
        return [(output.path, output.md5)]
    stored = _object_path(cache, output.md5)
    if not stored.is_file():
        return []  # nothing was pulled: the workspace cannot be checked file by file
    try:
        if file_md5(stored) != output.md5.removesuffix(".dir"):
            raise ValueError
        listing = parse_listing(stored.read_bytes())
    except ValueError:
        errors.append(_damaged_object(stored, output, False, has_remote))
        return []
    found = []
    for name, md5 in listing.items():
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            what = f"The listing of {output.path} names a file outside of it: {name!r}."
            errors.append(
                DataError(
                    what, f"rm -f -- {quote(str(stored))}  # and do not use the remote it came from"
                )
            )
        else:
            found.append((f"{output.path}/{name}", md5))
    return found


def _damaged_object(
    stored: Path, output: Output, workspace_is_right: bool, has_remote: bool
) -> DataError:
    if workspace_is_right:
        restore = f"dvc commit --force {quote(output.stage)}"
    else:
        restore = _restore(output, output.path, False, has_remote)
    what = f"A cache object of {output.path} is damaged: {stored}"
    return DataError(what, f"rm -f -- {quote(str(stored))} && {restore}")


def _restore(output: Output, path: str, cache_is_sound: bool, has_remote: bool) -> str:
    if cache_is_sound:
        return f"rm -f -- {quote(path)} && dvc checkout --force {quote(output.path)}"
    if output.cached and has_remote:
        return f"rm -rf -- {quote(output.path)} && dvc pull {quote(output.path)}"
    return f"dvc repro --force --single-item {quote(output.stage)}"


def _unknown_files(
    output: Output, entries: list[tuple[str, str]], root: Path, cache: Any
) -> Iterator[DataError]:
    """Yield files in an output's folder that are not in its listing."""
    folder = root / output.path
    if not entries or not output.md5.endswith(".dir") or not folder.is_dir():
        return
    known = {path for path, _ in entries}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.is_file() and name not in known:
            what, fix = f"{name} does not belong there.", f"rm -f -- {quote(name)}"
            yield DataError(what, fix, of_other_commit=_is_cached(file, cache))


def _objects(cache: Any) -> Iterator[Path]:
    return (path for path in Path(cache.path).glob("??/*") if path.is_file())


def _other_objects(cache: Any, seen: set[Path]) -> Iterator[DataError]:
    """Re-hash the rest of the cache; an object's name is its hash."""
    for stored in sorted(set(_objects(cache)) - seen):
        if file_md5(stored) != cache.path_to_oid(str(stored)).removesuffix(".dir"):
            yield DataError(
                f"A cache object of another commit or experiment is damaged: {stored}",
                f"rm -f -- {quote(str(stored))}; dvc fetch --all-commits  "
                "# or run that experiment again",
            )


def _raw_files(root: Path) -> Iterator[DataError]:
    """Compare data/manifest.json with data/raw and, for a user's folder, with the folder."""
    try:
        content = json.loads((root / MANIFEST).read_bytes())["files"]
        expected_files = {str(entry["file"]): str(entry["sha256"]) for entry in content}
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return  # a damaged manifest is reported as an output
    params = read_yaml(root / PARAMS_FILE)
    is_folder = value_at(params, "data.source", None) == "folder"
    folder = root / str(value_at(params, "data.folder.path", "")) if is_folder else None
    for name, expected in expected_files.items():
        own = folder / name if folder and name != "league.json" else None
        if own and own.is_file() and sha256(own) != expected:
            what = f"{own} is no longer the file that was read."
            yield DataError(what, "dvc repro --force collect")
        if (root / RAW / name).is_file() and sha256(root / RAW / name) != expected:
            what = f"{RAW / name} is not the file that {MANIFEST} describes."
            yield DataError(what, f"rm -rf {RAW} && dvc checkout {RAW}")
