"""Local servers that answer like stats.nba.com and like the releases of ESPN box scores.

Both serve a tiny league made at test time. Every request is recorded; answers can be overridden.
"""

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pandas as pd

from nbarank.schemas.raw import TEAM_LOG_COLUMNS
from nbarank.sources.espn import TEAMS
from tests.tiny_league import Frames, fixtures_of

SEASON_TYPES = {"Regular Season": "", "PlayIn": "playin_", "Playoffs": "playoffs_"}
Answer = tuple[int, bytes]
_NO_ROWS = {"name": "LeagueGameLog", "headers": list(TEAM_LOG_COLUMNS), "rowSet": []}
NO_ROWS: Answer = (200, json.dumps({"resultSets": [_NO_ROWS]}).encode())
"""An answer of leaguegamelog without games."""


@dataclass
class Server:
    address: str
    requests: list[str] = field(default_factory=list)
    override: Callable[[int, str], Answer | None] = lambda number, path: None
    """An answer that replaces the right one, by number and path of the request; None: keep it."""


@contextmanager
def serve(answer: Callable[[str], Answer]) -> Iterator[Server]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.requests.append(self.path)
            status, body = server.override(len(server.requests), self.path) or answer(self.path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as httpd:
        server = Server(f"http://127.0.0.1:{httpd.server_address[1]}")
        thread = threading.Thread(target=httpd.serve_forever, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            httpd.shutdown()


def stats_answers(frames: Frames) -> Callable[[str], Answer]:
    """Answer leaguegamelog and scheduleleaguev2 from the files of a league with nba.com's ids."""

    def answer(path: str) -> Answer:
        split = urlsplit(path)
        query = {key: values[0] for key, values in parse_qs(split.query).items()}
        if split.path.endswith("/scheduleleaguev2"):
            return 200, json.dumps(_fixtures(frames, query["Season"])).encode()
        if not split.path.endswith("/leaguegamelog"):
            return 404, b"<html>not here</html>"
        level = {"T": "team_logs", "P": "player_logs"}[query["PlayerOrTeam"]]
        years = query["Season"].replace("-", "_")
        frame = frames.get(f"{SEASON_TYPES[query['SeasonType']]}{level}_{years}")
        table = {"name": "LeagueGameLog", "headers": [], "rowSet": []}
        columns = frames.get(f"{level}_{years}", frame)
        if columns is not None:
            table["headers"] = list(columns.columns)
        if frame is not None:
            table["rowSet"] = json.loads(frame.to_json(orient="values"))
        content = {"resource": "leaguegamelog", "parameters": query, "resultSets": [table]}
        return 200, json.dumps(content).encode()

    return answer


def _fixtures(frames: Frames, season: str) -> dict[str, Any]:
    fixtures = fixtures_of(frames[f"team_logs_{season.replace('-', '_')}"])
    rows = fixtures.itertuples(index=False)
    games = [
        {
            "gameId": game,
            "gameDateEst": f"{day}T00:00:00Z",
            "homeTeam": {"teamId": host},
            "awayTeam": {"teamId": guest},
        }
        for game, day, host, guest in [*rows, (f"006{season[2:4]}00001", "2020-12-15", 0, 0)]
    ]
    return {"leagueSchedule": {"seasonYear": season, "gameDates": [{"games": games}]}}


def espn_files(frames: Frames, season: str) -> dict[str, pd.DataFrame]:
    """Return player_box, team_box and schedule of a season in the documented form.

    ESPN's quirks included: its own ids, whole minutes, plus-minus as text, rows of players who
    sat out, a Cup final among the regular games, an All-Star game.
    """
    espn = {1610612700 + digits: number for number, (digits, _) in TEAMS.items()}
    years = season.replace("-", "_")
    teams, players = [], []
    for season_type, prefix in ((2, ""), (5, "playin_"), (3, "playoffs_")):
        for rows, level in ((teams, "team_logs"), (players, "player_logs")):
            frame = frames.get(f"{prefix}{level}_{years}")
            if frame is not None:
                rows.append(frame.assign(season_type=season_type))
    team, player = pd.concat(teams), pd.concat(players)
    # The Cup final: the first two teams' first game again, under another id and note.
    cup_games = {"4019999999": team["GAME_ID"].iloc[0]}
    extra = [
        frame[frame["GAME_ID"].isin(cup_games.values())].assign(GAME_ID="4019999999")
        for frame in (team, player)
    ]
    team, player = pd.concat([team, extra[0]]), pd.concat([player, extra[1]])
    other = team.groupby("GAME_ID")["TEAM_ID"].transform("sum") - team["TEAM_ID"]
    counts = {
        "field_goals_made": "FGM",
        "field_goals_attempted": "FGA",
        "three_point_field_goals_made": "FG3M",
        "three_point_field_goals_attempted": "FG3A",
        "free_throws_made": "FTM",
        "free_throws_attempted": "FTA",
        "offensive_rebounds": "OREB",
        "defensive_rebounds": "DREB",
        "assists": "AST",
        "steals": "STL",
        "blocks": "BLK",
        "fouls": "PF",
    }

    def shared(frame: pd.DataFrame) -> dict[str, Any]:
        return {
            "game_id": frame["GAME_ID"].astype("int64"),
            "season": int(season[:4]) + 1,
            "season_type": frame["season_type"],
            "game_date": pd.to_datetime(frame["GAME_DATE"]).dt.date,
            "team_id": frame["TEAM_ID"].map(espn),
            "team_display_name": frame["TEAM_NAME"],
            **{name: frame[column].astype("int32") for name, column in counts.items()},
        }

    points = team["PTS"].astype(int)
    team_box = pd.DataFrame(
        {
            **shared(team),
            "total_turnovers": team["TOV"].astype(int) + 1,
            "turnovers": team["TOV"].astype(int),
            "team_score": points,
            "team_home_away": np.where(team["MATCHUP"].str.contains("vs."), "home", "away"),
            "opponent_team_id": other.map(espn),
            "opponent_team_score": (points - team["PLUS_MINUS"]).astype(int),
        }
    )
    margin = player["PLUS_MINUS"].astype(int)
    player_box = pd.DataFrame(
        {
            **shared(player),
            "turnovers": player["TOV"].astype(int),
            "points": player["PTS"].astype(int),
            "plus_minus": [f"+{m}" if m > 0 else str(m) for m in margin],
            "minutes": player["MIN"].round(),
            "athlete_id": player["PLAYER_ID"],
            "athlete_display_name": player["PLAYER_NAME"],
            "did_not_play": False,
            "active": False,
        }
    )
    bench = player_box.groupby(["game_id", "team_id"]).head(1)
    bench = bench.assign(athlete_id=bench["athlete_id"] + 90, minutes=np.nan, did_not_play=True)
    home = team_box[team_box["team_home_away"] == "home"].reset_index(drop=True)
    schedule = pd.DataFrame(
        {
            "game_id": home["game_id"],
            "season_type": home["season_type"],
            "game_date": home["game_date"],
            "home_id": home["team_id"],
            "away_id": home["opponent_team_id"],
            "notes_headline": np.where(
                home["game_id"] == 4019999999, "NBA Cup - Championship", None
            ),
        }
    )
    all_star = schedule.head(1).assign(game_id=4018888888, home_id=132374, away_id=132375)
    return {
        "player_box": pd.concat([player_box, bench], ignore_index=True),
        "team_box": team_box.reset_index(drop=True),
        "schedule": pd.concat([schedule, all_star], ignore_index=True),
    }
