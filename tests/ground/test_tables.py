"""Tables on disk are validated once, written atomically, and damage is detected."""

from pathlib import Path

import pandas as pd
import pyarrow as arrow
import pytest

from nbarank.core.contract import Check, Column, Schema
from nbarank.core.errors import ResourceError, TableError
from nbarank.core.stage import run_stage
from nbarank.core.tables import Table, each_read_once, read_table, write_table
from nbarank.schemas.columns import COUNT, DAY, TEAM_ID

WINS = Table(
    "league/wins",
    "team as of a date",
    ("as_of", "team_id"),
    Schema({"as_of": DAY, "team_id": TEAM_ID, "wins": COUNT}, strict=True),
)


def wins(*values: int) -> pd.DataFrame:
    days = pd.date_range("2023-01-01", periods=len(values)).as_unit("ns")
    return pd.DataFrame({"as_of": days, "team_id": 7, "wins": list(values)})


def test_a_table_is_read_as_written(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2, 1).iloc[::-1], tmp_path)
    pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(3, 2, 1))


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2), tmp_path / "a")
    write_table(WINS, wins(3, 2).iloc[::-1], tmp_path / "b")
    first, second = (WINS.path(tmp_path / name).read_bytes() for name in "ab")
    assert first == second


def test_a_file_of_another_program_is_validated(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2), tmp_path)
    edited = pd.read_parquet(WINS.path(tmp_path)).assign(wins=[3, -2])
    edited.to_parquet(WINS.path(tmp_path))
    with pytest.raises(TableError, match="violates its schema"):
        read_table(WINS, tmp_path)


def test_a_file_is_validated_again_under_a_changed_contract(tmp_path: Path) -> None:
    write_table(WINS, wins(3, 2), tmp_path)
    narrow = {**WINS.schema.columns, "wins": Column("int64", Check.ge(3))}
    changed = Table(WINS.name, WINS.grain, WINS.key, Schema(narrow, strict=True))
    with pytest.raises(TableError, match="wins"):
        read_table(changed, tmp_path)


def test_a_file_is_read_once_in_a_block_and_what_a_caller_changes_is_its_own(
    tmp_path: Path,
) -> None:
    write_table(WINS, wins(3, 2), tmp_path)
    with each_read_once():
        changed = read_table(WINS, tmp_path)
        changed.loc[0, "wins"] = 9
        write_table(WINS, wins(5, 5), tmp_path)
        pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(3, 2))
    pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(5, 5))


def test_declared_checks_and_types_are_those_of_pandera() -> None:
    """The stamps of files contain their names."""
    checks = (
        *(Check.ge(1), Check.gt(0.5), Check.le(2.0), Check.ne(0), Check.in_range(1, 8)),
        *(Check.isin(("a", "b")), Check.str_matches(r"^\d{4}$"), Check.not_empty()),
    )
    for check in checks:
        made = check.made()
        assert (check.name, check.statistics, check.error) == (
            made.name,
            made.statistics,
            made.error,
        )
    for name in (str, bool, "int64", "float64", "datetime64[us]"):
        column = Column(name)
        assert column.dtype == str(column.made().dtype)


def test_a_flipped_bit_is_detected_anywhere(tmp_path: Path) -> None:
    """In the pages by their checksum; elsewhere the file reads as before or is an error."""
    write_table(WINS, wins(*range(40)), tmp_path)
    path = WINS.path(tmp_path)
    whole = path.read_bytes()
    detected = 0
    for index in range(0, len(whole), 3):
        path.write_bytes(whole[:index] + bytes([whole[index] ^ 4]) + whole[index + 1 :])
        try:
            pd.testing.assert_frame_equal(read_table(WINS, tmp_path), wins(*range(40)))
        except TableError:
            detected += 1
    assert detected > 33


def test_a_stage_removes_only_leftovers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("repro: {seed: 42, threads: 1, device: cpu}\n")
    Path("dvc.yaml").write_text(
        "stages: {one: {cmd: x, params: [repro], "
        "outs: [data/league/games.parquet, {metrics/summary.json: {cache: false}}]}}\n"
    )
    left = ["data/league/.games.parquet.qg_ql8wn", "metrics/.summary.json.abc"]
    left += ["metrics/.environment.json.abc"]
    other = [
        "data/league/games.parquet",
        "data/league/.gitignore",
        "data/league/.teams.parquet.abc",
    ]
    for name in (*left, *other):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()
    seen: list[bool] = []
    run_stage("one", lambda _: seen.extend(Path(name).exists() for name in (*left, *other)))
    assert seen == [False] * len(left) + [True] * len(other)


def test_ctrl_c_ends_a_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.chdir(tmp_path)
    Path("params.yaml").write_text("repro: {seed: 42, threads: 1, device: cpu}\n")
    Path("dvc.yaml").write_text("stages: {one: {cmd: x, params: [repro], outs: []}}\n")
    with pytest.raises(SystemExit, match="130"):
        run_stage("one", interrupted)


def test_no_thread_left_is_not_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> None:
        raise arrow.ArrowException("Unknown error: Failed to launch worker thread: temporarily")

    write_table(WINS, wins(3, 2), tmp_path)
    monkeypatch.setattr("pyarrow.parquet.ParquetFile", refused)
    with pytest.raises(ResourceError, match="No other thread can be started"):
        read_table(WINS, tmp_path)


def test_too_little_memory_is_not_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def exhausted(*_: object, **__: object) -> None:
        raise arrow.ArrowMemoryError("malloc of size 8 failed")

    monkeypatch.setattr("nbarank.core.tables.arrow.parquet.ParquetFile", exhausted)
    with pytest.raises(MemoryError):
        read_table(WINS, tmp_path)
