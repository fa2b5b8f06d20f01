"""What a cheat does: change entries and make every hash agree again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nbarank.ledger.chain import FOLDER, NONE, SUMS, canonical, entry_names, sha256_of


def rebuild(root: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Apply `change` to every entry, and chain and list them anew."""
    previous, lines = NONE, []
    for name in entry_names(root):
        path = root / FOLDER / name
        content = json.loads(path.read_bytes())
        change(content)
        content["previous"] = previous
        content["forecast_sha256"] = sha256_of(canonical(content["forecast"]))
        path.write_bytes(canonical(content))
        previous = sha256_of(canonical(content))
        lines.append(f"{previous}  {name}\n")
    (root / FOLDER / SUMS).write_text("".join(lines))
