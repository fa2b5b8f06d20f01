"""What a folder of box scores contains and every data error in it, by the code of the pipeline."""

from __future__ import annotations

import datetime as dt
import shlex
from collections.abc import Callable
from pathlib import Path

import pandas as pd

from nbarank.cli.screen import folded
from nbarank.core.errors import NbarankError, ParamsError, SourceError, did_you_mean, nearest
from nbarank.core.params import SeasonsParams
from nbarank.core.sections import PARAMS_FILE, load_section, read_yaml
from nbarank.league.data_errors import DataError
from nbarank.league.ingest import Examined, described, examine
from nbarank.schemas.calendar import read_calendar
from nbarank.schemas.raw import ID_PREFIX, RawSeason
from nbarank.sources.coverage import FEWEST_TRAIN, require_train_seasons
from nbarank.sources.downloads import Downloads
from nbarank.sources.external_ratings import read_external_ratings
from nbarank.sources.folder import UserFolder, examine_folder
from nbarank.sources.injuries import read_injury_reports
from nbarank.sources.layout import raw_files, read_league_file, read_teams_file
from nbarank.sources.params import DataParams
from nbarank.sources.raw import raw_league

_COLUMNS = (
    *("season", "regular", "play-in", "playoffs", "players", "rosters", "inactive", "reports"),
    "verdict",
)
_TITLE_WINS = 16


def check_data(folder: Path | None) -> tuple[str, bool]:
    """Check a folder, or the configured source: data/raw where that is not a folder.

    Returns
    -------
    The report (table, data errors, warnings, next command), and whether there is no error.

    Raises
    ------
    NbarankError
        If there are no box scores to check.
    """
    calendar = read_calendar()
    seasons = None
    if folder is None:
        params, seasons = load_section(DataParams), load_section(SeasonsParams)
        folder = Path(params.folder.location) if params.source == "folder" else None
    place = folder.expanduser() if folder else Path("data/raw")
    found = examine_folder(place, calendar, seasons) if folder else _collected(place)
    errors: list[NbarankError] = [*found.errors]
    reports: list[pd.Timestamp] = []

    def check(test: Callable[[], object]) -> None:
        try:
            test()
        except NbarankError as error:
            errors.append(error)

    if seasons:
        roles, fewest = seasons, FEWEST_TRAIN[str(read_yaml(PARAMS_FILE)["cv"]["scheme"])]
        check(lambda: require_train_seasons(roles, fewest))
    check(lambda: reports.extend(read_injury_reports(place)["report_date"].unique()))
    check(lambda: read_external_ratings(place))
    examined: list[Examined] = []
    if not (found.errors and found.raw.team_logs.empty):
        check(lambda: examined.append(examine(found.raw)))
    data_errors = [error for one in examined for error in one.errors]
    notes = [note for one in examined for note in one.notes]
    texts = [error.describe() for error in data_errors]
    texts += [f"{error.what} ({error.where}) -> {error.next_command}" for error in errors]
    league = found.raw.league
    sides = found.raw.player_logs[["SEASON", "GAME_ID", "TEAM_ID"]].drop_duplicates()
    tables = (found.raw.team_logs, sides, found.raw.rosters, found.raw.inactive)
    parts = [(frame.iloc[:0], dict(iter(frame.groupby("SEASON")))) for frame in tables]
    rows = [
        _season_row(
            season,
            [by_season.get(season, empty) for empty, by_season in parts],
            league.seasons[season],
            reports,
            texts,
        )
        for season in sorted({file.season for file in found.files} & set(league.seasons))
    ]
    lines = [
        f"Box scores in {place}",
        "Games, rosters: found, or found/expected. reports: days with an injury report.",
        "",
        *_aligned([_COLUMNS, *rows]),
    ]
    if texts:
        lines += ["", f"{len(texts)} data error(s):", *(folded(f"!!  {text}") for text in texts)]
    if notes:
        lines += ["", f"{len(notes)} warning(s):"]
        for note in notes:
            file, what, count, places = described(note)
            lines.append(folded(f"    {file}:  {what} ({count}: {places})"))
    lines += ["", f"Next: {_next_command(folder, data_errors, errors)}"]
    return "\n".join(lines), not texts


