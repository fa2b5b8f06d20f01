"""Grades: which entry a game counts for, and totals of live entries and replays."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from nbarank.cli.grades_screen import print_grades
from nbarank.ledger.entry import Entry
from nbarank.ledger.grade import grades, totals

from .rebuilding import SEASON, small_forecast

OUTCOMES = pd.DataFrame({"season": ["2024-25"]})


def entry(number: int, day: str, home: float, *, replay: bool, **games: Any) -> Entry:
    forecast = small_forecast(day, home)
    forecast["games"] |= games
    facts = {"number": number, "season": SEASON, "as_of": day, "replay": replay}
    return Entry(f"{number:04d}", b"", {**facts, "forecast": forecast})


@pytest.fixture
def games() -> pd.DataFrame:
    """One game of the season, a home win, after two in which the home side won once."""
    return pd.DataFrame(
        {
            "game_id": ["a", "b", "g1"],
            "season": ["2024-25", "2024-25", SEASON],
            "game_date": pd.to_datetime(["2025-01-06", "2025-01-07", "2026-01-06"]),
            "home_id": [1, 2, 1],
            "away_id": [2, 1, 2],
            "home_pts": [100, 90, 120],
            "away_pts": [90, 100, 90],
        }
    )


def test_a_game_counts_for_the_latest_day_once_among_live_entries_and_once_among_replays(
    games: pd.DataFrame, capsys: pytest.CaptureFixture[str]
) -> None:
    entries = [
        entry(1, "2026-01-01", 0.5, replay=False),
        entry(2, "2026-01-05", 0.6, replay=True),
        entry(3, "2026-01-03", 0.7, replay=True),  # sealed later, of an earlier day
    ]
    found = grades(entries, games, OUTCOMES).set_index("number")
    assert found["games"].to_dict() == pytest.approx({1: 1, 2: 1, 3: np.nan}, nan_ok=True)
    assert found.loc[2, "game_logloss"] == pytest.approx(-np.log(0.6))
    assert found.loc[1, "usual_logloss"] == pytest.approx(np.log(2))
    text = "\n".join(totals(found.reset_index()))
    assert (
        "1 live entry, 2026-01-01 to 2026-01-01; 1 game(s): log-loss 0.6931, base rate 0.6931"
        in text
    )
    assert "2 replayed entries, 2026-01-03 to 2026-01-05; 1 game(s): log-loss 0.5108" in text
    print_grades(found.reset_index(), full=False)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["day", "games", "log-loss", "base"]
    assert lines[2].split() == ["2026-01-05", "*", "1", ".511", ".693"]
    assert max(map(len, lines)) <= 80
    assert sum(line.startswith(("1 live entry", "2 replayed entries")) for line in lines) == 2


def test_entries_without_games_or_before_them_are_listed(games: pd.DataFrame) -> None:
    none = {name: [] for name in small_forecast("2026-01-01")["games"]}
    empty = entry(1, "2026-01-01", 0.5, replay=False, **none)
    found = grades([empty], games.iloc[:2], OUTCOMES)
    assert found["games"].isna().all() and len(found) == 1
    assert totals(found) == ["1 live entry, 2026-01-01 to 2026-01-01"]


def test_a_game_is_graded_by_its_day_and_teams_not_by_an_id_that_may_change(
    games: pd.DataFrame,
) -> None:
    sealed = entry(1, "2026-01-01", 0.6, replay=False)
    renamed = games.replace({"game_id": {"a": "g1", "g1": "g0"}})
    assert grades([sealed], renamed, OUTCOMES)["game_logloss"].item() == pytest.approx(-np.log(0.6))
    other = games.assign(home_id=games["away_id"], away_id=games["home_id"])
    assert grades([sealed], other, OUTCOMES)["games"].isna().all()
