"""Errors that a user can cause or fix.

An `NbarankError` says what is wrong, where, what is allowed, and the next command to run. Stages
and the command line print it without a traceback and exit with 1.
"""

from __future__ import annotations

import difflib
import errno
import shlex
from collections.abc import Iterable, Sequence


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
    instead
        A text that was typed, and the one meant: the command line prints the typed command with it
        as the next command. For a typed key, the one meant may be a key and its value: KEY=VALUE.
    option
        An option and its value: the command line prints the typed command with it.
    """

    def __init__(
        self,
        what: str,
        *,
        where: str | None = None,
        allowed: str | None = None,
        next_command: str | None = None,
        instead: tuple[str, str] | None = None,
        option: tuple[str, str] | None = None,
    ) -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.next_command = next_command or (option and f"the same command with {' '.join(option)}")
        self.instead = instead
        self.option = option

    def correct(self, typed: Sequence[str]) -> None:
        """Make the typed arguments, with what was meant, the next command."""
        if self.option:
            name, value = self.option
            kept = [
                argument
                for place, argument in enumerate(typed)
                if name not in (argument, argument.split("=")[0], *typed[place - 1 : place])
            ]
            self.next_command = shlex.join(["nbarank", *kept, name, value])
            return
        wrong, right = self.instead or ("", "")
        for place, argument in reversed([*enumerate(typed)]):
            key, _, value = argument.rpartition("=")
            option, equals, name = key.rpartition("=")  # -S=KEY
            whole = wrong == argument or argument.endswith(f"={wrong}")
            if self.instead and (whole or wrong == name):
                fixed = argument[: len(argument) - len(wrong)] + right
                if not whole:
                    fixed = option + equals + (right if "=" in right else f"{right}={value}")
                words = ["nbarank", *typed[:place], fixed, *typed[place + 1 :]]
                self.next_command = shlex.join(words)
                return

    def __str__(self) -> str:
        """Return the four parts, a line each; control characters are shown as escapes."""
        lines = [self.what]
        for label, text in (
            ("where", self.where),
            ("allowed", self.allowed),
            ("next", self.next_command),
        ):
            if text:
                lines.append(f"  {label + ':':<9}{text}")
        return printable("\n".join(lines))


def printable(text: str) -> str:
    """Return a text without control characters, which a terminal would obey; newlines are kept."""
    return "".join(
        sign if sign.isprintable() or sign == "\n" else sign.encode("unicode_escape").decode()
        for sign in text
    )


class ParamsError(NbarankError):
    """params.yaml, a profile or a sweep space has a key or a value that is not allowed."""


class SourceError(NbarankError):
    """A source of box scores is missing, unreadable or incomplete."""


class StorageError(NbarankError):
    """A file cannot be read or written because of the disk or its permissions."""

    @classmethod
    def of(cls, error: OSError) -> StorageError:
        """Return the error for an `OSError`."""
        place = str(error.filename or "")
        what, command = _STORAGE_REASONS.get(error.errno or 0, _OTHER_REASON)
        shown = shlex.quote(place) if place else "."
        return cls(
            what,
            where=f"{place}: {error.strerror}" if place else str(error),
            next_command=f"{command.format(shown)}; then run the same command again",
        )


class ResourceError(NbarankError):
    """Memory, processes, threads, or the depth of nesting that can be read, are used up."""

    @classmethod
    def of_threads(cls, error: Exception) -> ResourceError:
        """Return the error for a thread that cannot be started."""
        return cls(
            "No other thread can be started.",
            where=str(error),
            next_command="ulimit -u, close programs, then run the same command again",
        )


_STORAGE_REASONS = {
    errno.ENOSPC: ("The disk is full.", "df -h . and free space, for example with dvc gc -w"),
    errno.EDQUOT: ("The disk quota is used up.", "quota -s, and free space"),
    errno.EFBIG: ("A file is larger than this disk or account allows.", "ulimit -f, df -h ."),
    errno.EACCES: ("No permission to read or write a file or folder.", "ls -ld {}"),
    errno.EPERM: ("No permission to change a file or folder.", "ls -ld {}; lsattr -d {}"),
    errno.EROFS: ("The disk is mounted read-only.", "mount | grep '[(,]ro[,)]'"),
    errno.EIO: ("The disk failed (input/output error).", "dmesg | tail"),
    errno.ENOENT: ("A file or folder is missing.", "git status, dvc status"),
    errno.EISDIR: ("A folder is where a file should be.", "ls -ld {}"),
    errno.ENOTDIR: ("A file is where a folder should be.", "ls -ld {}"),
    errno.ELOOP: ("Symbolic links form a loop.", "ls -ld {}"),
    errno.EMFILE: ("Too many files are open.", "ulimit -n 4096"),
    errno.ENOMEM: ("There is not enough memory.", "free -h, and close programs"),
}
"""Meaning of each error number, and the command that shows more; {} is the quoted path."""
_OTHER_REASON = ("A file or folder cannot be read or written.", "ls -ld {}")


def known_error(error: BaseException) -> NbarankError | None:
    """Return the `NbarankError` that describes an error of storage or resources; None for others.

    For errors that any code may raise: commands and stages print them without a traceback.
    """
    if isinstance(error, NbarankError):
        return error
    if isinstance(error, OSError):
        return StorageError.of(error)
    if isinstance(error, MemoryError):
        return ResourceError(
            "There is not enough memory.",
            where=str(error) or None,
            next_command="free -h, close programs, then run the same command again",
        )
    if isinstance(error, RecursionError):
        return ResourceError(
            "A file or a value is nested too deeply.",
            where=str(error) or None,
            next_command="git status, to find files that have changed",
        )
    if isinstance(error, RuntimeError) and "can't start new thread" in str(error):
        return ResourceError.of_threads(error)
    if isinstance(error, UnicodeDecodeError):
        return StorageError(
            "A file is not UTF-8 text.",
            where=str(error)[:200],
            next_command="git status, to find files that have changed",
        )
    return None


class IngestError(NbarankError):
    """Box scores contradict each other or their season."""


class TableError(NbarankError):
    """A table between stages is missing or violates its schema."""


class RankerError(NbarankError):
    """A ranker cannot do what was asked, given its training."""


class ModelError(RankerError):
    """A saved model is missing, damaged, or of another kind."""


class ForecastError(NbarankError):
    """A forecast cannot be made: unknown date or team, or a bracket that cannot be completed."""


class EvaluationError(NbarankError):
    """A score cannot be computed from the given rows."""


class RevisionError(NbarankError):
    """A commit or experiment is missing, or has no valid output of the kind asked for."""


class SweepError(NbarankError):
    """A sweep cannot start, resume, or be read."""


def nearest(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return the known names that are spelt like one that is not known, most similar first."""
    plain: dict[str, str] = {}
    for one in known:
        plain.setdefault(one.lower(), one)
    return [plain[one] for one in difflib.get_close_matches(name.lower(), plain, most)]


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: '; did you mean X?', or a full stop."""
    found = nearest(name, known)
    return f"; did you mean {' or '.join(found)}?" if found else "."
