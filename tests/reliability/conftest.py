"""One reproduced small repository for every test of this room, on every worker of pytest-xdist."""

import fcntl
import os
import shutil
from pathlib import Path

import pytest

from tests.reliability.small import copy_with_outputs, dvc, make_repository, stages_that_ran


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repository after its first `dvc repro`. Never changed: tests copy it.

    Made once, whichever worker asks first; the others wait. While working on these tests,
    NBARANK_REPRODUCED names a folder that keeps it from session to session.
    """
    base = tmp_path_factory.getbasetemp()
    if base.name.startswith("popen-"):  # a worker of pytest-xdist: one place for all of them
        base = base.parent
    base = Path(os.environ.get("NBARANK_REPRODUCED", base))
    base.mkdir(parents=True, exist_ok=True)
    done = base / "reproduced" / ".done"
    with (base / "reproduced.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(done.parent, ignore_errors=True)
            repository = make_repository(done.parent / "repository")
            output = dvc(repository, "repro")
            (done.parent / "output.txt").write_text("\n".join(stages_that_ran(output)))
            done.touch()
    return done.parent / "repository"


@pytest.fixture(scope="session")
def stages_of_first_run(reproduced: Path) -> list[str]:
    """Stages that the first `dvc repro` ran, in order."""
    return (reproduced.parent / "output.txt").read_text().splitlines()


@pytest.fixture
def repository(reproduced: Path, tmp_path: Path) -> Path:
    """A copy of the reproduced repository that a test may do anything to."""
    return copy_with_outputs(reproduced, tmp_path / "repository")
