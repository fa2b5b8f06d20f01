"""Sentences that page and analysis share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from nbarank.report.names import TARGET_NAMES
from nbarank.report.standings_comparison import BETTER, UNCLEAR, WORSE, Comparison


def verdict_sentences(found: Sequence[Comparison], coverage: float) -> list[str]:
    """Return for each target at which checkpoints the ensemble certainly beats the standings."""
    sentences = []
    for target, name in TARGET_NAMES.items():
        rows = [one for one in found if one.target == target]
        if not rows:
            continue
        by_verdict = {
            verdict: [f"{one.checkpoint} %" for one in rows if one.verdict == verdict]
            for verdict in (BETTER, WORSE, UNCLEAR)
        }
        parts = []
        if better := by_verdict[BETTER]:
            parts.append(f"at {_joined(better)} of the season it beats the standings")
        if worse := by_verdict[WORSE]:
            parts.append(f"at {_joined(worse)} the standings beat it")
        if unclear := by_verdict[UNCLEAR]:
            parts.append(f"at {_joined(unclear)} there is no clear difference")
        seasons = max(one.seasons for one in rows)
        sentences.append(
            f"For {name}: {'; '.join(parts)} (Spearman over {seasons} validation "
            f"season{'s' if seasons != 1 else ''}, p < {1 - coverage:.2g} adjusted for the number "
            "of comparisons)."
        )
    return sentences


def _joined(texts: Sequence[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def test_seasons_sentence(scorecard: pd.DataFrame, test: Sequence[str]) -> str:
    """Return the scores of the test seasons; empty if none has been played."""
    rows = scorecard[
        scorecard["season"].isin(list(test))
        & (scorecard["metric"] == "spearman")
        & (scorecard["target"] == "final_rank")
        & scorecard["ranker"].isin(["ensemble", "standings"])
    ]
    if rows.empty:
        return ""
    means = rows.pivot_table(index="checkpoint", columns="ranker", values="value").dropna()
    scores = "; ".join(
        f"{checkpoint} %: {row['ensemble']:.3f} against {row['standings']:.3f}"
        for checkpoint, row in means.iterrows()
    )
    return (
        f"Test ({', '.join(test)}, never seen by a sweep), agreement with the final "
        f"standings, ensemble against standings: {scores}."
    )


def health_sentence(health: pd.DataFrame) -> str:
    """Summarise the Deep Set's health and the completeness of its attributions."""
    unhealthy = health[health["verdict"] != "healthy"]
    beyond = float(health["completeness_beyond"].max())
    state = (
        f"Deep Set healthy in all {len(health)} seasons."
        if unhealthy.empty
        else "Deep Set unhealthy in "
        + "; ".join(f"{row.season} ({row.verdict})" for row in unhealthy.itertuples())
        + "."
    )
    gradients = (
        "Integrated gradients add up to the scores within the tolerance for every team."
        if beyond == 0
        else f"Integrated gradients exceed the tolerance for up to {beyond:.0%} of a season's "
        "teams."
    )
    return f"{state} {gradients}"


def ablation_sentence(ablation: pd.DataFrame, unit: str) -> str:
    """Return the effect of removing the most attended player, from data/explain/ablation.csv."""
    lead = ablation[ablation["measure"] != "size"].set_index("removed").loc["most attended"]
    size = ablation[ablation["measure"] == "size"].set_index("removed")["mean"]
    interval = (
        f" (interval {lead['low']:+.2f} to {lead['high']:+.2f})" if pd.notna(lead["low"]) else ""
    )
    return (
        f"Without its most attended player a team's score changes by {size['most attended']:.2f} "
        f"{unit}, without an average other player by {size['average other']:.2f}: "
        f"{lead['mean']:+.2f} more{interval}."
    )


def origin_sentence(manifest: Mapping[str, Any]) -> str:
    """Return what the raw data is, from data/manifest.json."""
    seasons = manifest.get("seasons", {})
    games = sum(int(one["games_counted"]) for one in seasons.values())
    kind = "a simulated league" if manifest["simulated"] else "box scores of the league"
    unfinished = [name for name, one in seasons.items() if not one["complete"]]
    rest = f"; not complete: {', '.join(unfinished)}" if unfinished else ""
    first, last = (min(seasons), max(seasons)) if seasons else ("", "")
    sources = [
        f" Source of {len(one['seasons'])} season(s): {one['title']}, {one['address']} "
        f"(licence: {one['licence']}; converted to the layout of nbarank)."
        for one in manifest.get("sources", [])
    ]
    return (
        f"Computed from {kind}: {len(manifest.get('files', []))} files, {len(seasons)} seasons "
        f"({first} to {last}), {games} games of the regular season{rest}." + "".join(sources)
    )
