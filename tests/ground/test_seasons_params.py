"""Calendar and roles of the seasons: invalid ones are reported by name."""

from pathlib import Path
from typing import Any

import pytest

from nbarank.core.errors import ParamsError
from nbarank.core.params import SeasonsParams
from nbarank.core.sections import load_section, parse_section, read_yaml
from nbarank.league.params import SnapshotsParams
from nbarank.schemas.calendar import CALENDAR_FILE, Calendar, read_calendar, require_dates
from tests.conftest import ROOT

PARAMS = ROOT / "params.yaml"


@pytest.fixture
def roles() -> dict[str, Any]:
    return dict(read_yaml(PARAMS)["seasons"])


def test_default_roles_follow_one_another_and_the_calendar_is_that_of_the_nba() -> None:
    seasons = load_section(SeasonsParams, PARAMS)
    assert list(seasons.roles()) == sorted(seasons.roles())
    dated = read_calendar(ROOT / CALENDAR_FILE).seasons
    assert list(dated) == [f"{y}-{(y + 1) % 100:02d}" for y in range(2010, 2027)]
    short = {label: dates.games for label, dates in dated.items() if dates.games != 1230}
    assert short == {"2011-12": 990, "2012-13": 1229, "2019-20": 1059, "2020-21": 1080}
    formats = [dates.play_in for dates in dated.values()]
    assert formats == ["none"] * 9 + ["bubble"] + ["standard"] * 7


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"validation": ["2013-14", "2014-15"]}, "2013-14 is both train and validation"),
        ({"train": ["2019-20"], "validation": ["2014-15"], "test": []}, "order in time"),
        ({"warm_up": ["2015-16"]}, "order in time"),
        ({"validation": ["2023-25"]}, "validation names 2023-25; a label runs like 2015-16"),
        ({"validation": []}, "seasons.validation"),
        ({"validation": ["2014"]}, "seasons.validation.0"),
        ({"tests": ["2014-15"]}, "seasons.tests"),
        ({"train": ["2012-13", "2011-12"]}, "order in time"),
    ],
)
def test_invalid_roles_are_named(roles: dict[str, Any], change: dict[str, Any], named: str) -> None:
    with pytest.raises(ParamsError) as caught:
        parse_section(SeasonsParams, {**roles, **change}, "params.yaml")
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("2014-15,2014-10-28,2015-04-15", "2014-15,2014-10-28,2014-01-01", "in this order"),
        ("2014-15,2014-10-28", "2014-15,soon", "date"),
        ("2014-15,2014-10-28", "2014-15,2001-01-01", "time order"),
        ("2015-06-16,1230,none", "2015-06-16,0,none", "greater than or equal to 1"),
        ("2015-06-16,1230,none", "2015-06-16,1230,maybe", "'none', 'bubble' or 'standard'"),
        ("2014-15,", "2013-14,", "two rows"),
        ("2026-27,", "2027-29,", "2027-29"),
        ("season,start", "year,start", "season"),
    ],
)
def test_an_invalid_calendar_is_reported(tmp_path: Path, old: str, new: str, named: str) -> None:
    text = (ROOT / CALENDAR_FILE).read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "calendar.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ParamsError, match=named):
        read_calendar(path)


def test_a_role_of_a_season_without_dates_is_reported(roles: dict[str, Any]) -> None:
    known = read_calendar(ROOT / CALENDAR_FILE).seasons
    calendar = Calendar(seasons={s: d for s, d in known.items() if s != "2015-16"})
    with pytest.raises(ParamsError, match="2015-16"):
        require_dates(parse_section(SeasonsParams, roles, "params.yaml"), calendar)


@pytest.mark.parametrize("checkpoints", [[0.5, 0.25], [0.5, 0.5], [-0.1, 1.0], [1.2], []])
def test_invalid_checkpoints_are_reported(checkpoints: list[float]) -> None:
    with pytest.raises(ParamsError, match="snapshots"):
        parse_section(SnapshotsParams, {"every_days": 7, "checkpoints": checkpoints}, "params.yaml")
