"""The error family: every failure a user can cause or repair says so by name.

An `NbarankError` carries four things: what is wrong, where, what was allowed, and the next
command to run. Stages and the command line print it without a traceback and exit with 1.
"""

from __future__ import annotations


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


class SweepError(NbarankError):
    """A sweep cannot start, go on, or be read."""
