"""A tiny league as raw files: thirty made-up teams, a short season, playoffs. For tests only.

Nothing here is real. Scores are drawn from team strengths, so that tables have an order; every
box score adds up (points from makes, players to teams). Default: 30 teams, 3 seasons of 15 games
a team, 9 players a team, play-in in the last season. Writing all of it takes about a second.

    raw = write_tiny_league(tmp_path / "raw")                  # a raw layout, league.json too
"""

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.schemas.calendar import Calendar

Frames = Mapping[str, pd.DataFrame]
PLAYERS = 9
_SHARE = np.array([0.22, 0.18, 0.15, 0.12, 0.1, 0.08, 0.06, 0.05, 0.04])
_FIRST_ROUND = ((1, 8), (4, 5), (2, 7), (3, 6))
_PATTERN = (True, True, False, False, True, False, True)


@dataclass
class TinyLeague:
    seasons: tuple[str, ...] = ("2019-20", "2020-21", "2021-22")
    play_in: tuple[str, ...] = ("none", "none", "standard")
    n_teams: int = 30
    rounds: int = 15
    """Games of each team in a season."""
    seed: int = 7
    simulated: bool = True
    """Told in league.json; a made-up league keeps today's format whatever its season labels."""
    nba_ids: bool = False
    """Use nba.com's team ids (thirty teams only), so that no teams.csv is needed."""
    _rng: np.random.Generator = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._rng = np.random.default_rng(self.seed)

    @property
    def team_ids(self) -> list[int]:
        if self.nba_ids:
            return [1610612737 + i for i in range(self.n_teams)]
        return list(range(1, self.n_teams + 1))

    def teams(self) -> pd.DataFrame:
        rows = range(self.n_teams)
        return pd.DataFrame(
            {
                "TEAM_ID": self.team_ids,
                "ABBREVIATION": [f"T{i + 1:02d}" for i in rows],
                "NAME": [f"Town {i + 1}" for i in rows],
                "CONFERENCE": ["East" if i % 2 == 0 else "West" for i in rows],
                "DIVISION": [f"{'E' if i % 2 == 0 else 'W'}{(i // 2) % 3 + 1}" for i in rows],
            }
        )

    def dates(self, season: str) -> dict[str, dt.date]:
        """Calendar of a season: two days between rounds from 1 November."""
        start = dt.date(int(season[:4]), 11, 1)
        end = start + dt.timedelta(days=2 * (self.rounds - 1))
        return {"start": start, "end": end, "playoffs_end": end + dt.timedelta(days=70)}

    def games_per_season(self) -> int:
        return self.rounds * self.n_teams // 2

    def make(self) -> dict[str, pd.DataFrame]:
        """Return file name (without ending) -> frame; the same at every call."""
        self.__post_init__()
        frames: dict[str, pd.DataFrame] = {}
        for season, play_in in zip(self.seasons, self.play_in, strict=True):
            frames.update(self._season(season, play_in))
        return frames

    def _season(self, season: str, play_in: str) -> dict[str, pd.DataFrame]:
        strength = dict(zip(self.team_ids, self._rng.normal(0, 7, self.n_teams), strict=True))
        teams = self.teams().set_index("TEAM_ID")
        wins: dict[int, float] = dict.fromkeys(self.team_ids, 0)
        dates = self.dates(season)
        year = season[2:4]
        names = {team: (row.ABBREVIATION, row.NAME) for team, row in teams.iterrows()}
        logs: dict[str, list[dict[str, np.ndarray]]] = {"regular": [], "playin": [], "playoffs": []}

        def play(kind: str, number: str, day: dt.date, home: int, away: int) -> int:
            box = self._box(season, number, day, home, away, strength, names)
            logs[kind].append(box)
            return home if box["WL"][0] == "W" else away

        number = 0
        for turn, pairs in enumerate(self._fixtures()):
            day = dates["start"] + dt.timedelta(days=2 * turn)
            for home, away in pairs:
                number += 1
                wins[play("regular", f"002{year}{number:05d}", day, home, away)] += 1
        day = dates["end"] + dt.timedelta(days=2)
        seeds = {}
        for name in ("East", "West"):
            members = [team for team in self.team_ids if teams.loc[team, "CONFERENCE"] == name]
            table = self.conference_table(logs["regular"], members, teams, season)
            if play_in == "standard":
                offset = 1 if name == "East" else 4
                ids = [f"005{year}{offset + i:05d}" for i in range(3)]
                first = play("playin", ids[0], day, table[6], table[7])
                survivor = play("playin", ids[1], day, table[8], table[9])
                loser = table[7] if first == table[6] else table[6]
                table = [*table[:6], first, play("playin", ids[2], day, loser, survivor)]
            seeds[name] = table[:8]
        self._playoffs(year, day, seeds, wins, play)
        return self._files(season, logs)

    def conference_table(
        self,
        regular: list[dict[str, np.ndarray]],
        members: list[int],
        teams: pd.DataFrame,
        season: str,
    ) -> list[int]:
        """Order a conference as the project does, so that the bracket fits its rules."""
        from nbarank.league.games import build_games, build_team_games
        from nbarank.league.rules import season_rules
        from nbarank.league.standings import final_standings

        games = build_games(build_team_games(_team_rows(_frame(regular), "regular", season)))
        frame = teams.reset_index().rename(columns=str.lower).assign(season=season)
        kind = dict(zip(self.seasons, self.play_in, strict=True))[season]
        table = final_standings(games, frame, season_rules(season, kind, simulated=self.simulated))
        table = table[table["team_id"].isin(members)].sort_values("seed_order")
        return [int(team) for team in table["team_id"]]

    def _playoffs(self, year, day, seeds, wins, play) -> None:  # type: ignore[no-untyped-def]
        pairs = [
            [(seeds[name][a - 1], seeds[name][b - 1]) for a, b in _FIRST_ROUND]
            for name in ("East", "West")
        ]
        current = pairs[0] + pairs[1]
        for stage in range(1, 5):
            winners = []
            for index, (first, second) in enumerate(current):
                won = {first: 0, second: 0}
                better = first if wins[first] >= wins[second] else second
                other = second if better == first else first
                for game, at_home in enumerate(_PATTERN):
                    home, away = (better, other) if at_home else (other, better)
                    number = f"004{year}00{stage}{index}{game + 1}"
                    when = day + dt.timedelta(days=1 + 15 * (stage - 1) + 2 * game)
                    won[play("playoffs", number, when, home, away)] += 1
                    if max(won.values()) == 4:
                        break
                winners.append(max(won, key=lambda team: won[team]))
            current = list(zip(winners[::2], winners[1::2], strict=False))

    def _fixtures(self) -> list[list[tuple[int, int]]]:
        """Rounds of a round robin (circle method), home and away by turns."""
        ring = list(self.team_ids)
        rounds = []
        for turn in range(self.rounds):
            half = self.n_teams // 2
            pairs = list(zip(ring[:half], reversed(ring[half:]), strict=True))
            rounds.append([(b, a) if (turn + i) % 2 else (a, b) for i, (a, b) in enumerate(pairs)])
            ring = [ring[0], ring[-1], *ring[1:-1]]
        return rounds

    def _box(self, season, number, day, home, away, strength, names):  # type: ignore[no-untyped-def]
        rng = self._rng
        sides = []
        for team in (home, away):
            makes = rng.multinomial(38, _SHARE)
            threes = rng.binomial(makes, 0.25)
            free = rng.multinomial(max(int(15 + strength[team] + rng.normal(0, 5)), 3), _SHARE)
            sides.append((team, makes, threes, free))
        points = [int((2 * m + t + f).sum()) for _, m, t, f in sides]
        if points[0] == points[1]:
            sides[0][3][0] += 1
            points[0] += 1
        rows = []
        for side, (team, makes, threes, free) in enumerate(sides):
            mine, name = names[team]
            other = names[away if side == 0 else home][0]
            margin = points[side] - points[1 - side]
            counts = rng.poisson(_SHARE * 40, (7, PLAYERS))
            box = {
                "SEASON_ID": f"{number[2]}{season[:4]}",
                "PLAYER_ID": (team % 1000) * 100 + np.arange(1, PLAYERS + 1),
                "PLAYER_NAME": [f"Player {team % 1000}-{i}" for i in range(1, PLAYERS + 1)],
                "TEAM_ID": team,
                "TEAM_ABBREVIATION": mine,
                "TEAM_NAME": name,
                "GAME_ID": number,
                "GAME_DATE": day.isoformat(),
                "MATCHUP": f"{mine} vs. {other}" if side == 0 else f"{mine} @ {other}",
                "WL": "W" if margin > 0 else "L",
                "MIN": 240 * _SHARE * 0.8 + 240 * 0.2 / PLAYERS,
                "FGM": makes,
                "FGA": makes + rng.multinomial(45, _SHARE),
                "FG3M": threes,
                "FG3A": threes + counts[0] // 4,
                "FTM": free,
                "FTA": free + counts[1] // 8,
                "OREB": counts[2] // 4,
                "DREB": counts[3],
                "REB": counts[2] // 4 + counts[3],
                "AST": counts[4] // 2,
                "STL": counts[5] // 5,
                "BLK": counts[5] // 8,
                "TOV": counts[6] // 3,
                "PF": np.minimum(counts[1] // 2, 6),
                "PTS": 2 * makes + threes + free,
                "PLUS_MINUS": margin,
            }
            rows.append({key: np.broadcast_to(value, PLAYERS) for key, value in box.items()})
        return {key: np.concatenate([row[key] for row in rows]) for key in rows[0]}

    def _files(
        self, season: str, logs: dict[str, list[dict[str, np.ndarray]]]
    ) -> dict[str, pd.DataFrame]:
        frames = {}
        for kind, parts in logs.items():
            if parts:
                prefix = "" if kind == "regular" else f"{kind}_"
                years = season.replace("-", "_")
                players = _frame(parts)
                frames[f"{prefix}player_logs_{years}"] = players
                frames[f"{prefix}team_logs_{years}"] = _team_log(players)
        return frames


def _frame(boxes: list[dict[str, np.ndarray]]) -> pd.DataFrame:
    return pd.DataFrame({key: np.concatenate([box[key] for box in boxes]) for key in boxes[0]})


def _team_log(players: pd.DataFrame) -> pd.DataFrame:
    names = ["SEASON_ID", "TEAM_ID", "TEAM_ABBREVIATION", "TEAM_NAME", "GAME_ID", "GAME_DATE"]
    names += ["MATCHUP", "WL", "PLUS_MINUS"]
    counts = [c for c in players.columns if c not in (*names, "PLAYER_ID", "PLAYER_NAME")]
    return players.groupby(names, sort=False)[counts].sum().reset_index().assign(MIN=240.0)


def _team_rows(players: pd.DataFrame, kind: str, season: str) -> pd.DataFrame:
    """Team rows in the normal form of nbarank.sources.raw."""
    frame = _team_log(players).assign(SEASON=season, KIND=kind)
    frame["GAME_DATE"] = pd.to_datetime(frame["GAME_DATE"]).astype("datetime64[us]")
    return frame


def rosters_and_inactive(frames: Frames) -> dict[str, pd.DataFrame]:
    """Return rosters_* and inactive_* of the seasons of a tiny league's logs.

    Each team has, besides its nine players, number 90 on the bench and the inactive 91 and 92.
    """
    found = {}
    for years in sorted({name[-7:] for name in frames}):
        logs = pd.concat([frame for name, frame in frames.items() if name.endswith(years)])
        sides = logs.drop_duplicates(["GAME_ID", "TEAM_ID"])
        first_id = sides["TEAM_ID"] % 1000 * 100
        absent = [
            sides.assign(PLAYER_ID=first_id + number, PLAYER_NAME=f"Player {number}", REASON=reason)
            for number, reason in ((91, "Inactive"), (92, "Did Not Dress"))
        ]
        columns = ["GAME_ID", "GAME_DATE", "TEAM_ID", "PLAYER_ID", "PLAYER_NAME", "REASON"]
        found[f"inactive_{years}"] = pd.concat(absent)[columns].reset_index(drop=True)
        numbers = np.array([*range(1, PLAYERS + 1), 90, 91, 92])
        teams = sides.drop_duplicates("TEAM_ID")
        team, number = np.repeat(teams["TEAM_ID"], len(numbers)), np.tile(numbers, len(teams))
        found[f"rosters_{years}"] = pd.DataFrame(
            {
                "TEAM_ID": team,
                "PLAYER_ID": team % 1000 * 100 + number,
                "PLAYER": [f"Player {n}" for n in number],
                "AGE": np.where(number == 90, np.nan, 19.0 + number % 20),
                "AS_OF": np.repeat(teams["GAME_DATE"], len(numbers)),
            }
        ).reset_index(drop=True)
    return found


def fixtures_of(team_log: pd.DataFrame) -> pd.DataFrame:
    """Return the fixtures of a team log, in the columns of a schedule file."""
    rows = team_log.assign(HOME=team_log["MATCHUP"].str.contains("vs.", regex=False))
    teams = rows.pivot(index=["GAME_ID", "GAME_DATE"], columns="HOME", values="TEAM_ID")
    names = {True: "HOME_TEAM_ID", False: "AWAY_TEAM_ID"}
    return teams.rename(columns=names)[[*names.values()]].rename_axis(columns=None).reset_index()


def write_frames(folder: Path, frames: Frames, ending: str = "parquet") -> Path:
    """Write files by name without ending, as parquet or csv; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in frames.items():
        getattr(frame, f"to_{ending}")(folder / f"{name}.{ending}", index=False)
    return folder


def write_tiny_league(folder: Path, league: TinyLeague | None = None) -> Path:
    """Write the raw layout of a tiny league, league.json included; returns the folder."""
    league = league or TinyLeague()
    write_frames(folder, league.make())
    league.teams().to_csv(folder / "teams.csv", index=False)
    (folder / "league.json").write_text(json.dumps(league_json(league)))
    return folder


def league_json(league: TinyLeague) -> dict[str, object]:
    return {"simulated": league.simulated, "seasons": calendar(league, "games_expected")}


def league_calendar(league: TinyLeague) -> Calendar:
    return Calendar.model_validate_json(json.dumps({"seasons": calendar(league)}))


def calendar(league: TinyLeague, games: str = "games") -> dict[str, dict[str, object]]:
    """The same as the seasons of a calendar; `games` names their number of games."""
    return {
        season: {
            **{key: str(day) for key, day in league.dates(season).items()},
            games: league.games_per_season(),
            "play_in": play_in,
        }
        for season, play_in in zip(league.seasons, league.play_in, strict=True)
    }
