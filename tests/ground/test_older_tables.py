"""Tables that another version wrote: the same values, or an error with the command that remakes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from nbarank.core.errors import TableError
from nbarank.core.tables import STAMP, Table, read_table, write_table
from nbarank.league.ingest import LeagueTables
from nbarank.schemas import league as schemas
from tests.conftest import ROOT

TABLES = ("GAMES", "TEAMS", "SEASONS", "SCHEDULE", "TEAM_GAMES", "PLAYER_GAMES", "AS_OF")
CHANGES: dict[str, Callable[[pd.DataFrame, str], pd.DataFrame]] = {
    "missing column": lambda frame, name: frame.drop(columns=name),
    "renamed column": lambda frame, name: frame.rename(columns={name: f"{name}_old"}),
    "another type": lambda frame, name: frame.assign(**{name: "x"}),
    "empty values": lambda frame, name: frame.assign(**{name: None}),
    "repeated rows": lambda frame, name: pd.concat([frame, frame.head(1)]),
}


def written_by_another_version(table: Table, frame: pd.DataFrame, root: Path) -> None:
    path = table.path(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path, index=False)
    content = pq.read_table(path)
    stamp = {**(content.schema.metadata or {}), STAMP: b"0" * 32}
    pq.write_table(content.replace_schema_metadata(stamp), path, write_page_checksum=True)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_another_contract_is_named(
    made: LeagueTables, tmp_path: Path, name: str, change: str
) -> None:
    table: Table = getattr(schemas, name)
    frame: pd.DataFrame = getattr(made, name.lower())
    column = table.key[-1]
    written_by_another_version(table, CHANGES[change](frame, column), tmp_path)
    with pytest.raises(TableError, match=table.name) as caught:
        read_table(table, tmp_path)
    assert caught.value.next_command == "dvc repro"


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_still_fits_is_read(made: LeagueTables, tmp_path: Path, name: str) -> None:
    table: Table = getattr(schemas, name)
    frame: pd.DataFrame = getattr(made, name.lower())
    write_table(table, frame, tmp_path / "new")
    written_by_another_version(table, frame, tmp_path / "old")
    old, new = read_table(table, tmp_path / "old"), read_table(table, tmp_path / "new")
    pd.testing.assert_frame_equal(old[new.columns], new, check_dtype=False, atol=1e-6)


def test_no_two_files_differ_in_case_only() -> None:
    """A disk that ignores case keeps one of them."""
    from nbarank.dvc.git import git

    names = git(ROOT, "ls-files").splitlines()
    assert len({name.casefold() for name in names}) == len(names)
