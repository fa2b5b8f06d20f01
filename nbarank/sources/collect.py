"""Box scores from the configured source, collected into the raw layout."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbarank.core.params import SeasonsParams
from nbarank.schemas.calendar import Calendar, require_dates
from nbarank.sources.coverage import require_roles
from nbarank.sources.downloads import Downloads
from nbarank.sources.external_ratings import collect_external_ratings
from nbarank.sources.folder import collect_folder
from nbarank.sources.hoopr import collect_hoopr
from nbarank.sources.injuries import collect_injury_reports
from nbarank.sources.layout import raw_files
from nbarank.sources.nba_stats import collect_nba_stats
from nbarank.sources.params import DataParams
from nbarank.sources.simulated.league import generate


def collect(
    params: DataParams,
    calendar: Calendar,
    seasons: SeasonsParams,
    raw: Path,
    truth: Path,
    today: dt.date,
) -> None:
    """Fill an empty raw folder, and for the simulated league also the truth folder.

    Network sources fetch the seasons with a role that have begun by `calendar` and `today`.
    """
    place = f"params.yaml: data.{params.source}"
    if params.source == "simulated":
        generate(params.simulated, raw, truth)
    else:
        require_dates(seasons, calendar)
        if params.source == "folder":
            place = params.folder.location
            collect_folder(Path(place), raw, calendar)
        elif params.source == "nba_stats":
            downloads = Downloads("nba_stats", params.nba_stats.cache, calendar, seasons, today)
            collect_nba_stats(params.nba_stats, raw, downloads)
        else:
            downloads = Downloads("hoopr", params.hoopr.cache, calendar, seasons, today)
            collect_hoopr(params.hoopr, raw, downloads)
        if params.injuries.location:
            collect_injury_reports(Path(params.injuries.location), raw)
        if params.external_ratings.location:
            collect_external_ratings(Path(params.external_ratings.location), raw)
    require_roles(raw_files(raw), seasons, params.source, place)


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
