"""Box scores from the configured source, collected into the raw layout."""

from __future__ import annotations

import datetime as dt
import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nbarank.core.params import SeasonsParams
from nbarank.schemas.calendar import Calendar, require_dates
from nbarank.schemas.raw import ID_PREFIX, RawSource
from nbarank.sources.coverage import require_filled, require_roles, require_train_seasons
from nbarank.sources.downloads import Downloads, begun_seasons
from nbarank.sources.external_ratings import collect_external_ratings
from nbarank.sources.folder import collect_folder
from nbarank.sources.hoopr import collect_hoopr
from nbarank.sources.injuries import collect_injury_reports
from nbarank.sources.layout import league_of, raw_files, read_any, write_league_file
from nbarank.sources.market import collect_market
from nbarank.sources.nba_stats import collect_nba_stats
from nbarank.sources.params import DataParams, NbaStatsParams, ReleaseParams
from nbarank.sources.preseason import collect_preseason
from nbarank.sources.simulated.league import generate
from nbarank.sources.sportsdataverse import collect_sportsdataverse

_LOG = logging.getLogger(__name__)
_NETWORK: dict[str, tuple[str, str, Callable[..., dict[str, str]]]] = {
    "nba_stats": ("stats.nba.com", "terms of use of nba.com", collect_nba_stats),
    "sportsdataverse": (
        "stats.nba.com box scores published by SportsDataverse (hoopR-nba-stats-data)",
        "CC BY 4.0",
        collect_sportsdataverse,
    ),
    "hoopr": (
        "ESPN box scores published by SportsDataverse (hoopR-nba-data)",
        "CC BY 4.0",
        collect_hoopr,
    ),
}
"""Title, licence and function of each network source."""


def collect(
    params: DataParams,
    calendar: Calendar,
    seasons: SeasonsParams,
    raw: Path,
    truth: Path,
    today: dt.date,
    fewest_train: int = 1,
) -> None:
    """Fill an empty raw folder, and for the simulated league also the truth folder.

    Network sources fetch the seasons with a role that have begun by `calendar` and `today`;
    `fewest_train` is the number of training seasons that the later stages need.
    """
    require_train_seasons(seasons, fewest_train)
    place = f"params.yaml: data.{params.sources[0]}"
    if params.source == "simulated":
        generate(params.simulated, raw, truth)
    else:
        require_dates(seasons, calendar)
        if params.source == "folder":
            place = params.folder.location
            collect_folder(Path(place).expanduser(), raw, calendar, seasons)
        else:
            collect_network(params, calendar, begun_seasons(calendar, seasons, today), raw, today)
        if params.injuries.location:
            collect_injury_reports(Path(params.injuries.location).expanduser(), raw)
        if params.external_ratings.location:
            collect_external_ratings(Path(params.external_ratings.location).expanduser(), raw)
        if params.market.location:
            collect_market(Path(params.market.location).expanduser(), raw)
        if params.preseason.location:
            collect_preseason(Path(params.preseason.location).expanduser(), raw)
    warn_if_not_over(raw, calendar, today)
    require_roles(raw_files(raw), seasons, " and ".join(params.sources), place)


def warn_if_not_over(raw: Path, calendar: Calendar, today: dt.date) -> None:
    """Warn if the latest season should be over by the calendar, but has no playoffs."""
    files = raw_files(raw)
    latest = max((file.season for file in files if file.level == "team_logs"), default="")
    if latest not in calendar.seasons or any(
        file.season == latest and file.kind == "playoffs" for file in files
    ):
        return
    end = calendar.seasons[latest].playoffs_end
    if today > end:
        _LOG.warning(
            "%s ended on %s by the calendar, but has no playoffs: it counts as in progress. "
            "Missing games are simulated; add the rest of its files if it is over",
            latest,
            end,
        )


def collect_network(
    params: DataParams, calendar: Calendar, seasons: Sequence[str], raw: Path, today: dt.date
) -> None:
    """Fetch seasons from the network sources: each fills the gaps of those before it.

    Raises
    ------
    SourceError
        If a season is in no source, or a source cannot be reached.
    """
    gaps: dict[str, list[str]] = {season: [] for season in seasons}
    used = []
    for name in params.sources:
        wanted = list(gaps)
        section: NbaStatsParams | ReleaseParams = getattr(params, name)
        title, licence, fetch = _NETWORK[name]
        downloads = Downloads(name, section.cache, calendar, wanted, today)
        missing = fetch(section, raw, downloads)
        stale = [season for season in wanted if _is_stale(downloads, season, raw, calendar)]
        if stale:
            _LOG.warning("%s: incomplete in the cache, fetched again: %s", name, ", ".join(stale))
            for season in stale:
                downloads.forget(season)
            again = fetch(section, raw, Downloads(name, section.cache, calendar, stale, today))
            missing = {s: why for s, why in missing.items() if s not in stale} | again
        found = tuple(season for season in wanted if season not in missing)
        if found:
            used.append(
                RawSource(
                    name=name, title=title, licence=licence, address=section.address, seasons=found
                )
            )
        gaps = {season: [*gaps[season], reason] for season, reason in missing.items()}
        if not gaps:
            break
    require_filled(gaps, params.sources)
    write_league_file(raw, league_of(calendar, seasons, used))


def _is_stale(downloads: Downloads, season: str, raw: Path, calendar: Calendar) -> bool:
    """Return whether a season that is over came from the cache and has not all its games."""
    cached = {path.name for path in downloads.of_season(season)} & downloads.reused
    if not downloads.is_over(season) or not cached:
        return False
    files = {(f.level, f.kind): f for f in raw_files(raw) if f.season == season}
    logs = [files.get((level, "regular")) for level in ("team_logs", "player_logs")]
    ids = [read_any(file.path)["GAME_ID"].drop_duplicates() if file else None for file in logs]
    prefix = ID_PREFIX["regular"]
    games = [0 if one is None else int(one.str.startswith(prefix).sum()) for one in ids]
    complete = set(games) == {calendar.seasons[season].games}
    return not complete or ("team_logs", "playoffs") not in files


@contextmanager
def atomic_folders(*targets: Path) -> Iterator[list[Path]]:
    """Yield an empty folder for each target that replaces it when the block ends without error.

    Leftovers of a killed run are removed first.
    """
    partial = [target.with_name(f".{target.name}.partial") for target in targets]
    for folder in partial:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    try:
        yield partial
        for folder, target in zip(partial, targets, strict=True):
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
    finally:
        for folder in partial:
            shutil.rmtree(folder, ignore_errors=True)
