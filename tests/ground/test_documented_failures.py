"""Every row of the failure tables in docs/reliability.md names a test that exists."""

from __future__ import annotations

import re

import pytest

from tests.conftest import ROOT

TEXT = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8").split("## Known limits")[0]
ROWS = [line.strip("| ").split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
CASES = [(row[0], row[-1]) for row in ROWS if row[-1] != "test"]


def test_the_tables_have_rows() -> None:
    assert len(CASES) > 35


@pytest.mark.parametrize(("failure", "tests"), CASES)
def test_a_row_names_its_test(failure: str, tests: str) -> None:
    names = re.findall(r"[\w/]+", tests)
    assert names, failure
    for name in names:
        path = ROOT / (name if "/" in name else f"tests/reliability/{name}")
        assert path.is_dir() or path.with_suffix(".py").is_file(), f"{failure}: {name}"
