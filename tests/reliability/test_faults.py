"""Damaged input, a disk that is full or read-only, files that change: told, and nothing kept."""

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from nbarank.schemas.calendar import CALENDAR_FILE
from tests.reliability.small import (
    assert_reported,
    assert_sound,
    copy_with_outputs,
    dvc,
    edit_params,
    leftovers,
    lock_of,
    run,
    wrong_outputs,
)

pytestmark = pytest.mark.xdist_group("faults")  # its folder is prepared once
FOLDER = "Meine Daten — ünï"
UNPRIVILEGED = (
    ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
)
"""Takes from root what lets it write where it may not; others never had it."""


@pytest.fixture(scope="module")
def prepared(reproduced: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A place with a repository that reads a user's folder, and the folder, ingested once."""
    place = tmp_path_factory.mktemp("prepared")
    repository = copy_with_outputs(reproduced, place / "repository")
    # From 2015-16 on, when the NBA seeds by record as the simulated league does.
    labels = [f"{year}-{year - 1999}" for year in range(2015, 2020)]
    roles = {
        "seasons.train": labels[:3],
        "seasons.validation": labels[3:],
        "seasons.test": ["2020-21"],
        "data.simulated.first_season": labels[0],
    }
    edit_params(repository, roles)
    dvc(repository, "repro", "collect")
    folder = place / FOLDER
    shutil.copytree(repository / "data" / "raw", folder)
    league = json.loads((folder / "league.json").read_text())
    (folder / "league.json").unlink()
    calendar = pd.read_csv(repository / CALENDAR_FILE, index_col="season", dtype=str)
    for season, dates in league["seasons"].items():
        dates["games"] = str(dates.pop("games_expected"))
        calendar.loc[season] = dates
    calendar.sort_index().to_csv(repository / CALENDAR_FILE)
    (folder / "injury_reports").mkdir()
    (folder / "injury_reports" / "2019-11-20.json").write_text(
        '{"date": "2019-11-20", "injuries": []}'
    )
    source = {"data.source": "folder", "data.folder.path": f"../{FOLDER}"}
    edit_params(repository, source)
    dvc(repository, "repro", "ingest")
    return place


@pytest.fixture
def with_folder(prepared: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A repository that reads a user's folder (the small league's own files), and the folder."""
    shutil.copytree(prepared / FOLDER, tmp_path / FOLDER)
    return copy_with_outputs(prepared / "repository", tmp_path / "repository"), tmp_path / FOLDER


def _assert_refused(repository: Path, printed: str, before: bytes, *words: str) -> None:
    """The message names the data error without a traceback, and nothing wrong was kept."""
    assert_reported(printed, "next:", *words)
    assert lock_of(repository) == before
    assert leftovers(repository) == []
    assert not (repository / "data" / "raw").exists(), "a refused input left a raw folder"


def test_a_damaged_raw_file_is_named(with_folder: tuple[Path, Path]) -> None:
    repository, folder = with_folder
    before = lock_of(repository)
    victim = folder / "team_logs_2017_18.parquet"
    whole = victim.read_bytes()
    for damaged in (
        whole[: len(whole) // 2],
        whole[:-40] + bytes([whole[-40] ^ 0xFF]) * 20 + whole[-20:],  # in the footer
        b"",
        b"<html>404 Not Found</html>",
    ):
        victim.write_bytes(damaged)
        printed = dvc(repository, "repro", "ingest", fails=True)
        _assert_refused(repository, printed, before, "SourceError", victim.name)
    victim.write_bytes(whole)
    dvc(repository, "repro", "ingest")
    assert lock_of(repository) == before


def test_a_flipped_figure_is_found_by_what_it_contradicts(with_folder: tuple[Path, Path]) -> None:
    """A value that is readable but wrong: points no longer follow from the makes."""
    repository, folder = with_folder
    path = folder / "player_logs_2018_19.parquet"
    frame = pd.read_parquet(path)
    frame.loc[frame.index[100], "PTS"] += 32
    frame.to_parquet(path, index=False)
    printed = dvc(repository, "repro", "ingest", fails=True)
    assert_reported(printed, "IngestError", path.name, "101")


def test_a_read_only_folder_is_read_and_its_copy_replaced(with_folder: tuple[Path, Path]) -> None:
    """The user's folder may be read-only; what is copied from it must not be."""
    repository, folder = with_folder
    before = lock_of(repository)
    for path in [*folder.rglob("*"), folder]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        for _ in range(2):
            dvc(repository, "repro", "--force", "-s", "collect", prefix=UNPRIVILEGED)
        assert lock_of(repository) == before
    finally:
        for path in [folder, *folder.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)


def test_a_read_only_output_folder_is_told(repository: Path) -> None:
    before = lock_of(repository)
    target = repository / "data" / "ended" / "features"
    target.chmod(0o555)
    stage = [sys.executable, "-m", "stages.ratings"]
    try:
        printed = run(stage, repository, fails=True, prefix=UNPRIVILEGED)
    finally:
        target.chmod(0o755)
    assert_reported(printed, "StorageError in stage ratings", "data/ended/features")
    assert_sound(repository, before)


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 200 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip("a full disk is made with mount -t tmpfs, which is not allowed here")
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize(
    ("stage", "folder"),
    [("collect", "data"), ("ratings", "data/ended/features"), ("oof_rf", "models")],
)
def test_a_full_disk_is_told_and_leaves_nothing_half_written(
    repository: Path, tiny_disk: Path, stage: str, folder: str
) -> None:
    if folder != "data":  # what the stage writes must not fit
        (tiny_disk / "filler").write_bytes(bytes(190_000))
    place = repository / folder
    kept = repository.parent / "kept"
    place.rename(kept)
    place.symlink_to(tiny_disk)
    if folder == "data/ended/features":
        for name in ("teams", "rosters", "roster_teams"):
            assert (kept / f"{name}.parquet").exists()
    command = [sys.executable, "-m", f"stages.{stage}"]
    if stage == "oof_rf":  # its inputs lie elsewhere; only models/ is full
        (tiny_disk / "filler").write_bytes(bytes(200_000))
    printed = run(command, repository, fails=True)
    assert_reported(printed, "next:")
    assert "full" in printed or "No space left" in printed, printed
    place.unlink()
    kept.rename(place)
    assert [path.name for path in tiny_disk.iterdir() if path.name.startswith(".")] == []
    assert wrong_outputs(repository) == []


def test_a_raw_file_that_changes_during_the_run_is_noticed(with_folder: tuple[Path, Path]) -> None:
    """A download still under way: the stage refuses; once the files rest, all is as before."""
    repository, folder = with_folder
    before = lock_of(repository)
    log = folder / "team_logs_2015_16.parquet"
    whole, stop = log.read_bytes(), threading.Event()

    def disturb() -> None:
        while not stop.is_set():
            replaced = folder.parent / "replacement"
            replaced.write_bytes(whole)
            os.replace(replaced, log)
            time.sleep(0.02)

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        printed = run([sys.executable, "-m", "stages.collect"], repository, fails=True)
    finally:
        stop.set()
        thread.join()
    assert_reported(printed, "changed while it was being read: team_logs_2015_16.parquet")
    assert wrong_outputs(repository) == []
    dvc(repository, "repro", "ingest")
    assert lock_of(repository) == before


def test_an_output_that_was_damaged_is_made_again(repository: Path) -> None:
    """A table cut off in the workspace: DVC sees it and brings the right one back."""
    before = lock_of(repository)
    table = repository / "data" / "ended" / "features" / "teams.parquet"
    table.write_bytes(table.read_bytes()[:1000])
    assert wrong_outputs(repository) == ["data/ended/features/teams.parquet"]
    dvc(repository, "repro")
    assert_sound(repository, before)
