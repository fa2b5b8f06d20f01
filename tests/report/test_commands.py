"""Serving the page, and numbering its analyses."""

import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nbarank.cli.report import copy_analysis
from nbarank.cli.report_server import LEDGER, make_server
from nbarank.core.errors import NbarankError
from nbarank.report.page import TEMPLATES


def test_a_port_in_use_is_reported(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("x")
    with make_server(tmp_path, 0) as server, pytest.raises(NbarankError, match="cannot be used"):
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


PAGE = b"page <p>3 entries &lt;1&gt;</p>"
"""As served: with the ledger's record."""


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[Callable[..., tuple[int, bytes]]]:
    """Serve a report with links and hidden files; return status and body of a raw request."""
    report = tmp_path / "report"
    (report / "figures").mkdir(parents=True)
    (report / "index.html").write_text("page <!-- ledger -->x\ny<!-- end of ledger -->")
    (report / "figures" / "a.svg").write_text("svg")
    (report / ".hidden").write_text("secret")
    (tmp_path / "outside").write_text("secret")
    (report / "link").symlink_to(tmp_path / "outside")
    (report / "folder").symlink_to(tmp_path)
    with make_server(report, 0, lambda: ["3 entries <1>"]) as server:
        assert server.server_address[0] == "127.0.0.1", "to this machine only"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()

        def request(path: str, host: str | None = "127.0.0.1") -> tuple[int, bytes]:
            header = "" if host is None else f"Host: {host}\r\n"
            with socket.create_connection(server.server_address[:2], 10) as connection:
                connection.sendall(f"GET {path} HTTP/1.0\r\n{header}\r\n".encode())
                answer = b"".join(iter(lambda: connection.recv(65536), b""))
            return int(answer.split()[1]), answer.split(b"\r\n\r\n", 1)[1]

        yield request
        server.shutdown()
        thread.join()


def test_the_page_has_a_place_for_the_record() -> None:
    template = (TEMPLATES / "page.html.j2").read_text(encoding="utf-8")
    assert len(LEDGER.findall(template)) == 1


@pytest.mark.parametrize(
    ("path", "body"), [("/", PAGE), ("/index.html?x=1", PAGE), ("/figures/a.svg", b"svg")]
)
def test_files_of_the_report_are_served(ask: Any, path: str, body: bytes) -> None:
    assert ask(path) == (200, body)


@pytest.mark.parametrize(
    "path",
    [
        *("/%00", "/index.html%00", "/link", "/folder/outside", "/folder/", "/figures"),
        *("/figures/", "/.hidden", "/../outside", "/%2e%2e/outside", "//etc/passwd"),
        *(f"/{'a' * 5000}", "/%ff%fe", "/index.html/", "/nothing"),
    ],
)
def test_nothing_else_is_served(ask: Any, path: str) -> None:
    status, body = ask(path)
    assert status == 404
    assert b"secret" not in body
    assert b"a.svg" not in body


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:1", "127.0.0.1:8000", "[::1]:8000"])
def test_names_of_this_machine_are_answered(ask: Any, host: str) -> None:
    assert ask("/", host)[0] == 200


@pytest.mark.parametrize("host", [None, "", "evil.example", "127.0.0.1.evil.example:80", "::1"])
def test_other_names_are_refused(ask: Any, host: str | None) -> None:
    status, body = ask("/", host)
    assert status == 403
    assert b"page" not in body
