"""Who plays in the made-up season: rosters, box scores, reports and inactive lists."""

import pandas as pd

from nbarank.forecast.game_model import default_model
from nbarank.forecast.season_model import SeasonModel
from nbarank.forecast.strength_error import StrengthError
from nbarank.forecast.team_news import ABSENCE, NewsTables
from tests.forecast.made_league import MID, SEASON, params, played, schedule, teams

STAR, BENCH, STRANGER = 1, 2, 3
MODELS = {SEASON: SeasonModel({s: default_model(params(), w) for s, w in ABSENCE.items()},
                              StrengthError(3.0, 2.0))}  # fmt: skip


def spelt(number: int) -> str:
    """Return a name of letters for a number."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def rosters(day: pd.Timestamp = MID, minutes: float = 34.0) -> pd.DataFrame:
    """A star, a substitute without minutes and a bad player in every team."""
    rows = teams()[["team_id"]].merge(
        pd.DataFrame(
            {
                "slot": [0, 1, 2],
                "minutes_raw": [minutes, 0.0, 20.0],
                "impact": [6.0, 5.0, -6.0],
                "games_missed": 0.0,
                "listed_out": 0.0,
                "played_minutes": [35.0, 0.0, 21.0],
            }
        ),
        how="cross",
    )
    rows["player_id"] = rows["team_id"] * 100 + rows["slot"] + 1
    return rows.assign(
        season=SEASON, as_of=day, player_name="Player " + rows["player_id"].map(spelt)
    )


def on_court(games: pd.DataFrame) -> pd.DataFrame:
    """Everyone plays every game."""
    sides = [games.assign(team_id=games[f"{side}_id"]) for side in ("home", "away")]
    rows = pd.concat(sides)[["game_id", "season", "kind", "game_date", "team_id"]]
    rows = rows.merge(rosters()[["team_id", "player_id"]], on="team_id")
    return rows.assign(minutes=30.0)


def inactive(*rows: tuple[str, int, int]) -> pd.DataFrame:
    columns = ["game_id", "team_id", "player_id"]
    types = {"game_id": str, "team_id": int, "player_id": int}
    return pd.DataFrame(list(rows), columns=columns).astype(types).assign(season=SEASON)


def reports(*rows: tuple[pd.Timestamp, int]) -> pd.DataFrame:
    types = {"report_date": "datetime64[us]", "player_id": int}
    return pd.DataFrame(list(rows), columns=list(types)).astype(types)


def news(
    box: pd.DataFrame | None = None,
    listed: pd.DataFrame | None = None,
    lists: pd.DataFrame | None = None,
) -> NewsTables:
    box = on_court(played(schedule(), 0).head(20)) if box is None else box
    return NewsTables(
        rosters(),
        box,
        reports() if listed is None else listed,
        inactive() if lists is None else lists,
    )


def without_latest(games: pd.DataFrame, team: int, player: int) -> pd.DataFrame:
    """Box scores in which one player missed his team's latest game before MID."""
    before = games[games["game_date"] < MID]
    own = before[(before["home_id"] == team) | (before["away_id"] == team)]
    latest = own.sort_values("game_date")["game_id"].iloc[-1]
    rows = on_court(games)
    return rows[~((rows["game_id"] == latest) & (rows["player_id"] == player))]
