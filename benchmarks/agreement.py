"""Agreement of ratings and player impact with published figures, as tables.

    python -m benchmarks.agreement --data data --anchors ANCHORS

Needs the tables of real seasons (`dvc repro` with `data.source: folder`) and a folder of published
figures, which are compared with and never used as features.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from nbarank.core.names import normal_name
from nbarank.core.sections import load_section
from nbarank.features.params import FeatureParams
from nbarank.features.team import describe_teams
from nbarank.ratings.elo import carried_over, season_elo
from nbarank.ratings.params import EloParams, PythagoreanParams, SrsParams
from nbarank.ratings.season_games import split_seasons
from nbarank.ratings.table import rate
from nbarank.schemas.features import ROSTERS
from nbarank.schemas.league import GAMES, PLAYER_GAMES, SCHEDULE, SEASONS, TEAM_GAMES, TEAMS
from nbarank.schemas.season_split import read_whole

FIVETHIRTYEIGHT = EloParams(
    mean=1505.0,
    home_advantage=100.0,
    k_start=20.0,
    k_end=20.0,
    k_fall_games=1,
    cold_start_games=0,
    cold_start_k=20.0,
    carry_over=0.75,
    margin_offset=3.0,
    margin_exponent=0.8,
    margin_scale=7.5,
    margin_favourite=0.006,
)
"""The published constants ("How We Calculate NBA Elo Ratings", 2015)."""
MIN_MINUTES = 500
IMPACT_MEASURES = ("box_plus_minus", "rapm", "impact", "game_score_season", "plus_minus_season")


def day_after_season(games: pd.DataFrame) -> pd.DataFrame:
    """Return an as-of grid with one date a season: the day after its last regular-season game."""
    last = games[games["kind"] == "regular"].groupby("season")["game_date"].max()
    return (last + pd.Timedelta(days=1)).rename("as_of").reset_index()


def ratings_agreement(data: Path, anchors: Path) -> pd.DataFrame:
    """Compare season-end MOV, SRS and SOS with Basketball-Reference's.

    Returns
    -------
    Largest absolute difference by season, in points.
    """
    games, teams = read_whole(GAMES, data), read_whole(TEAMS, data)
    ours = rate(
        games,
        teams,
        day_after_season(games),
        load_section(EloParams),
        load_section(SrsParams),
        load_section(PythagoreanParams),
    ).merge(teams, on=["season", "team_id"])
    theirs = pd.read_parquet(anchors / "team_seasons.parquet")
    both = ours.merge(
        theirs.rename(columns={"srs": "their_srs", "sos": "their_sos"}),
        left_on=["season", "abbreviation"],
        right_on=["season", "team_abbr"],
    )
    differences = pd.DataFrame(
        {
            "season": both["season"],
            "teams": 1,
            "MOV": (both["point_diff"] - both["mov"]).abs(),
            "SRS": (both["srs"] - both["their_srs"]).abs(),
            "SOS": (both["sos"] - both["their_sos"]).abs(),
            "wins": (both["wins"] - both["w"]).abs(),
        }
    )
    return differences.groupby("season").agg(
        {"teams": "sum", "MOV": "max", "SRS": "max", "SOS": "max", "wins": "max"}
    )


def elo_agreement(data: Path, anchors: Path) -> pd.DataFrame:
    """Compare Elo before every game, by the published constants, with FiveThirtyEight's.

    Ours starts every team at the mean in the first season of the data; theirs includes earlier
    seasons. The last rows are therefore means with and without the first season.

    Returns
    -------
    Correlation of ratings (both teams of every game) and of home-win probabilities by season,
    and largest difference of Elo.
    """
    games, teams = read_whole(GAMES, data), read_whole(TEAMS, data)
    no_dates = day_after_season(games).iloc[:0]
    history: dict[int, float] = {}
    frames = []
    for season in split_seasons(games, teams, no_dates):
        mean = FIVETHIRTYEIGHT.mean
        start = np.array([history.get(int(team), mean) for team in season.teams])
        before = carried_over(start, FIVETHIRTYEIGHT) if history else start
        path, expected = season_elo(season, before, np.ones(len(before)), FIVETHIRTYEIGHT)
        history.update(zip(season.teams.tolist(), path[-1].tolist(), strict=True))
        own = games[games["season"] == season.season].sort_values(["game_date", "game_id"])
        frames.append(
            pd.DataFrame(
                {
                    "season": season.season,
                    "game_id": own["game_id"].to_numpy(),
                    "home_elo": path[season.day, season.home],
                    "away_elo": path[season.day, season.away],
                    "probability": expected,
                }
            )
        )
    theirs = pd.read_parquet(anchors / "fivethirtyeight_games.parquet")
    both = pd.concat(frames).merge(
        theirs[["game_id", "elo1_pre", "elo2_pre", "elo_prob1"]], on="game_id"
    )
    both = both.dropna(subset=["elo1_pre", "elo2_pre", "elo_prob1"])
    rows = {str(season): _elo_row(part) for season, part in both.groupby("season")}
    rows["all seasons"] = _elo_row(both)
    rows["all but the first"] = _elo_row(both[both["season"] > both["season"].min()])
    return pd.DataFrame(rows).T


def _elo_row(part: pd.DataFrame) -> dict[str, float]:
    ours = part[["home_elo", "away_elo"]].to_numpy().ravel()
    theirs = part[["elo1_pre", "elo2_pre"]].to_numpy().ravel()
    return {
        "games": float(len(part)),
        "elo correlation": float(np.corrcoef(ours, theirs)[0, 1]),
        "probability correlation": float(np.corrcoef(part["probability"], part["elo_prob1"])[0, 1]),
        "mean |elo difference|": float(np.abs(ours - theirs).mean()),
    }


def factors_agreement(data: Path, anchors: Path) -> pd.DataFrame:
    """Compare season-end four factors and pace with Basketball-Reference's, unshrunk.

    Returns
    -------
    Largest absolute difference and correlation by factor, over all team seasons. Theirs are
    rounded, and count possessions with a longer formula.
    """
    named = {
        "seasons": SEASONS,
        "teams": TEAMS,
        "team_games": TEAM_GAMES,
        "player_games": PLAYER_GAMES,
        "schedule": SCHEDULE,
    }
    tables = {name: read_whole(table, data) for name, table in named.items()}
    games = read_whole(GAMES, data)
    tables["as_of"] = day_after_season(games)
    ratings = rate(
        games,
        tables["teams"],
        tables["as_of"],
        load_section(EloParams),
        load_section(SrsParams),
        load_section(PythagoreanParams),
    )
    wanted = ["efg", "tov_rate", "orb_rate", "ft_rate", "pace", "defensive_rating"]
    params = load_section(FeatureParams).model_copy(
        update={"include_features": wanted, "exclude_features": [], "shrink_games": 0.0}
    )
    ours = describe_teams(tables, ratings, params).merge(tables["teams"], on=["season", "team_id"])
    theirs = pd.read_parquet(anchors / "team_seasons.parquet").rename(
        columns={"pace": "their_pace"}
    )
    both = ours.merge(theirs, left_on=["season", "abbreviation"], right_on=["season", "team_abbr"])
    pairs = {
        "efg": (both["efg_season"], both["e_fg_percent"]),
        "orb_rate": (both["orb_rate_season"], both["orb_percent"] / 100),
        "ft_rate": (both["ft_rate_season"], both["ft_fga"]),
        "tov_rate": (both["tov_rate_season"], both["tov_percent"] / 100),
        "pace": (both["pace_season"], both["their_pace"]),
        "defensive_rating": (both["defensive_rating_season"], both["d_rtg"]),
    }
    return pd.DataFrame(
        {
            name: {
                "team seasons": float(len(both)),
                "correlation": float(np.corrcoef(own, other)[0, 1]),
                "largest difference": float((own - other).abs().max()),
            }
            for name, (own, other) in pairs.items()
        }
    ).T


def player_agreement(data: Path, anchors: Path) -> pd.DataFrame:
    """Compare season-end player impact with published BPM, matched by name.

    Players with at least `MIN_MINUTES` who are on a roster the day after the regular season.
    Published BPM describes the season itself and is fitted on many seasons; ours is fitted on
    earlier seasons only and shrunk towards the mean.

    Returns
    -------
    Spearman by season and measure, number of players, and the share of published players matched.
    """
    rosters = read_whole(ROSTERS, data)
    last = rosters.groupby("season")["as_of"].transform("max")
    ours = rosters[rosters["as_of"] == last].copy()
    ours["name"] = [normal_name(name) for name in ours["player_name"]]
    theirs = pd.read_parquet(anchors / "player_seasons.parquet")
    theirs = theirs[theirs["mp_total"] >= MIN_MINUTES].copy()
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
            **{
                name: float(spearmanr(part[name], part["bpm"]).statistic)
                for name in IMPACT_MEASURES
            },
        }
        for season, part in both.groupby("season")
    }
    table = pd.DataFrame(rows).T
    return pd.concat([table, table.mean().to_frame("mean").T])


TABLES = {
    "Season-end ratings against Basketball-Reference: largest difference (points)": (
        ratings_agreement
    ),
    "Elo before each game against FiveThirtyEight's, with their constants": elo_agreement,
    "Season-end four factors against Basketball-Reference": factors_agreement,
    "Player impact against published BPM, players with 500 minutes (Spearman)": player_agreement,
}
"""Title and function of every table printed."""


def main() -> None:
    """Print every table of agreement."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"), help="folder of the tables")
    parser.add_argument("--anchors", type=Path, required=True, help="folder of published figures")
    options = parser.parse_args()
    for title, table in TABLES.items():
        print(f"\n{title}")
        print(table(options.data, options.anchors).to_string(float_format="{:.4f}".format))


if __name__ == "__main__":
    main()
