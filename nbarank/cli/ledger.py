"""The ledger: seal a day's forecast, grade what has been decided, verify that nothing changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nbarank.core.errors import ParamsError

if TYPE_CHECKING:
    import pandas as pd

ledger_app = typer.Typer(no_args_is_help=True, help="Sealed forecasts.")


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

    import pandas as pd

    from nbarank.dvc.git import repository_root
    from nbarank.ledger.chain import canonical
    from nbarank.ledger.seal import require_clean
    from nbarank.ledger.seal import seal as append

    today = dt.date.today()
    root = repository_root(Path.cwd())
    if not print_only:
        require_clean(root)
        _require_outputs(root)
    forecasts = _Forecasts()
    for text in days or [today.isoformat()]:
        try:
            day = pd.Timestamp(pd.to_datetime(text, format="%Y-%m-%d"))
        except ValueError as error:
            raise ParamsError(
                f"'{text}' is not a day.",
                where="nbarank seal DAY",
                allowed="year-month-day, for example 2023-01-15",
                next_command="nbarank seal",
            ) from error
        if print_only:
            typer.echo(canonical(forecasts.of(day)).decode("ascii"), nl=False)
            continue
        games = forecasts.inputs.league.games
        entry = append(root, day, forecasts.of, games, today, replay=replay)
        typer.echo(f"ledger/{entry.name}  {entry.sha256}")
    if not print_only:
        typer.echo("next: git add ledger && git commit -m 'Seal a forecast' && git push")


def grade() -> None:
    """Score the sealed forecasts by the games and seasons decided since."""
    from nbarank.core.tables import read_table
    from nbarank.dvc.git import repository_root
    from nbarank.ledger.chain import read_entries
    from nbarank.ledger.grade import grades, grades_text
    from nbarank.schemas.league import GAMES, OUTCOMES
    from nbarank.schemas.season_split import ENDED, read_whole

    entries = read_entries(repository_root(Path.cwd()))
    if not entries:
        typer.echo("No forecast is sealed yet (nbarank seal).")
        return
    typer.echo(grades_text(grades(entries, read_whole(GAMES), read_table(OUTCOMES, ENDED))))


@ledger_app.command("verify")
def verify_entries(
    chain_only: Annotated[
        bool, typer.Option("--chain", help="Only hashes and git history, not the forecasts.")
    ] = False,
) -> None:
    """Check every entry: chain, git history, and the forecast byte for byte; exit 1 if not."""
    from nbarank.dvc.git import repository_root
    from nbarank.ledger.verify import verify_ledger

    found = verify_ledger(repository_root(Path.cwd()), recompute=not chain_only)
    typer.echo(f"{found.entries} entries, {found.recomputed} forecasts recomputed.")
    for text in found.unchecked:
        typer.echo(f"??  {text}")
    for text in found.problems:
        typer.echo(f"!!  {text}")
    if found.problems:
        raise typer.Exit(1)
    whole = found.recomputed == found.entries
    typer.echo("The ledger is intact." if whole else "Hashes and history are intact.")


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
        from nbarank.forecast.single_day import has_strengths, season_of_day
        from nbarank.ledger.day_forecast import sealed_forecast

        inputs = self.inputs
        season = season_of_day(day, inputs.league.seasons)
        if not has_strengths(season, day, inputs.strength):
            from nbarank.cli.day_strength import with_day

            inputs.league.state(season, day)  # a day outside the data is refused first
            inputs = with_day(inputs, season, day)
        return sealed_forecast(inputs, day, self.params, self.seed)


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
