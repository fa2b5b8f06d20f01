"""Tell whether a raw layout holds every file a season needs and every season that has a role."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.sources.raw import RawFile, file_name

_LOGS = ("team_logs", "player_logs")
_MAY_BE_MISSING = "test"
_MUST_HAVE_ENDED = ("warm_up", "train", "validation")


def require_files(files: Iterable[RawFile], play_in: Mapping[str, str], folder: Path) -> None:
    """See that no season is half there.

    A season that has any log needs team and player logs of its regular season. If it is not the
    latest, it needs those of the playoffs, and of the play-in where its format has one. The
    latest season may be under way; what it has must come in pairs.

    Parameters
    ----------
    files
        Files of the raw layout.
    play_in
        Format of each season: none, bubble or standard.
    folder
        Where they are, for the message.

    Raises
    ------
    SourceError
        Naming every file that is missing.
    """
    there = {(file.season, file.kind, file.level) for file in files if file.level in _LOGS}
    latest = max((season for season, _, _ in there), default="")
    missing = []
    for season in sorted({season for season, _, _ in there}):
        needed = {"regular"} | {kind for other, kind, _ in there if other == season}
        if season < latest or "playoffs" in needed:
            needed |= {"playoffs"}
            if play_in[season] == "standard":
                needed |= {"playin"}
        missing += [
            file_name(season, level, kind)
            for kind in ("regular", "playin", "playoffs")
            for level in _LOGS
            if kind in needed and (season, kind, level) not in there
        ]
    if missing:
        shown = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if missing[6:] else "")
        raise SourceError(
            f"{len(missing)} file(s) are missing: {shown}.",
            where=str(folder),
            allowed="team_logs and player_logs of every season, playoffs_ and (where there was "
            "one) playin_ beside them; only the latest season may be under way",
            next_command=f"add the files to {folder} (parquet or csv), or move away the others of "
            "these seasons",
        )


def require_roles(
    files: Iterable[RawFile], seasons: SeasonsParams, source: str, folder: Path
) -> None:
    """See that the data holds every season that has a role.

    Raises
    ------
    SourceError
        Naming the seasons that are missing or have no playoffs yet. A test season may be missing:
        it may not have been played.
    """
    files = list(files)
    begun = {file.season for file in files if file.level == "team_logs"}
    ended = {file.season for file in files if file.kind == "playoffs"}
    roles = seasons.roles()
    missing = [
        f"{season} ({role})"
        for season, role in roles.items()
        if season not in begun and role != _MAY_BE_MISSING
    ]
    unfinished = [
        f"{season} ({role})"
        for season, role in roles.items()
        if season in begun - ended and role in _MUST_HAVE_ENDED
    ]
    if not missing and not unfinished:
        return
    parts = []
    if missing:
        parts.append(f"has no box scores of {', '.join(missing)}")
    if unfinished:
        parts.append(f"has no playoffs of {', '.join(unfinished)}")
    have = ", ".join(sorted(begun)) or "none"
    raise SourceError(
        f"The source '{source}' {' and '.join(parts)}.",
        where=f"params.yaml: seasons; {folder}",
        allowed=f"seasons that the source holds ({have}); only a test season may be unplayed",
        next_command="edit seasons.warm_up, train, validation and test in params.yaml, or add the "
        "files",
    )
