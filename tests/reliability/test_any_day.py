"""`nbarank forecast` for any day: strengths of stored models, the day that the page shows."""

from __future__ import annotations

import errno
import json
import os
import threading
from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import ResourceError
from nbarank.forecast.inputs import read_inputs
from nbarank.results.day_strength import with_day
from tests.reliability.small import edit_params, nbarank


@pytest.fixture
def workspace(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(repository)
    return repository


@pytest.mark.parametrize("place", [0, 2, -1])
def test_a_day_of_the_grid_computed_alone_has_the_stored_strength(
    workspace: Path, place: int
) -> None:
    inputs = read_inputs()
    season = "2014-15"
    grid = inputs.as_of[inputs.as_of["season"] == season]
    day = pd.Timestamp(grid["as_of"].iloc[place])
    alone = with_day(inputs, season, day)
    rows = inputs.strength[(inputs.strength["season"] == season)].set_index("as_of").loc[day]
    found = alone.strength[alone.strength["season"] == season].set_index("as_of").loc[day]
    pd.testing.assert_frame_equal(found, rows, rtol=0, atol=2e-5)
    assert alone.as_of[alone.as_of["season"] == season]["as_of"].max() == day
    share = alone.as_of.set_index(["season", "as_of"])["season_share"]
    assert share[season, day] == pytest.approx(grid["season_share"].iloc[place])


def test_one_thread_starts_no_process(workspace: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next command of the error for a process that was killed or cannot be started."""

    def refuse() -> int:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    inputs = read_inputs()
    asked = inputs, "2014-15", pd.Timestamp("2015-01-14")
    monkeypatch.setattr(os, "fork", refuse)
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    edit_params(workspace, {"repro.threads": 2})
    with pytest.raises(ResourceError, match=r"set repro\.threads to 1"):
        with_day(*asked)
    edit_params(workspace, {"repro.threads": 1})
    assert (with_day(*asked).strength["as_of"] == asked[-1]).any()


def test_days_in_october_and_in_the_season(workspace: Path) -> None:
    grid = read_inputs().as_of
    season, start = "2014-15", grid.loc[grid["season"] == "2014-15", "as_of"].min()
    before, within = (f"{start + pd.Timedelta(days=days):%Y-%m-%d}" for days in (-12, 3))
    early = json.loads(nbarank(workspace, "forecast", "--as-of", before, "--json"))
    (day,) = early["forecasts"]
    assert (day["season"], day["as_of"], day["strength_as_of"]) == (season, before, before)
    assert day["season_share"] == 0 and day["teams_with_roster"] == 0
    assert "no roster is published" in nbarank(workspace, "forecast", "--as-of", before)
    later = nbarank(workspace, "forecast", "--as-of", within)
    assert f"as of {within}" in later and "No game" not in later


def test_without_a_day_the_season_is_over_or_the_page_s_day_is_forecast(workspace: Path) -> None:
    text = nbarank(workspace, "forecast")
    assert "2014-15 is over" in text and "50%" in text and "100%" in text
    shown = json.loads((workspace / "report" / "predictions.json").read_text())
    printed = json.loads(nbarank(workspace, "forecast", "--json"))
    for key in ("season", "as_of"):
        assert printed["forecasts"][-1][key] == shown["forecasts"][-1][key]
