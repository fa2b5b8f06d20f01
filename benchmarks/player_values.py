"""Agreement of players' impact, offence and defence with BPM, and the best of four seasons.

    python -m benchmarks.player_values --anchors ANCHORS [--data data]

Needs the tables of real seasons. Impact is that of the day after the regular season; BPM is
compared with and never used as a feature. All figures are weighted by minutes and cover players
with `MIN_MINUTES` minutes.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.tables import read_table
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.league import AS_OF, PLAYER_GAMES

SHOWN = ["impact", "bpm", "bpm_rank", "offence", "obpm", "defence", "dbpm"]
MIN_MINUTES, TOP_MINUTES, BEST = 500, 1000, 15
COLUMNS = ("impact", "box_plus_minus", "rapm")
PUBLISHED = dict.fromkeys(COLUMNS, "bpm") | {"offence": "obpm", "defence": "dbpm"}
USAGE = [0, 15, 20, 25, 30, 100]
BIG_REBOUNDS, GUARD_ASSISTS = 0.16, 0.20
"""Rebounds per minute of a big man above the league's typical; assists per minute of a guard."""


def matched(data: Path, anchors: Path) -> pd.DataFrame:
    """Return season-end rows of features/rosters with published figures and a position group."""
    dates = read_table(AS_OF, data / "ended")
    ends = dates.loc[dates["checkpoint"] == 1.0, ["season", "as_of"]]
    published = pd.read_parquet(anchors / "player_seasons.parquet")
    rosters = read_table(ROSTERS, data / "ended")
    rows = rosters[["season", "as_of", "player_id", "player_name", *PUBLISHED]].merge(ends)
    figures = ["season", "player_id", "mp_total", "usg_pct", "bpm", "obpm", "dbpm"]
    rows = rows.merge(published[figures], on=["season", "player_id"])
    games = read_table(PLAYER_GAMES, data / "ended")
    games = games[games["kind"] == "regular"]
    sums = games.groupby(["season", "player_id"])[["minutes", "reb", "ast"]].sum()
    rows = rows.join(sums, on=["season", "player_id"])
    rebounds, assists = rows["reb"] / rows["minutes"], rows["ast"] / rows["minutes"]
    group = np.where(rebounds - assists > BIG_REBOUNDS, "big", "wing")
    rows["group"] = np.where(assists - rebounds > -0.02, "guard", group)
    return rows[rows["mp_total"] >= MIN_MINUTES].reset_index(drop=True)


def correlation(rows: pd.DataFrame, column: str) -> float:
    """Return the minutes-weighted correlation with the published figure."""
    pair = rows[[column, PUBLISHED[column]]].to_numpy(dtype=float)
    covariance = np.cov(pair.T, aweights=rows["mp_total"])
    return float(covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]))


def bias(rows: pd.DataFrame, by: pd.Series[str]) -> pd.DataFrame:
    """Return minutes-weighted mean of the column minus BPM in each group."""
    means = {}
    for name, part in rows.groupby(by, observed=True):
        values = part[[*COLUMNS, "bpm"]]
        mean = pd.Series(np.average(values, axis=0, weights=part["mp_total"]), values.columns)
        means[name] = {"players": len(part), **(mean[list(COLUMNS)] - mean["bpm"])}
    return pd.DataFrame(means).T


def main() -> None:
    """Print correlation by season, bias by usage and position, and the best of four seasons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--anchors", type=Path, required=True, help="folder of published figures")
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    options = parser.parse_args()
    rows = matched(options.data, options.anchors)
    table = pd.DataFrame(
        {s: {c: correlation(part, c) for c in PUBLISHED} for s, part in rows.groupby("season")}
    ).T
    print(
        "Correlation with BPM, its offence and defence\n",
        pd.concat([table, table.mean().to_frame("mean").T]).round(3),
    )
    print("\nMinus BPM, by usage\n", bias(rows, pd.cut(rows["usg_pct"], USAGE)).round(2))
    print("\nMinus BPM, by position\n", bias(rows, rows["group"]).round(2))
    for season in sorted(rows["season"].unique())[::-2][:4][::-1]:
        of_season = rows[(rows["season"] == season) & (rows["mp_total"] >= TOP_MINUTES)]
        best = of_season.assign(bpm_rank=of_season["bpm"].rank(ascending=False)).nlargest(
            BEST, "impact"
        )
        print(f"\n{season}: {BEST} best by impact, rank by BPM of {len(of_season)}")
        print(best[["player_name", *SHOWN]].round(1).to_string(index=False))


if __name__ == "__main__":
    main()
