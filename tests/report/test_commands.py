"""Serving the page, and numbering its analyses."""

from __future__ import annotations

import threading
import urllib.request
from pathlib import Path

import pytest

from nbarank.cli.report import copy_analysis, make_server
from nbarank.core.errors import NbarankError


def test_the_page_is_served_to_this_machine_only(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<p>here</p>")
    with make_server(tmp_path, 0) as server:
        assert server.server_address[0] == "127.0.0.1"
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        assert urllib.request.urlopen(address, timeout=10).read() == b"<p>here</p>"
        thread.join()


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x")
    with (
        make_server(tmp_path, 0) as server,
        pytest.raises(NbarankError, match="cannot be used"),
    ):
        make_server(tmp_path, server.server_address[1])


def test_without_a_report_the_next_command_is_printed(tmp_path: Path) -> None:
    with pytest.raises(NbarankError, match="dvc repro report"):
        make_server(tmp_path, 0)


def test_analyses_are_numbered_and_never_overwritten(tmp_path: Path) -> None:
    report, kept = tmp_path / "report", tmp_path / "reports"
    report.mkdir()
    (report / "index.html").write_text("x")
    (report / "analysis.md").write_text("# Analysis\n\none\n")
    first = copy_analysis(report, kept, "run-007")
    assert first.name == "ANALYSIS_01.md"
    assert first.read_text().startswith("# Analysis\n\nRecorded as run-007.\n")
    assert copy_analysis(report, kept, "run-007") == first
    (report / "analysis.md").write_text("# Analysis\n\ntwo\n")
    assert copy_analysis(report, kept).name == "ANALYSIS_02.md"
    assert "one" in first.read_text()
