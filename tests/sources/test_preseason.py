"""Preseason win totals: an optional file of any real source, matched to teams by abbreviation."""

from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.preseason import collect_preseason, read_preseason
from tests.sources.conftest import new_raw

TEAMS = pd.DataFrame(
    [("2011-12", 51, "NJN"), ("2012-13", 51, "BKN"), ("2012-13", 38, "BOS")],
    columns=["season", "team_id", "abbreviation"],
).assign(conference="East")


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    return new_raw(tmp_path)


def test_totals_are_matched_by_the_abbreviation_of_any_season(
    raw: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "totals.csv"
    rows = "2012-13,BKN,41.5\n2012-13,BOS,50\n2011-12,BKN,30\n2011-12,BOS,\n"
    rows += "2012-13,XXX,9\n1999-00,BOS,1\n"
    file.write_text(f"season,team,wins\n{rows}")
    collect_preseason(file, raw)
    found = read_preseason(raw, TEAMS)
    assert found.to_numpy().tolist() == [
        ["2011-12", 51, "East", 30.0], ["2012-13", 38, "East", 50.0], ["2012-13", 51, "East", 41.5]
    ]  # fmt: skip
    assert "1 preseason totals are of unknown teams: 2012-13 XXX" in caplog.text


def test_published_names_of_columns_and_parquet_are_read(raw: Path, tmp_path: Path) -> None:
    file = tmp_path / "preseason.parquet"
    rows = {"season": ["2012-13"], "team_abbr": ["BOS"], "win_total_ou": [50.5], "odds": [9.0]}
    pd.DataFrame(rows).to_parquet(file)
    collect_preseason(file, raw)
    assert read_preseason(raw, TEAMS).iloc[0].tolist() == ["2012-13", 38, "East", 50.5]


def test_without_the_file_there_are_no_totals(raw: Path) -> None:
    assert read_preseason(raw, TEAMS).empty


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("season,team\n2012-13,BOS\n", "wins"),
        ("season,team,wins\n2012-13,BOS,99\n", "row 1 is '99'"),
        ("season,team,wins\n2012-13,BOS,many\n", "row 1 is 'many'"),
        ("season,team,wins\n2012-13,BOS,0\n", "row 1 is '0'"),
        ("season,team,wins\n12/13,BOS,50\n", "'12/13' is not a season"),
        ("season,team,wins\n2013,BOS,50\n", "'2013' is not a season"),
        ("season,team,wins\n2012-14,BOS,50\n", "'2012-14' is not a season"),
        ("season,team,wins\n2012-13,,50\n", "is not an abbreviation"),
        ("season,team,wins\n2012-13,B\x1bS,50\n", "is not an abbreviation"),
        ("season,team,wins\n2012-13,BOS,50\n2012-13,BOS,51\n", "BOS is listed twice"),
    ],
)
def test_invalid_totals_are_rejected(raw: Path, tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "totals.csv"
    file.write_text(content)
    with pytest.raises(SourceError) as caught:
        collect_preseason(file, raw)
    assert message in str(caught.value)
    assert list(raw.iterdir()) == []


def test_a_missing_file_and_a_team_listed_twice_are_rejected(raw: Path, tmp_path: Path) -> None:
    file = tmp_path / "totals.csv"
    with pytest.raises(SourceError, match="does not exist"):
        collect_preseason(file, raw)
    file.write_text("season,team,wins\n2011-12,NJN,30\n2011-12,BKN,31\n")
    collect_preseason(file, raw)
    with pytest.raises(SourceError, match="listed twice"):
        read_preseason(raw, TEAMS)
