"""A claimed trial, and the ways in which it can end without a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import optuna


@dataclass(frozen=True)
class Claim:
    """A trial that this process runs.

    Parameters
    ----------
    experiment
        Name of its experiment: STUDY-NUMBER, with the number of its first attempt.
    values
        Its parameters, by dotted key.
    """

    trial: optuna.Trial
    experiment: str
    values: dict[str, Any]


class TrialFailed(Exception):
    """The experiment of a trial failed.

    Parameters
    ----------
    reason
        One line.
    tail
        End of the log.
    """

    def __init__(self, reason: str, tail: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.tail = tail


class TrialInterrupted(Exception):
    """The run of a trial was killed, so its result is unknown."""


class SweepStopped(Exception):
    """The sweep is being stopped; its trials run again without counting as retries."""
