"""Data of the page's script: plain values, a column a quantity, in the order of the teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from nbarank.report.names import feature_name
from nbarank.report.page_inputs import PageTables
from nbarank.report.page_schedule import postseason, remaining
from nbarank.report.predictions import Key, Rows, by_team, records, season_of
from nbarank.schemas.league import SEEDS
from nbarank.schemas.predictions import CONTRIBUTORS, DayForecast, Predictions

ABSENT_POINTS = 0.1
"""Absent players who are worth less are not named, as in `nbarank games`."""
EVERY = 10_000
"""A probability of 1 in the data: four decimals, as many as simulations have."""
SHAP_PARTS = 6
"""Features shown a team and model; the others are added up."""
OTHERS = "all others"
ODDS = ("play_in", "playoffs", "second_round", "conference_final", "final", "title")


def seasons_data(
    seasons: Sequence[Predictions], tables: PageTables, players: Mapping[Key, Rows]
) -> list[dict[str, Any]]:
    """Return what the page's script shows of each season, in the order of `seasons`.

    Teams are numbered in the order of their id. Probabilities are in hundredths of a per cent.
    `players` has the rows of explain/contributors, leading ones first.
    """
    absent = tables.absent[tables.absent["points"] >= ABSENT_POINTS].sort_values(
        ["points", "player_id"], ascending=[False, True], kind="stable"
    )
    facts = _Facts(players, by_team(_largest_shap(tables.shap)), by_team(absent))
    return [_season(one, tables, facts) for one in seasons]


class _Facts(NamedTuple):
    """Rows by season, day and team: leading players, SHAP values, absent players by game."""

    players: Mapping[Key, Rows]
    shap: Mapping[Key, Rows]
    absent: Mapping[Key, Rows]


def _season(predictions: Predictions, tables: PageTables, facts: _Facts) -> dict[str, Any]:
    season = season_of(predictions)

    def own(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["season"] == season]

    teams = own(tables.teams).sort_values("team_id")
    number = {team: index for index, team in enumerate(teams["team_id"])}
    told = {one.as_of.isoformat(): one for one in predictions.forecasts}
    fixtures = own(tables.fixtures)
    total = pd.concat([fixtures["home_id"], fixtures["away_id"]]).value_counts()
    history = own(tables.history).sort_values(["as_of", "team_id"])
    coming: dict[pd.Timestamp, Rows] = {}
    for game in records(own(tables.coming)):
        coming.setdefault(game["as_of"], []).append(game)
    simulated = dict(list(own(tables.forecast).sort_values("team_id").groupby("as_of")))
    brackets = dict(list(own(tables.brackets).groupby("as_of")))
    played = own(tables.played)
    strength = history.pivot(index="as_of", columns="team_id", values="strength").sort_index()
    schedules = remaining(fixtures, played, strength)
    names: dict[str, int] = {}
    days = []
    for day, known in history.groupby("as_of"):
        text = f"{pd.Timestamp(str(day)):%Y-%m-%d}"
        one = _week(known) | schedules[pd.Timestamp(str(day))]
        if day in simulated:
            one |= _odds(simulated[day])
            one["bracket"] = _bracket(brackets[day], number)
        if text in told:
            keys = [(season, told[text].strength_as_of.isoformat(), team) for team in number]
            one |= _texts(told[text], list(number))
            one["players"] = [_players(facts.players.get(key, []), names) for key in keys]
            one["shap"] = [_shap(facts.shap.get(key, []), names) for key in keys]
        games = coming.get(pd.Timestamp(str(day)), [])
        one["games"] = [_coming(game, number, facts.absent, names) for game in games]
        days.append({"as_of": text, **one})
    return {
        "season": season,
        "over": season not in tables.open_seasons,
        "teams": teams[["abbreviation", "name", "conference"]].to_numpy().tolist(),
        "total": [int(total.get(team, 0)) for team in number],
        "names": list(names),
        "days": days,
        "history": _history(strength),
        "start": _first_day(played),
        "played": _played(played, number),
        "postseason": postseason(played, number),
    }


def _week(known: pd.DataFrame) -> dict[str, Any]:
    """Return what every weekly date has, simulated or not."""
    share = float(known["season_share"].iloc[0])
    return {
        "share": 100 if share == 1 else min(round(100 * share), 99),
        "strength": _rounded(known["strength"], 1),
        "sd": _rounded(known["strength_sd"], 1),
        "wins": known["wins"].tolist(),
        "losses": known["losses"].tolist(),
        "projected": _rounded(known["expected_wins"], 1),
        "offence": _rounded(known["offence"], 1),
        "defence": _rounded(known["defence"], 1),
    }


def _odds(rows: pd.DataFrame) -> dict[str, Any]:
    first = rows.iloc[0]
    wins = rows[sorted(rows.filter(regex=r"^wins_p\d\d$").columns)].to_numpy()
    return {
        "simulations": int(first["n_simulations"]),
        "projected": _rounded(rows["projected_wins"], 1),
        "low": _rounded(rows["wins_low"], 0),
        "high": _rounded(rows["wins_high"], 0),
        **{name: _whole(rows[name]) for name in ODDS},
        "seeds": [_whole(rows[f"seed_{seed}"]) for seed in range(1, SEEDS + 1)],
        "distribution": [_sparse(one) for one in wins],
        "per_win": _signed_whole(rows["playoffs_per_win"]),
    }


def _bracket(rows: pd.DataFrame, number: Mapping[int, int]) -> list[list[int]]:
    """Return first team and its seed, the same of the second, meetings, wins of the first."""
    sides = [
        column
        for side in ("first", "second")
        for column in (rows[f"{side}_id"].map(number), rows[f"{side}_seed"])
    ]
    columns = [*sides, rows["meetings"], rows["first_wins"]]
    return [list(row) for row in zip(*(one.tolist() for one in columns), strict=True)]


def without_star(rows: pd.DataFrame) -> dict[str, Any] | None:
    """Return season, day and the odds of all teams without each star, by the star's team."""
    if rows.empty:
        return None
    stars = []
    for _, part in rows.sort_values(["star_team_id", "team_id"]).groupby("star_team_id"):
        odds = {name: _whole(part[name]) for name in ("playoffs", "title")}
        stars.append(
            {"name": part["player_name"].iloc[0], "wins": _rounded(part["wins"], 2)} | odds
        )
    first = rows.iloc[0]
    teams = sorted(rows["star_team_id"].unique().tolist())
    return {
        "season": first["season"],
        "as_of": f"{first['as_of']:%Y-%m-%d}",
        "teams": teams,
        "stars": stars,
    }


