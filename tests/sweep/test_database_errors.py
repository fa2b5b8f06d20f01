"""A study's database that is damaged, full, of another kind or away; paths that are no URLs."""

import contextlib
import random
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import optuna
import pytest
from optuna.trial import TrialState

from nbarank.core.errors import SweepError
from nbarank.dvc.git import experiment_ref, git, head
from nbarank.sweep.campaign import run_campaign
from nbarank.sweep.clone import SWEEP_FOLDER
from nbarank.sweep.plan import SweepRequest, make_plan
from nbarank.sweep.storage import DATABASE, Storage, storage_url
from nbarank.sweep.study import Study
from tests.reliability.small import assert_reported, nbarank, wait_until
from tests.sweep.running import Server, experiments, failed_command, finish, start, trials_of

NAMES = ("a?b", "a%20b", "a#b", "a b", "{x}", "é", "a@b:c", "a&x=y", "%", "a;b", "?timeout=1")


@pytest.mark.parametrize("name", NAMES)
def test_the_study_of_a_repository_is_inside_of_it(tmp_path: Path, name: str) -> None:
    root = tmp_path / name
    (root / SWEEP_FOLDER).mkdir(parents=True)
    storage = Storage(storage_url(root, None))
    assert storage.is_empty()
    optuna.create_study(storage=storage.optuna, study_name="s")
    with storage.exclusive("s"):
        assert Study(storage, "s").exists()
    assert (root / SWEEP_FOLDER / DATABASE).stat().st_size > 0
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert not storage.is_empty()
    assert name in storage.shown_url


@pytest.mark.parametrize(
    "url",
    [
        *("", "x", "sqlite", "sqlite://", "sqlite:///:memory:", "mysql://me@host/x", "http://a/b"),
        *("postgresql+psycopg://h:port/x", "postgresql+nothing://h/x", "://", "sqlite:////\0/x"),
        *("sqlite:////proc/nothing/x.db", "sqlite:////", "sqlite:///{x}/y"),
    ],
)
def test_a_url_that_cannot_work_is_reported(url: str) -> None:
    with pytest.raises(SweepError, match="cannot be opened") as caught:
        _ = Storage(url).rdb
    assert caught.value.next_command


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(3).randbytes(5000))


