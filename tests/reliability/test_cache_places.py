"""DVC's cache on another file system and by links; a repository on a disk without execution."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.reliability.small import (
    assert_sound,
    configure,
    copy_with_outputs,
    dvc,
    edit_params,
    lock_of,
    nbarank,
    stages_that_ran,
)

SHARED_MEMORY = Path("/dev/shm")
CHANGED = {"model_c.n_estimators": 6}
DOWNSTREAM = ("--downstream", "oof_rf")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("cache_places")]


@pytest.fixture(scope="module")
def expected(reproduced: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The lock after a change of one stage, with the cache where DVC puts it."""
    repository = copy_with_outputs(reproduced, tmp_path_factory.mktemp("usual") / "repository")
    edit_params(repository, CHANGED)
    dvc(repository, "repro", "oof_rf")
    return lock_of(repository)


@pytest.fixture
def other_disk() -> Iterator[Path]:
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == Path("/tmp").stat().st_dev:
        pytest.skip("there is no other file system at /dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="nbarank-cache-", dir=SHARED_MEMORY))
    yield folder
    shutil.rmtree(folder)


def relink(repository: Path, link: str, disk: Path | None = None) -> None:
    """Move the cache to a disk, if one is given, and link every output to it anew."""
    cache = repository / ".dvc" / "cache"
    if disk is not None:
        cache = Path(shutil.move(cache, disk / "cache"))
    configure(repository, "cache", dir=str(cache), type=f"{link},copy")
    dvc(repository, "checkout", "--relink")


@pytest.mark.parametrize(
    ("place", "link"),
    [
        *(("same disk", link) for link in ("reflink", "hardlink", "symlink", "copy")),
        *(("other disk", link) for link in ("hardlink", "symlink")),  # the first falls back to copy
    ],
)
def test_the_cache_gives_the_same_bytes_wherever_it_is(
    repository: Path,
    expected: bytes,
    request: pytest.FixtureRequest,
    place: str,
    link: str,
) -> None:
    """One stage writes a table and a folder."""
    disk = request.getfixturevalue("other_disk") if place == "other disk" else None
    relink(repository, link, disk)
    edit_params(repository, CHANGED)
    dvc(repository, "repro", "oof_rf")
    assert lock_of(repository) == expected
    assert "Every file is as recorded" in nbarank(repository, "verify")
    if place == "same disk":
        assert_sound(repository, expected)


def test_every_stage_over_links_to_another_disk_on_a_disk_without_execution(
    reproduced: Path, other_disk: Path, tmp_path: Path
) -> None:
    """From the first model on: stages read their inputs and replace their outputs over links."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=400m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mount -t tmpfs is not allowed here")
    try:
        repository = copy_with_outputs(reproduced, disk / "repository")
        relink(repository, "symlink", other_disk)
        assert "report" in stages_that_ran(dvc(repository, "repro", "--force", *DOWNSTREAM))
        assert lock_of(repository) == lock_of(reproduced)
        assert "Every file is as recorded" in nbarank(repository, "verify")
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
