"""Where a study lives: an Optuna database, and a lock that all who join a study respect.

Embedded by default: one SQLite file in the repository's `.sweeps` folder (it survived every kill;
a journal file does not survive a torn last line). Any database URL works: with PostgreSQL several
machines join one study.
"""

from __future__ import annotations

import fcntl
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import optuna
import sqlalchemy as sql
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from nbarank.core.errors import SweepError
from nbarank.sweep.clone import sweep_folder

DATABASE = "studies.sqlite3"
CONNECT_RETRIES = 8
LOCKS = sql.Table(
    "nbarank_sweep_locks",
    sql.MetaData(),
    sql.Column("study", sql.String(250), primary_key=True),
)


def storage_url(root: Path, url: str | None) -> str:
    """Return the database URL: the one given, or the embedded database of a repository."""
    return url or f"sqlite:///{sweep_folder(root) / DATABASE}"


class Storage:
    """An Optuna storage with a lock per study.

    Parameters
    ----------
    url
        Database URL, for example `postgresql+psycopg://user@host/database`.

    Raises
    ------
    SweepError
        If the database cannot be reached.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.embedded = url.startswith("sqlite")
        self.optuna = self._connect()
        self.engine = None if self.embedded else sql.create_engine(url, pool_pre_ping=True)

    def _connect(self) -> optuna.storages.BaseStorage:
        """Open the database; several processes may be creating its tables at this moment."""
        arguments = {"connect_args": {"timeout": 120}} if self.embedded else {"pool_pre_ping": True}
        last: Exception | None = None
        for attempt in range(CONNECT_RETRIES):
            try:
                return optuna.storages.get_storage(
                    optuna.storages.RDBStorage(self.url, engine_kwargs=arguments)
                )
            except (SQLAlchemyError, optuna.exceptions.StorageInternalError, ImportError) as error:
                last = error
                unreachable = isinstance(error, OperationalError) and not self.embedded
                if isinstance(error, ImportError) or (unreachable and attempt >= 2):
                    break
                time.sleep(0.2 * (attempt + 1))
        shown = sql.make_url(self.url).render_as_string(hide_password=True)
        raise SweepError(
            f"The study's database cannot be opened: {str(last).splitlines()[0]}",
            where=shown,
            allowed="sqlite:///FILE, or postgresql+psycopg://USER@HOST/DATABASE with "
            "`pip install nbarank[postgres]`",
            next_command="check that the database is running, then the same command again",
        ) from last

    @contextmanager
    def exclusive(self, study: str) -> Iterator[None]:
        """Hold the study's lock: no other thread, process or machine asks or tells meanwhile.

        The lock goes when its holder dies, however it dies: it is a lock on an open file, or a
        locked row of an open transaction.
        """
        if self.engine is None:
            with self._lock_file(study).open("ab") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield
            return
        self._ensure_row(study)
        with self.engine.begin() as connection:
            connection.execute(
                sql.select(LOCKS.c.study).where(LOCKS.c.study == study).with_for_update()
            )
            yield

    def _lock_file(self, study: str) -> Path:
        database = sql.make_url(self.url).database or "memory"
        name = hashlib.sha256(study.encode()).hexdigest()[:12]
        return Path(f"{database}.{name}.lock")

    def _ensure_row(self, study: str) -> None:
        assert self.engine is not None
        for attempt in range(CONNECT_RETRIES):
            try:
                LOCKS.metadata.create_all(self.engine)
                with self.engine.begin() as connection:
                    known = connection.execute(
                        sql.select(LOCKS.c.study).where(LOCKS.c.study == study)
                    ).first()
                    if known is None:
                        connection.execute(LOCKS.insert().values(study=study))
                return
            except SQLAlchemyError:  # another process made the table or the row just now
                if attempt == CONNECT_RETRIES - 1:
                    raise
                time.sleep(0.1 * (attempt + 1))
