"""The report of the small league, made once."""

from pathlib import Path

import pytest

from tests.report.small_report import make, write_small_report


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(write_small_report(tmp_path_factory.mktemp("report")))


@pytest.fixture(scope="session")
def in_progress(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of a real league whose last season has not ended."""
    root = tmp_path_factory.mktemp("in_progress")
    return make(write_small_report(root, simulated=False, ended=False))
