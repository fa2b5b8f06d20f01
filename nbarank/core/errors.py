"""Errors that a user can cause or fix.

An `NbarankError` says what is wrong, where, what is allowed, and the next command to run. Stages
and the command line print it without a traceback and exit with 1.
"""

from __future__ import annotations

import errno


class NbarankError(Exception):
    """An error that a user can fix.

    Parameters
    ----------
    what
        What is wrong, in one sentence.
    where
        File, table, key or rows.
    allowed
        What is accepted.
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
        """Return the four parts, a line each."""
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
    """params.yaml, a profile or a sweep space has a key or a value that is not allowed."""


class SourceError(NbarankError):
    """A source of box scores is missing, unreadable or incomplete."""


class StorageError(NbarankError):
    """A file cannot be read or written because of the disk or its permissions."""

    @classmethod
    def of(cls, error: OSError) -> StorageError | None:
        """Return the error for an `OSError`, or None if it is not about storage."""
        reason = _STORAGE_REASONS.get(error.errno or 0)
        if reason is None:
            return None
        what, command = reason
        place = str(error.filename or "")
        return cls(
            what,
            where=f"{place}: {error.strerror}" if place else str(error),
            next_command=f"{command}; then run the same command again",
        )


_STORAGE_REASONS = {
    errno.ENOSPC: ("The disk is full.", "df -h . and free space, for example with dvc gc -w"),
    errno.EDQUOT: ("The disk quota is used up.", "quota -s, and free space"),
    errno.EFBIG: ("A file is larger than this disk or account allows.", "ulimit -f, df -h ."),
    errno.EACCES: ("No permission to read or write a file or folder.", "ls -ld on the path above"),
    errno.EPERM: (
        "No permission to change a file or folder.",
        "ls -ld and lsattr on the path above",
    ),
    errno.EROFS: ("The disk is mounted read-only.", "mount | grep ' ro,'"),
    errno.EIO: ("The disk failed (input/output error).", "dmesg | tail"),
}
"""Meaning of each error number, and the command that shows more."""


class IngestError(NbarankError):
    """Box scores contradict each other or their season."""


class TableError(NbarankError):
    """A table between stages is missing or violates its schema."""


class RankerError(NbarankError):
    """A ranker cannot do what was asked, given its training."""


class ForecastError(NbarankError):
    """A forecast cannot be made: unknown date or team, or a bracket that cannot be completed."""


class EvaluationError(NbarankError):
    """A score cannot be computed from the given rows."""


class RevisionError(NbarankError):
    """A commit or experiment is missing, or has no valid output of the kind asked for."""


class SweepError(NbarankError):
    """A sweep cannot start, resume, or be read."""
