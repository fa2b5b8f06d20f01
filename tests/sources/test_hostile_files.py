"""Names that a page or terminal would obey, files that would fill the memory, secrets nearby."""

import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nbarank.core.errors import SourceError
from nbarank.core.names import LONGEST_TEXT
from nbarank.sources import parquet_files
from nbarank.sources.folder import collect_folder
from nbarank.sources.layout import RawFile, file_name, read_any, read_teams_file, whole_numbers
from nbarank.sources.raw_file import read_raw_file
from tests.sources.conftest import LEAGUE
from tests.tiny_league import Frames, league_calendar

CONTROLS = {
    **{"escape": "\x1b[31m", "newline": "a\nb", "return": "a\rb", "nul": "a\0b", "bell": "a\x07b"},
    **{"delete": "a\x7fb", "C1": "a\x9b31m", "right to left": "a\u202eb", "isolate": "a\u2066b"},
    **{"zero width": "a\u200bb", "line separator": "a\u2028b", "no XML": "a\uffffb", "tab": "a\tb"},
    **{"soft hyphen": "a\xadb", "byte order mark": "a\ufeffb", "long": "a" * (LONGEST_TEXT + 1)},
}
LEGAL = (
    "$x$",
    "a|b",
    "<b>&amp;",
    "a\\b",
    "[red]",
    "`x`",
    "Dončić",
    "O'Neal, Jr.",
    "%s",
    "{0}",
    "大",
)
TEXTS = [
    ("team_logs", "TEAM_ABBREVIATION"),
    ("team_logs", "TEAM_NAME"),
    ("player_logs", "PLAYER_NAME"),
    ("rosters", "PLAYER"),
    ("inactive", "REASON"),
]


def read_with(frames: Frames, tmp_path: Path, level: str, column: str, text: str) -> pd.DataFrame:
    frame = frames[f"{level}_2020_21"].copy()
    frame[column] = frame[column].astype(object)
    frame.loc[frame.index[5], column] = text
    path = tmp_path / file_name("2020-21", level)
    frame.to_parquet(path, index=False)
    return read_raw_file(RawFile(path, "2020-21", "regular", level))


@pytest.mark.parametrize("kind", CONTROLS)
@pytest.mark.parametrize(("level", "column"), TEXTS)
def test_control_characters_are_rejected_with_file_row_and_value(
    frames: Frames, lists: Frames, tmp_path: Path, level: str, column: str, kind: str
) -> None:
    text = CONTROLS[kind]
    with pytest.raises(SourceError, match=f"invalid value.* in {column}") as caught:
        read_with({**frames, **lists}, tmp_path, level, column, text)
    shown = str(caught.value)
    assert f"{level}_2020_21.parquet" in shown
    assert "row 6: " in shown
    assert all(sign.isprintable() or sign == "\n" for sign in shown)
    assert len(shown) < 1000


@pytest.mark.parametrize("text", LEGAL)
@pytest.mark.parametrize(("level", "column"), TEXTS)
def test_other_signs_are_kept(
    frames: Frames, lists: Frames, tmp_path: Path, level: str, column: str, text: str
) -> None:
    frame = read_with({**frames, **lists}, tmp_path, level, column, text)
    assert text in set(frame[column])


@pytest.mark.parametrize("column", ["ABBREVIATION", "NAME", "DIVISION"])
@pytest.mark.parametrize("kind", CONTROLS)
def test_control_characters_in_teams_are_rejected(tmp_path: Path, column: str, kind: str) -> None:
    teams = LEAGUE.teams()
    teams.loc[3, column] = f"x{CONTROLS[kind]}x"
    teams.to_csv(tmp_path / "teams.csv", index=False)
    with pytest.raises(SourceError, match=r"teams\.csv") as caught:
        read_teams_file(tmp_path)
    assert all(sign.isprintable() or sign == "\n" for sign in str(caught.value))


def small_bounds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(parquet_files, "MOST_ROWS", 1000)
    patch.setattr(parquet_files, "MOST_BYTES", 100_000)
    patch.setattr("nbarank.sources.csv_files.MOST_BYTES", 100_000)


BOMBS = {
    "rows.parquet": lambda path: pq.write_table(pa.table({"A": np.zeros(2000, int)}), path),
    "bytes.parquet": lambda path: pq.write_table(
        pa.table({"A": ["x" * 90_000, "y" * 90_000]}), path, compression="zstd"
    ),
    "columns.parquet": lambda path: pq.write_table(
        pa.table({f"c{n}": np.zeros(900, int) for n in range(20)}), path
    ),
    "text.parquet": lambda path: pq.write_table(pa.table({"A": ["x" * 20_000] * 500}), path),
    "rows.csv": lambda path: path.write_text("A\n" + "1\n" * 2000),
    "bytes.csv": lambda path: path.write_text("A\n" + "1" * 200_000),
    "bytes.csv.gz": lambda path: path.write_bytes(gzip.compress(b"A\n" + b"1" * 200_000)),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_file_is_bounded_before_it_is_loaded(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small_bounds(monkeypatch)
    monkeypatch.setattr(pd, "read_parquet", lambda *_: pytest.fail("the file was loaded"))
    BOMBS[name](tmp_path / name)
    with pytest.raises(SourceError, match=r"is too large|has a text of") as caught:
        read_any(tmp_path / name)
    assert caught.value.allowed and caught.value.next_command


@pytest.mark.parametrize("ending", ["csv", "parquet"])
@pytest.mark.parametrize("second", ["PTS", "pts", " Pts "])
def test_a_repeated_column_is_named(
    frames: Frames, tmp_path: Path, second: str, ending: str
) -> None:
    frame = frames["team_logs_2020_21"]
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.append_column(second, table["PTS"])
    path = tmp_path / f"team_logs_2020_21.{ending}"
    if ending == "csv":
        frame.assign(X=0).to_csv(path, index=False)
        header, rest = path.read_text().split("\n", 1)
        path.write_text(f"{header.removesuffix('X')}{second}\n{rest}")
    else:
        pq.write_table(table, path)
    with pytest.raises(SourceError, match=r"column\(s\) PTS twice"):
        read_raw_file(RawFile(path, "2020-21", "regular", "team_logs"))


@pytest.mark.parametrize(
    "value", [2**63, 2**64 - 1, 1e300, float("inf"), "9" * 30, -1, 1.5, "١٢", "1e5", True, None]
)
def test_an_id_that_is_no_exact_whole_number_is_missing(value: object) -> None:
    assert whole_numbers(pd.Series([value])).isna().all()


def test_memory_used_up_is_not_a_damaged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory(*_: object) -> None:
        raise MemoryError

    (tmp_path / "a.csv").write_text("A\n1\n")
    monkeypatch.setattr("nbarank.sources.layout.read_csv_file", no_memory)
    with pytest.raises(MemoryError):
        read_any(tmp_path / "a.csv")


SECRETS = (
    "id_rsa",
    ".env",
    "2020-11-05.json.bak",
    "notes.json",
    "x2020-11-06.json",
    "2020-11.json",
)


def test_only_documented_files_of_the_injury_folder_are_copied(user: Path, raw: Path) -> None:
    for name in SECRETS:
        (user / "injury_reports" / name).write_text("secret")
        (user / name).write_text("secret")
    (user / "injury_reports" / "folder.json").mkdir()
    collect_folder(user, raw, league_calendar(LEAGUE))
    assert [path.name for path in (raw / "injury_reports").iterdir()] == ["2020-11-05.json"]
    assert not any(path.read_bytes() == b"secret" for path in raw.rglob("*") if path.is_file())
