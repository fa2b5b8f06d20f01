"""Injury reports and player ratings added to the box scores of any real source."""

import json
import logging
import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.schemas.raw import BOX_COLUMNS
from nbarank.sources.external_ratings import collect_external_ratings
from nbarank.sources.injuries import collect_injury_reports, read_injury_reports
from tests.sources.conftest import new_raw

LOG = "player_logs_2018_19.parquet"


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Player logs of four players: an accent, a suffix and two namesakes."""
    folder = new_raw(tmp_path)
    rows = [
        (1, "Luka Dončić", 10, "Dallas Mavericks"),
        (2, "Larry Nance Jr.", 20, "Cleveland Cavaliers"),
        (3, "Chris Johnson", 10, "Dallas Mavericks"),
        (4, "Chris Johnson", 20, "Cleveland Cavaliers"),
    ]
    frame = pd.DataFrame(rows, columns=["PLAYER_ID", "PLAYER_NAME", "TEAM_ID", "TEAM_NAME"])
    frame = frame.assign(
        TEAM_ABBREVIATION=frame["TEAM_ID"].map({10: "DAL", 20: "CLE"}),
        GAME_ID="0021800001",
        GAME_DATE="2018-10-17",
        MATCHUP="DAL vs. CLE",
        WL="W",
        MIN=20,
        **dict.fromkeys((*BOX_COLUMNS, "PLUS_MINUS"), 0),
    )
    frame.to_parquet(folder / LOG, index=False)
    return folder


@pytest.fixture
def reports(tmp_path: Path) -> Path:
    folder = tmp_path / "reports"
    folder.mkdir()
    return folder


def _record(name: str, status: str = "Out", team: str = "Dallas Mavericks") -> dict[str, Any]:
    return {"Team": team, "Player Name": name, "Current Status": status, "Reason": "Injury"}


def _own(date: object, **player: object) -> str:
    """Return a report in nbarank's own form; without values, one that lists no player."""
    injuries = [{"player_id": 1, "team_id": 10, **player}] if player else []
    return json.dumps({"date": date, "injuries": injuries})


def test_records_of_nbainjuries_are_matched_to_players(
    raw: Path, reports: Path, caplog: pytest.LogCaptureFixture
) -> None:
    records = [
        _record("Doncic, Luka"),
        _record("Nance Jr., Larry", team="Cleveland Cavaliers"),
        _record("Johnson, Chris"),  # two namesakes: matched to neither
        _record("Unknown, Player"),
    ]
    probable = [_record("Doncic, Luka", status="Probable")]
    (reports / "Injury-Report_2018-12-18_05PM.json").write_text(json.dumps(records))
    (reports / "2018-12-19.json").write_text(json.dumps(probable))
    with caplog.at_level(logging.WARNING):
        collect_injury_reports(reports, raw)
    found = read_injury_reports(raw)
    assert found["report_date"].dt.strftime("%Y-%m-%d").tolist() == ["2018-12-18"] * 2 + [
        "2018-12-19"
    ]
    assert found["player_id"].tolist() == [1, 2, -1]  # -1: a report without players listed Out
    assert found["team_id"].tolist() == [10, 20, -1]
    assert "2 listed name(s)" in caplog.text and "Unknown, Player" in caplog.text


def test_reports_in_own_form_replace_those_of_the_source(raw: Path, reports: Path) -> None:
    (raw / "injury_reports").mkdir()
    (raw / "injury_reports" / "2018-12-01.json").write_text('{"date": "2018-12-01"}')
    own = {"date": "2018-12-18", "injuries": [{"player_id": 7, "team_id": 10, "status": "Out"}]}
    (reports / "2018-12-18.json").write_text(json.dumps(own))
    collect_injury_reports(reports, raw)
    assert read_injury_reports(raw)["player_id"].tolist() == [7]
    assert [path.name for path in (raw / "injury_reports").iterdir()] == ["2018-12-18.json"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("report.json", "[]", "does not have the date"),
        ("2018-13-40.json", "[]", "does not have the date"),
        ("2018-12-18.json", "{", "not an injury report"),
        ("2018-12-18.json", '[{"Player Name": "A, B"}]', "not an injury report"),
        ("2018-12-18.json", "[1]", "not an injury report"),
        ("2018-12-18.json", "5", "not an injury report"),
        ("2018-12-18.json", '{"a": 1}', "not an injury report"),
        ("2018-12-18.json", _own("2018-12-19"), "not an injury report"),
        ("2018-12-18.json", _own(20181218), "not an injury report"),
        ("2018-12-18.json", _own("2018-12-18", player_id=1.7), "not an injury report"),
        ("2018-12-18.json", _own("2018-12-18", player_id=True), "not an injury report"),
        ("2018-12-18.json", _own("2018-12-18", team_id="Dallas"), "not an injury report"),
    ],
)
def test_a_file_that_is_not_a_report_is_named(
    raw: Path, reports: Path, name: str, content: str, message: str
) -> None:
    (reports / name).write_text(content)
    with pytest.raises(SourceError, match=message):
        collect_injury_reports(reports, raw)


def test_two_reports_for_a_date_and_a_missing_folder_are_rejected(raw: Path, reports: Path) -> None:
    with pytest.raises(SourceError, match=r"has no \.json"):
        collect_injury_reports(reports, raw)
    with pytest.raises(SourceError, match="does not exist"):
        collect_injury_reports(reports / "elsewhere", raw)
    for hour in ("11AM", "05PM"):
        (reports / f"Injury-Report_2018-12-18_{hour}.json").write_text("[]")
    with pytest.raises(SourceError, match="Two injury reports are for 2018-12-18"):
        collect_injury_reports(reports, raw)