def other_tables(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE studies (something TEXT)")


def other_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE version_info SET schema_version = 1, library_version = '0.1'")
        connection.execute("UPDATE alembic_version SET version_num = 'another'")


def no_table_of_trials(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("DROP TABLE trials")
        connection.execute("CREATE TABLE trials (x TEXT)")


def corrupt_pages(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096:] = random.Random(4).randbytes(len(content) - 4096)
    path.write_bytes(content)


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:9000])


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with a study of one trial."""
    path = tmp_path_factory.mktemp("database") / "studies.sqlite3"
    study = optuna.create_study(storage=Storage(f"sqlite:///{path}").optuna, study_name="some")
    study.tell(study.ask(), 1.0)
    return path


@pytest.mark.parametrize(
    "spoil",
    [
        *(random_bytes, other_tables, other_version, no_table_of_trials, corrupt_pages),
        *(truncated, folder),
    ],
)
def test_every_command_reports_a_database_that_cannot_be_read(
    toy: Path,
    tmp_path: Path,
    database: Path,
    spoil: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(toy)
    path = tmp_path / "studies.sqlite3"
    shutil.copy(database, path)
    spoil(path)
    commit = head(toy)
    ref = experiment_ref(commit, "some-1")
    git(toy, "update-ref", ref, commit)
    try:
        for command in (
            ("sweep", "run", "mini", "--study", "some"),
            ("sweep", "report", "some"),
            ("lock", "some-1"),
        ):
            printed = failed_command([*command, "--storage", f"sqlite:///{path}"], capsys)
            assert_reported(printed, "Error: ", "next:")
    finally:
        git(toy, "update-ref", "-d", ref)


def ends_with_message(cwd: Path, *command: str) -> str:
    """Run a command that must fail with a message."""
    printed = nbarank(cwd, *command, fails=True)
    assert_reported(printed, "Error: ", "next:")
    return printed


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of one megabyte."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("a full disk is made with mount -t tmpfs, which is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.mark.slow
def test_a_full_disk_ends_a_sweep_which_can_be_resumed(toy: Path, small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/studies.sqlite3"
    make_plan(SweepRequest(space="mini", study="full", n_trials=2, storage=url), toy)
    filler = small_disk / "filler"
    with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
        while file.write(bytes(512)):
            pass
    arguments = ("--storage", url, "--n-trials", "2")
    printed = ends_with_message(
        toy, "sweep", "run", "mini", "--study", "full", "--no-explain", *arguments
    )
    assert "database failed" in printed
    assert "df -h" in printed
    filler.unlink()
    finish(start(toy, "mini", "full", *arguments))
    assert [trial.state for trial in trials_of(toy, "full", url)] == [TrialState.COMPLETE] * 2


def test_a_dry_run_writes_nothing(own_toy: Path) -> None:
    home = own_toy
    (home / "sweeps" / "campaigns").mkdir()
    (home / "sweeps" / "campaigns" / "all.yaml").write_text(
        "description: Both targets.\nsweeps:\n"
        "- {space: mini, objective: spearman, listmle_target: final_rank}\n"
    )
    before = sorted(home.rglob("*"))
    plan, study = make_plan(SweepRequest(space="mini", study="dry"), home, join=False)
    said: list[str] = []
    run_campaign("all", SweepRequest(space=""), home, said.append, dry_run=True)
    assert "mini_spearman_final_rank" in said[0]
    assert not study.exists()
    kept = [path for path in home.rglob("*") if ".git" not in path.parts]
    assert sorted(kept) == [path for path in before if ".git" not in path.parts]
    assert DATABASE in plan.describe()


@pytest.mark.parametrize("name", ["", "../x", "a/b", "../../params"])
def test_a_campaign_is_read_from_its_folder_only(toy: Path, name: str) -> None:
    (toy / "sweeps" / "x.yaml").write_text("secret: 1\n")
    with pytest.raises(Exception, match="not a name of a campaign"):
        run_campaign(name, SweepRequest(space=""), toy, dry_run=True)


@pytest.mark.slow
def test_a_worker_waits_for_a_server_that_is_away_in_mid_trial(
    own_toy: Path, postgres_server: Server
) -> None:
    toy = own_toy
    url = postgres_server.url
    more = ("--storage", url, "--n-trials", "3", "--jobs", "2", "-S", "toy.seconds=2.0")
    sweep = start(toy, "mini", "away", *more)
    log = toy / SWEEP_FOLDER / "logs" / "away" / "away-0.log"
    wait_until(log.exists, "the first trial", sweep)
    postgres_server.stop()
    try:
        wait_until(lambda: "away-0" in experiments(toy, "away"), "the trial's result", sweep)
        time.sleep(3)
        assert sweep.poll() is None, sweep.communicate()[0]
    finally:
        postgres_server.start()
    printed = finish(sweep)
    assert "waiting for the database" in printed
    assert "Traceback" not in printed
    trials = trials_of(toy, "away", url)
    assert [trial.state for trial in trials] == [TrialState.COMPLETE] * 3
    assert len({trial.user_attrs["experiment"] for trial in trials}) == 3


def test_looking_at_an_empty_server_creates_no_table(postgres_server: Server) -> None:
    import sqlalchemy as sql

    engine = sql.create_engine(postgres_server.url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(sql.text("CREATE DATABASE untouched"))
    url = postgres_server.url.rsplit("/", 1)[0] + "/untouched"
    assert not Study(Storage(url), "none").exists()
    with pytest.raises(SweepError, match="no study"):
        Study(Storage(url), "none").join()
    assert sql.inspect(sql.create_engine(url)).get_table_names() == []
