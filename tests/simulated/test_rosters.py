"""Rosters and inactive lists of the simulated league agree with its box scores."""

import numpy as np
import pandas as pd

from nbarank.league.ingest import ingest
from nbarank.schemas.raw import RawLeague
from nbarank.sources.simulated import calibration as c


def test_lists_pass_the_checks_without_a_warning(read: RawLeague) -> None:
    assert ingest(read, False, 7, (0.5, 1.0)).report["warnings"] == []


def test_rosters_are_of_opening_night_with_plausible_ages(read: RawLeague) -> None:
    rosters = read.rosters
    assert (rosters.groupby(["SEASON", "TEAM_ID"]).size() == c.ROSTER).all()
    assert rosters["AGE"].between(19, 42).all()
    first = read.team_logs.groupby(["SEASON", "TEAM_ID"])["GAME_DATE"].min()
    known = rosters.drop_duplicates(["SEASON", "TEAM_ID"]).set_index(["SEASON", "TEAM_ID"])
    pd.testing.assert_series_equal(known["AS_OF"].sort_index(), first, check_names=False)
    years = rosters.pivot(index="PLAYER_ID", columns="SEASON", values="AGE").diff(axis=1)
    assert set(years.stack().dropna()) == {1.0}, "a year older every season"


def test_everyone_of_the_first_game_is_on_the_roster(read: RawLeague) -> None:
    opening = read.rosters.rename(columns={"AS_OF": "GAME_DATE"})
    games = read.player_logs.merge(opening[["SEASON", "TEAM_ID", "GAME_DATE"]].drop_duplicates())
    assert len(games) == len(games.merge(opening, on=["SEASON", "TEAM_ID", "PLAYER_ID"]))
    listed = read.inactive.merge(games[["GAME_ID", "TEAM_ID", "SEASON"]].drop_duplicates())
    assert len(listed) == len(listed.merge(opening, on=["SEASON", "TEAM_ID", "PLAYER_ID"]))
    assert len(opening) > len(games) + len(listed), "some dress and stay on the bench"


def test_no_more_than_the_roster_is_listed_and_reasons_are_the_real_ones(read: RawLeague) -> None:
    side = ["GAME_ID", "TEAM_ID"]
    listed, played = (frame.groupby(side).size() for frame in (read.inactive, read.player_logs))
    assert listed.min() >= c.ROSTER - c.DRESSED
    assert (listed.add(played, fill_value=0) <= c.ROSTER).all()
    shares = read.inactive["REASON"].value_counts(normalize=True)
    assert set(shares.index) <= set(c.INACTIVE_REASONS)
    assert np.isclose(shares["Inactive"], c.INACTIVE_REASONS["Inactive"], atol=0.05)
