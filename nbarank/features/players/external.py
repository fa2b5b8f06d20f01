"""Published ratings of last season, matched to players by name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from nbarank.core.names import normal_name
from nbarank.features.players.members import Members
from nbarank.features.players.player_log import Floats, PlayerLog, Snapshots


def external_ratings(
    external: pd.DataFrame, log: PlayerLog, members: Members, snapshots: Snapshots
) -> dict[str, Floats]:
    """Return columns external_rating (of last season; 0: unknown) and has_external_rating.

    A rating covers a whole season, so only the previous season's is known. Names are compared in
    normal form; a name shared by two players of a season matches neither.
    """
    if external.empty or len(members) == 0:
        unknown = np.zeros(len(members))
        return {"external_rating": unknown, "has_external_rating": unknown}
    rows = np.isin(log.season_number, np.unique(snapshots.season_number) - 1)
    played = pd.DataFrame(
        {"number": log.season_number[rows], "player": log.player[rows], "name": log.names[rows]}
    ).drop_duplicates()
    normal = {name: normal_name(name) for name in played["name"].unique()}
    played = played.assign(name=played["name"].map(normal)).drop_duplicates()
    played = played.drop_duplicates(["number", "name"], keep=False)
    numbers = {label: place for place, label in enumerate(snapshots.seasons)}
    known = external.assign(number=external["season"].map(numbers)).dropna(subset=["number"])
    matched = played.merge(known.astype({"number": "int64"}), on=["number", "name"])
    table = np.full((len(snapshots.seasons) + 1, len(log.players)), np.nan)
    table[matched["number"].to_numpy() + 1, matched["player"].to_numpy()] = matched["rating"]
    own = table[snapshots.season_number[members.snapshot], members.player]
    return {
        "external_rating": np.nan_to_num(own),
        "has_external_rating": np.isfinite(own).astype(np.float64),
    }
