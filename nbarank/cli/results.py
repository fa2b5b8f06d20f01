"""Results of trained models: forecast a day, compare two rankers or runs, inspect attention.

Each command reads tables that the pipeline wrote and prints; none writes a file.
"""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Literal

import typer

from nbarank.cli.places import typed
from nbarank.core.errors import ParamsError


def forecast(
    as_of: Annotated[
        str | None,
        typer.Option(help="Any day such as 2022-01-15; by default the newest of the season."),
    ] = None,
    team: Annotated[
        str | None, typer.Option(help="Show one team in detail: abbreviation or part of its name.")
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print predictions.json of the day, without contributors and games."
        ),
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
        typer.Option(help="Assumed result of their next game: TEAM-TEAM=WINNER; repeatable."),
    ] = None,
) -> None:
    """Forecast a season as of a day with the trained models; trains nothing.

    With an assumption, first prints what it changes: the simulations use the same random numbers
    with and without it.

    Without a day: the newest of the season in progress, or else of the last season.
    """
    import pandas as pd

    from nbarank.cli.forecast_screen import changes_text, predictions_text, season_over_text
    from nbarank.cli.playoffs_screen import playoff_changes_text, playoffs_text
    from nbarank.core.errors import ForecastError
    from nbarank.forecast.inputs import read_inputs
    from nbarank.forecast.open_playoffs import open_playoffs
    from nbarank.forecast.predictions import to_json
    from nbarank.forecast.single_day import default_day
    from nbarank.forecast.what_if import WhatIf, assumed_results, assumed_texts
    from nbarank.results.days import day_of
    from nbarank.results.forecasts import champion, forecaster
    from nbarank.schemas.season_split import current_seasons

    what_if = WhatIf(tuple(without or ()), tuple(playing or ()), tuple(result or ()))
    inputs = read_inputs()
    day = None if as_of is None else day_of(as_of)
    over = day is None and default_day(inputs.strength, current_seasons()) is None
    if over and any(what_if):
        days = inputs.as_of.loc[inputs.as_of["season"] == inputs.as_of["season"].max(), "as_of"]
        raise ForecastError(
            "The season is over: an assumption needs a day.",
            where="--without, --with, --result",
            allowed="the same assumption and --as-of with a day of a season",
            next_command=f"nbarank forecast --as-of {days.iloc[len(days) // 2]:%Y-%m-%d}",
        )
    forecast_under = forecaster(inputs, day, team)
    predictions = forecast_under(what_if)
    if over and not as_json:
        won = champion(inputs.league, str(inputs.as_of["season"].max()))
        typer.echo(season_over_text(inputs.as_of, won))
    if as_json:
        typer.echo(to_json(predictions))
        return
    one = predictions.forecasts[0]
    shown = pd.Timestamp(one.as_of)
    state = inputs.league.state(one.season, shown)
    teams = inputs.league.teams
    games = assumed_texts(state, teams, what_if)
    if not over and (playoffs := open_playoffs(state)):
        if any(what_if):
            usual = forecast_under(WhatIf())
            typer.echo(playoff_changes_text(usual, predictions, playoffs, games) + "\n")
        # An assumed champion leaves nothing to list: the series are then shown as they are.
        playoffs = open_playoffs(assumed_results(state, teams, what_if)) or playoffs
        members = teams[teams["season"] == one.season]
        typer.echo(playoffs_text(predictions, playoffs, members))
        return
    if any(what_if):
        typer.echo(changes_text(forecast_under(WhatIf()), predictions, games) + "\n")
    typer.echo(predictions_text(predictions, champion(inputs.league, one.season, shown)))


def compare(
    first: Annotated[
        str | None, typer.Argument(help="A ranker, an experiment, or 'workspace'.")
    ] = None,
    second: Annotated[str | None, typer.Argument(help="What to compare it with.")] = None,
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
    """Compare two rankers, or one ranker of two experiments, over the validation seasons.

    Without two names: list the rankers and experiments.
    """
    from nbarank.cli.comparison_screen import comparison_text
    from nbarank.cli.screen import folded
    from nbarank.core.errors import did_you_mean
    from nbarank.core.sections import load_section
    from nbarank.evaluation.params import EvaluationParams
    from nbarank.results.scores import comparable, compared, same_box_scores

    names = [name for name in (first, second) if name is not None]
    if as_json and as_csv:
        raise ParamsError(
            "--json and --csv exclude each other.",
            where="nbarank compare",
            allowed="one of the two",
            next_command=shlex.join(["nbarank", "compare", *names, "--json"]),
        )
    if first is None or second is None:
        rankers, experiments = comparable()
        typer.echo(folded(f"Rankers:      {', '.join(rankers)}"))
        typer.echo(folded(f"Experiments:  {', '.join(experiments)}"))
        typer.echo("Next:         nbarank compare ensemble standings")
        return
    found = compared(first, second, ranker)
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
    interval = load_section(EvaluationParams).interval
    title = f"{first} minus {second}, {interval:.0%} intervals over {seasons} validation season"
    title += "s" if seasons != 1 else ""
    if full:
        typer.echo(title)
        typer.echo(found.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    else:
        typer.echo(comparison_text(found, title, interval, metric or ()))
    if not same_box_scores(first, second):
        typer.echo("They have different box scores: this compares leagues, not only models.")


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
    from nbarank.cli.screen import folded
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
    from nbarank.results.days import day_of
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
    report = attention_report(
        model,
        training,
        repro.seed,
        device or repro.device,
        data,
        day_of(as_of) if as_of is not None else None,
        DeepSetRanker.load(typed(experiment_models)) if experiment_models else None,
        teams_by_id,
        players_by_id,
    )
    typer.echo(folded(report))
