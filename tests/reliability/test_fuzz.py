"""Whatever bytes come in: the raw-file reader, params and predictions raise NbarankError or work.

2,600 cases, the same ones in every run; NBARANK_FUZZ multiplies them.
"""

import io
import json
import os
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from nbarank.core.errors import NbarankError
from nbarank.core.sections import parse_section, read_yaml
from nbarank.dvc.params_file import all_sections, check_content, check_params
from nbarank.report.predictions import read_predictions
from nbarank.sources.external_ratings import read_external_ratings
from nbarank.sources.injuries import collect_injury_reports, read_injury_reports
from nbarank.sources.layout import RawFile, file_name, read_league_file, read_teams_file
from nbarank.sources.raw_file import read_raw_file
from tests.conftest import ROOT
from tests.report.small_report import forecast_of
from tests.tiny_league import TinyLeague, rosters_and_inactive

CASES = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
SEASON = "2021-22"


def many(count: int) -> settings:
    return settings(CASES, max_examples=count * int(os.environ.get("NBARANK_FUZZ", "1")))


def works_or_is_told(call: Any, *arguments: Any) -> None:
    """Anything else than an NbarankError fails the test."""
    try:
        call(*arguments)
    except NbarankError as error:
        assert str(error).strip()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


LOG = (
    TinyLeague(seasons=(SEASON,), play_in=("none",), n_teams=16)
    .make()["player_logs_2021_22"]
    .head(4)
    .reset_index(drop=True)
)


def file_content(frame: pd.DataFrame, ending: str) -> bytes:
    stream = io.BytesIO()
    getattr(frame, "to_" + ending[1:])(stream, index=False)
    return stream.getvalue()


CONTENTS = {ending: file_content(LOG, ending) for ending in (".parquet", ".csv")}
flips = st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=6)


def damaged(whole: bytes, places: list[tuple[int, int]], end: float, insert: bytes) -> bytes:
    """Flip bytes, cut off the end, put something in the middle."""
    content = bytearray(whole)
    for place, mask in places:
        content[place % len(content)] ^= mask
    content = content[: max(int(len(content) * end), 0)]
    middle = places[0][0] % (len(content) + 1)
    return bytes(content[:middle] + insert + content[middle:])


ends = st.one_of(st.just(1.0), st.floats(0.0, 1.0))
inserts = st.one_of(st.just(b""), st.binary(max_size=20))


def _read(folder: Path, ending: str, content: bytes, level: str = "player_logs") -> None:
    path = folder / file_name(SEASON, level).replace(".parquet", ending)
    path.write_bytes(content)
    works_or_is_told(read_raw_file, RawFile(path, SEASON, "regular", level))


@pytest.mark.parametrize("ending", [".parquet", ".csv"])
@many(400)
@given(flips, ends, inserts)
def test_a_damaged_box_score_file(
    folder: Path, ending: str, places: list[tuple[int, int]], end: float, insert: bytes
) -> None:
    _read(folder, ending, damaged(CONTENTS[ending], places, end, insert))


scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
)
cells = st.one_of(
    scalars,
    st.sampled_from(["12:34", "-1:99", "0x1F", "1e400", "NaT", "2021-13-45", "9999999999999", "∞"]),
    st.binary(max_size=4),
)


@many(400)
@given(
    st.sampled_from(list(LOG.columns)),
    st.lists(cells, min_size=4, max_size=4),
    st.sampled_from([".parquet", ".csv"]),
)
@example("GAME_DATE", ["0001-01-01", "9999-12-31", 10**18, None], ".csv")
@example("TEAM_ID", [1e300, "1e300", float("inf"), -0.0], ".csv")
@example("TEAM_ID", [2**64, 1, 1, 1], ".csv")
def test_odd_values_in_a_column(folder: Path, column: str, values: list[Any], ending: str) -> None:
    _read_changed(folder, LOG, column, values, ending, "player_logs")


LISTS = {
    name[: -len("_2021_22")]: frame.head(4).assign(BIRTH_DATE="SEP 29, 1988")
    for name, frame in rosters_and_inactive({"player_logs_2021_22": LOG}).items()
}
"""Rosters and an inactive list."""


@many(200)
@given(
    st.sampled_from([(level, column) for level, frame in LISTS.items() for column in frame]),
    st.lists(cells, min_size=4, max_size=4),
    st.sampled_from([".parquet", ".csv"]),
)
@example(("rosters", "BIRTH_DATE"), ["0001-01-01", "9999-12-31", 10**18, None], ".csv")
def test_odd_values_in_rosters_and_inactive_lists(
    folder: Path, place: tuple[str, str], values: list[Any], ending: str
) -> None:
    level, column = place
    _read_changed(folder, LISTS[level], column, values, ending, level)


