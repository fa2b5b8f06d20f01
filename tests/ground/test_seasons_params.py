"""The calendar and the roles of the seasons: wrong ones are refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from nbarank.errors import ParamsError
from nbarank.params.base import load_section, parse_section, read_yaml
from nbarank.params.seasons import (
    CalendarParams,
    SeasonsParams,
    SnapshotsParams,
    require_dates,
)
from tests.conftest import ROOT

PARAMS = ROOT / "params.yaml"


@pytest.fixture
def roles() -> dict[str, Any]:
    return dict(read_yaml(PARAMS)["seasons"])


@pytest.fixture
def calendar() -> dict[str, Any]:
    return dict(read_yaml(PARAMS)["calendar"])


def test_default_roles_follow_one_another_and_the_calendar_is_that_of_the_nba() -> None:
    seasons = load_section(SeasonsParams, PARAMS)
    assert list(seasons.roles()) == sorted(seasons.roles())
    dated = load_section(CalendarParams, PARAMS).seasons
    assert list(dated) == [f"{y}-{(y + 1) % 100:02d}" for y in range(2010, 2027)]
    short = {label: dates.games for label, dates in dated.items() if dates.games != 1230}
    assert short == {"2011-12": 990, "2012-13": 1229, "2019-20": 1059, "2020-21": 1080}
    formats = [dates.play_in for dates in dated.values()]
    assert formats == ["none"] * 9 + ["bubble"] + ["standard"] * 7


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"test": ["2013-14", "2014-15"]}, "2013-14 is both train and test"),
        ({"train": ["2019-20"], "test": ["2014-15"], "holdout": []}, "order in time"),
        ({"warm_up": ["2015-16"]}, "order in time"),
        ({"holdout": ["2023-25"]}, "holdout names 2023-25; a label runs like 2015-16"),
        ({"test": []}, "seasons.test"),
        ({"test": ["2014"]}, "seasons.test.0"),
        ({"tests": ["2014-15"]}, "seasons.tests"),
        ({"train": ["2012-13", "2011-12"]}, "order in time"),
    ],
)
def test_unsound_roles_are_refused_by_name(
    roles: dict[str, Any], change: dict[str, Any], named: str
) -> None:
    with pytest.raises(ParamsError) as caught:
        parse_section(SeasonsParams, {**roles, **change}, "params.yaml")
    assert named in str(caught.value)


@pytest.mark.parametrize(
    ("season", "change", "named"),
    [
        ("2014-15", {"end": "2014-01-01"}, "must follow one another"),
        ("2014-15", {"games": 0}, "calendar.seasons.2014-15.games"),
        ("2014-15", {"play_in": "maybe"}, "calendar.seasons.2014-15.play_in"),
        ("2014-15", {"start": "soon"}, "calendar.seasons.2014-15.start"),
        ("2014-15", {"start": "2001-01-01"}, "time order"),
    ],
)
def test_unsound_calendar_is_refused_by_name(
    calendar: dict[str, Any], season: str, change: dict[str, Any], named: str
) -> None:
    calendar["seasons"][season].update(change)
    with pytest.raises(ParamsError) as caught:
        parse_section(CalendarParams, calendar, "params.yaml")
    assert named in str(caught.value)


def test_label_whose_years_do_not_follow_is_refused(calendar: dict[str, Any]) -> None:
    calendar["seasons"]["2027-29"] = {
        "start": "2027-10-20", "end": "2028-04-11", "playoffs_end": "2028-06-20",
        "games": 1230, "play_in": "standard",
    }  # fmt: skip
    with pytest.raises(ParamsError, match="2027-29"):
        parse_section(CalendarParams, calendar, "params.yaml")


def test_a_role_of_a_season_without_dates_is_refused_by_name(
    roles: dict[str, Any], calendar: dict[str, Any]
) -> None:
    del calendar["seasons"]["2015-16"]
    with pytest.raises(ParamsError, match="2015-16"):
        require_dates(
            parse_section(SeasonsParams, roles, "params.yaml"),
            parse_section(CalendarParams, calendar, "params.yaml"),
        )


@pytest.mark.parametrize("checkpoints", [[0.5, 0.25], [0.5, 0.5], [0.0, 1.0], [1.2], []])
def test_unsound_checkpoints_are_refused(checkpoints: list[float]) -> None:
    with pytest.raises(ParamsError, match="snapshots"):
        parse_section(SnapshotsParams, {"every_days": 7, "checkpoints": checkpoints}, "params.yaml")
