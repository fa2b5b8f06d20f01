"""What each part of the opening-night strength adds: rosters, age, values, minutes, prior.

Wins are predicted by a ridge on the strength of the roster, carried SRS and the record to date,
fitted to earlier seasons, so that parts can be compared without the models behind the ensemble.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import spearmanr

from nbarank.core.sections import load_section
from nbarank.core.tables import read_table
from nbarank.ensemble.preseason import preseason_points
from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.rosters import LEAGUE_TABLES, build_rosters
from nbarank.schemas.columns import KEY
from nbarank.schemas.features import ROSTER_TEAMS, ROSTERS
from nbarank.schemas.league import AS_OF, OUTCOMES, TEAM_MINUTES
from nbarank.schemas.ratings import RATINGS
from nbarank.schemas.season_split import by_name

CHECKPOINTS = (0.0, 0.10, 0.25)
PENALTY = 0.1
"""Ridge penalty per row, on standardised inputs."""
ABSENT_GAMES = 5
"""Games missed at the start of the season that hindsight counts as an absence."""
INPUTS = ("strength", "srs_carried", "win_pct")


@dataclass(frozen=True)
class Part:
    """A variant: columns of minutes and values of players, and inputs beside INPUTS."""

    minutes: str = "expected_minutes_rest"
    value: str = "impact"
    added: tuple[str, ...] = ()


PARTS = {
    "all parts": Part(),
    "minutes: decayed, no model": Part(minutes="recent_minutes"),
    "minutes: per game played": Part(minutes="played_minutes"),
    "values: RAPM without box plus-minus": Part(value="rapm"),
    "values: box plus-minus without RAPM": Part(value="box_plus_minus"),
    "and last season's SRS minus its line-ups (coach)": Part(added=("coach",)),
    "and minutes at last season's plus-minus": Part(added=("plus_minus",)),
    "hindsight: absences up to the first game": Part(minutes="minutes_back"),
    "hindsight: minutes of the season": Part(minutes="minutes_actual"),
}
"""Parts that start with "hindsight" know the season: they bound what better inputs can add."""


def part_scores(run: Path, seasons: Sequence[str], totals: pd.DataFrame) -> pd.DataFrame:
    """Return mean Spearman and RMSE of wins of each variant at CHECKPOINTS.

    Parameters
    ----------
    run
        Folder of a finished run.
    seasons
        Seasons to score.
    totals
        season, team_id, wins of preseason totals, compared on the seasons that have them.

    Returns
    -------
    pandas.DataFrame
        One row a variant, columns (measure, checkpoint).
    """
    root = run / "data/ended"
    tables = by_name(LEAGUE_TABLES, lambda table: read_table(table, root))
    rosters = _with_hindsight(read_table(ROSTERS, root), tables["player_games"])
    teams = _with_plus_minus(_team_rows(root), rosters)
    features, players = load_section(FeatureParams), load_section(PlayerParams)
    frames = {name: _with_strength(teams, rosters, part) for name, part in PARTS.items()}
    scores = {name: _scores(frames[name], PARTS[name].added, seasons) for name in PARTS}
    lists = tables["team_lists"]
    for name, other in {"no rosters": lists.iloc[:0], "no age": lists.assign(age=np.nan)}.items():
        made = build_rosters({**tables, "team_lists": other}, features, players)
        scores[name] = _scores(_with_strength(teams, made.rosters, Part()), (), seasons)
    everything = frames["all parts"]
    points = preseason_points(everything, totals)
    known = everything.assign(prior=points)[np.isfinite(points)]
    with_totals = [season for season in seasons if season in set(known["season"])]
    scores["with totals: all parts"] = _scores(known, (), with_totals)
    scores["with totals: and the prior"] = _scores(known, ("prior",), with_totals)
    means = {name: one.groupby(["measure", "checkpoint"]).mean() for name, one in scores.items()}
    return pd.DataFrame(means).T


def _team_rows(root: Path) -> pd.DataFrame:
    """Return one row per team and checkpoint: ratings, coach effect and the season's result."""
    days = read_table(AS_OF, root)
    days = days[days["checkpoint"].isin(CHECKPOINTS)][["season", "as_of", "checkpoint"]]
    ratings = read_table(RATINGS, root)
    ratings = ratings[[*KEY, "srs_carried", "win_pct", "last_season_srs"]]
    lineups = read_table(ROSTER_TEAMS, root)[[*KEY, "record_strength"]]
    rows = days.merge(ratings, on=["season", "as_of"]).merge(lineups, on=KEY)
    first = rows.sort_values("as_of").groupby(["season", "team_id"])["record_strength"]
    outcomes = read_table(OUTCOMES, root)[["season", "team_id", "wins", "losses", "final_rank"]]
    rows = rows.assign(coach=rows["last_season_srs"] - first.transform("first"))
    return rows.merge(outcomes, on=["season", "team_id"])


