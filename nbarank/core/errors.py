"""The error family: every failure a user can cause or repair says so by name.

An `NbarankError` carries four things: what is wrong, where, what was allowed, and the next
command to run. Stages and the command line print it without a traceback and exit with 1.
"""

from __future__ import annotations

import errno


class NbarankError(Exception):
    """A fault that a user can understand and repair.

    Parameters
    ----------
    what
        One sentence: what is wrong.
    where
        The file, table, key or rows concerned.
    allowed
        What would have been accepted.
    next_command
        The command, or the edit, to try next.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        allowed: str | None = None,
        next_command: str | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.next_command = next_command

    def __str__(self) -> str:
        """Render the fault over a few lines, most important first."""
        lines = [self.what]
        for label, text in (
            ("where", self.where),
            ("allowed", self.allowed),
            ("next", self.next_command),
        ):
            if text:
                lines.append(f"  {label + ':':<9}{text}")
        return "\n".join(lines)


class ParamsError(NbarankError):
    """params.yaml, a profile or a sweep space holds a key or a value that is not allowed."""


class SourceError(NbarankError):
    """A source of box scores is missing, unreadable or incomplete."""


class StorageError(NbarankError):
    """The disk, or the rights on it, do not let files be read or written."""

    @classmethod
    def of(cls, error: OSError) -> StorageError | None:
        """Tell an `OSError` in the user's words; None where it is not about storage."""
        reason = _STORAGE_FAULTS.get(error.errno or 0)
        if reason is None:
            return None
        what, command = reason
        place = str(error.filename or "")
        return cls(
            what,
            where=f"{place}: {error.strerror}" if place else str(error),
            next_command=f"{command}; then run the same command again",
        )


_STORAGE_FAULTS = {
    errno.ENOSPC: ("The disk is full.", "df -h . and make room, for example with dvc gc -w"),
    errno.EDQUOT: ("The disk quota is used up.", "quota -s, and make room"),
    errno.EFBIG: ("A file is larger than this disk or account allows.", "ulimit -f, df -h ."),
    errno.EACCES: ("A file or folder may not be read or written.", "ls -ld on the place above"),
    errno.EPERM: ("A file or folder may not be changed.", "ls -ld and lsattr on the place above"),
    errno.EROFS: ("The disk is mounted read-only.", "mount | grep ' ro,'"),
    errno.EIO: ("The disk does not answer (input/output error).", "dmesg | tail"),
}
"""What each fault means and the command that shows more."""


class IngestError(NbarankError):
    """Box scores contradict themselves or the season they belong to."""


class TableError(NbarankError):
    """A table that passes between stages breaks its schema, or is not there."""


class RankerError(NbarankError):
    """A ranker was asked for something its training does not allow."""


class ForecastError(NbarankError):
    """A forecast cannot be made: unknown date or team, or a bracket that cannot be completed."""


class EvaluationError(NbarankError):
    """A score cannot be computed from the rows given."""


class RevisionError(NbarankError):
    """A commit or experiment is missing, or has no valid output of the kind asked for."""


class SweepError(NbarankError):
    """A sweep cannot start, go on, or be read."""
