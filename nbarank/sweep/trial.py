"""A claimed trial, and the ways in which it can end without a value."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import optuna


@dataclass(frozen=True)
class Claim:
    """A trial that this process runs, with its values by dotted key.

    `experiment` is STUDY-NUMBER, with the number of the trial's first attempt; `curve_seconds` has
    the time since `begin` at which each point of the curve was reported, by step.
    """

    trial: optuna.Trial
    experiment: str
    values: dict[str, Any]
    begin: float = field(default_factory=time.monotonic)
    curve_seconds: dict[int, float] = field(default_factory=dict)


class TrialFailed(Exception):
    """The experiment of a trial failed: a reason of one line, and the end of the log."""

    def __init__(self, reason: str, tail: str) -> None:
        super().__init__(reason)
        self.reason, self.tail = reason, tail


class TrialInterrupted(Exception):
    """The run of a trial was killed, so its result is unknown."""


class SweepStopped(Exception):
    """The sweep is being stopped; its trials run again without counting as retries."""
