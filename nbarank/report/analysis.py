"""The page in words: analysis.md of a run, and reports/ANALYSIS_NN.md where it is kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from nbarank.core.tables import write_text
from nbarank.report.headline import TARGETS, Comparison
from nbarank.schemas.predictions import DayForecast

_NUMBERED = re.compile(r"ANALYSIS_(\d{2,})\.md$")
SHOWN_TEAMS = 10


def analysis_text(
    *,
    latest: DayForecast,
    simulated: bool,
    comparisons: Sequence[Comparison],
    sentences: Sequence[str],
    test: str,
    shap: pd.DataFrame,
    gradients: pd.DataFrame,
    ablation: pd.DataFrame,
    health_sentence: str,
    origin_sentence: str,
    hashes: Mapping[str, str],
    environment: Mapping[str, str],
    unit: str,
) -> str:
    """Return the analysis as Markdown; arguments are what the page shows."""
    lines = [f"# Analysis: season {latest.season} as of {latest.as_of}", ""]
    if simulated:
        lines += ["**Simulated league: teams, players and games are made up.**", ""]
    lines += ["## Does it beat the standings?", "", *sentences]
    lines += [test] if test else []
    lines += [
        "",
        "| for | season played | ensemble | standings | difference | interval | verdict |",
    ]
    lines += ["|---|---:|---:|---:|---:|---:|---|"]
    for row in comparisons:
        known = row.low == row.low
        interval = f"{row.low:+.3f} to {row.high:+.3f}" if known else "one season"
        lines.append(
            f"| {TARGETS[row.target]} | {row.checkpoint} % | {row.ensemble:.3f} | "
            f"{row.standings:.3f} | {row.difference:+.3f} | {interval} | {row.verdict} |"
        )
    lines += ["", "## The latest forecast", ""]
    lines += ["| rank | team | record | projected wins | playoffs | title | called |"]
    lines += ["|---:|---|---|---:|---:|---:|---|"]
    for team in latest.teams[:SHOWN_TEAMS]:
        lines.append(
            f"| {team.predicted_league_rank} | {team.name} | {team.analysis.wins}-"
            f"{team.analysis.losses} | {team.projected_wins:.1f} | {team.odds.playoffs:.1%} | "
            f"{team.odds.title:.1%} | {team.analysis.classification} |"
        )
    for name in ("sleeper", "paper tiger"):
        named = [team for team in latest.teams if team.analysis.classification == name]
        if named:
            lines += ["", f"### Called {name}", ""]
            lines += [f"- {team.name}: {team.analysis.explanation}" for team in named]
    lines += ["", "## What the models look at", ""]
    for model, rows in shap.groupby("model"):
        top = rows.sort_values("size", ascending=False).head(5)
        told = ", ".join(f"{row.feature} {row.share:.2f}" for row in _shares(top))
        lines.append(f"- {model}, mean size of SHAP values in {unit}: {told}.")
    for of, rows in gradients.groupby("of"):
        top = rows.sort_values("spread", ascending=False).head(5)
        told = ", ".join(f"{row['input']} {row['spread']:.2f}" for row in top.to_dict("records"))
        lines.append(f"- Deep Set, {of} inputs, SD between teams of a day, in {unit}: {told}.")
    lines += [f"- {ablation_sentence(ablation, unit)}", "", "## Model health", "", health_sentence]
    lines += ["", "## Where it comes from", "", origin_sentence, ""]
    lines += [f"- {name}: `{value}`" for name, value in hashes.items()]
    versions = ", ".join(f"{name} {version}" for name, version in environment.items())
    lines += [f"- {versions}"]
    return "\n".join(lines) + "\n"


def _shares(rows: pd.DataFrame) -> list[Any]:
    return list(rows.rename(columns={"size": "share"}).itertuples())


def ablation_sentence(ablation: pd.DataFrame, unit: str) -> str:
    """Return what removing the most attended player does, in words."""
    lead = ablation[ablation["measure"] != "size"].set_index("removed").loc["most attended"]
    size = ablation[ablation["measure"] == "size"].set_index("removed")["mean"]
    interval = (
        f" (interval {lead['low']:+.2f} to {lead['high']:+.2f})"
        if lead["low"] == lead["low"]
        else ""
    )
    return (
        f"Without its most attended player a team's score changes by {size['most attended']:.2f} "
        f"{unit}, without an average other one by {size['average other']:.2f}: "
        f"{lead['mean']:+.2f} more{interval}."
    )


def keep_analysis(text: str, folder: Path) -> Path:
    """Write a text as the next reports/ANALYSIS_NN.md; the newest one stays if it says the same.

    Returns
    -------
    Path
        Of the file that holds the text.
    """
    folder.mkdir(parents=True, exist_ok=True)
    taken = {
        int(match.group(1)): path
        for path in folder.iterdir()
        if (match := _NUMBERED.match(path.name))
    }
    newest = max(taken, default=0)
    if newest and taken[newest].read_text(encoding="utf-8") == text:
        return taken[newest]
    path = folder / f"ANALYSIS_{newest + 1:02d}.md"
    write_text(path, text)
    return path
