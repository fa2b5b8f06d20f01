"""The source `nba_stats`: LeagueGameLog of stats.nba.com, through the optional extra nba_api.

For every season with a role that has begun: regular season, play-in and playoffs, teams and
players; for the season in progress also its fixtures. nbarank.league.teams gives conference and
division of nba.com's team ids.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import time
from pathlib import Path
from typing import Any

import pandas as pd
from tqdm import tqdm

from nbarank.core.errors import SourceError
from nbarank.schemas.calendar import Calendar
from nbarank.schemas.raw import (
    KIND_OF_PREFIX,
    PLAYER_LOG_COLUMNS,
    SCHEDULE_COLUMNS,
    TEAM_LOG_COLUMNS,
)
from nbarank.sources.downloads import Downloads
from nbarank.sources.known_from import known_from
from nbarank.sources.layout import file_name, write_parquet
from nbarank.sources.params import NbaStatsParams

_LOG = logging.getLogger(__name__)
SEASON_TYPES = {"regular": "Regular Season", "playin": "PlayIn", "playoffs": "Playoffs"}
_LABELS = ("gameSubtype", "gameLabel", "gameSubLabel")
LEVELS = {"team_logs": ("T", TEAM_LOG_COLUMNS), "player_logs": ("P", PLAYER_LOG_COLUMNS)}
_RETRY = (
    "try again later or from another network (stats.nba.com blocks many data centres), or set "
    "data.source: sportsdataverse in params.yaml; finished downloads are kept"
)
_TOO_MANY_REQUESTS = 429
_SERVER_ERROR = 500


def collect_nba_stats(
    params: NbaStatsParams, destination: Path, downloads: Downloads
) -> dict[str, str]:
    """Fetch what is not cached and write the files of `downloads.seasons` into a raw folder.

    Returns
    -------
    Season -> why it was not written: an endpoint returned no rows although games must have been
    played.

    Raises
    ------
    SourceError
        If nba_api is not installed, or the host does not answer or blocks this address.
    """
    seasons, calendar, today = downloads.seasons, downloads.calendar, downloads.today
    client = _Client(params, downloads)
    gaps: dict[str, str] = {}
    for season in tqdm(seasons, desc="stats.nba.com", unit="season", disable=None):
        needed: tuple[str, ...] = ("regular",)
        if downloads.is_over(season):
            needed = ("regular", "playoffs")
            if calendar.seasons[season].play_in == "standard":
                needed = ("regular", "playin", "playoffs")
        logs: dict[str, pd.DataFrame] = {}
        for kind, level in itertools.product(SEASON_TYPES, LEVELS):
            if not _may_have_begun(calendar, season, kind, today):
                continue
            frame = client.game_log(season, kind, level)
            if frame.empty and kind in needed:
                gaps[season] = f"stats.nba.com returned no {SEASON_TYPES[kind]} rows"
                break
            if not frame.empty:
                logs[file_name(season, level, kind)] = frame
        else:
            for name, frame in logs.items():
                write_parquet(frame, destination / name)
    for season in seasons[-1:]:
        if season not in gaps and not downloads.is_over(season):
            try:
                fixtures = client.fixtures(season)
            except SourceError as error:  # optional: fixtures to come are then made up
                _LOG.warning("no fixtures of %s: %s", season, error.what)
                continue
            if not fixtures.empty:
                write_parquet(fixtures, destination / file_name(season, "schedule"))
    return gaps


def _may_have_begun(calendar: Calendar, season: str, kind: str, today: dt.date) -> bool:
    dates = calendar.seasons[season]
    if kind == "playin":
        return dates.play_in != "none" and today > dates.end
    return kind == "regular" or today > dates.end


class _Client:
    """Calls endpoints with a cache, a pause between calls and retries with growing pauses."""

    def __init__(self, params: NbaStatsParams, downloads: Downloads) -> None:
        self.params, self.downloads = params, downloads
        self.last_call = 0.0

    def game_log(self, season: str, kind: str, level: str) -> pd.DataFrame:
        """Return one LeagueGameLog; empty if no games were played."""
        letter, columns = LEVELS[level]
        call = _endpoints().LeagueGameLog(
            season=season,
            season_type_all_star=SEASON_TYPES[kind],
            player_or_team_abbreviation=letter,
            get_request=False,
        )
        name = f"leaguegamelog_{season}_{kind}_{letter}.json"
        final_on = self.downloads.final_on(season)
        answer = self._answer(name, "leaguegamelog", call.parameters, final_on)
        try:
            (table,) = [s for s in _as_list(answer) if s["name"] == "LeagueGameLog"]
            frame = pd.DataFrame(table["rowSet"], columns=table["headers"])
            return frame[list(columns)]
        except (KeyError, ValueError, TypeError) as error:
            raise _unexpected(self.params.address, name, error) from error

    def fixtures(self, season: str) -> pd.DataFrame:
        """Return the fixtures of a season, played or not, whose teams are known."""
        call = _endpoints().ScheduleLeagueV2(season=season, get_request=False)
        name = f"scheduleleaguev2_{season}.json"
        # Fixtures of a season in progress change: reuse them only on the same day.
        yesterday = self.downloads.today - dt.timedelta(days=1)
        answer = self._answer(name, "scheduleleaguev2", call.parameters, yesterday)
        try:
            games = [
                (
                    str(game["gameId"]),
                    pd.Timestamp(str(game["gameDateEst"])[:10]),
                    int(game["homeTeam"]["teamId"] or 0),
                    int(game["awayTeam"]["teamId"] or 0),
                    " ".join(str(game.get(label) or "") for label in _LABELS),
                )
                for day in answer["leagueSchedule"]["gameDates"]
                for game in day["games"]
                if str(game["gameId"])[:3] in (*KIND_OF_PREFIX, "006") and not _is_off(game)
            ]
        except (KeyError, ValueError, TypeError) as error:
            raise _unexpected(self.params.address, name, error) from error
        frame = pd.DataFrame(games, columns=[*SCHEDULE_COLUMNS[:4], "LABEL"])
        frame["KNOWN_FROM"] = known_from(frame, frame["LABEL"])
        # Games of the NBA Cup's last rounds, and of the postseason, have no teams yet: id 0.
        known = (frame["HOME_TEAM_ID"] > 0) & (frame["AWAY_TEAM_ID"] > 0)
        counted = frame["GAME_ID"].str[:3].isin(list(KIND_OF_PREFIX))
        return frame.loc[known & counted, list(SCHEDULE_COLUMNS)].reset_index(drop=True)

    def _answer(
        self, name: str, endpoint: str, parameters: dict[str, Any], final_on: dt.date
    ) -> Any:
        content = self.downloads.get(name, final_on)
        if content is None:
            content = self._fetch(endpoint, parameters, name)
            self.downloads.put(name, content)
        return json.loads(content)

    def _fetch(self, endpoint: str, parameters: dict[str, Any], name: str) -> bytes:
        """Call an endpoint until it answers with JSON or no attempts are left."""
        reason = ""
        for attempt in range(self.params.attempts):
            pause = self.params.back_off * 2 ** (attempt - 1) if attempt else 0.0
            since = time.monotonic() - self.last_call
            time.sleep(max(pause, self.params.pause - since, 0.0))
            status, content, reason = self._call(endpoint, parameters)
            self.last_call = time.monotonic()
            if content is not None:
                return content
            if status is not None and status < _SERVER_ERROR and status != _TOO_MANY_REQUESTS:
                break  # refused: another attempt would not help
        raise SourceError(
            f"stats.nba.com does not return {name.removesuffix('.json')}: {reason}",
            where=self.params.address,
            allowed="an answer in JSON",
            next_command=_RETRY,
        )

    def _call(
        self, endpoint: str, parameters: dict[str, Any]
    ) -> tuple[int | None, bytes | None, str]:
        """Return the status, the answer if it is JSON, and the reason if it is not."""
        import requests
        from nba_api.stats.library.http import NBAStatsHTTP

        http: Any = NBAStatsHTTP()
        http.base_url = f"{self.params.address.rstrip('/')}/{{endpoint}}"
        headers = {name: value for name, value in http.headers.items() if name != "Host"}
        try:
            answer = http.send_api_request(
                endpoint, parameters, headers=headers, timeout=self.params.timeout
            )
        except requests.Timeout:
            return None, None, f"no answer in {self.params.timeout:g} s"
        except requests.RequestException as error:
            return None, None, f"no connection ({type(error).__name__})"
        status = int(answer._status_code)
        if status != requests.codes.ok:
            return status, None, f"the host refuses or blocks this address (HTTP {status})"
        if not answer.valid_json():
            return None, None, "the answer is not JSON; the host may block this address"
        return status, answer.get_response().encode(), ""


def _is_off(game: dict[str, Any]) -> bool:
    """Return whether a fixture is marked as postponed or cancelled."""
    status = str(game.get("gameStatusText", "")).lower()
    flag = str(game.get("postponedStatus", "")).upper()
    return flag in ("Y", "P") or any(word in status for word in ("ppd", "postpon", "cancel"))


def _as_list(answer: Any) -> list[dict[str, Any]]:
    sets = answer["resultSets"] if "resultSets" in answer else answer["resultSet"]
    return [sets] if isinstance(sets, dict) else list(sets)


def _unexpected(address: str, name: str, error: Exception) -> SourceError:
    return SourceError(
        f"{name.removesuffix('.json')} does not have the documented form: {error!r}.",
        where=address,
        next_command="pip install --upgrade nba_api; if the endpoint has changed, set "
        "data.source: sportsdataverse or folder in params.yaml",
    )


def _endpoints() -> Any:
    """Import nba_api, which is an optional extra."""
    try:
        from nba_api.stats import endpoints
    except ImportError as error:
        raise SourceError(
            "The source nba_stats needs the package nba_api, which is not installed.",
            where="params.yaml: data.source",
            next_command="pip install 'nba_api>=1.10', or set data.source: sportsdataverse or "
            "folder in params.yaml",
        ) from error
    return endpoints
