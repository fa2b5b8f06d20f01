"""`nbarank serve` and `nbarank analysis`: open the page, keep its words under a number."""

from __future__ import annotations

import functools
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from nbarank.core.errors import NbarankError
from nbarank.report.analysis import keep_analysis

REPORT, ANALYSES = Path("report"), Path("reports")


def require_report(folder: Path) -> Path:
    """Return the page in a folder.

    Raises
    ------
    NbarankError
        If it has not been made.
    """
    page = folder / "index.html"
    if not page.is_file():
        raise NbarankError(
            "There is no report yet.", where=str(page), next_command="dvc repro report"
        )
    return page


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a folder, reachable from this machine only; port 0 takes a free one.

    Raises
    ------
    NbarankError
        If there is no page, or the port is taken.
    """
    require_report(folder)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), handler)
    except OSError as error:
        raise NbarankError(
            f"Port {port} cannot be used: {error.strerror or error}.",
            where="--port",
            allowed="a free port; 0 takes any",
            next_command="nbarank serve --port 0",
        ) from error


def serve(folder: Path = REPORT, port: int = 8000, open_browser: bool = True) -> None:
    """Serve the report and open it in a browser, until Ctrl-C."""
    with make_server(folder, port) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        print(f"{folder / 'index.html'} is at {address} (Ctrl-C ends)", flush=True)
        if open_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("ended")


def analysis(folder: Path = REPORT, to: Path = ANALYSES, run_id: str | None = None) -> Path:
    """Keep the report's words as the next reports/ANALYSIS_NN.md.

    Parameters
    ----------
    folder
        Folder of the report.
    to
        Folder of the numbered analyses.
    run_id
        Name of the recorded run, put below the title.
    """
    require_report(folder)
    text = (folder / "analysis.md").read_text(encoding="utf-8")
    if run_id:
        title, rest = text.split("\n", 1)
        text = f"{title}\n\nRecorded as {run_id}.\n{rest}"
    return keep_analysis(text, to)