def _read_changed(
    folder: Path, frame: pd.DataFrame, column: str, values: list[Any], ending: str, level: str
) -> None:
    frame = frame.copy()
    frame[column] = pd.Series(values, dtype="object")
    try:
        content = file_content(frame, ending)
    except Exception:
        return  # no such file can exist
    _read(folder, ending, content, level)


@many(80)
@given(st.binary(max_size=200))
@example(b'{"date": "2020-02-20", "injuries": [{"player_id": 1e400, "team_id": 1}]}')
@example(b'{"date": 5, "injuries": {"a": 1}}')
@example(b"[" * 100_000)
def test_other_files_of_a_user(folder: Path, content: bytes) -> None:
    place = folder / "others"
    (place / "injury_reports").mkdir(parents=True, exist_ok=True)
    (place / "injury_reports" / "2020-02-20.json").write_bytes(content)
    for name in ("teams.csv", "modern_RAPTOR_by_team.csv", "league.json"):
        (place / name).write_bytes(content)
    works_or_is_told(read_injury_reports, place)
    copy = folder / "beside"
    copy.mkdir(exist_ok=True)
    works_or_is_told(collect_injury_reports, place / "injury_reports", copy)
    works_or_is_told(read_external_ratings, place)
    works_or_is_told(read_teams_file, place)
    works_or_is_told(read_league_file, place)


json_values = st.recursive(
    scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=6,
)
SECTIONS = all_sections()
PARAMS = read_yaml(ROOT / "params.yaml")


def _content(path: str) -> dict[str, Any]:
    node: Any = PARAMS
    for key in path.split("."):
        node = node[key]
    return dict(node)


@many(500)
@given(st.data())
def test_odd_values_in_params(data: st.DataObject) -> None:
    """One key of one section replaced, removed or added."""
    name = data.draw(st.sampled_from([n for n in SECTIONS if "." in n or n in PARAMS]))
    try:
        content = _content(name)
    except (KeyError, TypeError):
        return  # a section within a mapping, such as one season of the calendar
    key = data.draw(st.sampled_from([*content, "unknown"]))
    if data.draw(st.booleans()):
        content[key] = data.draw(json_values)
    else:
        content.pop(key, None)
    works_or_is_told(parse_section, SECTIONS[name], content, "params.yaml")


@many(20)
@given(st.sampled_from(sorted(PARAMS)), json_values)
def test_a_whole_section_replaced(section: str, value: Any) -> None:
    works_or_is_told(check_content, {**PARAMS, section: value}, "params.yaml")


@many(200)
@given(
    st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                ["a: ", "- ", "{", "}", "[", "]", "&x ", "*x", "!!int ", "<<: ", "? ", ": ", "|",
                 ">", "\n", "  ", "'", '"', "1e-05", "2020-01-99", "0o9", "%YAML 1.2", "---", "é"]
            ),
            max_size=14,
        ).map("".join),
    )
)  # fmt: skip
@example("a: " + "[" * 2000)
@example("a: &x [*x]")
@example("a: 2020-13-45")
def test_odd_text_in_params(folder: Path, text: str) -> None:
    path = folder / "params.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(NbarankError, match=r"."):  # random text cannot have every section
        check_params(path)


OF_A_DAY = forecast_of(SEASON, pd.Timestamp("2022-01-15"), 0.5, [])
FORECAST = {"schema_version": "1.3", "simulated_league": True, "forecasts": [OF_A_DAY]}
PREDICTIONS = json.dumps(FORECAST, indent=1).encode()


@many(200)
@given(flips, ends, inserts)
@example([(0, 1)], 0.0, b"[" * 100_000)
def test_a_damaged_predictions_file(
    folder: Path, places: list[tuple[int, int]], end: float, insert: bytes
) -> None:
    path = folder / "predictions.json"
    path.write_bytes(damaged(PREDICTIONS, places, end, insert))
    works_or_is_told(read_predictions, path)


@many(200)
@given(st.sampled_from(list(OF_A_DAY)), json_values)
def test_odd_values_in_predictions(folder: Path, key: str, value: Any) -> None:
    content = json.loads(PREDICTIONS)
    content["forecasts"][0][key] = value
    path = folder / "predictions.json"
    path.write_text(json.dumps(content, default=str), encoding="utf-8")
    works_or_is_told(read_predictions, path)
