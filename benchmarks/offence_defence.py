"""Points scored of coming games forecast from offence and defence, adjusted and not.

    python -m benchmarks.offence_defence [--data data]

Regular-season games of the validation seasons, each on its latest as-of date. A side's points per
100 possessions are forecast as the league's mean to date, half of last season's home advantage, the
side's offence and minus its opponent's defence. Unadjusted offence and defence are means of the
season to date; shrunk ones also have the games at last season's values that adjusted ones have.
Differences of errors have 95 % intervals over seasons. Points allowed are the other side's, so
their error is the same.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.params import SeasonsParams
from nbarank.core.season_intervals import season_intervals
from nbarank.core.sections import load_section
from nbarank.core.tables import read_table
from nbarank.ratings.efficiency import per_100
from nbarank.ratings.params import SrsParams
from nbarank.ratings.season_games import Floats, SeasonGames, split_seasons
from nbarank.schemas.league import AS_OF, GAMES, TEAM_GAMES, TEAMS
from nbarank.schemas.ratings import EFFICIENCY

COVERAGE = 0.95
Sides = dict[str, tuple[Floats, Floats]]
"""Offence and defence by forecast, shape (dates, teams) each."""


def unadjusted(season: SeasonGames, prior: Floats, ridge: float) -> Sides:
    """Return the sides of the forecasts without adjustment; `prior` has shape (2, teams)."""
    ones = np.ones_like(season.home_pts)
    games, mean = season.per_team(ones, ones), league_mean(season)[:, None]
    scored = season.per_team(season.home_pts, season.away_pts) - games * mean
    saved = games * mean - season.per_team(season.away_pts, season.home_pts)
    played = np.maximum(games, 1.0)
    return {
        "league mean": (np.zeros_like(games), np.zeros_like(games)),
        "unadjusted": (scored / played, saved / played),
        "unadjusted, shrunk": (
            (scored + ridge * prior[0]) / (games + ridge),
            (saved + ridge * prior[1]) / (games + ridge),
        ),
    }


def league_mean(season: SeasonGames) -> Floats:
    """Return points per 100 possessions before each date, shape (dates,); 0 before a game."""
    ones = np.ones_like(season.home_pts)
    points = season.per_team(season.home_pts, season.away_pts).sum(axis=1)
    return np.asarray(points / np.maximum(season.per_team(ones, ones).sum(axis=1), 1.0))


def errors(season: SeasonGames, sides: Sides, earlier_mean: float, home: float) -> pd.DataFrame:
    """Return errors of the forecasts by game and side, with the share of the season played."""
    mean = league_mean(season)
    mean = np.where(mean > 0, mean, earlier_mean)
    at = np.searchsorted(season.as_of, season.days[season.day], side="right") - 1
    found = {}
    for name, (offence, defence) in sides.items():
        edge = season.at_home * home / 2
        of_home = mean[at] + offence[at, season.home] - defence[at, season.away] + edge
        of_away = mean[at] + offence[at, season.away] - defence[at, season.home] - edge
        found[name] = np.concatenate([season.home_pts - of_home, season.away_pts - of_away])
    part = np.tile(season.day / season.days.size, 2)
    return pd.DataFrame(found).assign(season=season.season, part=part)


def all_errors(data: Path, srs: SrsParams) -> pd.DataFrame:
    """Return `errors` of all ended seasons but the first, from which the second is forecast."""
    games, team_games, teams, as_of = (
        read_table(table, data / "ended") for table in (GAMES, TEAM_GAMES, TEAMS, AS_OF)
    )
    rated = read_table(EFFICIENCY, data)
    last: dict[int, Floats] = {}
    frames, mean, home = [], np.nan, np.nan
    for season in split_seasons(per_100(games, team_games), teams, as_of):
        regular = season.select(season.regular)
        prior = np.array([last.get(team, np.zeros(2)) for team in season.teams.tolist()]).T
        prior *= srs.carry_over
        own = rated[rated["season"] == season.season].sort_values(["as_of", "team_id"])
        sides = unadjusted(regular, prior, srs.carried_ridge_games)
        shape = sides["unadjusted"][0].shape
        offence, defence = (own[name].to_numpy().reshape(shape) for name in ("offence", "defence"))
        sides["adjusted"] = (offence, defence)
        frames.append(errors(regular, sides, mean, home))
        final = unadjusted(regular.ended(), prior, srs.carried_ridge_games)["unadjusted, shrunk"]
        last.update(zip(season.teams.tolist(), np.stack(final)[:, 0].T, strict=True))
        mean = float(league_mean(regular.ended())[0])
        home = float((regular.home_pts - regular.away_pts)[regular.at_home > 0].mean())
    return pd.concat(frames[1:], ignore_index=True)


def main() -> None:
    """Print root mean squared errors, and differences in squared error to the adjusted sides."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("data"))
    rows = all_errors(parser.parse_args().data, load_section(SrsParams))
    rows = rows[rows["season"].isin(load_section(SeasonsParams).validation)]
    names = ["league mean", "unadjusted", "unadjusted, shrunk", "adjusted"]
    parts = {"all": rows["part"] >= 0, "first tenth": rows["part"] < 0.1}
    parts |= {"to the middle": rows["part"].between(0.1, 0.5), "second half": rows["part"] > 0.5}
    print(f"{len(rows) // 2} games, {rows['season'].nunique()} seasons; points per 100 possessions")
    for title, chosen in parts.items():
        squares = rows.loc[chosen, names] ** 2
        by_season = squares.groupby(rows["season"]).mean()
        gap = season_intervals(by_season.sub(by_season["adjusted"], axis=0).to_numpy(), COVERAGE)
        table = pd.DataFrame({"RMSE": np.sqrt(squares.mean()), "MSE above adjusted": gap.mean})
        table["low"], table["high"] = gap.low, gap.high
        table["seasons above"] = [f"{share:.0%}" for share in gap.share_positive]
        print(f"\n{title}\n{table.round(3).to_string()}")


if __name__ == "__main__":
    main()
