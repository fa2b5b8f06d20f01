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
    copy_with_outputs,
    dvc,
    edit_params,
    lock_of,
    nbarank,
)

SHARED_MEMORY = Path("/dev/shm")
CHANGED = {"model_c.n_estimators": 6}
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def expected(reproduced: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The lock after a change, with the cache where DVC puts it."""
    repository = copy_with_outputs(reproduced, tmp_path_factory.mktemp("usual") / "repository")
    edit_params(repository, CHANGED)
    dvc(repository, "repro")
    return lock_of(repository)


@pytest.fixture
def other_disk() -> Iterator[Path]:
    if not SHARED_MEMORY.is_dir() or SHARED_MEMORY.stat().st_dev == Path("/tmp").stat().st_dev:
        pytest.skip("there is no other file system at /dev/shm")
    folder = Path(tempfile.mkdtemp(prefix="nbarank-cache-", dir=SHARED_MEMORY))
    yield folder
    shutil.rmtree(folder)


@pytest.mark.parametrize("link", ["reflink", "hardlink", "symlink", "copy"])
@pytest.mark.parametrize("place", ["same disk", "other disk"])
def test_the_cache_gives_the_same_bytes_wherever_it_is(
    repository: Path, expected: bytes, request: pytest.FixtureRequest, place: str, link: str
) -> None:
    if place == "other disk":
        cache = request.getfixturevalue("other_disk") / "cache"
        shutil.move(repository / ".dvc" / "cache", cache)
        dvc(repository, "config", "--local", "cache.dir", str(cache))
    dvc(repository, "config", "--local", "cache.type", f"{link},copy")
    dvc(repository, "checkout", "--relink")
    edit_params(repository, CHANGED)
    dvc(repository, "repro")
    assert lock_of(repository) == expected
    assert "Every file is as recorded" in nbarank(repository, "verify")
    if place == "same disk":
        assert_sound(repository, expected)


def test_a_repository_on_a_disk_without_execution(
    reproduced: Path, expected: bytes, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "noexec,size=400m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("mount -t tmpfs is not allowed here")
    try:
        repository = copy_with_outputs(reproduced, disk / "repository")
        edit_params(repository, CHANGED)
        dvc(repository, "repro")
        assert_sound(repository, expected)
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)