def _coming(
    game: Mapping[str, Any],
    number: Mapping[int, int],
    absent: Mapping[Key, Rows],
    names: dict[str, int],
) -> list[Any]:
    """Return date, teams, home win, margin, total, days of rest, points missing, who is absent."""
    out = [
        [
            [_numbered(row["player_name"], names), round(row["points"], 1)]
            for row in absent.get((game["season"], f"{game['as_of']:%Y-%m-%d}", team), [])
            if row["game_id"] == game["game_id"]
        ]
        for team in (game["home_id"], game["away_id"])
    ]
    return [
        f"{game['game_date']:%Y-%m-%d}",
        number[game["home_id"]],
        number[game["away_id"]],
        round(EVERY * game["home_win_probability"]),
        round(game["expected_margin"], 1),
        None if np.isnan(game["expected_total"]) else round(game["expected_total"]),
        game["home_rest"],
        game["away_rest"],
        round(game["home_out_points"], 1),
        round(game["away_out_points"], 1),
        *out,
    ]


def _texts(forecast: DayForecast, order: list[int]) -> dict[str, Any]:
    teams = {team.team_id: team for team in forecast.teams}
    analyses = [teams[team].analysis for team in order]
    ends = [one.season_end for one in analyses]
    return {
        "known": forecast.known,
        "interval": round(100 * forecast.interval),
        "class": [one.classification for one in analyses],
        "text": [one.explanation for one in analyses],
        "ended": [end.playoff_rank if end else None for end in ends],
    }


