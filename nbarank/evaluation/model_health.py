"""What the Deep Set said of itself while it was trained, for the scorecard and for metrics."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nbarank.core.errors import EvaluationError

NUMBERS = (
    "relative_loss",
    "spearman_best",
    "spearman_last",
    "attention_entropy",
    "minutes_entropy",
    "fallback_share",
)


def read_diagnostics(path: Path) -> list[dict[str, Any]]:
    """Read data/diagnostics/deepset.json: one row a fold, `fold` and `verdict` in words.

    Raises
    ------
    EvaluationError
        If the file is missing or is not a list of folds.
    """
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(
            f"The Deep Set's diagnostics cannot be read: {error}",
            where=str(path),
            next_command="dvc repro oof_deepset",
        ) from error
    if not isinstance(rows, list) or not all("fold" in row and "verdict" in row for row in rows):
        raise EvaluationError(
            "The Deep Set's diagnostics hold no folds.",
            where=str(path),
            allowed="a list of objects with fold and verdict",
            next_command="dvc repro oof_deepset",
        )
    return rows


def attention_metrics(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return metrics/attention.json: the finite numbers of every fold, and how many are healthy."""
    content: dict[str, Any] = {
        "folds": len(rows),
        "healthy": sum(row["verdict"] == "healthy" for row in rows),
        "fold": {
            row["fold"]: {name: round(float(row[name]), 6) for name in NUMBERS if name in row}
            for row in rows
        },
    }
    return json.dumps(content, indent=1) + "\n"


def health_text(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the verdicts as Markdown lines with a heading."""
    lines = [
        "",
        "## Is the Deep Set healthy?",
        "",
        "One row a fold, named by the season it scores. Loss relative to that of equal scores "
        "(log n! for ListMLE): 1 has learnt nothing. Spearman on the held-out part of the fold's "
        "training seasons. Entropy relative to equal shares: 1 looks at everybody alike. Verdicts "
        "are explained in docs/deepset.md.",
        "",
        "| fold | verdict | relative loss | Spearman, best epoch | last epoch | "
        "attention's entropy | minutes' entropy | on fallback |",
        "|---|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in rows:
        numbers = [f"{row[name]:.3f}" if name in row else "" for name in NUMBERS]
        lines.append(f"| {row['fold']} | {row['verdict']} | " + " | ".join(numbers) + " |")
    return lines
