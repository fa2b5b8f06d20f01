"""Results of trained models: forecast a day, compare two rankers or runs, inspect attention.

Each command reads tables that the pipeline wrote and prints; none writes a file.
"""

from __future__ import annotations

import shlex
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nbarank.cli.places import typed
from nbarank.core.errors import ParamsError

if TYPE_CHECKING:
    import pandas as pd


def forecast(
    as_of: Annotated[
        str | None,
        typer.Option(help="Any day such as 2023-01-15; by default the newest of the season."),
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="Show one team in detail: BOS, or its name.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print in the format of predictions.json.")
    ] = False,
    without: Annotated[
        list[str] | None,
        typer.Option(help="Player assumed to be out for the rest of the season; repeatable."),
    ] = None,
    playing: Annotated[
        list[str] | None, typer.Option("--with", help="Player assumed to be back; repeatable.")
    ] = None,
    result: Annotated[
        list[str] | None,
        typer.Option(help="Assumed result of the next game, BOS-PHI=BOS; repeatable."),
    ] = None,
) -> None:
    """Forecast a season as of a day with the trained models; trains nothing.

    With an assumption, also prints what it changes: the simulations use the same random numbers
    with and without it.

    Without a day: the day that the report shows. Between two seasons, the checkpoints of the last
    one are listed; --team and --json then show its end.
    """
    from nbarank.core.params import ReproParams
    from nbarank.core.sections import load_section
    from nbarank.forecast.inputs import read_inputs
    from nbarank.forecast.params import ForecastParams
    from nbarank.forecast.predictions import to_json
    from nbarank.forecast.predictions_text import changes_text, predictions_text
    from nbarank.forecast.single_day import (
        checkpoints_text,
        default_day,
        forecast_as_of,
        has_strengths,
        season_of_day,
    )
    from nbarank.forecast.what_if import WhatIf
    from nbarank.schemas.features import ROSTERS
    from nbarank.schemas.season_split import current_seasons, read_whole

    what_if = WhatIf(tuple(without or ()), tuple(playing or ()), tuple(result or ()))
    inputs = read_inputs()
    day = day_of(as_of) if as_of else default_day(inputs.strength, current_seasons())
    if day is None and not team and not as_json:
        typer.echo(checkpoints_text(inputs.as_of))
        return
    day = day or inputs.strength["as_of"].max()
    season = season_of_day(day, inputs.league.seasons)
    if not has_strengths(season, day, inputs.strength):
        from nbarank.cli.day_strength import with_day

        inputs.league.state(season, day)  # a day outside the data is refused first
        inputs = with_day(inputs, season, day)
    made = partial(
        forecast_as_of,
        day,
        inputs.league,
        inputs.dated_strength(),
        load_section(ForecastParams),
        seed=load_section(ReproParams).seed,
        evidence=inputs.evidence,
        team=team,
        rosters=read_whole(ROSTERS) if without or playing else None,
    )
    predictions = made(what_if=what_if)
    typer.echo(to_json(predictions) if as_json else predictions_text(predictions))
    if any(what_if) and not as_json:
        typer.echo(changes_text(made(), predictions))


