"""Remaining schedule and the order of a finished bracket."""

import numpy as np
import pandas as pd

from nbarank.report.page_schedule import postseason, remaining

DAY = pd.Timestamp("2022-04-16")


def playoffs(winners_first: bool) -> pd.DataFrame:
    """A bracket of teams 0 to 15, each series a sweep of four days, rounds in any order."""
    rows, teams, day = [], list(range(16)), DAY
    while len(teams) > 1:
        pairs = list(zip(teams[::2], teams[1::2], strict=True))
        for first, second in pairs if winners_first else pairs[::-1]:
            for game in range(4):
                home, away = (first, second) if game < 2 else (second, first)
                rows.append((day + pd.Timedelta(days=game), home, away, 100 + (home == first), 100))
        teams = teams[::2]
        day += pd.Timedelta(days=14)
    frame = pd.DataFrame(rows, columns=["game_date", "home_id", "away_id", "home_pts", "away_pts"])
    frame.loc[frame["home_pts"] == 100, "away_pts"] = 101
    return frame.assign(kind="playoffs", game_id=[f"G{at:03d}" for at in range(len(frame))])


def test_winners_of_neighbours_meet_next() -> None:
    number = {team: team for team in range(16)}
    for winners_first in (True, False):
        found = postseason(playoffs(winners_first), number)
        series = found["series"]
        assert found["over"] and [one[:2] for one in series[-1:]] == [[0, 8]]
        for at, one in enumerate(series[8:], 8):
            assert one[0] in series[2 * (at - 8)][:2] and one[1] in series[2 * (at - 8) + 1][:2]
        assert all([won for _, won in games] == [1] * 4 for *_, games in series)


def test_an_open_final_is_not_over() -> None:
    games = playoffs(True).iloc[:-2]
    assert not postseason(games, {team: team for team in range(16)})["over"]


def test_remaining_games_and_opponents() -> None:
    dates = pd.to_datetime(["2022-01-01", "2022-01-03", "2022-01-05"])
    fixtures = pd.DataFrame({"game_id": ["A", "B", "C"], "game_date": dates})
    fixtures = fixtures.assign(home_id=[1, 2, 1], away_id=[2, 3, 3])
    # B was postponed and has not been played: it is left on every day.
    played = fixtures[fixtures["game_id"] != "B"]
    strength = pd.DataFrame([[3.0, 1.0, -2.0]], [pd.Timestamp("2022-01-04")], [1, 2, 3])
    (found,) = remaining(fixtures, played, strength).values()
    assert found == {"left": [1, 1, 2], "home": [1, 1, 0], "opponents": [-2.0, -2.0, 2.0]}
    assert np.sum(found["left"]) == 2 * 2
