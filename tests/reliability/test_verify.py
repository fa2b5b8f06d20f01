"""`nbarank verify` finds what DVC does not look at, and its remedies work as printed."""

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.reliability.small import (
    assert_reported,
    assert_sound,
    cache_file,
    dvc,
    lock_of,
    locked_files,
    nbarank,
    run,
    stages_that_ran,
)

TABLE = "data/ended/features/teams.parquet"


def _flip(path: Path) -> None:
    """Flip one bit and give the file its old times back, as a failing disk would."""
    status = path.stat()
    mode = status.st_mode
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    path.chmod(mode)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _remedies(printed: str) -> list[str]:
    return [line.split("next: ")[1] for line in printed.splitlines() if "next: " in line]


def _follow(remedy: str, repository: Path) -> None:
    """Run a remedy as a user would, in a shell."""
    python = shlex.quote(sys.executable)
    run(["bash", "-ec", remedy.replace("dvc ", f"{python} -m dvc ")], repository)


def test_a_sound_repository_is_said_to_be_sound(repository: Path) -> None:
    assert "Every file is as recorded in dvc.lock." in nbarank(repository, "verify", "--all")


@pytest.mark.parametrize(
    "flipped",
    [
        {TABLE: ("cache",), "models/xgb": ("workspace",)},
        {TABLE: ("workspace",), "models/xgb": ("cache",)},
        {TABLE: ("cache", "workspace")},
    ],
)
def test_flipped_bits_are_found_and_repaired(
    repository: Path, flipped: dict[str, tuple[str, ...]]
) -> None:
    # A copy has new inodes: let DVC take its notes of sizes and times, as it has after a run.
    assert stages_that_ran(dvc(repository, "repro", "--dry")) == []
    before = lock_of(repository)
    named = []
    for output, places in flipped.items():
        md5, file = locked_files(repository)[output], repository / output
        if md5.endswith(".dir"):
            entry = json.loads(cache_file(repository, md5).read_text())[0]
            md5, file = entry["md5"], file / entry["relpath"]
        if "cache" in places:
            _flip(cache_file(repository, md5))
        if "workspace" in places:
            _flip(file)
        named.append((md5[2:], file.name))
    # DVC itself trusts size and time.
    assert stages_that_ran(dvc(repository, "repro", "--dry")) == []
    printed = nbarank(repository, "verify", fails=True)
    assert all(md5 in printed or name in printed for md5, name in named)
    for remedy in _remedies(printed):
        _follow(remedy, repository)
    assert "Every file is as recorded in dvc.lock." in nbarank(repository, "verify")
    assert_sound(repository, before)


def test_a_listing_that_leaves_its_folder_is_told(repository: Path) -> None:
    """A folder's listing comes from the remote: its paths must not escape."""
    import hashlib

    lock = repository / "dvc.lock"
    md5 = locked_files(repository)["models/xgb"]
    listing = json.loads(cache_file(repository, md5).read_text())
    listing[0]["relpath"] = "../../../.bashrc"
    text = json.dumps(listing).encode()
    forged = f"{hashlib.md5(text, usedforsecurity=False).hexdigest()}.dir"
    place = cache_file(repository, forged)
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(text)
    lock.write_text(lock.read_text().replace(md5, forged))
    printed = nbarank(repository, "verify", fails=True)
    assert_reported(printed, "names a file outside of it", ".bashrc")


def test_without_a_run_there_is_nothing_to_verify(repository: Path) -> None:
    (repository / "dvc.lock").unlink()
    printed = nbarank(repository, "verify", fails=True)
    assert_reported(printed, "next:", "dvc repro")
