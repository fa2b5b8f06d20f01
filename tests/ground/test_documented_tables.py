"""docs/data-dictionary.md lists every table with its key."""

from __future__ import annotations

import importlib
import pkgutil

import pytest

import nbarank.schemas
from nbarank.core.tables import Table
from nbarank.schemas.oof import BASE_MODELS, oof_table
from tests.conftest import ROOT


def tables() -> dict[str, Table]:
    modules = pkgutil.iter_modules(nbarank.schemas.__path__, "nbarank.schemas.")
    values = [v for module in modules for v in vars(importlib.import_module(module.name)).values()]
    found = [*(value for value in values if isinstance(value, Table)), *map(oof_table, BASE_MODELS)]
    return {table.name: table for table in found}


@pytest.mark.parametrize("name", sorted(tables()))
def test_a_table_is_in_the_data_dictionary(name: str) -> None:
    text = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    lines = text.split("## Columns of features/*")[0].splitlines()
    rows = [line for line in lines if line.startswith("|") and f"`{name}`" in line]
    assert len(rows) == 1
    assert f"| {', '.join(tables()[name].key)} |" in rows[0]
