"""Collect box scores from the configured source into one raw layout."""

from __future__ import annotations

import datetime as dt

from nbarank.core.params import SeasonsParams
from nbarank.core.stage import Stage, run_stage
from nbarank.core.tables import DATA
from nbarank.schemas.calendar import read_calendar
from nbarank.sources.collect import atomic_folders, collect
from nbarank.sources.coverage import FEWEST_TRAIN
from nbarank.sources.params import DataParams


def main(stage: Stage) -> None:
    """Fill data/raw, and data/truth for the simulated league (otherwise it is empty)."""
    params, seasons = stage.params(DataParams), stage.params(SeasonsParams)
    fewest = FEWEST_TRAIN[stage.value("cv.scheme", str)]
    with atomic_folders(DATA / "raw", DATA / "truth") as (raw, truth):
        collect(params, read_calendar(), seasons, raw, truth, dt.date.today(), fewest)


if __name__ == "__main__":
    run_stage("collect", main)
