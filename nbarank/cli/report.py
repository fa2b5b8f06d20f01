"""The report page: open it, number its analyses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

REPORT, ANALYSES = Path("report"), Path("reports")


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 uses a free port.")] = 8000,
    no_browser: Annotated[
        bool, typer.Option("--no-browser", help="Do not open a browser.")
    ] = False,
) -> None:
    """Serve the report page with the ledger's record and open it in a browser; stop with Ctrl-C."""
    import webbrowser

    from nbarank.cli.report_server import PAGE, make_server

    with make_server(REPORT, port, _ledger_record) as server:
        address = f"http://127.0.0.1:{server.server_address[1]}/"
        print(f"{REPORT / PAGE} is at {address} (stop with Ctrl-C)", flush=True)
        if not no_browser:
            webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("stopped")


def analysis() -> None:
    """Copy the report's text to the next numbered reports/ANALYSIS_NN.md."""
    from nbarank.cli.report_server import require_page
    from nbarank.report.predictions import read_predictions

    require_page(REPORT)
    run_id = read_predictions(REPORT / "predictions.json").run_id
    typer.echo(f"written: {copy_analysis(REPORT, ANALYSES, run_id)}")


def _ledger_record() -> list[str]:
    from nbarank.ledger.record import record

    return record(Path.cwd())


def copy_analysis(report: Path, analyses: Path, run_id: str | None = None) -> Path:
    """Copy a report's text, with the id of its run below the title, to ANALYSIS_NN.md."""
    from nbarank.report.analysis import write_analysis

    text = (report / "analysis.md").read_text(encoding="utf-8")
    if run_id:
        title, rest = text.split("\n", 1)
        text = f"{title}\n\nRecorded as {run_id}.\n{rest}"
    return write_analysis(text, analyses)
