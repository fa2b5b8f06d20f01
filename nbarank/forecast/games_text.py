"""Games as text for a terminal and as JSON."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from nbarank.forecast.coming_games import ComingGames
from nbarank.forecast.leverage import STAKES
from nbarank.forecast.team_news import SIDES

SHOWN_PLAYERS = 6
SMALLEST_POINTS = 0.1
"""Worth of an absent player below which the text leaves him out."""


def games_text(
    found: ComingGames, names: dict[int, str], stakes: pd.DataFrame | None = None
) -> str:
    """Return the games by day; `names` has abbreviations by team id, `stakes` is of `leverage`."""
    lines = [
        f"{found.season}, known on the morning of {found.known:%Y-%m-%d} "
        f"(strengths of {found.as_of:%Y-%m-%d})"
    ]
    for day, games in found.games.groupby("game_date"):
        lines += ["", f"{day:%A, %Y-%m-%d}", _HEADER]
        for game in games.itertuples():
            lines += _game(game, found.absent, names)
            lines += _leverage(game, stakes, names)
    if found.games.empty:
        lines += ["", "No games."]
    return "\n".join(lines)


_HEADER = f"{'':<12}{'home wins':>10}{'margin':>8}{'rest':>8}   out (worth in points)"


def _game(game: Any, absent: pd.DataFrame, names: dict[int, str]) -> list[str]:
    home, away = names[game.home_id], names[game.away_id]
    rest = f"{_rest(game.away_rest)}-{_rest(game.home_rest)}"
    line = (
        f"{away:>4} @ {home:<4} {game.home_win_probability:>9.0%}"
        f"{game.expected_margin:>+8.1f}{rest:>8}"
    )
    notes = [
        f"{names[team]}: {_players(absent, game.game_id, team)}"
        for team in (game.away_id, game.home_id)
        if _players(absent, game.game_id, team)
    ]
    if not notes:
        return [line]
    return [f"{line}   {notes[0]}", *(f"{'':<41}{note}" for note in notes[1:])]


def _leverage(game: Any, stakes: pd.DataFrame | None, names: dict[int, str]) -> list[str]:
    if stakes is None:
        return []
    own = stakes[stakes["game_id"] == game.game_id]
    texts = [
        f"{names[team]} playoffs {_change(playoffs)}, seeds 1-4 {_change(top)}, "
        f"title {_change(title)}"
        for team, playoffs, top, title in own[["team_id", *STAKES]].itertuples(index=False)
    ]
    return [f"{'':<12}win against loss: {'; '.join(texts)}"] if texts else []


def _change(odds: float) -> str:
    return f"{round(odds, 3) + 0.0:+.1%}"


def _rest(days: int) -> str:
    return "b2b" if days == 1 else f"{days}"


def _players(absent: pd.DataFrame, game: str, team: int) -> str:
    own = absent[(absent["game_id"] == game) & (absent["team_id"] == team)]
    own = own[(own["points"] >= SMALLEST_POINTS) | own["assumed"]].head(SHOWN_PLAYERS)
    return ", ".join(
        f"{name} {points:.1f}{' (assumed)' if assumed else ''}"
        for name, points, assumed in own[["player_name", "points", "assumed"]].to_numpy()
    )


def games_json(
    found: ComingGames, names: dict[int, str], stakes: pd.DataFrame | None = None
) -> str:
    """Return the games, their absent players and leverage as JSON."""

    def absent(game: str, team: int) -> list[dict[str, object]]:
        own = found.absent[(found.absent["game_id"] == game) & (found.absent["team_id"] == team)]
        return [
            {"player_id": int(player), "name": name, "points": round(float(points), 4)}
            | ({"assumed": True} if assumed else {})
            for player, name, points, assumed in own[
                ["player_id", "player_name", "points", "assumed"]
            ].to_numpy()
        ]

    def leverage(game: str, team: int) -> dict[str, float]:
        if stakes is None:
            return {}
        own = stakes[(stakes["game_id"] == game) & (stakes["team_id"] == team)]
        return {name: round(float(own[name].sum()), 6) for name in STAKES} if len(own) else {}

    games = [
        {
            "game_id": game["game_id"],
            "date": f"{game['game_date']:%Y-%m-%d}",
            "kind": game["kind"],
            "home": names[game["home_id"]],
            "away": names[game["away_id"]],
            "neutral": bool(game["neutral"]),
            "state": game["state"],
            "home_win_probability": round(float(game["home_win_probability"]), 6),
            "expected_margin": round(float(game["expected_margin"]), 4),
            "home_rest": int(game["home_rest"]),
            "away_rest": int(game["away_rest"]),
            "home_out": absent(game["game_id"], game["home_id"]),
            "away_out": absent(game["game_id"], game["away_id"]),
        }
        | {
            f"{side}_leverage": leverage(game["game_id"], game[f"{side}_id"])
            for side in SIDES
            if stakes is not None
        }
        for game in found.games.to_dict("records")
    ]
    content = {
        "season": found.season,
        "known": f"{found.known:%Y-%m-%d}",
        "strengths_of": f"{found.as_of:%Y-%m-%d}",
        "games": games,
    }
    return json.dumps(content, indent=1, ensure_ascii=False)
