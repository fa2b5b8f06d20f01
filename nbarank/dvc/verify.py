"""Re-hash what dvc.lock promises: the outputs in the workspace and the objects in the cache.

DVC trusts a file whose size and time have not changed. A disk that flips a bit, or a tool that
restores times, goes unseen until somebody reads the bytes again; this does, and says for every
fault what to delete and how to get it back.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from nbarank.core.errors import NbarankError
from nbarank.core.sections import PARAMS_FILE, read_yaml
from nbarank.core.tables import sha256
from nbarank.dvc.truncated_files import LOCK_FILE

MANIFEST = Path("data/manifest.json")
RAW = Path("data/raw")
_BLOCK = 1 << 20


class VerifyError(NbarankError):
    """dvc.lock, the cache or an output is not what it should be."""


@dataclass(frozen=True)
class Fault:
    """One thing that is not as promised.

    Parameters
    ----------
    what
        File and what is wrong with it.
    remedy
        Command that deletes the damage and brings the right bytes back.
    """

    what: str
    remedy: str


@dataclass(frozen=True)
class Output:
    """One output of dvc.lock."""

    stage: str
    path: str
    md5: str
    cached: bool


@dataclass(frozen=True)
class Report:
    """What was re-hashed, and what was wrong."""

    files: int
    objects: int
    faults: tuple[Fault, ...]


def verify(root: Path, cache: Path, *, has_remote: bool, everything: bool = False) -> Report:
    """Re-hash outputs and cache.

    Parameters
    ----------
    root
        Root of the repository.
    cache
        DVC's cache (the folder that holds files/md5).
    has_remote
        Whether a remote may hold the right bytes; decides the remedy.
    everything
        Also re-hash cache objects that the present dvc.lock does not name (other commits,
        experiments).

    Raises
    ------
    VerifyError
        If there is no dvc.lock, or it cannot be read.
    """
    faults: list[Fault] = []
    seen: set[Path] = set()
    files = 0
    for output in locked_outputs(root):
        entries = _entries(output, cache, faults, has_remote)
        for path, md5 in entries:
            files += 1
            target = root / path
            there = target.is_file()
            right = there and file_md5(target) == md5
            place = object_path(cache, md5)
            sound = damaged = False
            if output.cached and place.is_file():
                sound = place in seen or file_md5(place) == md5
                damaged = not sound
            if sound:
                seen.add(place)
            if damaged:
                faults.append(_bad_object(place, output, right, has_remote))
            if not right and not (damaged and there):  # the object's remedy mends both
                what = f"is not what {LOCK_FILE} promises" if there else "is missing"
                faults.append(
                    Fault(
                        f"{path} (stage {output.stage}) {what}.",
                        _bring_back(output, path, sound, has_remote),
                    )
                )
        faults += _strangers(output, entries, root)
    if everything:
        faults += _other_objects(cache, seen)
    faults += _raw_files(root)
    objects = len(seen) if not everything else sum(1 for _ in _objects(cache))
    return Report(files, objects, tuple(dict.fromkeys(faults)))


def locked_outputs(root: Path) -> list[Output]:
    """Return the outputs that dvc.lock names."""
    path = root / LOCK_FILE
    if not path.is_file():
        raise VerifyError(
            "There is no dvc.lock: nothing has been run here.",
            where=str(path),
            next_command="dvc repro",
        )
    lock = read_yaml(path)
    pipeline = read_yaml(root / "dvc.yaml").get("stages", {})
    found = []
    for stage, content in lock.get("stages", {}).items():
        declared = {
            name: options
            for out in pipeline.get(stage, {}).get("outs", [])
            for name, options in (out.items() if isinstance(out, dict) else [(out, {})])
        }
        for out in content.get("outs", []):
            cached = bool((declared.get(out["path"]) or {}).get("cache", True))
            found.append(Output(stage, out["path"], out["md5"], cached))
    return found


def object_path(cache: Path, md5: str) -> Path:
    """Return where the cache keeps the object with this hash."""
    return cache / "files" / "md5" / md5[:2] / md5[2:]


def file_md5(path: Path) -> str:
    """Return the MD5 of a file's bytes: DVC's name for them."""
    digest = hashlib.md5(usedforsecurity=False)
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _entries(
    output: Output, cache: Path, faults: list[Fault], has_remote: bool
) -> list[tuple[str, str]]:
    """Return path and hash of every file of an output; a folder's listing comes from the cache."""
    if not output.md5.endswith(".dir"):
        return [(output.path, output.md5)]
    place = object_path(cache, output.md5)
    if not place.is_file():
        return []  # nothing was pulled; the workspace cannot be judged file by file
    if file_md5(place) != output.md5.removesuffix(".dir"):
        faults.append(_bad_object(place, output, False, has_remote))
        return []
    try:
        listing = [(str(e["relpath"]), str(e["md5"])) for e in json.loads(place.read_bytes())]
    except (ValueError, KeyError, TypeError):
        faults.append(_bad_object(place, output, False, has_remote))
        return []
    found = []
    for name, md5 in listing:
        if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
            faults.append(
                Fault(
                    f"The listing of {output.path} names a file outside of it: {name!r}.",
                    f"rm {place}; do not use the remote it came from",
                )
            )
        else:
            found.append((f"{output.path}/{name}", md5))
    return found


