"""Sealing: on which days, what an entry names, after a kill and side by side."""

import datetime as dt
import shlex
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from nbarank.ledger.chain import FOLDER, LedgerError, append, examined, read_entries
from nbarank.ledger.entry import Entry
from nbarank.ledger.seal import seal
from tests.conftest import ROOT

from .chains import DAYS, FACTS, add, git, write_chain
from .rebuilding import small_forecast

KILLED = """
import os, signal, sys
from pathlib import Path
from nbarank.ledger import chain
write, after = chain.write_text, int(sys.argv[1])
def write_or_die(path, text):
    global after
    if not after:
        (path.parent / f".{path.name}.abc").write_text(text[:9])  # as atomic_path leaves it
        os.kill(os.getpid(), signal.SIGKILL)
    after -= 1
    write(path, text)
chain.write_text = write_or_die
from tests.ledger.chains import add
add(Path(sys.argv[2]), "2026-01-04")
"""


@pytest.mark.parametrize("written", [0, 1])
@pytest.mark.parametrize("first", [True, False])
def test_killed_while_sealing_the_next_seal_goes_on(
    tmp_path: Path, written: int, first: bool
) -> None:
    if not first:
        write_chain(tmp_path)
    before = len(examined(tmp_path)[0])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(written), str(tmp_path)], cwd=ROOT, check=False
    )
    assert done.returncode == -signal.SIGKILL
    entries, problems = examined(tmp_path)
    assert len(entries) == before + written
    assert len(problems) == written
    assert all("`nbarank seal` was stopped; run it again" in text for text in problems)
    add(tmp_path, "2026-01-05")
    assert len(read_entries(tmp_path)) == before + written + 1
    assert not list((tmp_path / FOLDER).glob(".*"))


def test_seals_at_the_same_time_follow_each_other(committed: Path) -> None:
    days = ("2026-01-04", "2026-01-05", "2026-01-04")
    start = threading.Barrier(len(days))

    def forecast(day: pd.Timestamp) -> dict[str, Any]:
        time.sleep(0.2)
        return small_forecast(f"{day:%Y-%m-%d}")

    def one(day: str) -> Entry:
        start.wait()
        return seal(committed, pd.Timestamp(day), forecast, GAMES, dt.date(2026, 1, 6), replay=True)

    with ThreadPoolExecutor(len(days)) as pool:
        found = list(pool.map(one, days))
    assert found[0] == found[2] and found[0] != found[1]
    assert sorted({entry.content["number"] for entry in found}) == [4, 5]
    assert len(read_entries(committed)) == 5


def test_a_forecast_before_the_first_game_of_the_data_can_be_sealed(tmp_path: Path) -> None:
    forecast = small_forecast(DAYS[0])
    forecast["knowledge"] |= {"games": 0, "latest_game": None}
    facts = {**FACTS, "as_of": DAYS[0], "sealed_on": DAYS[0], "replay": False}
    entry = append(tmp_path, facts, forecast)
    assert read_entries(tmp_path) == [entry]


GAMES = pd.DataFrame({"game_date": pd.to_datetime(["2026-01-02", "2026-01-05"]), "season": "x"})


@pytest.mark.parametrize(
    ("day", "today", "replay", "message"),
    [
        ("2026-01-04", "2026-01-06", False, "not today"),
        ("2026-01-05", "2026-01-05", False, "has results of 2026-01-05"),
        ("2026-01-09", "2026-01-06", False, "not today"),
        ("2026-01-06", "2026-01-06", True, "not past"),
    ],
)
def test_days_that_are_refused(
    committed: Path, day: str, today: str, replay: bool, message: str
) -> None:
    with pytest.raises(LedgerError, match=message):
        seal(
            committed,
            pd.Timestamp(day),
            lambda day: {},
            GAMES,
            dt.date.fromisoformat(today),
            replay=replay,
        )


def test_an_entry_names_commit_and_hashes_and_needs_a_clean_tree(committed: Path) -> None:
    def forecast(day: pd.Timestamp) -> dict:
        return small_forecast(f"{day:%Y-%m-%d}")

    today = dt.date(2026, 1, 6)
    entry = seal(committed, pd.Timestamp(today), forecast, GAMES, today, replay=False)
    assert entry.content["commit"] == git(committed, "rev-parse", "HEAD").strip()
    assert not entry.content["replay"]
    seal(committed, pd.Timestamp("2026-01-04"), forecast, GAMES, today, replay=True)

    def better(day: pd.Timestamp) -> dict:
        raise AssertionError("a sealed day is not forecast again")

    assert seal(committed, pd.Timestamp(today), better, GAMES, today, replay=True) == entry
    (committed / "dvc.lock").write_text("other\n")
    with pytest.raises(LedgerError, match="differ from the commit"):
        seal(committed, pd.Timestamp(today), forecast, GAMES, today, replay=False)
    git(committed, "add", "-A")
    git(committed, "commit", "-qm", "Seal")
    (committed / FOLDER / entry.name).unlink()  # as `dvc exp apply` of an older run does
    with pytest.raises(LedgerError, match="are gone") as caught:
        seal(committed, pd.Timestamp("2026-01-05"), forecast, GAMES, today, replay=True)
    git(committed, *shlex.split(str(caught.value.next_command))[1:])
    seal(committed, pd.Timestamp("2026-01-05"), forecast, GAMES, today, replay=True)
