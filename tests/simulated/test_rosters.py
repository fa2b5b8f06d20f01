"""Rosters and inactive lists of the simulated league agree with its box scores."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.league.ingest import ingest
from nbarank.schemas.raw import RawLeague
from nbarank.sources.raw import read_raw
from nbarank.sources.simulated import calibration as c


def read(league: Path) -> RawLeague:
    return read_raw(league / "raw")


def test_lists_pass_the_checks_without_a_warning(league: Path) -> None:
    raw = read(league)
    assert ingest(raw, False, 7, (0.5, 1.0)).report["warnings"] == []


def test_rosters_are_of_opening_night_with_plausible_ages(league: Path) -> None:
    raw = read(league)
    rosters = raw.rosters
    assert (rosters.groupby(["SEASON", "TEAM_ID"]).size() == c.ROSTER).all()
    assert rosters["AGE"].between(19, 42).all()
    first = raw.team_logs.groupby(["SEASON", "TEAM_ID"])["GAME_DATE"].min()
    known = rosters.drop_duplicates(["SEASON", "TEAM_ID"]).set_index(["SEASON", "TEAM_ID"])
    pd.testing.assert_series_equal(known["AS_OF"].sort_index(), first, check_names=False)
    years = rosters.pivot(index="PLAYER_ID", columns="SEASON", values="AGE").diff(axis=1)
    assert set(years.stack().dropna()) == {1.0}, "a year older every season"


def test_everyone_of_the_first_game_is_on_the_roster(league: Path) -> None:
    raw = read(league)
    opening = raw.rosters.rename(columns={"AS_OF": "GAME_DATE"})
    games = raw.player_logs.merge(opening[["SEASON", "TEAM_ID", "GAME_DATE"]].drop_duplicates())
    assert len(games) == len(games.merge(opening, on=["SEASON", "TEAM_ID", "PLAYER_ID"]))
    listed = raw.inactive.merge(games[["GAME_ID", "TEAM_ID", "SEASON"]].drop_duplicates())
    assert len(listed) == len(listed.merge(opening, on=["SEASON", "TEAM_ID", "PLAYER_ID"]))
    assert len(opening) > len(games) + len(listed), "some dress and stay on the bench"


def test_no_more_than_the_roster_is_listed_and_reasons_are_the_real_ones(league: Path) -> None:
    raw = read(league)
    side = ["GAME_ID", "TEAM_ID"]
    listed, played = (frame.groupby(side).size() for frame in (raw.inactive, raw.player_logs))
    assert listed.min() >= c.ROSTER - c.DRESSED
    assert (listed.add(played, fill_value=0) <= c.ROSTER).all()
    shares = raw.inactive["REASON"].value_counts(normalize=True)
    assert set(shares.index) <= set(c.INACTIVE_REASONS)
    assert np.isclose(shares["Inactive"], c.INACTIVE_REASONS["Inactive"], atol=0.05)
