"""Recorded runs: run the pipeline with changed values, show and explain what it gave."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from nbarank.core.errors import NbarankError

SCORECARD = Path("metrics/scorecard.md")
PAGE = Path("report/index.html")


def run(
    profile: Annotated[str | None, typer.Option(help="Name of a file in profiles/.")] = None,
    set_param: Annotated[
        list[str] | None,
        typer.Option("--set-param", "-S", help="key.path=value; overrides the profile."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="Name of the experiment; the next run id by default.")
    ] = None,
) -> None:
    """Run the pipeline with changed values as a DVC experiment; params.yaml does not change."""
    from nbarank.core.errors import ParamsError
    from nbarank.core.file_names import require_name
    from nbarank.core.sections import PARAMS_FILE, read_yaml, section_of
    from nbarank.dvc import runs
    from nbarank.dvc.git import commit_of
    from nbarank.dvc.outputs import changed_values
    from nbarank.dvc.param_values import merged, parse_settings
    from nbarank.dvc.params_file import check_changes
    from nbarank.evaluation.scorecard import RANKERS
    from nbarank.report.params import ReportParams
    from nbarank.results.scores import WORKSPACE, same_box_scores
    from nbarank.schemas.predictions import RUN_ID
    from nbarank.sources.folder import box_score_files
    from nbarank.sources.params import DataParams

    overlay = {} if profile is None else runs.read_profile(profile)
    overlay = merged(overlay, parse_settings(set_param or []))
    params = read_yaml(PARAMS_FILE)
    values = merged(params, overlay)
    check_changes(params, overlay, runs.SOURCE)
    changed = changed_values(params, values)
    if any(key.startswith("data.") for key in changed):
        data = section_of(DataParams, values, runs.SOURCE)
        if "folder" in data.sources:
            box_score_files(Path(data.folder.location).expanduser())
    if name is None:
        name = runs.next_run_id(section_of(ReportParams, values, runs.SOURCE).first_run)
    require_name(name, "run", "nbarank run --name my-run")
    if name in (reserved := (WORKSPACE, *RANKERS)):
        raise ParamsError(
            f"'{name}' is a word of nbarank compare, not a name of a run.",
            where="--name",
            allowed=f"any name but {', '.join(reserved)}",
            next_command=f"nbarank run --name {name}-run",
        )
    if commit_of(Path(), name):
        raise ParamsError(
            f"'{name}' is a commit, branch or tag; dvc exp apply would take that, not the run.",
            where="--name",
            allowed="a name that git does not know",
            next_command=f"nbarank run --name {name}-run",
        )
    run_id = name if re.match(RUN_ID, name) else None
    runs.run_experiment(merged({"report": {"run_id": run_id}}, overlay), name)
    scorecard(experiment=name)
    if not changed:
        typer.echo("Its values are those of params.yaml: nothing was changed (-S KEY=VALUE).")
    following = f"nbarank explain --experiment {name}"
    if same_box_scores(name, WORKSPACE):
        following = f"nbarank compare {name} workspace"
    typer.echo(f"Recorded as {name}. Next: {following}, dvc exp apply {name}")


def scorecard(
    experiment: Annotated[
        str | None, typer.Option(help="Name of a recorded run; the workspace by default.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Every table, not one screen.")] = False,
) -> None:
    """Show how good the ensemble is, compared with what, and how certain that is."""
    from nbarank.cli.scorecard_screen import print_full, print_screen
    from nbarank.core.params import SeasonsParams
    from nbarank.core.sections import PARAMS_FILE, read_yaml, section_of
    from nbarank.dvc.git import experiment_named
    from nbarank.dvc.outputs import read_params
    from nbarank.dvc.runs import read_from_experiment
    from nbarank.evaluation.params import EvaluationParams
    from nbarank.evaluation.scorecard import scored_seasons
    from nbarank.results.scores import WORKSPACE, scorecard_of

    if not experiment and not SCORECARD.is_file():
        raise NbarankError(
            "There is no scorecard yet.", where=str(SCORECARD), next_command="make repro"
        )
    if full:
        page = SCORECARD.as_posix()
        text = (
            read_from_experiment(experiment, page) if experiment else SCORECARD.read_text("utf-8")
        )
        print_full(text)
        return
    root = Path.cwd()
    card = scorecard_of(experiment or WORKSPACE)
    params = (
        read_params(root, experiment_named(root, experiment))
        if experiment
        else read_yaml(PARAMS_FILE)
    )
    seasons = section_of(SeasonsParams, params, str(PARAMS_FILE))
    interval = section_of(EvaluationParams, params, str(PARAMS_FILE)).interval
    print_screen(card, scored_seasons(seasons, set(card["season"])), interval)
    if experiment:
        return
    if PAGE.is_file():
        typer.echo(f"Page:       {PAGE.resolve().as_uri()} (or nbarank serve)")
        typer.echo("Next:       nbarank forecast, nbarank games, nbarank compare ensemble elo")


def explain(
    experiment: Annotated[
        str, typer.Option(help="Name of a recorded run, or 'workspace'.")
    ] = "workspace",
) -> None:
    """Explain a run with its own models and parameters; print the path of its page."""
    from nbarank.dvc.experiment_page import explain_experiment

    typer.echo(f"written: {explain_experiment(experiment, Path('reports') / experiment)}")