def _with_plus_minus(teams: pd.DataFrame, rosters: pd.DataFrame) -> pd.DataFrame:
    made = _with_strength(teams, rosters, Part(value="plus_minus_season"))
    return made.rename(columns={"strength": "plus_minus"})


def _with_hindsight(rosters: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    """Return rosters with minutes_actual, and expected minutes less those before his first game."""
    played = games[(games["kind"] == "regular") & (games["minutes"] > 0)]
    number = played[["season", "team_id", "game_date"]].drop_duplicates()
    number["number"] = number.groupby(["season", "team_id"])["game_date"].rank()
    season_games = number.groupby("season")["number"].max()
    played = played.merge(number)
    own = played.groupby(["season", "team_id", "player_id"], as_index=False)
    minutes = own.agg(minutes_actual=("minutes", "sum"))
    first = played.groupby(["season", "player_id"], as_index=False).agg(first=("number", "min"))
    found = rosters.merge(minutes, how="left").merge(first, how="left")
    length = found["season"].map(season_games)
    missed = found["first"].fillna(length) - 1.0
    left = np.where(missed >= ABSENT_GAMES, 1.0 - missed / length, 1.0)
    back = found["expected_minutes_rest"] * left
    return found.fillna({"minutes_actual": 0.0}).assign(minutes_back=back)


def _with_strength(teams: pd.DataFrame, rosters: pd.DataFrame, part: Part) -> pd.DataFrame:
    points = rosters[part.minutes] * rosters[part.value]
    sums = rosters[KEY].assign(points=points, minutes=rosters[part.minutes]).groupby(KEY).sum()
    strength = sums["points"] / sums["minutes"].clip(lower=1e-9) * (TEAM_MINUTES / 48.0)
    return teams.merge(strength.rename("strength").reset_index(), on=KEY)


def _scores(rows: pd.DataFrame, added: Sequence[str], seasons: Sequence[str]) -> pd.Series:
    """Return the measures of walk-forward predictions, index (measure, checkpoint, season)."""
    found: dict[tuple[str, float, str], float] = {}
    for checkpoint, of_day in rows.groupby("checkpoint"):
        columns = [*INPUTS, *added]
        values = of_day[columns] - of_day.groupby("season")[columns].transform("mean")
        target = of_day["wins"] / (of_day["wins"] + of_day["losses"]) - 0.5
        for season in seasons:
            known, scored = of_day["season"] < season, of_day["season"] == season
            scale = values[known].std().replace(0.0, 1.0)
            left = (values[known] / scale).to_numpy()
            penalty = PENALTY * len(left) * np.eye(len(columns))
            weights = np.linalg.solve(left.T @ left + penalty, left.T @ target[known].to_numpy())
            share = 0.5 + (values[scored] / scale).to_numpy() @ weights
            result = of_day[scored]
            error = share * (result["wins"] + result["losses"]) - result["wins"]
            order = -float(spearmanr(share, result["final_rank"])[0])
            found["Spearman", float(checkpoint), season] = order
            found["RMSE of wins", float(checkpoint), season] = float(np.sqrt((error**2).mean()))
    return pd.Series(found).rename_axis(["measure", "checkpoint", "season"])
