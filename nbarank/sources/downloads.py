"""The cache of downloads that the network sources share.

A download is stored with its SHA-256 and the date it was fetched. It is reused if its bytes still
have that hash and its season was over when it was fetched; otherwise it is fetched again. An
interrupted fetch resumes where it stopped.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.core.tables import atomic_path, write_text
from nbarank.schemas.calendar import Calendar

_RECORD = ".note.json"
CORRECTIONS = dt.timedelta(days=3)
"""Box scores are corrected for some days; a season is fetched once more after them."""


def begun_seasons(calendar: Calendar, seasons: SeasonsParams, today: dt.date) -> list[str]:
    """Return the seasons to fetch: those with a role that have begun by the calendar."""
    return [season for season in seasons.roles() if calendar.seasons[season].start < today]


class Downloads:
    """Cached downloads of one network source, and the seasons to fetch.

    Parameters
    ----------
    source
        Name of the source: a subfolder of the cache.
    folder
        Cache folder from params.yaml, or None for the user's cache.
    calendar, today
        Decide which seasons are over.
    seasons
        Seasons to fetch, in time order.
    """

    def __init__(
        self,
        source: str,
        folder: str | None,
        calendar: Calendar,
        seasons: Sequence[str],
        today: dt.date,
    ) -> None:
        import pooch

        self.folder = Path(folder or pooch.os_cache("nbarank")).expanduser() / source
        self.calendar, self.seasons, self.today = calendar, list(seasons), today
        self.reused: set[str] = set()
        """Names of the downloads taken from the cache."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"The cache folder cannot be created: {error.strerror}.",
                where=str(self.folder),
                next_command=f"set data.{source}.cache in params.yaml to a writable folder",
            ) from error

    def final_on(self, season: str) -> dt.date:
        """Return the date after which a season's box scores no longer change."""
        return self.calendar.seasons[season].playoffs_end + CORRECTIONS

    def is_over(self, season: str) -> bool:
        """Tell whether a season's box scores no longer change."""
        return self.today > self.final_on(season)

    def of_season(self, season: str) -> list[Path]:
        """Return the cached downloads of a season, by the season or its last year in the name."""
        pattern = re.compile(rf"(?:^|_)(?:{season}|{int(season[:4]) + 1})[._]")
        return sorted(
            path
            for path in self.folder.iterdir()
            if pattern.search(path.name) and not path.name.endswith(_RECORD)
        )

    def forget(self, season: str) -> list[Path]:
        """Remove the cached downloads of a season, so that they are fetched again."""
        paths = self.of_season(season)
        for path in paths:
            self._record_path(path.name).unlink(missing_ok=True)
            path.unlink(missing_ok=True)
        return paths

    def path(self, name: str) -> Path:
        """Return the path of a download; `name` is a plain file name."""
        if Path(name).name != name or name.startswith("."):
            raise SourceError(f"'{name}' is not a plain file name.", where=str(self.folder))
        return self.folder / name

    def get(self, name: str, final_on: dt.date) -> bytes | None:
        """Return an undamaged download that was fetched after `final_on`, or None."""
        expected = self.recorded_hash(name, final_on)
        try:
            content = self.path(name).read_bytes() if expected else b""
        except OSError:
            return None
        if hashlib.sha256(content).hexdigest() != expected:
            return None
        self.reused.add(name)
        return content

    def put(self, name: str, content: bytes) -> None:
        """Store a download, then its record: a kill in between only causes another fetch."""
        self._record_path(name).unlink(missing_ok=True)
        with atomic_path(self.path(name)) as temporary:
            temporary.write_bytes(content)
        record = {"sha256": hashlib.sha256(content).hexdigest(), "fetched": self.today.isoformat()}
        write_text(self._record_path(name), json.dumps(record) + "\n")

    def recorded_hash(self, name: str, final_on: dt.date) -> str | None:
        """Return the SHA-256 of a download that was fetched after `final_on`, or None."""
        try:
            record = json.loads(self._record_path(name).read_text(encoding="utf-8"))
            fetched = dt.date.fromisoformat(record["fetched"])
            return str(record["sha256"]) if fetched > final_on else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _record_path(self, name: str) -> Path:
        return self.path(name).with_name(name + _RECORD)
