"""Where studies are stored: an Optuna database with heartbeats, and a lock for claiming trials.

Embedded by default: one SQLite file in the repository's `.sweeps` folder. With PostgreSQL several
machines work on one study.
"""

from __future__ import annotations

import fcntl
import shlex
import threading
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from pathlib import Path

import optuna
import sqlalchemy as sql
from optuna.exceptions import StorageInternalError
from optuna.storages import RetryHeartbeatStaleTrialCallback
from optuna.trial import FrozenTrial
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from nbarank.core.errors import SweepError
from nbarank.dvc.git import hide_secrets
from nbarank.sweep.clone import SWEEP_FOLDER

DATABASE = "studies.sqlite3"
DATABASE_ERRORS = (SQLAlchemyError, StorageInternalError)
"""Errors of a database while it is used."""
CONNECT_TRIES = 8
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
    path = str(root.resolve() / SWEEP_FOLDER / DATABASE)
    return url or sql.URL.create("sqlite", database=path).render_as_string(hide_password=False)


def retry_interrupted(study: optuna.Study, trial: FrozenTrial) -> None:
    """Enqueue a trial whose process died again, with the same values, at most `MAX_RETRIES` times.

    A trial that was about to be recorded as failed is not run again.
    """
    if FAILURE not in trial.user_attrs:
        trial.user_attrs.pop(WORKER, None)
        RetryHeartbeatStaleTrialCallback(MAX_RETRIES)(study, trial)


def database_error_behind(error: BaseException) -> BaseException | None:
    """Return the database error during whose handling an error was raised, itself included.

    Optuna's own handling of an outage can raise an UnboundLocalError or AssertionError.
    """
    found: BaseException | None = error
    while found is not None and not isinstance(found, DATABASE_ERRORS):
        found = found.__context__
    return found


class _Database(optuna.storages.RDBStorage):
    """A database that may miss heartbeats: an outage would end the thread that sends them."""

    def record_heartbeat(self, trial_id: int) -> None:
        """Record that a trial is alive, if the database answers."""
        with suppress(*DATABASE_ERRORS):
            super().record_heartbeat(trial_id)


class Storage:
    """An Optuna storage with a lock per study; opened, and created, when it is first used.

    `grace`: seconds without a heartbeat after which Optuna fails a running trial and retries it.
    A SweepError if the URL is not one of SQLite or PostgreSQL, or, on first use, cannot be opened.
    """

    def __init__(self, url: str, grace: float = GRACE_SECONDS) -> None:
        self.url = url
        self.grace = max(1, round(grace))
        self.guard = threading.Lock()
        try:
            self.parsed = sql.make_url(url)
            backend = self.parsed.get_backend_name()
            if "@" in (self.parsed.host or ""):
                raise ValueError
        except Exception:  # sqlalchemy raises more than its ArgumentError, with the password
            raise self._unusable("it is not a URL", "--storage") from None
        self.embedded = backend == "sqlite"
        if backend not in ("sqlite", "postgresql"):
            raise self._unusable("it is neither SQLite nor PostgreSQL", backend)
        if self.embedded and self.parsed.database in (None, "", ":memory:"):
            raise self._unusable("a database in memory ends with its process", "--storage")

    @cached_property
    def rdb(self) -> optuna.storages.RDBStorage:
        """Open the database, which other processes may be creating at the same time."""
        arguments = {"connect_args": {"timeout": 120}} if self.embedded else {"pool_pre_ping": True}
        attempt = 0
        while True:
            attempt += 1
            try:
                return _Database(
                    self.url,
                    engine_kwargs=arguments,
                    heartbeat_interval=min(HEARTBEAT_SECONDS, max(1, self.grace // 3)),
                    grace_period=self.grace,
                    heartbeat_stale_trial_callback=retry_interrupted,
                )
            except Exception as error:  # also a missing driver, another schema
                unreachable = isinstance(error, OperationalError) and not self.embedded
                no_file = type(error) is DatabaseError or "unable to open" in str(error)
                busy = isinstance(error, DATABASE_ERRORS) and not no_file
                if not busy or attempt == (3 if unreachable else CONNECT_TRIES):
                    raise self._unusable((str(error) or repr(error)).splitlines()[0]) from error
                time.sleep(0.2 * attempt)

    @cached_property
    def optuna(self) -> optuna.storages.BaseStorage:
        """Return Optuna's storage, which caches finished trials."""
        return optuna.storages.get_storage(self.rdb)

    def studies(self) -> list[str]:
        """Return the names of all studies; creates nothing."""
        return [] if self.is_empty() else optuna.get_all_study_names(self.optuna)

    def is_empty(self) -> bool:
        """Return whether nothing has been stored here yet; creates nothing."""
        if self.embedded:
            return not Path(str(self.parsed.database)).exists()
        engine = sql.create_engine(self.parsed)
        try:
            return not sql.inspect(engine).has_table("studies")
        except (SQLAlchemyError, ImportError) as error:
            raise self._unusable(str(error).splitlines()[0]) from error
        finally:
            engine.dispose()

    def is_away(self) -> bool:
        """Return whether the database does not answer."""
        try:
            self.rdb.engine.connect().close()
        except SQLAlchemyError:
            return True
        return False

    def _unusable(self, reason: str, place: str | None = None) -> SweepError:
        return SweepError(
            f"The study's database cannot be opened: {hide_secrets(reason)}",
            where=place or self.shown_url,
            allowed="sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE (extra postgres)",
            next_command="start the database, or correct --storage; then run the command again",
        )

    @contextmanager
    def reporting_errors(self) -> Iterator[None]:
        """Raise a SweepError for an error of the database within the block."""
        try:
            yield
        except DATABASE_ERRORS as error:
            cause = error.__cause__ if isinstance(error, StorageInternalError) else error
            reason = str(getattr(cause, "orig", None) or cause or error).strip().splitlines()
            shown = hide_secrets(reason[0]) if reason else type(error).__name__
            raise SweepError(
                f"The study's database failed: {shown}",
                where=self.shown_url,
                allowed="a database of this version's Optuna, with space on its disk",
                next_command=self._recovery(),
            ) from error

    def _recovery(self) -> str:
        if not self.embedded:
            return "start the database, then run the same command again to resume"
        quoted = shlex.quote(str(self.parsed.database))
        return f"df -h .; if it is damaged: mv {quoted} {quoted}.damaged, then a new --study"

    @property
    def shown_url(self) -> str:
        """Return the URL without its user, password and query."""
        shown = self.parsed.set(username=None, password=None, query={})
        return f"sqlite:///{shown.database}" if self.embedded else shown.render_as_string()

    @contextmanager
    def exclusive(self, study: str) -> Iterator[None]:
        """Hold the study's lock: no other thread, process or machine claims a trial meanwhile.

        It is a lock on an open file or of a PostgreSQL transaction, so it ends with its holder.
        """
        with self.guard:
            if self.embedded:
                with Path(f"{self.parsed.database}.{study}.lock").open("ab") as file:
                    fcntl.flock(file, fcntl.LOCK_EX)
                    yield
            else:
                with self.rdb.engine.begin() as connection:
                    lock = sql.text("SELECT pg_advisory_xact_lock(hashtext(:study))")
                    connection.execute(lock, {"study": study})
                    yield
