"""Closing lines: probabilities, spreads, games of the data only, refusals."""

from pathlib import Path

import pandas as pd
import pytest

from nbarank.core.errors import SourceError
from nbarank.sources.market import collect_market, read_market

GAMES = pd.DataFrame({"game_id": [f"00214000{n:02d}" for n in range(4)], "season": "2014-15"})


def collected(tmp_path: Path, lines: pd.DataFrame) -> pd.DataFrame:
    lines.to_csv(tmp_path / "lines.csv", index=False)
    raw = tmp_path / "raw"
    raw.mkdir()
    collect_market(tmp_path / "lines.csv", raw)
    return read_market(raw, GAMES)


def test_a_spread_stands_in_for_a_missing_probability(tmp_path: Path) -> None:
    lines = pd.DataFrame(
        {
            "game_id": [*GAMES["game_id"][:3], "0029900001"],
            "ml_prob_home": [0.7, None, None, 0.5],
            "close_home_spread": [-6.0, -12.0, None, 0.0],
        }
    )
    found = collected(tmp_path, lines).set_index("game_id")["home_win_probability"]
    assert found.index.tolist() == GAMES["game_id"][:2].tolist()
    assert found.tolist() == pytest.approx([0.7, 0.8413447])  # one SD


@pytest.mark.parametrize(
    "lines",
    [
        {"game_id": ["0021400000", "21400000"], "ml_prob_home": [0.5, 0.5]},
        {"game_id": ["0021400000"], "ml_prob_home": [1.5]},
        {"game_id": ["0021400000"], "price": [1.5]},
        {"game_id": ["0021400000"], "ml_prob_home": ["evens"]},
        {"game_id": ["0021400000", None], "ml_prob_home": [0.5, 0.5]},
        {"game_id": ["BOS-PHI"], "ml_prob_home": [0.5]},
        {"game_id": [21400000.0, " 0021400000 "], "ml_prob_home": [0.5, 0.5]},
        {"game_id": ["0021400000"], "close_home_spread": [-110.0]},
    ],
)
def test_invalid_lines_are_refused(tmp_path: Path, lines: dict[str, list[object]]) -> None:
    with pytest.raises(SourceError):
        collected(tmp_path, pd.DataFrame(lines))


def test_without_a_file_there_are_no_lines(tmp_path: Path) -> None:
    assert read_market(tmp_path, GAMES).empty
    with pytest.raises(SourceError, match="does not exist"):
        collect_market(tmp_path / "none.csv", tmp_path)
