"""Sweeps: `nbarank sweep`, `nbarank leaderboard` and `nbarank lock`."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from nbarank.core.errors import ParamsError
from nbarank.dvc.git import hide_secrets

sweep_app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Search for better parameters with Optuna; every trial is a DVC experiment.",
)
STOPPED = 130
"""Exit code after Ctrl-C."""

STORAGE_VARIABLE = "NBARANK_STORAGE"
_PASSWORD = re.compile(r"://[^@:/]*:.*@|[?&]\w*password=", re.IGNORECASE)


def _without_password(context: typer.Context, value: str | None) -> str | None:
    """Reject a password on the command line, which every user of the machine can list."""
    source = context.get_parameter_source("storage")
    if value and _PASSWORD.search(value) and source and source.name == "COMMANDLINE":
        raise ParamsError(
            "A password on the command line is visible to all users of this machine.",
            where=f"--storage {hide_secrets(value)}",
            allowed=f"a URL without a password; one with it in the variable {STORAGE_VARIABLE}",
            next_command="put the password in ~/.pgpass, or the URL in the variable: "
            f"read -rs {STORAGE_VARIABLE} && export {STORAGE_VARIABLE}",
        )
    return value


Storage = Annotated[
    str | None,
    typer.Option(
        help="URL of the study's database, to share it between machines: "
        "postgresql+psycopg://USER@HOST/DATABASE. A local file by default.",
        envvar=STORAGE_VARIABLE,
        callback=_without_password,
    ),
]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Number of trials to run in parallel.")]
EngineName = Annotated[
    Literal["workers", "queue"],
    typer.Option(help="workers: dvc exp run --temp; queue: the experiment queue of DVC."),
]
Push = Annotated[
    str | None, typer.Option(help="Git remote to which every finished experiment is pushed.")
]
NoExplain = Annotated[bool, typer.Option("--no-explain", help="Do not explain the best trial.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print what would run.")]
Profile = Annotated[str | None, typer.Option(help="Name of a file in profiles/.")]


@sweep_app.callback()
def sweep() -> None:
    """Search for better parameters with Optuna; every trial is a DVC experiment."""


@sweep_app.command("run")
def run(
    space: Annotated[str, typer.Argument(help="Name of a file in sweeps/.")],
    objective: Annotated[str | None, typer.Option(help="Overrides that of the space.")] = None,
    listmle_target: Annotated[
        Literal["final_rank", "playoff_outcome"] | None,
        typer.Option(help="Target of the Deep Set; overrides the space."),
    ] = None,
    n_trials: Annotated[int | None, typer.Option(min=1, help="Total number of trials.")] = None,
    pruner: Annotated[
        Literal["median", "hyperband", "none"] | None,
        typer.Option(help="How hopeless trials are stopped; overrides the space."),
    ] = None,
    jobs: Jobs = 1,
    study: Annotated[
        str | None, typer.Option(help="Name of the study: SPACE_OBJECTIVE_TARGET by default.")
    ] = None,
    profile: Profile = None,
    set_param: Annotated[
        list[str] | None,
        typer.Option("--set-param", "-S", help="key.path=value, fixed in all trials."),
    ] = None,
    no_explain: NoExplain = False,
    engine: EngineName = "workers",
    storage: Storage = None,
    push: Push = None,
    grace: Annotated[
        int,
        typer.Option(
            min=1,
            max=86_400,
            help="Seconds without a heartbeat until another worker counts as dead.",
        ),
    ] = 120,
    note: Annotated[str | None, typer.Option(help="Why this sweep: shown in its report.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Label of the study; repeatable.")] = None,
    dry_run: DryRun = False,
) -> None:
    """Run a sweep; rerun the same command to resume it after an interruption."""
    from nbarank.dvc.param_values import flattened, parse_settings
    from nbarank.sweep.plan import SweepRequest, make_plan
    from nbarank.sweep.workers import run_sweep

    request = SweepRequest(
        space=space,
        objective=objective,
        listmle_target=listmle_target,
        n_trials=n_trials,
        pruner=pruner,
        study=study,
        jobs=jobs,
        profile=profile,
        explain=not no_explain,
        engine=engine,
        storage=storage,
        push=push,
        settings=flattened(parse_settings(set_param or ())),
        grace=grace,
        note=note,
        tags=tuple(tag or ()),
    )
    if dry_run:
        plan, _ = make_plan(request, Path.cwd(), join=False)
        typer.echo(plan.describe())
        return
    outcome = run_sweep(request, Path.cwd())
    counts = ", ".join(f"{count} {name}" for name, count in outcome.counts.items() if count)
    typer.echo(f"{outcome.study}: {counts or 'no trial yet'}")
    if outcome.best:
        tuned = "" if outcome.tuned is None else f"; tuned values: {outcome.tuned:.6g}"
        typer.echo(f"best: {outcome.best}, {outcome.value:.6g}{tuned}")
    if outcome.stopped:
        typer.echo("stopped; rerun the same command to resume")
        raise typer.Exit(STOPPED)
    typer.echo(f"next: nbarank sweep report {shlex.quote(outcome.study)}")


@sweep_app.command("watch")
def watch(
    study: Annotated[str, typer.Argument(help="Name of the study.")],
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = 8080,
    browser: Annotated[bool, typer.Option(help="Open the page in a browser.")] = True,
    storage: Storage = None,
) -> None:
    """Show a study in the browser with optuna-dashboard; stop with Ctrl-C."""
    import webbrowser

    from nbarank.sweep.watch import open_study, serve

    opened, address = open_study(study, Path.cwd(), storage, port)
    typer.echo(f"{address} (stop with Ctrl-C)")
    if browser:
        webbrowser.open(address)
    serve(opened, port)


@sweep_app.command("report")
def report(
    study: Annotated[str, typer.Argument(help="Name of the study.")], storage: Storage = None
) -> None:
    """Write the next numbered analysis of a study to reports/sweeps/STUDY."""
    from nbarank.cli.scorecard_screen import print_page
    from nbarank.sweep.report import write_report

    path = write_report(study, Path.cwd(), storage)
    print_page(path.read_text(encoding="utf-8").split("\n## Parameter importance")[0])
    typer.echo(f"written: {path}")


@sweep_app.command("campaign")
def campaign(
    name: Annotated[str, typer.Argument(help="Name of a file in sweeps/campaigns/.")],
    n_trials: Annotated[
        int | None, typer.Option(min=1, help="Trials of every sweep; overrides the campaign.")
    ] = None,
    jobs: Jobs = 1,
    profile: Profile = None,
    no_explain: NoExplain = False,
    engine: EngineName = "workers",
    storage: Storage = None,
    push: Push = None,
    dry_run: DryRun = False,
) -> None:
    """Run the sweeps of a campaign in order; rerun the same command to resume."""
    from nbarank.sweep.campaign import run_campaign
    from nbarank.sweep.plan import SweepRequest

    common = SweepRequest(
        space="",
        n_trials=n_trials,
        jobs=jobs,
        profile=profile,
        explain=not no_explain,
        engine=engine,
        storage=storage,
        push=push,
    )
    outcomes = run_campaign(name, common, Path.cwd(), typer.echo, dry_run=dry_run)
    for outcome in outcomes:
        typer.echo(f"{outcome.study}: best {outcome.best}, {outcome.value}")
    if outcomes and outcomes[-1].stopped:
        typer.echo("stopped; rerun the same command to resume")
        raise typer.Exit(STOPPED)


def leaderboard(
    objective: Annotated[str, typer.Option(help="Objective to sort by.")] = "spearman",
    top: Annotated[int, typer.Option(min=1, help="Number of experiments to show.")] = 10,
) -> None:
    """Compare the experiments of all sweeps and show which values the best one changed."""
    from nbarank.sweep.leaderboard import leaderboard as table

    typer.echo(table(Path.cwd(), objective, top))


def lock(
    experiment: Annotated[str, typer.Argument(help="Name such as phase1_spearman_final_rank-17.")],
    objective: Annotated[
        str | None, typer.Option(help="Objective that must gain; its study's by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Even if the gain may be noise.")] = False,
    storage: Storage = None,
) -> None:
    """Write an experiment's values to params.yaml, unless its gain is within the noise."""
    from nbarank.sweep.lock import lock_experiment

    locked, before = lock_experiment(
        experiment, Path.cwd(), objective=objective, storage=storage, force=force
    )
    typer.echo(f"{experiment}: {locked.gain}, compared with {locked.against}")
    for key, value in locked.values.items():
        typer.echo(f"  {key}: {before[key]} -> {value}")
    quoted = shlex.quote(f"Use the values of {experiment}")
    typer.echo(f"next: git diff params.yaml; dvc repro; git commit -a -m {quoted}")