def compare(
    first: Annotated[str, typer.Argument(help="A ranker, an experiment, or 'workspace'.")],
    second: Annotated[str, typer.Argument(help="What to compare it with.")],
    ranker: Annotated[
        str, typer.Option(help="The ranker to compare in two experiments.")
    ] = "ensemble",
    metric: Annotated[
        list[str] | None, typer.Option(help="Metric to show; the headline metrics by default.")
    ] = None,
    full: Annotated[bool, typer.Option("--full", help="Print every metric and figure.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The same, as CSV.")] = False,
) -> None:
    """Compare two rankers, or one ranker of two experiments, with intervals over seasons."""
    from nbarank.core.errors import did_you_mean
    from nbarank.core.sections import load_section
    from nbarank.dvc.git import experiment_named, experiments_by_name
    from nbarank.dvc.outputs import SCORECARD_FILE
    from nbarank.dvc.outputs import read_scorecard as read_recorded
    from nbarank.evaluation.comparison_text import comparison_text
    from nbarank.evaluation.comparisons import paired_differences, read_scorecard, rows_of
    from nbarank.evaluation.params import EvaluationParams

    root, workspace = Path.cwd(), "workspace"
    params = load_section(EvaluationParams)
    experiments = experiments_by_name(root) if Path(".git").exists() else {}

    def card(name: str) -> pd.DataFrame:
        if name == workspace:
            return read_scorecard(Path(SCORECARD_FILE))
        return read_recorded(root, experiment_named(root, name, allowed=[workspace]))

    if {first, second} & {workspace, *experiments}:
        rows = [rows_of(card(name), ranker) for name in (first, second)]
    else:
        rows = [rows_of(card(workspace), name) for name in (first, second)]
    found = paired_differences(rows[0], rows[1], params.interval)
    for name in metric or ():
        if name not in set(found["metric"]):
            raise ParamsError(
                f"There is no metric '{name}'{did_you_mean(name, found['metric'].unique())}",
                where="--metric",
                allowed=", ".join(found["metric"].unique()),
                next_command=f"nbarank compare {shlex.quote(first)} {shlex.quote(second)}",
            )
    if as_json or as_csv:
        text = found.to_json(orient="records", indent=1) if as_json else found.to_csv(index=False)
        typer.echo(text.rstrip())
        return
    seasons = int(found["seasons"].max())
    title = f"{first} minus {second}, {params.interval:.0%} intervals over {seasons} season(s)"
    if full:
        typer.echo(title)
        typer.echo(found.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
        return
    typer.echo(comparison_text(found, title, metric or ()))


def inspect_attention(
    profile: Annotated[str | None, typer.Option(help="Name of a file in profiles/.")] = None,
    as_of: Annotated[str | None, typer.Option(help="A date of the as-of grid.")] = None,
    device: Annotated[
        Literal["auto", "cpu", "cuda"] | None, typer.Option(help="repro.device by default.")
    ] = None,
    experiment_models: Annotated[
        Path | None, typer.Option("--model", help="Folder of a trained Deep Set to inspect.")
    ] = None,
) -> None:
    """Print the attention of one batch: before training, after a few steps, and by player."""
    from nbarank.core.params import ReproParams
    from nbarank.core.sections import PARAMS_FILE, load_section, read_yaml, section_of
    from nbarank.core.tables import read_table
    from nbarank.dvc.param_values import merged
    from nbarank.dvc.runs import read_profile
    from nbarank.rankers.deepset.attention_report import attention_report
    from nbarank.rankers.deepset.params import ModelAParams, TrainingParams
    from nbarank.rankers.deepset.ranker import DeepSetRanker
    from nbarank.rankers.training.contract import RankerInputs, TrainingData
    from nbarank.rankers.training.described_teams import read_described_teams
    from nbarank.rankers.training.params import TargetsParams
    from nbarank.rankers.training.targets import RANK_COLUMNS, build_targets
    from nbarank.schemas.features import ROSTERS
    from nbarank.schemas.league import GAMES, OUTCOMES, TEAMS
    from nbarank.schemas.season_split import ENDED, read_whole

    content = merged(read_yaml(PARAMS_FILE), {} if profile is None else read_profile(profile))
    model = section_of(ModelAParams, content, str(PARAMS_FILE))
    training = section_of(TrainingParams, content, str(PARAMS_FILE))
    repro = load_section(ReproParams)
    data, teams_by_id, players_by_id = None, {}, {}
    if OUTCOMES.path(ENDED).is_file() and ROSTERS.path(ENDED).is_file():
        rosters, outcomes = read_whole(ROSTERS), read_table(OUTCOMES, ENDED)
        teams = read_described_teams()
        inputs = RankerInputs(teams, rosters.drop(columns="player_name")).restrict(
            set(outcomes["season"])
        )
        targeted = load_section(TargetsParams)
        column = RANK_COLUMNS[training.listmle_target, targeted.playoff_definition]
        targets = build_targets(
            inputs.teams, outcomes, read_whole(GAMES), column, targeted.margin_horizon_days
        )
        data = TrainingData(inputs, targets)
        names = read_whole(TEAMS)
        teams_by_id = dict(zip(names["team_id"], names["abbreviation"], strict=True))
        players_by_id = dict(zip(rosters["player_id"], rosters["player_name"], strict=True))
    typer.echo(
        attention_report(
            model,
            training,
            repro.seed,
            device or repro.device,
            data,
            day_of(as_of) if as_of else None,
            DeepSetRanker.load(typed(experiment_models)) if experiment_models else None,
            teams_by_id,
            players_by_id,
        )
    )


def day_of(text: str, option: str = "--as-of", command: str = "nbarank forecast") -> pd.Timestamp:
    """Return the day that a text names."""
    import pandas as pd

    try:
        return pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d"))
    except ValueError as error:
        raise ParamsError(
            f"'{text}' is not a day.",
            where=option,
            allowed="year-month-day, for example 2023-01-15",
            next_command=f"{command} {option} 2023-01-15",
        ) from error
