"""Numbered analyses: copies of report/analysis.md in reports/ANALYSIS_NN.md."""

from __future__ import annotations

import re
from pathlib import Path

from nbarank.core.tables import write_text

_NUMBERED = re.compile(r"ANALYSIS_(\d{2,})\.md$")


def write_analysis(text: str, folder: Path) -> Path:
    """Write a text as the next ANALYSIS_NN.md, unless the newest one is equal; return its path."""
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
