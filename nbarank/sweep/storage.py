"""Where studies are stored: an Optuna database with heartbeats, and a lock for claiming trials.

Embedded by default: one SQLite file in the repository's `.sweeps` folder. With PostgreSQL several
machines work on one study.
"""

from __future__ import annotations

import fcntl
import hashlib
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
import sqlalchemy as sql
from optuna.storages import RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from nbarank.core.errors import SweepError
from nbarank.sweep.clone import sweep_folder

DATABASE = "studies.sqlite3"
CONNECT_RETRIES = 8
GRACE_SECONDS = 120.0
HEARTBEAT_SECONDS = 10
MAX_RETRIES = 3
"""Times an interrupted trial runs again; one that is killed each time would never end."""
FAILURE = "failure"
"""User attribute that a trial has before it fails by itself; interrupted trials have none."""
WORKER = "worker"
"""User attribute of a claimed trial: the token of the sweep that runs it."""

optuna.logging.set_verbosity(optuna.logging.ERROR)
warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)


def storage_url(root: Path, url: str | None) -> str:
    """Return the database URL: `url`, or the embedded database of a repository."""
    return url or f"sqlite:///{sweep_folder(root) / DATABASE}"


def retry_interrupted(study: optuna.Study, trial: FrozenTrial) -> None:
    """Enqueue a trial whose process died again, with the same values, at most `MAX_RETRIES` times.

    A trial that was about to be recorded as failed is not run again.
    """
    if FAILURE not in trial.user_attrs:
        trial.user_attrs.pop(WORKER, None)
        RetryHeartbeatStaleTrialCallback(MAX_RETRIES)(study, trial)


class Storage:
    """An Optuna storage with a lock per study.

    Parameters
    ----------
    url
        Database URL, for example `postgresql+psycopg://USER@HOST/DATABASE`.
    grace
        Seconds without a heartbeat after which Optuna fails a running trial and retries it.

    Raises
    ------
    SweepError
        If the database cannot be opened.
    """

    def __init__(self, url: str, grace: float = GRACE_SECONDS) -> None:
        self.url = url
        self.embedded = url.startswith("sqlite")
        self.guard = threading.Lock()
        self.rdb = self._connect(max(1, round(grace)))
        self.optuna = optuna.storages.get_storage(self.rdb)

    def _connect(self, grace: int) -> optuna.storages.RDBStorage:
        """Open the database, which other processes may be creating at the same time."""
        arguments = {"connect_args": {"timeout": 120}} if self.embedded else {"pool_pre_ping": True}
        last: Exception | None = None
        for attempt in range(CONNECT_RETRIES):
            try:
                if not self.url.startswith(("sqlite:", "postgresql")):
                    raise ImportError("neither SQLite nor PostgreSQL")
                return optuna.storages.RDBStorage(
                    self.url,
                    engine_kwargs=arguments,
                    heartbeat_interval=min(HEARTBEAT_SECONDS, max(1, grace // 3)),
                    grace_period=grace,
                    heartbeat_stale_trial_callback=retry_interrupted,
                )
            except (SQLAlchemyError, optuna.exceptions.StorageInternalError, ImportError) as error:
                last = error
                unreachable = isinstance(error, OperationalError) and not self.embedded
                if isinstance(error, ImportError) or (unreachable and attempt >= 2):
                    break
                time.sleep(0.2 * (attempt + 1))
        raise SweepError(
            f"The study's database cannot be opened: {str(last).splitlines()[0]}",
            where=self.shown_url,
            allowed="sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE with "
            "`pip install nbarank[postgres]`",
            next_command="start the database, or correct --storage; then run the command again",
        ) from last

    @property
    def shown_url(self) -> str:
        """Return the URL without its password."""
        try:
            return sql.make_url(self.url).render_as_string(hide_password=True)
        except sql.exc.ArgumentError:
            return self.url.rsplit("@", 1)[-1]

    @contextmanager
    def exclusive(self, study: str) -> Iterator[None]:
        """Hold the study's lock: no other thread, process or machine claims a trial meanwhile.

        It is a lock on an open file or of a PostgreSQL transaction, so it ends with its holder.
        """
        key = hashlib.sha256(study.encode()).hexdigest()[:12]
        with self.guard:
            if self.embedded:
                path = f"{sql.make_url(self.url).database}.{key}.lock"
                with Path(path).open("ab") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    yield
            else:
                with self.rdb.engine.begin() as connection:
                    lock = sql.text("SELECT pg_advisory_xact_lock(:key)")
                    connection.execute(lock, {"key": int(key, 16)})
                    yield