def test_ratings_are_copied_and_checked(raw: Path, tmp_path: Path) -> None:
    file = tmp_path / "ratings.csv"
    with pytest.raises(SourceError, match="does not exist"):
        collect_external_ratings(file, raw)
    file.write_text("player_name,season,mp\nA,2015,3\n")
    with pytest.raises(SourceError, match="raptor_total"):
        collect_external_ratings(file, raw)
    file.write_text("player_name,season,mp,raptor_total\nA,2015,3,1.5\n")
    collect_external_ratings(file, raw)
    assert (raw / "modern_RAPTOR_by_team.csv").read_text() == file.read_text()


def test_names_are_of_the_past(raw: Path, reports: Path) -> None:
    """The same report gives the same on its day and after the season: no name leaks back."""
    rows = pd.read_parquet(raw / LOG)
    later = rows[rows["PLAYER_ID"] == 1].assign(
        PLAYER_ID=5, PLAYER_NAME="Debut Later", GAME_ID="0021800900", GAME_DATE="2019-02-01"
    )
    last = rows[rows["PLAYER_ID"] == 1].assign(
        PLAYER_ID=6, PLAYER_NAME="Old Hand", GAME_ID="0021700900", GAME_DATE="2018-02-01"
    )
    last.to_parquet(raw / "player_logs_2017_18.parquet", index=False)
    names = ["Doncic, Luka", "Later, Debut", "Hand, Old"]
    for day in ("2018-12-18", "2019-02-01", "2019-02-02"):
        (reports / f"{day}.json").write_text(json.dumps([_record(name) for name in names]))
    live = {}
    for day, log in (("2018-12-18", rows), ("2019-02-02", pd.concat([rows, later]))):
        log.to_parquet(raw / LOG, index=False)
        collect_injury_reports(reports, raw)
        live[day] = read_injury_reports(raw)
    replay = live["2019-02-02"]
    listed = replay.groupby(replay["report_date"].astype(str))["player_id"].apply(list)
    assert listed.to_dict() == {"2018-12-18": [1, 6], "2019-02-01": [1, 6], "2019-02-02": [1, 5, 6]}
    first = [day["report_date"] == "2018-12-18" for day in live.values()]
    pd.testing.assert_frame_equal(*(day[of] for day, of in zip(live.values(), first, strict=True)))


def test_statuses_in_any_case_and_a_bom_are_read_and_others_are_counted(
    raw: Path, reports: Path, caplog: pytest.LogCaptureFixture
) -> None:
    listed = [
        {"player_id": n, "team_id": 10, "status": s} for n, s in enumerate(["OUT", "Doubtful"])
    ]
    content = json.dumps({"date": "2018-12-18", "injuries": listed})
    (reports / "2018-12-18.json").write_text(content, encoding="utf-8-sig")
    records = [_record("Doncic, Luka", status=" out "), _record("Johnson, Chris", "Questionable")]
    records.append(_record("Nance Jr., Larry", team="Nowhere"))
    (reports / "2018-12-19.json").write_text(json.dumps(records), encoding="utf-8-sig")
    collect_injury_reports(reports, raw)
    assert read_injury_reports(raw)["player_id"].tolist() == [0, 1]
    assert "Doubtful: 1, Questionable: 1" in caplog.text
    assert "Nance Jr., Larry (Nowhere)" in caplog.text


@pytest.mark.parametrize(
    "row", ["A,2015,3,", "A,2015,-3,1", "A,16,3,1", "A,,3,1", "A,2015,inf,1", "A,2015,3,good"]
)
def test_an_invalid_rating_is_named_with_its_row(raw: Path, tmp_path: Path, row: str) -> None:
    file = tmp_path / "ratings.csv"
    file.write_text(f"player_name,season,mp,raptor_total\nB,2015,3,1.5\n{row}\n")
    with pytest.raises(SourceError, match=r"1 row.* empty or invalid") as caught:
        collect_external_ratings(file, raw)
    assert "row 2" in str(caught.value)


@pytest.mark.real
def test_a_real_nbainjuries_report_lists_the_same_players(real_raw: Path, tmp_path: Path) -> None:
    raw, reports = tmp_path / "raw", tmp_path / "reports"
    for folder in (raw, reports):
        folder.mkdir()
    log = "player_logs_2022_23.parquet"
    shutil.copyfile(real_raw / log, raw / log)
    rows = pd.read_parquet(raw / log)
    rows = rows[rows["GAME_DATE"].astype(str) < "2023-03-18"]  # later debuts are not known yet
    names = rows.drop_duplicates("PLAYER_ID").set_index("PLAYER_ID")["PLAYER_NAME"]
    own = json.loads((real_raw / "injury_reports" / "2023-03-18.json").read_text())
    listed = [entry["player_id"] for entry in own["injuries"]]
    known = [player for player in listed if player in names.index]
    assert len(known) > 50
    records = []
    for player in known:
        first, _, last = names[player].partition(" ")
        records.append(_record(f"{last}, {first}" if last else first))
    (reports / "2023-03-18.json").write_text(json.dumps(records))
    collect_injury_reports(reports, raw)
    assert read_injury_reports(raw)["player_id"].tolist() == known