def _bad_object(place: Path, output: Output, workspace_is_right: bool, remote: bool) -> Fault:
    if workspace_is_right:
        again = f"dvc commit --force {output.stage}"
    elif remote:
        again = f"rm -rf {output.path} && dvc pull {output.path}"
    else:
        again = f"dvc repro --force --single-item {output.stage}"
    return Fault(
        f"A cache object of {output.path} is damaged: {place}", f"rm -f {place} && {again}"
    )


def _bring_back(output: Output, path: str, cache_is_sound: bool, remote: bool) -> str:
    if cache_is_sound:
        return f"rm -f {path} && dvc checkout --force {output.path}"
    if output.cached and remote:
        return f"rm -rf {output.path} && dvc pull {output.path}"
    return f"dvc repro --force --single-item {output.stage}"


def _strangers(output: Output, entries: list[tuple[str, str]], root: Path) -> Iterator[Fault]:
    """Yield files in an output's folder that its listing does not know."""
    folder = root / output.path
    if not entries or not output.md5.endswith(".dir") or not folder.is_dir():
        return
    known = {path for path, _ in entries}
    for file in sorted(folder.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.is_file() and name not in known:
            yield Fault(f"{name} does not belong there.", f"rm {name}")


def _objects(cache: Path) -> Iterator[Path]:
    return (path for path in (cache / "files" / "md5").glob("??/*") if path.is_file())


def _other_objects(cache: Path, seen: set[Path]) -> Iterator[Fault]:
    """Re-hash the rest of the cache; an object's name is its hash."""
    for place in sorted(set(_objects(cache)) - seen):
        if file_md5(place) != (place.parent.name + place.name).removesuffix(".dir"):
            yield Fault(
                f"A cache object of another commit or experiment is damaged: {place}",
                f"rm -f {place}; dvc fetch --all-commits, or run that experiment again",
            )


def _raw_files(root: Path) -> Iterator[Fault]:
    """Compare data/manifest.json with data/raw and, for a user's folder, with the folder."""
    try:
        entries: list[dict[str, Any]] = json.loads((root / MANIFEST).read_bytes())["files"]
    except (OSError, ValueError, KeyError, TypeError):
        return  # a damaged manifest is told as an output
    data = read_yaml(root / PARAMS_FILE).get("data", {})
    folder = (
        root / str(data.get("folder", {}).get("path")) if data.get("source") == "folder" else None
    )
    for entry in entries:
        name = str(entry["file"])
        own = folder / name if folder and name != "league.json" else None
        if own and own.is_file() and sha256(own) != entry["sha256"]:
            yield Fault(f"{own} is no longer the file that was read.", "dvc repro --force collect")
        if (root / RAW / name).is_file() and sha256(root / RAW / name) != entry["sha256"]:
            yield Fault(
                f"{RAW / name} is not the file that {MANIFEST} describes.",
                f"rm -rf {RAW} && dvc checkout {RAW}",
            )
