"""A made-up season of thirty teams and 82 games, played up to any day. Nothing here is real."""

from functools import cache

import numpy as np
import pandas as pd

from nbarank.forecast.params import ForecastParams
from nbarank.forecast.season_state import League
from nbarank.league.fixtures import complete_fixtures
from tests.as_of_league import section
from tests.tiny_league import TinyLeague

SEASON = "2021-22"
START, END = pd.Timestamp("2021-10-19"), pd.Timestamp("2022-04-10")
MID = pd.Timestamp("2022-01-15")
TEAMS = 30
GAMES = 1230


def params(**changes: object) -> ForecastParams:
    """Return the section as params.yaml has it, few simulations, some values changed."""
    return section(ForecastParams, **{"n_simulations": 400} | changes)


def teams(season: str = SEASON) -> pd.DataFrame:
    """Thirty teams, five in each of six divisions."""
    rows = np.arange(TEAMS)
    return (
        TinyLeague()
        .teams()
        .rename(columns=str.lower)
        .assign(
            season=season,
            conference=np.where(rows < 15, "East", "West"),
            division=[f"D{row // 5}" for row in rows],
        )
    )


def strengths() -> np.ndarray:
    """True strengths in points: team 1 the best of the East, team 16 of the West."""
    return np.concatenate([np.linspace(8, -8, 15), np.linspace(7, -9, 15)])


def season_row(season: str = SEASON, play_in: str = "standard", **changes: object) -> pd.DataFrame:
    row = {
        "season": season,
        "start": START,
        "end": END,
        "playoffs_end": END + pd.Timedelta(days=70),
        "games_expected": GAMES,
        "games_played": 0,
        "play_in": play_in,
        "complete": False,
        "simulated": True,
    }
    return pd.DataFrame([{**row, **changes}])


_TYPES = {"game_id": str, "season": str, "game_date": "datetime64[us]", "home_id": int}
_TYPES |= {"away_id": int}
_EMPTY = pd.DataFrame(columns=list(_TYPES)).astype(_TYPES)


def empty_games() -> pd.DataFrame:
    return played(_EMPTY, 0)


@cache
def schedule(season: str = SEASON) -> pd.DataFrame:
    """A full season of fixtures with ten-digit ids; made once, do not change it."""
    made = complete_fixtures(teams(season), _EMPTY, _EMPTY, GAMES, START, END)
    made = made.sort_values(["game_date", "game_id"]).reset_index(drop=True)
    prefix = f"002{season[2:4]}0"
    ids = [f"{prefix}{number:04d}" for number in range(len(made))]
    return made.assign(game_id=ids, known_from=pd.NaT)


def played(fixtures: pd.DataFrame, seed: int, kind: str = "regular") -> pd.DataFrame:
    """Return fixtures with results drawn from the true strengths."""
    rng = np.random.default_rng(seed)
    home, away = (strengths()[fixtures[side].to_numpy(int) - 1] for side in ("home_id", "away_id"))
    edge = home - away
    margin = np.rint(edge + 2.4 + rng.normal(0, 12, len(fixtures))).astype(int)
    margin[margin == 0] = 1
    return fixtures.assign(
        kind=kind,
        home_pts=110 + np.maximum(margin, 0),
        away_pts=110 - np.minimum(margin, 0),
        overtimes=0,
        neutral=False,
    )


def league(day: pd.Timestamp = MID, play_in: str = "standard", seed: int = 0) -> League:
    """A season that was played up to a day, all fixtures known."""
    fixtures = schedule()
    before = fixtures[fixtures["game_date"] < day]
    return League(season_row(play_in=play_in), teams(), played(before, seed), fixtures)


def strength_rows(as_of: pd.Timestamp, share: float, season: str = SEASON) -> pd.DataFrame:
    """Rows of ensemble/strength with season_share: the true strengths."""
    return pd.DataFrame(
        {
            "season": season,
            "as_of": as_of,
            "season_share": share,
            "team_id": np.arange(TEAMS) + 1,
            "strength": strengths(),
            "strength_sd": 2.0,
        }
    )


def series_games(
    first: int, second: int, winners: list[int], day: pd.Timestamp, kind: str = "playoffs"
) -> pd.DataFrame:
    """Games between two teams, won as listed, one a day, the first team always at home."""
    rows = [
        {
            "game_id": f"{kind[:5]}{first:02d}{second:02d}{number}",
            "season": SEASON,
            "game_date": day + pd.Timedelta(days=number),
            "home_id": first,
            "away_id": second,
            "kind": kind,
            "home_pts": 101 if winner == first else 99,
            "away_pts": 100,
            "overtimes": 0,
            "neutral": False,
        }
        for number, winner in enumerate(winners)
    ]
    return pd.DataFrame(rows).astype({"game_date": "datetime64[us]"})
