"""One reproduced small repository for every test of this room, on every worker of pytest-xdist."""

from pathlib import Path

import pytest

from tests.conftest import made_once
from tests.reliability.small import copy_with_outputs, dvc, make_repository, stages_that_ran


@pytest.fixture(scope="session")
def reproduced(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repository after its first `dvc repro`. Never changed: tests copy it.

    While working on these tests, NBARANK_REPRODUCED names a folder that keeps it.
    """

    def make(folder: Path) -> None:
        output = dvc(make_repository(folder / "repository"), "repro")
        (folder / "output.txt").write_text("\n".join(stages_that_ran(output)))

    folder = made_once(tmp_path_factory, "reproduced", make, "NBARANK_REPRODUCED")
    return folder / "repository"


@pytest.fixture(scope="session")
def stages_of_first_run(reproduced: Path) -> list[str]:
    """Stages that the first `dvc repro` ran, in order."""
    return (reproduced.parent / "output.txt").read_text().splitlines()


@pytest.fixture
def repository(reproduced: Path, tmp_path: Path) -> Path:
    """A copy of the reproduced repository that a test may do anything to."""
    return copy_with_outputs(reproduced, tmp_path / "repository")
