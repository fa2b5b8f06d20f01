"""A sweep shows how far it is, and its study opens in a browser."""

from __future__ import annotations

import json
import socket
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from nbarank.core.errors import SweepError
from nbarank.sweep import progress, workers
from nbarank.sweep.plan import SweepRequest
from nbarank.sweep.report import write_report
from nbarank.sweep.watch import HOST, open_study
from tests.reliability import small

pytestmark = pytest.mark.xdist_group("watch")  # one sweep for all of them


@pytest.fixture(scope="module")
def watched(toy: Path) -> Path:
    request = SweepRequest(
        space="depths",
        study="watched",
        n_trials=1,
        explain=False,
        note="Is deeper better?",
        tags=("a", "b"),
    )
    workers.run_sweep(request, toy, quiet=True)
    return toy


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        return int(free.getsockname()[1])


def test_the_dashboard_of_a_study_is_served(watched: Path) -> None:
    port = free_port()
    command = (*small.COMMAND, "sweep", "watch", "watched", "--no-browser", "--port", str(port))
    process = small.start(command, watched)
    try:
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        number = address.rsplit("/", 1)[1]
        study: dict[str, Any] = {}
        for _ in range(3000):
            try:
                with urllib.request.urlopen(f"http://{HOST}:{port}/api/studies/{number}") as page:
                    study = json.load(page)
                break
            except OSError:
                assert process.poll() is None
                time.sleep(0.1)
        assert study["name"] == "watched" and len(study["trials"]) == 1
        assert urllib.request.urlopen(address).status == 200
    finally:
        process.terminate()
        process.wait(300)


def test_a_study_that_does_not_exist_and_a_port_that_is_taken(watched: Path) -> None:
    with pytest.raises(SweepError, match="There is no study 'nothing'"):
        open_study("nothing", watched, None, free_port())
    with socket.socket() as taken:
        taken.bind((HOST, 0))
        taken.listen()
        with pytest.raises(SweepError, match="cannot be used"):
            open_study("watched", watched, None, taken.getsockname()[1])


def test_note_and_tags_are_in_the_report(watched: Path) -> None:
    text = write_report("watched", watched).read_text()
    assert "Is deeper better?" in text and "tags: a, b" in text


def test_without_a_terminal_lines_show_how_far_a_sweep_is(
    toy: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.5)
    monkeypatch.setattr(workers, "REFRESH_SECONDS", 0.5)
    settings = {"toy.seconds": 2.0}
    workers.run_sweep(
        SweepRequest(space="depths", study="lines", n_trials=1, explain=False, settings=settings),
        toy,
    )
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lines: ")]
    assert any("0 of 1" in line and "passed" in line for line in lines)
