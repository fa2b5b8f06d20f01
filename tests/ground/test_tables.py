"""Tables on disk: what was checked on writing is trusted, anything else is checked on reading."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest

from nbarank.core.errors import TableError
from nbarank.core.tables import Table, read_table, write_table
from nbarank.schemas.columns import COUNT, DAY, TEAM_ID

WINS = Table(
    "league/wins",
    "team as of a date",
    ("as_of", "team_id"),
    pa.DataFrameSchema({"as_of": DAY, "team_id": TEAM_ID, "wins": COUNT}, strict=True),
)


def wins(*values: int) -> pd.DataFrame:
    days = pd.date_range("2023-01-01", periods=len(values)).as_unit("ns")
    return pd.DataFrame({"as_of": days, "team_id": 7, "wins": list(values)})


def test_a_table_comes_back_as_it_was_checked(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2, 1).iloc[::-1], tmp_path)
    pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(3, 2, 1))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    first = write_table(WINS, wins(3, 2), tmp_path / "a").read_bytes()
    assert write_table(WINS, wins(3, 2).iloc[::-1], tmp_path / "b").read_bytes() == first


def test_a_file_from_elsewhere_is_checked(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2), tmp_path)
    edited = pd.read_parquet(WINS.path(tmp_path)).assign(wins=[3, -2])
    edited.to_parquet(WINS.path(tmp_path))
    with pytest.raises(TableError, match="violates its schema"):
        read_table(WINS, tmp_path)


def test_a_file_is_checked_again_when_its_contract_has_changed(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2), tmp_path)
    narrow = {**WINS.schema.columns, "wins": pa.Column("int64", pa.Check.ge(3))}
    changed = Table(WINS.name, WINS.grain, WINS.key, pa.DataFrameSchema(narrow, strict=True))
    with pytest.raises(TableError, match="wins"):
        read_table(changed, tmp_path)


def test_a_flipped_bit_is_noticed_wherever_it_lies(tmp_path: Path) -> None:
    """Within the pages by their checksum; elsewhere the file reads as before or not at all."""
    path = write_table(WINS, wins(*range(40)), tmp_path)
    whole = path.read_bytes()
    noticed = 0
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 4]) + whole[place + 1 :])
        try:
            pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(*range(40)))
        except TableError:
            noticed += 1
    assert noticed > 100
