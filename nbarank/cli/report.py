"""The report page: open it, number its analyses."""

from __future__ import annotations

import functools
import os
import webbrowser
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated, BinaryIO

import typer

from nbarank.core.errors import NbarankError

REPORT, ANALYSES = Path("report"), Path("reports")
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
"""Names under which a browser of this machine reaches the server."""


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 uses a free port.")] = 8000,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Serve the report page and open it in a browser; stop with Ctrl-C."""
    with make_server(REPORT, port) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        print(f"{REPORT / 'index.html'} is at {address} (stop with Ctrl-C)", flush=True)
        if not no_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


def analysis() -> None:
    """Copy the report's text to the next numbered reports/ANALYSIS_NN.md."""
    from nbarank.report.predictions import read_predictions

    _require_page(REPORT)
    run_id = read_predictions(REPORT / "predictions.json").run_id
    typer.echo(f"written: {copy_analysis(REPORT, ANALYSES, run_id)}")


class ReportHandler(SimpleHTTPRequestHandler):
    """Serves the regular files of a report folder to browsers of this machine.

    A Host header of another name is refused: a web page elsewhere can point its own name at
    127.0.0.1 and would read the report (DNS rebinding).
    """

    def send_head(self) -> BinaryIO | None:
        """Answer a request for a file; anything else is 403 or 404."""
        if _host(self.headers.get("Host", "")) not in LOOPBACK:
            self.send_error(HTTPStatus.FORBIDDEN, "Only http://127.0.0.1 and http://localhost")
            return None
        if not self._is_of_report():
            self.send_error(HTTPStatus.NOT_FOUND)
            return None
        return super().send_head()

    def list_directory(self, path: str | os.PathLike[str]) -> None:
        """Never list a folder."""
        self.send_error(HTTPStatus.NOT_FOUND)

    def _is_of_report(self) -> bool:
        """Return whether the path is of a regular file, without symbolic links and hidden names."""
        root = Path(self.directory)
        try:
            inside = Path(self.translate_path(self.path)).relative_to(root)
            page = root / inside / "index.html" if inside == Path() else root / inside
            links = any(part.is_symlink() for part in (page, *page.parents) if root in part.parents)
            hidden = any(part.startswith(".") for part in inside.parts)
            return page.is_file() and not links and not hidden
        except (OSError, ValueError):  # a name that is too long, or with a zero byte
            return False


def _host(header: str) -> str:
    """Return the name in a Host header, without its port."""
    return header.rsplit(":", 1)[0].lower() if not header.endswith("]") else header.lower()


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a report folder, reachable from this machine only.

    Raises
    ------
    NbarankError
        If there is no page, or the port cannot be used (0 picks a free one).
    """
    _require_page(folder)
    handler = functools.partial(ReportHandler, directory=str(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise NbarankError(
            f"Port {port} cannot be used: {error.strerror or error}.",
            where="--port",
            allowed="a free port; 0 picks one",
            next_command="nbarank serve --port 0",
        ) from error


def copy_analysis(report: Path, analyses: Path, run_id: str | None = None) -> Path:
    """Copy a report's text, with the id of its run below the title, to ANALYSIS_NN.md."""
    from nbarank.report.analysis import write_analysis

    text = (report / "analysis.md").read_text(encoding="utf-8")
    if run_id:
        title, rest = text.split("\n", 1)
        text = f"{title}\n\nRecorded as {run_id}.\n{rest}"
    return write_analysis(text, analyses)


def _require_page(folder: Path) -> None:
    page = folder / "index.html"
    if not page.is_file():
        raise NbarankError(
            "There is no report yet.", where=str(page), next_command="dvc repro report"
        )