def _players(rows: Rows, names: dict[str, int]) -> list[list[Any]]:
    """Return number in `names`, minutes in per cent, offence, defence and points by player."""
    return [
        [
            _numbered(row["player_name"], names),
            round(100 * row["minutes_share"]),
            round(row["offence"], 1),
            round(row["defence"], 1),
            round(row["points"], 1),
        ]
        for row in rows[:CONTRIBUTORS]
    ]


def _largest_shap(shap: pd.DataFrame) -> pd.DataFrame:
    """Return the largest SHAP values of each team, day and model, and the sum of all others."""
    key = ["season", "as_of", "team_id", "model"]
    ordered = shap.assign(size=-shap["shap"].abs()).sort_values(
        [*key, "size", "feature"], kind="stable"
    )
    is_large = ordered.groupby(key).cumcount() < SHAP_PARTS
    others = ordered[~is_large].groupby(key, as_index=False)["shap"].sum()
    others = others.assign(feature=OTHERS, value=np.nan)
    columns = [*key, "feature", "value", "shap"]
    shown: pd.DataFrame = pd.concat([ordered.loc[is_large, columns], others[columns]])
    return shown.sort_values(key, kind="stable")


def _shap(rows: Rows, names: dict[str, int]) -> dict[str, list[list[Any]]]:
    """Return feature's number in `names`, value and points by model; others have no value."""
    found: dict[str, list[list[Any]]] = {}
    for row in rows:
        value = None if row["feature"] == OTHERS else float(f"{row['value']:.3g}")
        found.setdefault(str(row["model"]), []).append(
            [_numbered(feature_name(str(row["feature"])), names), value, round(row["shap"], 1)]
        )
    return found


def _numbered(name: Any, names: dict[str, int]) -> int:
    return names.setdefault(str(name), len(names))


def _history(strength: pd.DataFrame) -> dict[str, Any]:
    return {
        "days": [f"{day:%Y-%m-%d}" for day in strength.index],
        "strength": [_rounded(strength[team], 1) for team in strength.columns],
    }


def _played(games: pd.DataFrame, number: Mapping[int, int]) -> list[list[Any]]:
    """Return days since the first game, home, away, points of both, forecast of the home win."""
    rows = games.sort_values(["game_date", "game_id"], kind="stable")
    chance = (EVERY * rows["home_win_probability"]).round().astype("Int64").astype(object)
    columns = (
        (rows["game_date"] - rows["game_date"].min()).dt.days,
        rows["home_id"].map(number),
        rows["away_id"].map(number),
        rows["home_pts"],
        rows["away_pts"],
        chance.where(chance.notna(), None),
    )
    return [list(row) for row in zip(*(one.tolist() for one in columns), strict=True)]


def _first_day(games: pd.DataFrame) -> str | None:
    return None if games.empty else f"{games['game_date'].min():%Y-%m-%d}"


def _rounded(values: pd.Series[float], decimals: int) -> list[float]:
    rounded: list[float] = values.to_numpy(float).round(decimals).tolist()
    return rounded


def _signed_whole(values: pd.Series[float]) -> list[int]:
    whole: list[int] = np.rint(EVERY * values.to_numpy()).astype(int).tolist()
    return whole


def _whole(values: pd.Series[float]) -> list[int]:
    """Return hundredths of a per cent; never 0 or all of an event that is open."""
    whole = np.array(_signed_whole(values))
    whole[(values.to_numpy() > 0) & (whole == 0)] = 1
    whole[(values.to_numpy() < 1) & (whole == EVERY)] = EVERY - 1
    return [int(one) for one in whole]


def _sparse(shares: Any) -> list[Any]:
    """Return the first number of wins and the shares from it to the last."""
    whole = np.rint(EVERY * np.asarray(shares)).astype(int)
    at = np.flatnonzero(whole)
    return [int(at[0]), whole[at[0] : at[-1] + 1].tolist()] if len(at) else []
