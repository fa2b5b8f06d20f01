"""The scorecard on one screen: how good, compared with what, how certain."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

from nbarank.cli.screen import WIDTH, number
from nbarank.evaluation.comparisons import MEAN, paired_differences, rows_of
from nbarank.evaluation.rank_metrics import lower_is_better

RANKER = "ensemble"


class Score(NamedTuple):
    """A row: what is shown, target and metric of the scorecard, decimals."""

    label: str
    target: str
    metric: str
    decimals: int = 3


GOOD = (
    Score("Final standings, Spearman", "final_rank", "spearman"),
    Score("Playoff outcome, Spearman", "playoff_outcome", "spearman"),
    Score("Final place, RPS", "final_rank", "rank_rps"),
    Score("Final wins, RMSE (games)", "wins", "wins_rmse", 2),
    Score("Final wins, CRPS (games)", "wins", "wins_crps", 2),
    Score("  in the 80 % interval", "wins", "wins_coverage", 2),
    Score("Playoff rounds, log-loss", "rounds", "rounds_logloss"),
    Score("Champion, log-loss", "title", "title_logloss", 2),
    Score("Games, log-loss", "games", "game_logloss"),
)
COMPARED = (
    (Score("Final standings", *GOOD[0][1:]), ("standings", "elo", "record_elo")),
    (Score("Playoff outcome", *GOOD[1][1:]), ("standings", "elo", "record_elo")),
    (Score("Wins, RMSE", *GOOD[3][1:]), ("standings", "record_elo")),
    (Score("Wins, CRPS", *GOOD[4][1:]), ("climatology",)),
    (GOOD[8], ("elo", "climatology")),
    (Score("Games, log-loss", "lines", "line_logloss"), ("market",)),
)
NAMES = {"record_elo": "record and Elo", "elo": "Elo", "climatology": "base rates"}


def print_screen(
    scorecard: pd.DataFrame, roles: Mapping[str, Sequence[str]], coverage: float
) -> None:
    """Print the ensemble's scores over the validation seasons.

    Parameters
    ----------
    scorecard
        Tidy rows of metrics/scorecard.csv.
    roles
        From `scored_seasons`.
    coverage
        `evaluation.interval`.
    """
    validation = list(roles["validation"])
    rows = scorecard[scorecard["season"].isin(validation)]
    test = scorecard[scorecard["season"].isin(list(roles["test"]))]
    first, last = min(validation), max(validation)
    title = f"Ensemble, {len(validation)} validation seasons, {first} to {last}"
    print_lines(
        Group(
            Text(title, style="bold"),
            _good(rows),
            Text(),
            _compared(rows, coverage),
            Text(
                f"Ensemble minus the other. * better, p < {1 - coverage:.2g} adjusted (Holm). "
                "Interval: t over seasons, of the mean over checkpoints.",
                style="dim",
            ),
            Text("RPS, CRPS: (continuous) ranked probability score; lower is better.", style="dim"),
            _test_line(test),
            Text("Everything: nbarank scorecard --full; explained: docs/metrics.md", style="dim"),
        )
    )


def print_full(page: str) -> None:
    """Print a page of Markdown, such as metrics/scorecard.md, with its tables drawn."""
    print_lines(Markdown(page))


def print_page(page: str) -> None:
    """Print a page of Markdown: drawn on a terminal, as it is to a file."""
    if console().is_terminal:
        print_full(page)
    else:
        print(page)


def print_lines(*shown: RenderableType) -> None:
    """Print to a console without the spaces that rich adds at the end of lines."""
    screen = console()
    with screen.capture() as captured:
        for one in shown:
            screen.print(one)
    print("\n".join(line.rstrip() for line in captured.get().splitlines()))


def console() -> Console:
    """Return a console as wide as the terminal, or `WIDTH`."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def _table(heading: str, checkpoints: Sequence[int]) -> Table:
    table = Table(box=None, padding=(0, 0, 0, 1), header_style="bold", pad_edge=False)
    table.add_column(heading, no_wrap=True)
    for checkpoint in checkpoints:
        table.add_column(f"{checkpoint} %", justify="right", no_wrap=True)
    return table


def _good(rows: pd.DataFrame) -> Table:
    own = rows[rows["ranker"] == RANKER]
    means = own.groupby(["target", "metric", "checkpoint"])["value"].mean()
    checkpoints = sorted(own["checkpoint"].unique())
    table = _table("How good", checkpoints)
    for score in GOOD:
        values = [means.get((score.target, score.metric, at), math.nan) for at in checkpoints]
        cells = [number(value, score.decimals) for value in values]
        if any(cells):
            table.add_row(score.label, *cells)
    return table


def _compared(rows: pd.DataFrame, coverage: float) -> Table:
    checkpoints = sorted(rows["checkpoint"].unique())
    own, ranked = rows_of(rows, RANKER), set(rows["ranker"])
    others = {one for _, baselines in COMPARED for one in baselines} & ranked
    whole = {one: paired_differences(own, rows_of(rows, one), coverage) for one in others}
    parts = []
    for score, baselines in COMPARED:
        for one in baselines:
            if one in whole and len(of_score := whole[one][_is(whole[one], score)]):
                parts.append(of_score.assign(baseline=one, label=score.label))
    table = _table("Compared with", checkpoints)
    table.add_column(f"{coverage:.0%} interval", no_wrap=True)
    if not parts:
        return table
    found = pd.concat(parts, ignore_index=True)
    decimals = {score.label: score.decimals for score, _ in COMPARED}
    for label, of_score in found.groupby("label", sort=False):
        digits = decimals[str(label)]
        table.add_row(Text(str(label), style="italic"))
        for name, part in of_score.groupby("baseline", sort=False):
            by_checkpoint = part.set_index("checkpoint")
            shown = by_checkpoint.apply(_difference, axis=1, args=(digits, 1 - coverage))
            low, high = (
                number(end, digits, "+")
                for end in by_checkpoint.loc[[MEAN], ["low", "high"]].to_numpy(float)[0]
            )
            table.add_row(
                f"  {NAMES.get(str(name), str(name))}",
                *(str(shown.get(str(at), "")) for at in checkpoints),
                f"[{low}, {high}]" if low else "",
            )
    return table


def _difference(row: pd.Series, decimals: int, level: float) -> str:
    better = (row["difference"] < 0) == lower_is_better(row["metric"])
    certain = better and row["p_adjusted"] < level
    return number(row["difference"], decimals, "+") + ("*" if certain else " ")


def _test_line(test: pd.DataFrame) -> Text:
    """Return the test seasons' figures in one line; they are no reason for a choice."""
    own = test[(test["ranker"] == RANKER) & (test["checkpoint"] > 0)]
    if own.empty:
        return Text("No test season has ended.")
    seasons = sorted(own["season"].unique())
    span = seasons[0] if len(seasons) == 1 else f"{seasons[0]} to {seasons[-1]}"
    shown = [
        f"{name} {number(values.mean(), score.decimals)}"
        for name, score in (("standings", GOOD[0]), ("wins CRPS", GOOD[4]), ("games", GOOD[8]))
        if len(values := own.loc[_is(own, score), "value"])
    ]
    return Text(f"Test, {span}, mean of checkpoints: " + ", ".join(shown))


def _is(rows: pd.DataFrame, score: Score) -> pd.Series[bool]:
    return (rows["target"] == score.target) & (rows["metric"] == score.metric)
