"""The commands of sweeps; `nbarank/cli/main.py` mounts them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from ruamel.yaml import YAML

from nbarank.core.errors import NbarankError, SweepError

sweep_app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Search for better parameters: Optuna asks, DVC runs.",
)
STOPPED = 130

Storage = Annotated[
    str | None,
    typer.Option(
        help="Database URL of the study, for several machines: "
        "postgresql+psycopg://USER@HOST/DATABASE. Embedded by default."
    ),
]
Jobs = Annotated[int, typer.Option(min=1, max=64, help="Trials at a time.")]
EngineName = Annotated[
    Literal["workers", "queue"],
    typer.Option(help="workers: dvc exp run --temp; queue: DVC's own queue and its workers."),
]
Push = Annotated[
    str | None, typer.Option(help="Git remote to which every finished experiment is pushed.")
]
NoExplain = Annotated[bool, typer.Option("--no-explain", help="Do not explain the best trial.")]
Profile = Annotated[str | None, typer.Option(help="Name of a file in profiles/.")]


@sweep_app.callback()
def sweep() -> None:
    """Search for better parameters: Optuna asks, DVC runs."""


@sweep_app.command("run")
def run(
    space: Annotated[str, typer.Argument(help="Name of a file in sweeps/.")],
    objective: Annotated[str | None, typer.Option(help="Put over the space's.")] = None,
    listmle_target: Annotated[
        str | None, typer.Option(help="final_rank or playoff_outcome; put over the space's.")
    ] = None,
    n_trials: Annotated[int | None, typer.Option(min=1, help="Trials in all.")] = None,
    jobs: Jobs = 1,
    study: Annotated[
        str | None, typer.Option(help="Name of the study: SPACE_OBJECTIVE_TARGET by default.")
    ] = None,
    profile: Profile = None,
    set_param: Annotated[
        list[str] | None,
        typer.Option("--set-param", "-S", help="key.path=value, held in all trials."),
    ] = None,
    no_explain: NoExplain = False,
    engine: EngineName = "workers",
    storage: Storage = None,
    push: Push = None,
    grace: Annotated[
        float, typer.Option(help="Seconds without a sign of life before another machine is dead.")
    ] = 120.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would run.")] = False,
) -> None:
    """Run a sweep, or go on with it: the same command after any interruption."""
    from nbarank.sweep.plan import SweepRequest, make_plan
    from nbarank.sweep.run import run_sweep

    request = SweepRequest(
        space=space,
        objective=objective,
        listmle_target=listmle_target,
        n_trials=n_trials,
        study=study,
        jobs=jobs,
        profile=profile,
        explain=not no_explain,
        engine=engine,
        storage=storage,
        push=push,
        settings=dict(_setting(text) for text in set_param or ()),
        grace=grace,
    )
    if dry_run:
        plan, _ = make_plan(request, Path.cwd(), join=False)
        typer.echo(plan.describe())
        return
    outcome = run_sweep(request, Path.cwd())
    counts = ", ".join(f"{count} {name}" for name, count in outcome.counts.items() if count)
    typer.echo(f"{outcome.study}: {counts or 'no trial yet'}")
    if outcome.best:
        typer.echo(f"best: {outcome.best}, {outcome.value:.6g}")
    if outcome.stopped:
        typer.echo("stopped; the same command goes on where it stopped")
        raise typer.Exit(STOPPED)
    typer.echo(f"next: nbarank sweep report {outcome.study}")


@sweep_app.command("report")
def report(
    study: Annotated[str, typer.Argument(help="Name of the study.")], storage: Storage = None
) -> None:
    """Write the next numbered analysis of a study to reports/sweeps/STUDY."""
    from nbarank.sweep.report import write_report

    path = write_report(study, Path.cwd(), storage)
    typer.echo(path.read_text(encoding="utf-8").split("\n## What mattered")[0])
    typer.echo(f"written: {path}")


@sweep_app.command("campaign")
def campaign(
    name: Annotated[str, typer.Argument(help="Name of a file in sweeps/campaigns/.")],
    n_trials: Annotated[
        int | None, typer.Option(min=1, help="Trials of every sweep, over what is written.")
    ] = None,
    jobs: Jobs = 1,
    profile: Profile = None,
    no_explain: NoExplain = False,
    engine: EngineName = "workers",
    storage: Storage = None,
    push: Push = None,
) -> None:
    """Run a campaign of sweeps in its order, or go on with it."""
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
    outcomes = run_campaign(name, common, Path.cwd(), typer.echo)
    for outcome in outcomes:
        typer.echo(f"{outcome.study}: best {outcome.best}, {outcome.value}")
    if outcomes[-1].stopped:
        typer.echo("stopped; the same command goes on where it stopped")
        raise typer.Exit(STOPPED)


def leaderboard(
    objective: Annotated[str, typer.Option(help="By which figure.")] = "spearman",
    top: Annotated[int, typer.Option(min=1, help="How many experiments.")] = 10,
) -> None:
    """Compare the experiments of all sweeps; say what the winner changed."""
    from nbarank.sweep.leaderboard import leaderboard as table

    typer.echo(table(Path.cwd(), objective, top))


def lock(
    experiment: Annotated[str, typer.Argument(help="For example phase1_spearman_final_rank-17.")],
    objective: Annotated[
        str | None, typer.Option(help="By which figure it is judged; its study's by default.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Although the gain may be noise.")] = False,
    storage: Storage = None,
) -> None:
    """Write an experiment's values into params.yaml, unless its gain is inside the noise."""
    from nbarank.sweep.lock import lock_experiment

    locked = lock_experiment(
        experiment, Path.cwd(), objective=objective, storage=storage, force=force
    )
    typer.echo(f"{locked.experiment}: {locked.gain}, compared with {locked.against}")
    for key, (before, after) in locked.values.items():
        typer.echo(f"  {key}: {before} -> {after}")
    typer.echo("next: git diff params.yaml; dvc repro; git commit")


def _setting(text: str) -> tuple[str, Any]:
    key, sign, value = text.partition("=")
    if not sign or not key:
        raise SweepError(
            f"'{text}' is not a setting.",
            where="--set-param",
            allowed="key.path=value, for example model_b.max_depth=4",
            next_command="nbarank sweep run SPACE -S model_b.max_depth=4",
        )
    return key, YAML(typ="safe").load(value)


def main() -> None:
    """Run the sub-command by itself: `python -m nbarank.cli.sweep run SPACE`."""
    try:
        sweep_app()
    except NbarankError as error:
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
