"""The `nbarank` command: thin, for what is not a stage."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from nbarank.cli.maintenance import compare_environments, doctor, verify
from nbarank.cli.results import compare, forecast, inspect_attention
from nbarank.cli.sweep import leaderboard, lock, sweep_app
from nbarank.core.errors import NbarankError

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Rank NBA teams by true strength, as of any date.",
)
params_app = typer.Typer(no_args_is_help=True, help="Check and document params.yaml.")
app.add_typer(params_app, name="params")
app.add_typer(sweep_app, name="sweep")
for command in (forecast, compare, inspect_attention, leaderboard, lock):
    app.command()(command)
app.command()(doctor)
app.command()(verify)
app.command()(compare_environments)

SCORECARD = Path("metrics/scorecard.md")
REPORT = Path("report")


@params_app.command("check")
def params_check() -> None:
    """Validate every section of params.yaml."""
    from nbarank.dvc.params_file import check_params

    check_params()


@params_app.command("document")
def params_document() -> None:
    """Renew the comments of params.yaml from the descriptions in the code."""
    from nbarank.dvc.params_file import main as renew

    renew()


@app.command()
def run(
    profile: Annotated[str | None, typer.Option(help="Name of a file in profiles/.")] = None,
    set_param: Annotated[
        list[str] | None,
        typer.Option("--set-param", "-S", help="key.path=value, over the profile."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the experiment; the next run id by default.")
    ] = None,
) -> None:
    """Run the pipeline with changed values, as a DVC experiment; params.yaml stays as it is."""
    from nbarank.core.sections import load_section
    from nbarank.dvc import runs
    from nbarank.dvc.param_values import merged, parse_settings
    from nbarank.report.params import ReportParams
    from nbarank.schemas.predictions import RUN_ID

    overlay = runs.read_profile(profile) if profile else {}
    overlay = merged(overlay, parse_settings(set_param or []))
    name = name or runs.next_run_id(load_section(ReportParams).first_run)
    run_id = name if re.match(RUN_ID, name) else None
    runs.run_experiment(merged({"report": {"run_id": run_id}}, overlay), name)
    typer.echo(runs.read_from_experiment(name, SCORECARD.as_posix()))
    typer.echo(f"Recorded as {name}. Next: dvc exp show --only-changed, or dvc exp apply {name}")


@app.command()
def scorecard(
    experiment: Annotated[
        str | None, typer.Option(help="Of a recorded run; this workspace's by default.")
    ] = None,
) -> None:
    """Print the scorecard, and where to look next."""
    if experiment:
        from nbarank.dvc.runs import read_from_experiment

        typer.echo(read_from_experiment(experiment, SCORECARD.as_posix()))
        return
    if not SCORECARD.is_file():
        raise NbarankError(
            "There is no scorecard yet.", where=str(SCORECARD), next_command="make repro"
        )
    typer.echo(SCORECARD.read_text(encoding="utf-8"))
    if (REPORT / "index.html").is_file():
        typer.echo(f"Next: the whole result on one page, {REPORT / 'index.html'} (nbarank serve);")
        typer.echo("      nbarank forecast, nbarank compare ensemble elo, dvc plots show")


@app.command()
def explain(
    experiment: Annotated[
        str, typer.Option(help="Name of a recorded run, or 'workspace'.")
    ] = "workspace",
) -> None:
    """Explain a run by its own models and parameters; says where its page lies."""
    from nbarank.dvc.experiment_page import explain_experiment

    page = explain_experiment(experiment, Path("reports") / experiment)
    typer.echo(f"written: {page}")


@app.command()
def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="0 takes a free one.")] = 8000,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Open none.")] = False,
) -> None:
    """Open the report page in a browser."""
    from nbarank.cli.report import serve as serve_page

    serve_page(REPORT, port=port, open_browser=not no_browser)


@app.command()
def analysis() -> None:
    """Keep the report in words as the next numbered reports/ANALYSIS_NN.md."""
    from nbarank.cli.report import analysis as keep
    from nbarank.cli.report import require_report
    from nbarank.report.predictions import read_predictions

    require_report(REPORT)
    run_id = read_predictions(REPORT / "predictions.json").run_id
    typer.echo(f"written: {keep(REPORT, Path('reports'), run_id)}")


def main() -> None:
    """Run the command line; an `NbarankError` is printed without a traceback, exit code 1."""
    try:
        app()
    except NbarankError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(1) from None
