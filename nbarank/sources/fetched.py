"""What the network sources share: a cache of answers that knows which seasons are over.

An answer is kept with its SHA-256 and the day it was fetched. It is used again if its bytes are
still those, and the season had ended when it was fetched; otherwise it is fetched anew. A killed
fetch therefore goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from pathlib import Path

from nbarank.core.errors import SourceError
from nbarank.core.params import SeasonsParams
from nbarank.core.tables import atomic_path, write_text
from nbarank.schemas.calendar import Calendar, SeasonDates

CORRECTIONS = dt.timedelta(days=3)
"""Box scores are corrected for some days; a season is fetched once more after them."""


class AnswerCache:
    """Files of one source, each with its hash and the day it was fetched.

    Parameters
    ----------
    source
        Name of the source: a folder below the cache.
    folder
        Cache folder from params.yaml, or None for the user's own.
    """

    def __init__(self, source: str, folder: str | None) -> None:
        self.folder = (Path(folder).expanduser() if folder else user_cache()) / source
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SourceError(
                f"The cache folder cannot be made: {error.strerror}.",
                where=str(self.folder),
                next_command=f"set data.{source}.cache in params.yaml to a folder you can write to",
            ) from error

    def path(self, name: str) -> Path:
        """Return where an answer is kept; `name` is a plain file name."""
        if Path(name).name != name or name.startswith("."):
            raise SourceError(f"'{name}' is no name for a cached answer.", where=str(self.folder))
        return self.folder / name

    def get(self, name: str, settled_on: dt.date) -> bytes | None:
        """Return an answer whose bytes are sound and that was fetched after `settled_on`."""
        note = self._note(name)
        if note is None or dt.date.fromisoformat(note["fetched"]) <= settled_on:
            return None
        try:
            content = self.path(name).read_bytes()
        except OSError:
            return None
        return content if hashlib.sha256(content).hexdigest() == note["sha256"] else None

    def put(self, name: str, content: bytes, today: dt.date) -> None:
        """Keep an answer: whole, then its note, so that a kill in between only fetches again."""
        self._note_path(name).unlink(missing_ok=True)
        with atomic_path(self.path(name)) as temporary:
            temporary.write_bytes(content)
        note = {"sha256": hashlib.sha256(content).hexdigest(), "fetched": today.isoformat()}
        write_text(self._note_path(name), json.dumps(note) + "\n")

    def noted_hash(self, name: str) -> str | None:
        """Return the SHA-256 an answer had when it was fetched, or None."""
        note = self._note(name)
        return note["sha256"] if note else None

    def fetched_on(self, name: str) -> dt.date | None:
        """Return the day an answer was fetched, or None."""
        note = self._note(name)
        return dt.date.fromisoformat(note["fetched"]) if note else None

    def _note_path(self, name: str) -> Path:
        return self.path(name).with_name(f"{name}.note.json")

    def _note(self, name: str) -> dict[str, str] | None:
        try:
            note = json.loads(self._note_path(name).read_text(encoding="utf-8"))
            dt.date.fromisoformat(note["fetched"])
            return {"sha256": str(note["sha256"]), "fetched": str(note["fetched"])}
        except (OSError, ValueError, KeyError, TypeError):
            return None


def user_cache() -> Path:
    """Return the cache folder of this user."""
    import pooch

    return Path(pooch.os_cache("nbarank"))


def settled(dates: SeasonDates) -> dt.date:
    """Return the day after which a season's box scores do not change any more."""
    return dates.playoffs_end + CORRECTIONS


def wanted_seasons(calendar: Calendar, seasons: SeasonsParams, today: dt.date) -> list[str]:
    """Return the seasons that have a role and have begun, in time order."""
    return [season for season in seasons.roles() if calendar.seasons[season].start < today]
