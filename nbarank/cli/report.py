"""The report page: open it, number its analyses."""

from __future__ import annotations

import functools
import webbrowser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated

import typer

from nbarank.core.errors import NbarankError

REPORT, ANALYSES = Path("report"), Path("reports")


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


def make_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of a report folder, reachable from this machine only.

    Raises
    ------
    NbarankError
        If there is no page, or the port cannot be used (0 picks a free one).
    """
    _require_page(folder)
    handler = functools.partial(SimpleHTTPRequestHandler, directory=str(folder))
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
