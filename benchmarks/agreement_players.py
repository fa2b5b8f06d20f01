"""How well our player impact agrees with Basketball-Reference's published BPM.

    python -m benchmarks.agreement_players --data data --anchors ../shared/nba/anchors

Needs features/rosters of real seasons. For every season, Spearman over the players with at least
500 minutes who stand on a roster the day after the regular season, matched by name. Published
BPM describes the season itself and is fitted to many seasons at once; ours is fitted to earlier
seasons only, pulls towards the mean, and remembers earlier seasons.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd
from scipy.stats import spearmanr

from nbarank.schemas.features import ROSTERS
from nbarank.schemas.season_split import read_whole
from nbarank.sources.external_ratings import normal_name

LEAST_MINUTES = 500
OURS = ("box_plus_minus", "rapm", "impact", "game_score_season", "plus_minus_season")


def player_agreement(data: Path, anchors: Path) -> pd.DataFrame:
    """Compare season-end player impact with published BPM.

    Returns
    -------
    Spearman by season and measure, number of players, and share of the published players with
    enough minutes who were matched.
    """
    rosters = read_whole(ROSTERS, data)
    last = rosters.groupby("season")["as_of"].transform("max")
    ours = rosters[rosters["as_of"] == last].copy()
    ours["name"] = [normal_name(name) for name in ours["player_name"]]
    theirs = pd.read_parquet(anchors / "player_seasons.parquet")
    theirs = theirs[theirs["mp_total"] >= LEAST_MINUTES].copy()
    theirs["name"] = [normal_name(name) for name in theirs["player_name"]]
    both = ours.drop_duplicates(["season", "name"], keep=False).merge(
        theirs.drop_duplicates(["season", "name"], keep=False)[["season", "name", "bpm"]],
        on=["season", "name"],
    )
    published = theirs.groupby("season").size()
    rows = {
        str(season): {
            "players": float(len(part)),
            "matched": len(part) / float(published[season]),
            **{name: float(spearmanr(part[name], part["bpm"]).statistic) for name in OURS},
        }
        for season, part in both.groupby("season")
    }
    table = pd.DataFrame(rows).T
    return pd.concat([table, table.mean().to_frame("mean").T])


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    parser.add_argument("--anchors", type=Path, required=True, help="folder of published figures")
    options = parser.parse_args()
    print(player_agreement(options.data, options.anchors).to_string(float_format="{:.3f}".format))


if __name__ == "__main__":
    main()
