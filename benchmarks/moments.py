"""Moments of a simulated league compared with those of the real one.

    python -m benchmarks.moments --real FOLDER             # data/raw against real box scores
    python -m benchmarks.moments RAW [RAW ...]             # mean over several simulated leagues
    python -m benchmarks.moments --real FOLDER --details   # with the 99 statistics by role

Every moment is measured in each season; the mean over seasons is printed with its standard error.
Tolerance: 10 % for the league, 20 % for players; rows without a tolerance are for information.
Real seasons before 2014-15 are left out.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from benchmarks import moment_measures as measure
from nbarank.sources.layout import raw_files
from nbarank.sources.raw_file import read_raw_file

FIRST_REAL_SEASON = "2014-15"
LEAGUE, PLAYER = 0.10, 0.20
INFORMATION = (
    "SRS two years",
    "SRS three years",
    "playoff home court, points",
    "playoff stretch of SRS",
    "players in the league",
    "back-to-backs of a team",
)
PLAYER_LEVEL = ("minutes of rank", "spells", "SD of a regular's minutes", "between", "within")
Moments = dict[str, list[float]]


def read_league(folder: Path, first: str) -> dict[str, dict[str, pd.DataFrame]]:
    """Return frames by season and by '<kind> <level>', from season `first` on."""
    league: dict[str, dict[str, pd.DataFrame]] = {}
    for file in raw_files(folder):
        if file.level != "schedule" and file.season >= first:
            frames = league.setdefault(file.season, {})
            frames[f"{file.kind} {file.level}"] = read_raw_file(file)
    return league


def measure_league(league: dict[str, dict[str, pd.DataFrame]]) -> Moments:
    """Return every moment as a list with one value a season (or pair of seasons)."""
    moments: Moments = {}
    strengths: list[pd.Series] = []
    before: pd.DataFrame | None = None
    for season in sorted(league):
        frames = league[season]
        teams, players = frames["regular team_logs"], frames["regular player_logs"]
        values, srs = measure.game_moments(teams)
        values |= measure.playoff_moments(teams, frames["playoffs team_logs"], srs)
        values |= measure.rotation_moments(teams, players)
        values |= measure.role_moments(players)
        values |= measure.impact_moments(players, before)
        if before is not None:
            values |= measure.origin_moments(players, before)
            values |= measure.roster_moments(players, before, srs, strengths[-1])
        for back, name in ((1, "SRS year to year"), (2, "SRS two years"), (3, "SRS three years")):
            if len(strengths) >= back:
                values[name] = float(np.corrcoef(srs, strengths[-back].loc[srs.index])[0, 1])
        for name, value in values.items():
            moments.setdefault(name, []).append(value)
        strengths.append(srs)
        before = players
    return moments


def tolerance(name: str) -> float | None:
    """Return the tolerance of a moment, None where it is for information only."""
    if name.endswith(("with plus-minus", "plus-minus per 48")):
        return None
    if name in INFORMATION or name.startswith(("SD of pace", "plus-minus year", "SRS: ")):
        return None
    if name.startswith((*PLAYER_LEVEL, *measure.ROLES)):
        return PLAYER
    return LEAGUE


def compare(simulated: Moments, real: Moments | None) -> pd.DataFrame:
    """Return the table: one row a moment."""
    rows: list[dict[str, Any]] = []
    for name, values in simulated.items():
        sampling = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
        row: dict[str, Any] = {"moment": name, "simulated": np.mean(values), "error": sampling}
        if real is not None and name in real:
            truth, limit = float(np.mean(real[name])), tolerance(name)
            row |= {"real": truth, "ratio": np.mean(values) / truth, "tolerance": limit}
            row["verdict"] = (
                "" if limit is None else "ok" if abs(row["ratio"] - 1) <= limit else "MISS"
            )
        rows.append(row)
    return pd.DataFrame(rows)


def show(table: pd.DataFrame, markdown: bool) -> None:
    """Print the rows of a table, aligned or as markdown."""
    columns = [name for name in table.columns if name != "tolerance"]
    if markdown:
        print("| " + " | ".join(columns) + " |")
        print("|---|" + "---:|" * (len(columns) - 2) + "---|")
    for row in table.to_dict("records"):
        cells = [
            f"{row[name]:.3f}" if isinstance(row[name], float) else str(row[name])
            for name in columns
        ]
        if markdown:
            print("| " + " | ".join(cells) + " |")
        else:
            print(f"{cells[0]:36s}" + "".join(f"{cell:>11s}" for cell in cells[1:]))


def main(arguments: list[str]) -> int:
    """Measure, print, and return 1 where a moment misses its tolerance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("raw", nargs="*", type=Path, default=[Path("data/raw")])
    parser.add_argument("--real", type=Path, help="folder of real box scores")
    parser.add_argument("--details", action="store_true", help="print statistics by role as well")
    parser.add_argument("--markdown", action="store_true", help="print tables for the docs")
    options = parser.parse_args(arguments)
    started = time.perf_counter()
    pooled: Moments = {}
    for folder in options.raw:
        for name, values in measure_league(read_league(folder, "")).items():
            pooled.setdefault(name, []).extend(values)
    real = None
    if options.real:
        real = measure_league(read_league(options.real, FIRST_REAL_SEASON))
    else:
        print("no --real: the simulated moments alone")
    table = compare(pooled, real)
    by_role = table["moment"].str.startswith(measure.ROLES)
    if not options.markdown:
        heads = [name for name in table.columns if name not in ("moment", "tolerance")]
        print(f"{'moment':36s}" + "".join(f"{head:>11s}" for head in heads))
    show(table[~by_role], options.markdown)
    if options.details:
        print()
        show(table[by_role], options.markdown)
    misses = 0
    if real is not None:
        judged = table[table["verdict"] != ""]
        missed = judged[judged["verdict"] == "MISS"]
        misses = len(missed)
        of_role = by_role.loc[judged.index]
        for label, part in (("", judged[~of_role]), ("statistics by role: ", judged[of_role])):
            good = int((part["verdict"] == "ok").sum())
            print(f"\n{label}{good} of {len(part)} moments within tolerance")
        if misses and not options.details:
            show(missed[by_role.loc[missed.index]], options.markdown)
    print(f"\n{time.perf_counter() - started:.1f} s")
    return int(misses > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
