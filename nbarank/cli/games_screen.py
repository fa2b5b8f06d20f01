"""Games as text for a terminal and as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from nbarank.cli.forecast_screen import CHANGE, UNCHANGED, points, signed
from nbarank.cli.screen import KEPT, folded
from nbarank.forecast.coming_games import ComingGames
from nbarank.forecast.game_forecasts import NEWS_DAYS
from nbarank.forecast.leverage import STAKES
from nbarank.forecast.team_news import SIDES
from nbarank.results.games import Stakes

SHOWN_PLAYERS, SHOWN_TEAMS = 6, 6
SMALLEST_POINTS = 0.1
"""Worth of an absent player below which the text leaves him out."""


def games_text(found: ComingGames, names: dict[int, str], stakes: Stakes = Stakes()) -> str:  # noqa: B008
    """Return the games by day; `names` has abbreviations by team id."""
    if found.games.empty:
        team = f" of {found.team}" if found.team else ""
        return f"{found.season}: no games{team} on the chosen days.\n{_nearest(found)}"
    lines = [
        f"{found.season}, as known the evening before {found.known:%Y-%m-%d}"
        + (f" (strengths of {found.as_of:%Y-%m-%d})" if found.as_of != found.known else "")
    ]
    for day, games in found.games.groupby("game_date"):
        lines += ["", f"{day:%A, %Y-%m-%d}", _HEADER]
        for game in games.itertuples():
            lines += _game(game, found.absent, names)
            own = found.returned[found.returned["game_id"] == game.game_id]
            lines += [
                f"{_note(names[team], 'back')}{name} (assumed)"
                for team, name in own[["team_id", "player_name"]].to_numpy()
            ]
            lines += [f"{'':<7}{_UNCERTAIN}"] if game.game_id in found.uncertain else []
            winner = found.winners.get(str(game.game_id))
            lines += [f"{'':<7}{names[winner]} wins (assumed)"] if winner else []
            lines += _leverage(game, stakes.leverage, names)
    return folded("\n".join([*lines, *_effects(stakes, names), "", *_legend(found, stakes)]))


def _nearest(found: ComingGames) -> str:
    if found.nearest is None:
        return "No day with games is known."
    team = f" --team {found.team}" if found.team else ""
    return f"Nearest day with games: nbarank games --date {found.nearest:%Y-%m-%d}{team}"


def _legend(found: ComingGames, stakes: Stakes) -> list[str]:
    last = f"{found.known + pd.Timedelta(days=NEWS_DAYS):%Y-%m-%d}"
    later = bool((found.games["state"] == "schedule").any())
    worth = "change of the odds against a loss, in points"
    explained = False
    if stakes.leverage is not None:
        without = ~found.games["game_id"].isin([*stakes.leverage["game_id"], *found.winners])
        explained = bool(len(stakes.leverage) or without.any())
        worth += "; of a series only the next game has it." if without.any() else "."
    rest = "" if (found.games[["away_rest", "home_rest"]] != 1).all(axis=None) else " (b2b: one)"
    return [
        f"margin: of the home side. rest: days since the last game, away-home{rest}.",
        *(
            [
                "out:  missed his team's latest game, or is on the latest injury report, and his "
                "worth in points, a part of which the margin counts"
                + (", more of an assumed absence" if found.absent["assumed"].any() else "")
                + (f"; who is out after {last} is not known yet." if later else ".")
            ]
            if len(_shown(found.absent))
            else []
        ),
        *(
            ["back: the margin counts the minutes that he gets back."]
            if len(found.returned)
            else []
        ),
        *([f"win:  {worth}"] if explained else []),
    ]


_UNCERTAIN = "may not take place"
_HEADER = f"{'':<11}{'home wins':>10}{'margin':>8}{'total':>7}{'rest':>9}"


def _game(game: Any, absent: pd.DataFrame, names: dict[int, str]) -> list[str]:
    home, away = names[game.home_id], names[game.away_id]
    rest = f"{_rest(game.away_rest)}-{_rest(game.home_rest)}"
    line = (
        f"{away:>4} @ {home:<4} {game.home_win_probability:>9.0%}"
        f"{signed(game.expected_margin, 1):>8}{_total(game.expected_total):>7}{rest:>9}"
    )
    notes = [
        f"{_note(names[team], 'out')}{players}"
        for team in (game.away_id, game.home_id)
        if (players := _players(absent, game.game_id, team))
    ]
    return [line, *notes]


def _note(team: str, subject: str) -> str:
    return f"{'':<7}{team} {subject}:  "


def _leverage(game: Any, stakes: pd.DataFrame | None, names: dict[int, str]) -> list[str]:
    if stakes is None:
        return []
    own = stakes[stakes["game_id"] == game.game_id]
    return [
        f"{_note(names[row['team_id']], 'win')}"
        + ", ".join(f"{_LABELS[one]} {points(row[one])}" for one in _AT_STAKE[game.kind])
        for row in own.to_dict("records")
    ]


def _effects(stakes: Stakes, names: dict[int, str]) -> list[str]:
    effects = stakes.effects
    if effects is None:
        return []
    visible = (100.0 * effects[list(STAKES)].fillna(0.0)).round(1) != 0
    shown = effects[visible.any(axis=1)].head(SHOWN_TEAMS)
    if shown.empty:
        return ["", *stakes.assumed, UNCHANGED]
    later = shown["series"].notna().any() or not shown["top_four"].any()
    names_shown = [one for one in STAKES if shown[one].any()] if later else _AT_STAKE["regular"]
    columns = _columns(_LABELS[one] for one in names_shown)
    lines = ["", *stakes.assumed, CHANGE.format("assumed results"), f"  {'team':<5}{columns}"]
    for row in shown.to_dict("records"):
        changes = ("-" if math.isnan(row[one]) else points(row[one]) for one in names_shown)
        lines.append(f"  {names[row['team_id']]:<5}{_columns(changes)}")
    return lines


_LABELS = {"playoffs": "playoffs", "top_four": "seeds 1-4", "series": "series", "title": "title"}
_AT_STAKE = {
    "regular": ("playoffs", "top_four", "title"),
    "playin": ("playoffs", "title"),
    "playoffs": ("series", "title"),
}
"""What a game's result changes, by kind."""


