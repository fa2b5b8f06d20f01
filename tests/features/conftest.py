"""A tiny league and its team features, made once for a module."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.as_of_league import Tables, tiny_tables
from tests.features.team_rows import described


@pytest.fixture(scope="module")
def tables(tmp_path_factory: pytest.TempPathFactory) -> Tables:
    return tiny_tables(tmp_path_factory.mktemp("tiny") / "raw")


@pytest.fixture(scope="module")
def features(tables: Tables) -> pd.DataFrame:
    return described(tables)
