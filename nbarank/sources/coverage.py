"""Checks that a raw layout has every file a season needs and every season with a role."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.sources.layout import RawFile, file_name

_LOG = logging.getLogger(__name__)
_LOGS = ("team_logs", "player_logs")
_SHOWN_FILES = 6
FEWEST_TRAIN = {"walk_forward": 3, "season_kfold": 2}
"""Training seasons that stacking and calibration need, by `cv.scheme`."""


def require_files(files: Iterable[RawFile], play_in: Mapping[str, str], folder: Path) -> None:
    """Reject a season with missing files.

    A season that has any log needs team and player logs of its regular season. If it is not the
    latest, it also needs those of the playoffs, and of the play-in if its format has one. The
    latest season may be in progress, but its logs must come in pairs.

    Parameters
    ----------
    files
        Files of the raw layout.
    play_in
        Format of each season: none, bubble or standard.
    folder
        Their folder, for the message.

    Raises
    ------
    SourceError
        Naming the files that are missing.
    """
    found = {(file.season, file.kind, file.level) for file in files if file.level in _LOGS}
    latest = max((season for season, _, _ in found), default="")
    missing = []
    for season in sorted({season for season, _, _ in found}):
        needed = {"regular"} | {kind for other, kind, _ in found if other == season}
        if season < latest or "playoffs" in needed:
            needed |= {"playoffs"}
            if play_in[season] == "standard":
                needed |= {"playin"}
        missing += [
            file_name(season, level, kind)
            for kind in ("regular", "playin", "playoffs")
            for level in _LOGS
            if kind in needed and (season, kind, level) not in found
        ]
    if missing:
        more = len(missing) - _SHOWN_FILES
        shown = ", ".join(missing[:_SHOWN_FILES]) + (f" and {more} more" if more > 0 else "")
        raise SourceError(
            f"{len(missing)} file(s) are missing: {shown}.",
            where=str(folder),
            allowed="team_logs and player_logs of every season, with playoffs_ and (if there was "
            "one) playin_; only the latest season may be in progress",
            next_command=f"add the files to {folder} (parquet or csv), or remove the other files "
            "of these seasons",
        )


def require_filled(gaps: Mapping[str, Sequence[str]], sources: Sequence[str]) -> None:
    """Reject seasons that no network source has completely.

    Parameters
    ----------
    gaps
        Season -> why each source does not have it.
    sources
        Names of the sources that were asked.

    Raises
    ------
    SourceError
        Naming every season and reason.
    """
    if not gaps:
        return
    shown = "; ".join(f"{season} ({', '.join(reasons)})" for season, reasons in gaps.items())
    leave_out = "remove these seasons from seasons.* in params.yaml"
    fill = (
        "pip install 'nba_api>=1.10', then dvc exp run -S 'data.source=[sportsdataverse,nba_stats]'"
        ", which takes these seasons from stats.nba.com; or "
    )
    raise SourceError(
        f"No complete data of {len(gaps)} season(s) in {' and '.join(sources)}: {shown}.",
        where="params.yaml: data.source and seasons",
        allowed="seasons with every regular-season game of the calendar, play-in and playoffs; "
        "the current season with the games played so far",
        next_command=(fill if sources == ("sportsdataverse",) else "") + leave_out,
    )


def require_train_seasons(seasons: SeasonsParams, fewest: int) -> None:
    """Reject roles with too few training seasons to fit, stack and calibrate on."""
    if len(seasons.train) < fewest:
        raise SourceError(
            f"seasons.train has {len(seasons.train)} season(s), {', '.join(seasons.train)}, "
            f"instead of {fewest} or more.",
            where="params.yaml: seasons.train",
            allowed="three training seasons with cv.scheme walk_forward: to fit, to stack and to "
            "calibrate on; two with season_kfold",
            next_command="add training seasons, or move the first validation seasons to "
            "seasons.train",
        )


def require_roles(
    files: Iterable[RawFile], seasons: SeasonsParams, source: str, place: str
) -> None:
    """Reject data without a season that has a role; only a test season may be missing (logged).

    Raises
    ------
    SourceError
        Naming the seasons that are missing or have no playoffs yet.
    """
    files = list(files)
    begun = {file.season for file in files if file.level == "team_logs"}
    ended = {file.season for file in files if file.kind == "playoffs"}
    roles = seasons.roles()
    unplayed = [s for s, role in roles.items() if s not in begun and role == "test"]
    if unplayed:
        # The simulated league ends before the season to forecast.
        level = logging.INFO if source == "simulated" else logging.WARNING
        _LOG.log(level, "no box scores of %s (test): not scored", ", ".join(unplayed))
    gaps = {
        "box scores": [s for s, role in roles.items() if s not in begun and role != "test"],
        "playoffs": [s for s, role in roles.items() if s in begun - ended and role != "test"],
    }
    if not any(gaps.values()):
        return
    parts = [
        f"has no {what} of " + ", ".join(f"{season} ({roles[season]})" for season in without)
        for what, without in gaps.items()
        if without
    ]
    raise SourceError(
        f"The source '{source}' {' and '.join(parts)}.",
        where=f"params.yaml: seasons; {place}",
        allowed=f"seasons in the source ({', '.join(sorted(begun)) or 'none'}); only a test "
        "season may be unplayed",
        next_command="edit seasons.warm_up, train, validation and test in params.yaml, or add the "
        "files",
    )
