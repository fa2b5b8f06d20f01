"""The ledger: seal a day's forecast, grade what has been decided, verify that nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nbarank.cli.screen import folded

if TYPE_CHECKING:
    import pandas as pd

ledger_app = typer.Typer(invoke_without_command=True, help="Sealed forecasts.")


@ledger_app.callback()
def _record(context: typer.Context) -> None:
    """Show how many forecasts are sealed, and their grades."""
    if context.invoked_subcommand is None:
        from nbarank.dvc.git import repository_root
        from nbarank.ledger.record import record

        typer.echo(folded("\n".join(record(repository_root(Path.cwd())))))
        typer.echo("Commands: nbarank seal, nbarank grade, nbarank ledger verify (docs/ledger.md)")


def seal(
    days: Annotated[
        list[str] | None, typer.Argument(help="Days such as 2023-01-15; by default today.")
    ] = None,
    replay: Annotated[
        bool, typer.Option("--replay", help="Seal days of the past; marked as replays for good.")
    ] = False,
    print_only: Annotated[
        bool, typer.Option("--print", help="Print the forecasts that would be sealed; no checks.")
    ] = False,
) -> None:
    """Seal the forecast of a day in ledger/, chained by hash to the ones before it."""
    import datetime as dt

    from nbarank.dvc.git import repository_root
    from nbarank.ledger.chain import entry_names
    from nbarank.ledger.entry import canonical
    from nbarank.ledger.seal import require_clean
    from nbarank.ledger.seal import seal as append
    from nbarank.results.days import day_of

    today = dt.date.today()
    wanted = [day_of(text, "DAYS", "nbarank seal") for text in days or [today.isoformat()]]
    root = repository_root(Path.cwd())
    if not print_only:
        require_clean(root)
        _require_outputs(root)
    forecasts = _Forecasts()
    sealed = set(entry_names(root))
    for day in wanted:
        if print_only:
            typer.echo(canonical(forecasts.of(day)).decode("ascii"), nl=False)
            continue
        games = forecasts.inputs.league.games
        entry = append(root, day, forecasts.of, games, today, replay=replay)
        note = "  (sealed before)" if entry.name in sealed else ""
        typer.echo(f"ledger/{entry.name}  {entry.sha256}{note}")
    if not print_only:
        typer.echo("next: git add ledger && git commit -m 'Seal a forecast' && git push")


def grade(
    full: Annotated[bool, typer.Option("--full", help="Every entry and score.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Everything, for programs.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="The same, as CSV.")] = False,
) -> None:
    """Score the sealed forecasts by the games and seasons decided since."""
    from nbarank.cli.grades_screen import print_grades
    from nbarank.core.tables import read_table
    from nbarank.dvc.git import repository_root
    from nbarank.ledger.chain import read_entries
    from nbarank.ledger.grade import grades
    from nbarank.schemas.league import GAMES, OUTCOMES
    from nbarank.schemas.season_split import ENDED, read_whole

    entries = read_entries(repository_root(Path.cwd()))
    if not entries:
        typer.echo(_nothing_sealed(), err=as_json or as_csv)
        typer.echo("[]" if as_json else "", nl=as_json)
        return
    rows = grades(entries, read_whole(GAMES), read_table(OUTCOMES, ENDED))
    if as_json or as_csv:
        text = rows.to_json(orient="records", indent=1) if as_json else rows.to_csv(index=False)
        typer.echo(text.rstrip())
        return
    print_grades(rows, full=full)


@ledger_app.command("verify")
def verify_entries(
    chain_only: Annotated[
        bool, typer.Option("--chain", help="Only hashes and git history, not the forecasts.")
    ] = False,
) -> None:
    """Check every entry: chain, git history, and the forecast byte for byte; exit 1 if not."""
    from nbarank.dvc.git import repository_root
    from nbarank.ledger.chain import EMPTY
    from nbarank.ledger.verify import NOT_CHECKED, NOT_RECOMPUTED, verify_ledger

    found = verify_ledger(repository_root(Path.cwd()), recompute=not chain_only)
    if not found.entries and not found.problems:
        typer.echo(f"Nothing to verify.\n{EMPTY}")
        return
    entries = "1 entry" if found.entries == 1 else f"{found.entries} entries"
    forecasts = "1 forecast" if found.recomputed == 1 else f"{found.recomputed} forecasts"
    typer.echo(f"{entries}, {forecasts} recomputed.")
    for text in found.unchecked:
        typer.echo(folded(f"??  {text}"))
    for text in found.problems:
        typer.echo(folded(f"!!  {text}"))
    if found.problems:
        raise typer.Exit(1)
    if not found.unchecked:
        whole = found.recomputed == found.entries
        typer.echo("The ledger is intact." if whole else "Hashes and history are intact.")
    typer.echo(folded(NOT_RECOMPUTED if chain_only else NOT_CHECKED))


def _nothing_sealed() -> str:
    """Return that the ledger is empty, with the command that seals a first day."""
    from nbarank.core.errors import NbarankError
    from nbarank.ledger.chain import EMPTY
    from nbarank.results.days import newest_game_day
    from nbarank.schemas.season_split import current_seasons

    try:
        day = newest_game_day()
    except NbarankError:  # no forecasts yet
        return EMPTY
    replay = "" if current_seasons() else f" --replay {day:%Y-%m-%d}"
    return f"No forecast is sealed yet. Next: nbarank seal{replay}"


class _Forecasts:
    """Forecasts of days, from tables read once."""

    def __init__(self) -> None:
        from nbarank.core.params import ReproParams
        from nbarank.core.sections import load_section
        from nbarank.forecast.inputs import read_inputs
        from nbarank.forecast.params import ForecastParams

        self.inputs = read_inputs()
        self.params, self.seed = load_section(ForecastParams), load_section(ReproParams).seed

    def of(self, day: pd.Timestamp) -> dict[str, Any]:
        """Return the forecast of a day, with its strength computed if it is off the grid."""
        from nbarank.forecast.inputs import read_game_inputs, read_league
        from nbarank.forecast.single_day import season_of_day
        from nbarank.ledger.day_forecast import sealed_forecast
        from nbarank.results.day_strength import inputs_of_day
        from nbarank.results.games import known_on

        season = season_of_day(day, self.inputs.league.seasons, "nbarank seal --replay")
        known = known_on(day, season)
        inputs = inputs_of_day(self.inputs, season, day)
        described = inputs if known == day else inputs_of_day(self.inputs, season, known)
        games = read_game_inputs(season, self.params, read_league(season), described)
        return sealed_forecast(inputs, games, day, known, self.params, self.seed)


def _require_outputs(root: Path) -> None:
    """Refuse outputs that are not those of dvc.lock.

    Raises
    ------
    LedgerError
        With the first file that differs.
    """
    from dvc.repo import Repo

    from nbarank.dvc.verify import verify
    from nbarank.ledger.chain import LedgerError

    with Repo(str(root)) as repository:
        errors = verify(repository).data_errors
    if errors:
        raise LedgerError(
            "The outputs are not those of the commit: no one could repeat this forecast.",
            where=errors[0].what,
            allowed="outputs as recorded in dvc.lock",
            next_command="nbarank verify",
        )
