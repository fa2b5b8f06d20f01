"""Team features of the tiny league, made once."""

import pandas as pd
import pytest

from tests.as_of_league import Tables
from tests.features.team_rows import described


@pytest.fixture(scope="session")
def features(tables: Tables) -> pd.DataFrame:
    return described(tables)
