"""Bring box scores from their source into one raw layout: data/raw (and data/truth).

data/truth holds the simulated league's true strengths; it is empty where the league is real.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA
from nbarank.schemas.calendar import read_calendar, require_dates
from nbarank.sources.beside import collect_external_ratings, collect_injury_reports
from nbarank.sources.coverage import require_roles
from nbarank.sources.folder import collect_folder
from nbarank.sources.hoopr import collect_hoopr
from nbarank.sources.nba_stats import collect_nba_stats
from nbarank.sources.params import DataParams
from nbarank.sources.raw import raw_files
from nbarank.sources.simulated.league import generate

RAW = DATA / "raw"
TRUTH = DATA / "truth"


def main(stage: Stage) -> None:
    """Fill data/raw from the configured source."""
    data = stage.params(DataParams)
    calendar, seasons = read_calendar(), stage.params(SeasonsParams)
    if data.source != "simulated":
        require_dates(seasons, calendar)
    with whole_folders(RAW, TRUTH) as (raw, truth):
        if data.source == "folder":
            source = Path(data.folder.location)
            collect_folder(source, raw, calendar)
        elif data.source == "nba_stats":
            source = Path("params.yaml: data.nba_stats")
            collect_nba_stats(data.nba_stats, raw, calendar, seasons, dt.date.today())
        elif data.source == "hoopr":
            source = Path("params.yaml: data.hoopr")
            collect_hoopr(data.hoopr, raw, calendar, seasons, dt.date.today())
        else:
            source = Path("params.yaml: data.simulated")
            generate(data.simulated, raw, truth)
        if data.source != "simulated":
            if data.injuries.location:
                collect_injury_reports(Path(data.injuries.location), raw)
            if data.external_ratings.location:
                collect_external_ratings(Path(data.external_ratings.location), raw)
        require_roles(raw_files(raw), seasons, data.source, source)


@contextmanager
def whole_folders(*targets: Path) -> Iterator[list[Path]]:
    """Give an empty folder beside each target, moved onto it when the block ends without error.

    What a killed run left behind is removed at the start.
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


if __name__ == "__main__":
    run_stage("collect", main)
