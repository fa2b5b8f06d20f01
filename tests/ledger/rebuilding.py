"""A small forecast to seal, and what a cheat does: change entries, make every hash agree again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbarank.ledger.chain import FOLDER, NONE, SUMS, entry_names
from nbarank.ledger.entry import canonical, sha256_of

SEASON = "2025-26"


def small_forecast(day: str, home: float = 0.25) -> dict[str, Any]:
    """Return a forecast of two teams and one game."""
    sure, open_ = [1.0, 1.0], [0.5, 0.5]
    rounds = {"playoffs": sure, "second_round": sure, "conference_final": sure, "final": sure}
    shares = {f"{name}_p{n:02d}": open_ for name in ("wins", "final_rank") for n in (1, 2)}
    return {
        "season": SEASON,
        "as_of": day,
        "knowledge": {
            "games": 1,
            "latest_game": "2025-12-31",
            "strengths": day,
            "latest_report": None,
        },
        "teams": {
            "team_id": [1, 2],
            **rounds,
            "title": [0.75, 0.25],
            **shares,
            "conference_rank_p01": sure,
        },
        "games": {
            "game_id": ["g1"],
            "game_date": ["2026-01-06"],
            "home_id": [1],
            "away_id": [2],
            "home_win_probability": [home],
        },
        "absences": {"game_id": []},
    }


def rebuild(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Apply `change` to every entry, and chain and list them anew."""
    previous, lines = NONE, []
    for name in entry_names(root):
        path = root / FOLDER / name
        content = json.loads(path.read_bytes())
        change(content)
        content["previous"] = previous
        if isinstance(content.get("forecast"), dict):
            content["forecast_sha256"] = sha256_of(canonical(content["forecast"]))
        path.write_bytes(canonical(content))
        previous = sha256_of(canonical(content))
        lines.append(f"{previous}  {name}\n")
    (root / FOLDER / SUMS).write_text("".join(lines))
