"""Who runs a trial, and whether that somebody is still alive.

On the same host a process is looked up by number and start time. On another host only its
heartbeat can be watched: a counter that must move within the grace period of the watcher's own
clock, so that clocks that disagree cannot kill anybody.
"""

from __future__ import annotations

import os
import socket
import time
import uuid
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from nbarank.sweep.processes import is_alive, started_at

HEARTBEAT_SECONDS = 10.0
GRACE_SECONDS = 120.0


def host_name() -> str:
    """Return a name for this machine; containers on one machine count as machines."""
    try:
        namespace = os.readlink("/proc/self/ns/pid").strip("pid:[]")
    except OSError:
        namespace = ""
    boot = Path("/proc/sys/kernel/random/boot_id")
    booted = boot.read_text().strip()[:8] if boot.exists() else ""
    return "/".join(part for part in (socket.gethostname(), namespace, booted) if part)


@dataclass(frozen=True)
class Owner:
    """One run of `nbarank sweep run`.

    Parameters
    ----------
    host, pid, started
        The process, and when it started (numbers are used again).
    token
        Tells two owners apart in any case.
    """

    host: str
    pid: int
    started: float
    token: str

    @classmethod
    def current(cls) -> Owner:
        """Return this process as an owner."""
        return cls(host_name(), os.getpid(), started_at(os.getpid()), uuid.uuid4().hex)

    def as_dict(self) -> dict[str, Any]:
        """Return plain data."""
        return asdict(self)


@dataclass
class Watch:
    """Remembers the heartbeats seen, to tell who has died.

    Parameters
    ----------
    me
        The watching owner: its own trials are never abandoned.
    grace
        Seconds without a heartbeat after which an owner on another host counts as dead.
    """

    me: Owner
    grace: float = GRACE_SECONDS
    seen: dict[tuple[str, int], tuple[int, float]] = field(default_factory=dict)

    def is_abandoned(self, number: int, owner: dict[str, Any] | None, beat: int) -> bool:
        """Tell whether a trial's owner has let it go or has died.

        Parameters
        ----------
        number
            The trial.
        owner
            As stored with the trial; None if it was let go, or never got one because its
            process died in between.
        beat
            The trial's heartbeat counter as of now.
        """
        if not owner:
            return True
        if owner["token"] == self.me.token:
            return False
        if owner["host"] == self.me.host:
            return not is_alive(int(owner["pid"]), float(owner["started"]))
        before, since = self.seen.get((owner["token"], number), (-1, 0.0))
        now = time.monotonic()
        if beat != before:
            self.seen[owner["token"], number] = (beat, now)
            return False
        return now - since > self.grace
