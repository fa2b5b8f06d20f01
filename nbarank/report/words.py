"""Sentences and small tables that page and analysis share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

UNITS = {"margin": "points", "rank": "places"}
ODDS = {
    "game_brier": "Brier score of single games",
    "game_logloss": "Log-loss of single games",
    "playoffs_brier": "Brier score of making the playoffs",
    "title_logloss": "Log-loss of the champion",
    "title_brier": "Brier score of the title odds",
}


def unit_of(score: str) -> str:
    """Return the unit of an explained score in words."""
    return UNITS[score]


def sentence_on_test_seasons(scorecard: pd.DataFrame, test: Sequence[str]) -> str:
    """Return how the test seasons went, '' where none has been played."""
    rows = scorecard[
        scorecard["season"].isin(list(test))
        & (scorecard["metric"] == "spearman")
        & (scorecard["target"] == "final_rank")
        & scorecard["ranker"].isin(["ensemble", "standings"])
    ]
    if rows.empty:
        return ""
    means = rows.pivot_table(index="checkpoint", columns="ranker", values="value")
    told = "; ".join(
        f"{checkpoint} %: {row['ensemble']:.3f} against {row['standings']:.3f}"
        for checkpoint, row in means.iterrows()
    )
    return (
        f"Test ({', '.join(test)}, never seen by a sweep), agreement with the final "
        f"standings, ensemble against standings: {told}."
    )


def odds_checkpoints(scorecard: pd.DataFrame) -> list[int]:
    """Return the checkpoints of the scorecard, ascending."""
    return sorted(int(value) for value in scorecard["checkpoint"].unique())


def odds_table(scorecard: pd.DataFrame, test: Sequence[str]) -> list[dict[str, Any]]:
    """Return means of the probability scores by checkpoint, as texts."""
    rows = scorecard[
        scorecard["season"].isin(list(test))
        & (scorecard["ranker"] == "ensemble")
        & scorecard["metric"].isin(list(ODDS))
    ]
    means = rows.groupby(["metric", "checkpoint"])["value"].mean()
    table = []
    for metric, name in ODDS.items():
        values = [means.get((metric, one)) for one in odds_checkpoints(scorecard)]
        if any(value is not None for value in values):
            texts = ["" if value is None else f"{value:.3f}" for value in values]
            table.append({"name": name, "values": texts})
    return table


def health_sentence(health: pd.DataFrame) -> str:
    """Return in one or two sentences whether the Deep Set is well."""
    ill = health[health["verdict"] != "healthy"]
    told = (
        f"The Deep Set calls itself healthy in all {len(health)} seasons."
        if ill.empty
        else "The Deep Set is not well in "
        + "; ".join(f"{row.season} ({row.verdict})" for row in ill.itertuples())
        + "."
    )
    beyond = float(health["completeness_beyond"].max())
    gradients = (
        "Integrated gradients add up to the scores within the tolerance for every team."
        if beyond == 0
        else f"Integrated gradients miss the tolerance for up to {beyond:.0%} of a season's teams."
    )
    return f"{told} {gradients}"


def origin_sentence(manifest: Mapping[str, Any]) -> str:
    """Return what the raw data is, in one sentence."""
    seasons = manifest.get("seasons", {})
    games = sum(int(one["games_counted"]) for one in seasons.values())
    kind = "a simulated league" if manifest["simulated"] else "box scores of the league"
    unfinished = [name for name, one in seasons.items() if not one["complete"]]
    rest = f"; not complete: {', '.join(unfinished)}" if unfinished else ""
    first, last = (min(seasons), max(seasons)) if seasons else ("", "")
    return (
        f"Made from {kind}: {len(manifest.get('files', []))} files, {len(seasons)} seasons "
        f"({first} to {last}), {games} games of the regular season{rest}."
    )