def _season_row(
    season: str,
    tables: list[pd.DataFrame],
    dates: RawSeason,
    reports: list[pd.Timestamp],
    errors: list[str],
) -> tuple[str, ...]:
    """Return the cells of a season from its team logs, sides with players, rosters, inactive."""
    teams, players, rosters, inactive = tables
    teams = teams[teams["GAME_ID"].str[:3].isin(list(ID_PREFIX.values()))]
    games = {kind: part["GAME_ID"].nunique() for kind, part in teams.groupby("KIND")}
    final = teams[(teams["KIND"] == "playoffs") & (teams["WL"].str.upper().str[:1] == "W")]
    champion = (final.groupby("TEAM_ID")["GAME_ID"].nunique() >= _TITLE_WINS).any()
    side = ["GAME_ID", "TEAM_ID"]
    sides = pd.MultiIndex.from_frame(teams[side].drop_duplicates())
    with_players = sides.isin(pd.MultiIndex.from_frame(players[side].drop_duplicates())).sum()
    all_games, n_teams = sum(games.values()), teams["TEAM_ID"].nunique()
    within = [day for day in reports if dates.start <= day.date() <= dates.playoffs_end]
    play_in = games.get("playin", 0)
    expected_play_in = {"none": "", "bubble": f"{play_in}/0-2", "standard": _of(play_in, 6)}
    own = sum(season in text or season.replace("-", "_") in text for text in errors)
    verdict = "ok" if champion else "in progress"
    return (
        season,
        _of(games.get("regular", 0), dates.games_expected),
        expected_play_in[dates.play_in],
        str(games.get("playoffs", 0)),
        _of(with_players // 2, all_games),
        _of(rosters["TEAM_ID"].nunique(), n_teams) if len(rosters) else "none",
        _of(inactive["GAME_ID"].nunique(), all_games) if len(inactive) else "none",
        f"{len(within)}" if within else "none",
        f"{own} error(s)" if own else verdict,
    )


def _of(found: int, expected: int) -> str:
    return f"{found}" if found == expected else f"{found}/{expected}"


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        " ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    ]


def _next_command(
    folder: Path | None, data_errors: list[DataError], errors: list[NbarankError]
) -> str:
    if errors or data_errors:
        command = "correct what is named above, then run the same command again"
        if data_errors and not errors and all(error.games for error in data_errors):
            command += "; or leave out these games: dvc exp run -S data.on_fault=drop_games"
        return command
    if folder:
        quoted = shlex.quote(f"data.folder.path={folder}")
        return f"nbarank run -S data.source=folder -S {quoted}"
    return "dvc repro"


def forget_downloads(season: str) -> list[Path]:
    """Remove a season's downloads of the configured sources from their caches."""
    params = load_section(DataParams)
    calendar = read_calendar()
    for name in params.sources:
        if name in ("simulated", "folder"):
            raise ParamsError(
                f"The source {name} downloads nothing.",
                where="params.yaml: data.source",
                allowed="a network source",
                next_command="nbarank data check",
            )
    if season not in calendar.seasons:
        known = [*nearest(season, calendar.seasons, 1), max(calendar.seasons)][0]
        raise ParamsError(
            f"'{season}' is not a season of the calendar{did_you_mean(season, calendar.seasons)}",
            allowed=f"{min(calendar.seasons)} to {max(calendar.seasons)}",
            next_command=f"nbarank data refetch {known}",
        )
    removed: list[Path] = []
    for name in params.sources:
        cache = getattr(params, name).cache
        removed += Downloads(name, cache, calendar, [season], dt.date.today()).forget(season)
    return removed


def _collected(raw: Path) -> UserFolder:
    """Return what the stage collect has written."""
    if not raw.is_dir():
        raise SourceError(
            "The configured source has not been collected yet.",
            where=str(raw),
            next_command="dvc repro collect, or: nbarank data check FOLDER",
        )
    league = read_league_file(raw)
    files = [file for file in raw_files(raw) if file.season in league.seasons]
    content, errors = raw_league(files, league, read_teams_file(raw))
    return UserFolder(files, content, errors, [])