def _columns(texts: Iterable[str]) -> str:
    return "".join(f"{text:>11}" for text in texts)


def _total(points: float) -> str:
    return "-" if math.isnan(points) else f"{points:.0f}"


def _rest(days: int) -> str:
    return "b2b" if days == 1 else f"{days}"


def _players(absent: pd.DataFrame, game: str, team: int) -> str:
    own = _shown(absent[(absent["game_id"] == game) & (absent["team_id"] == team)])
    own = own.head(SHOWN_PLAYERS)
    return ", ".join(
        f"{name} {points:.1f}{' (assumed)' if assumed else ''}".replace(" ", KEPT)
        for name, points, assumed in own[["player_name", "points", "assumed"]].to_numpy()
    )


def _shown(absent: pd.DataFrame) -> pd.DataFrame:
    return absent[(absent["points"] >= SMALLEST_POINTS) | absent["assumed"]]


def games_json(found: ComingGames, names: dict[int, str], stakes: Stakes = Stakes()) -> str:  # noqa: B008
    """Return the games, their absent players, leverage and the effect of results as JSON."""

    def absent(game: str, team: int) -> list[dict[str, object]]:
        own = found.absent[(found.absent["game_id"] == game) & (found.absent["team_id"] == team)]
        return [
            {"player_id": int(player), "name": name, "points": round(float(points), 4) + 0.0}
            | ({"assumed": True} if assumed else {})
            for player, name, points, assumed in own[
                ["player_id", "player_name", "points", "assumed"]
            ].to_numpy()
        ]

    def back(game: str, team: int) -> list[dict[str, object]]:
        rows = found.returned
        own = rows[(rows["game_id"] == game) & (rows["team_id"] == team)]
        return [
            {"player_id": int(player), "name": name, "assumed": True}
            for player, name in own[["player_id", "player_name"]].to_numpy()
        ]

    def leverage(game: str, team: int) -> dict[str, float]:
        if stakes.leverage is None:
            return {}
        rows = stakes.leverage
        own = rows[(rows["game_id"] == game) & (rows["team_id"] == team)]
        return _stakes(own[list(STAKES)].iloc[0]) if len(own) else {}

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
            "expected_total": None
            if math.isnan(game["expected_total"])
            else round(float(game["expected_total"]), 4),
            "home_rest": int(game["home_rest"]),
            "away_rest": int(game["away_rest"]),
            "home_out": absent(game["game_id"], game["home_id"]),
            "away_out": absent(game["game_id"], game["away_id"]),
        }
        | {
            f"{side}_back": back(game["game_id"], game[f"{side}_id"])
            for side in SIDES
            if len(found.returned)
        }
        | {
            f"{side}_leverage": leverage(game["game_id"], game[f"{side}_id"])
            for side in SIDES
            if stakes.leverage is not None
        }
        | ({"certain": False} if game["game_id"] in found.uncertain else {})
        | (
            {"assumed_winner": names[found.winners[game["game_id"]]]}
            if game["game_id"] in found.winners
            else {}
        )
        for game in found.games.to_dict("records")
    ]
    content: dict[str, Any] = {
        "season": found.season,
        "known": f"{found.known:%Y-%m-%d}",
        "strengths_of": f"{found.as_of:%Y-%m-%d}",
        "games": games,
    }
    if found.games.empty and found.nearest is not None:
        content["nearest_day_with_games"] = f"{found.nearest:%Y-%m-%d}"
    if stakes.effects is not None:
        content["changes_by_results"] = [
            {"team": names[row["team_id"]]} | _stakes(row)
            for row in stakes.effects.to_dict("records")
        ]
    return json.dumps(content, indent=1, ensure_ascii=False)


def _stakes(row: Mapping[Any, Any] | pd.Series[float]) -> dict[str, float]:
    """Return what is at stake for a team, without a series that it does not play."""
    # Zero has no sign.
    return {name: round(float(row[name]), 6) + 0.0 for name in STAKES if not math.isnan(row[name])}
