"""Moments of a season's box scores, from frames as `nbarank.sources.raw.read_raw_file` returns."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.stats import norm, spearmanr

ROLES = ("guard", "wing", "big")
PER_36 = ("PTS", "FGA", "FG3A", "FTA", "OREB", "DREB", "AST", "STL", "BLK", "TOV", "PF")
ENOUGH_MINUTES = 500
NEWCOMER_VALUE = -1.5
"""Plus-minus per 48 minutes assumed of players without a last season."""
Values = dict[str, float]


def games_of(teams: pd.DataFrame) -> pd.DataFrame:
    """Return one row per game: home, away, margin, points, possessions and minutes."""
    teams = teams.assign(
        home=teams["MATCHUP"].str.contains(" vs"),
        poss=teams["FGA"] + 0.44 * teams["FTA"] - teams["OREB"] + teams["TOV"],
    )
    both = teams[teams["home"]].merge(teams[~teams["home"]], on="GAME_ID", suffixes=("", "_2"))
    return pd.DataFrame(
        {
            "date": both["GAME_DATE"],
            "home": both["TEAM_ID"],
            "away": both["TEAM_ID_2"],
            "margin": both["PTS"] - both["PTS_2"],
            "possessions": (both["poss"] + both["poss_2"]) / 2,
            "overtime": both["MIN"] > 250,
            "minutes": both["MIN"].where(both["MIN"] > 250, 240),
        }
    )


def ratings(games: pd.DataFrame, home_court: float) -> pd.Series:
    """Return each team's SRS: margins above home court, opponents' strength taken into account."""
    ids = np.unique(np.concatenate([games["home"], games["away"]]))
    rows = np.arange(len(games))
    design = np.zeros((len(games) + 1, len(ids)))
    design[rows, np.searchsorted(ids, games["home"])] = 1
    design[rows, np.searchsorted(ids, games["away"])] = -1
    design[-1] = 1
    target = np.append(games["margin"] - home_court, 0.0)
    return pd.Series(np.linalg.lstsq(design, target, rcond=None)[0], index=ids)


def win_sd(difference: np.ndarray, won: np.ndarray) -> float:
    """Return s for which P(win) = Phi(difference / s) fits best (probit through the origin)."""
    grid = np.arange(7.0, 20.0, 0.05)
    chance = np.clip(norm.cdf(difference[:, None] / grid), 1e-9, 1 - 1e-9)
    likelihood = np.where(won[:, None], np.log(chance), np.log(1 - chance)).sum(axis=0)
    return float(grid[likelihood.argmax()])


def game_moments(teams: pd.DataFrame) -> tuple[Values, pd.Series]:
    """Return strength, margins, scoring and pace of a regular season, and the SRS of its teams."""
    games = games_of(teams)
    home_court = float(games["margin"].mean())
    srs = ratings(games, home_court)
    difference = (srs[games["home"]].to_numpy() - srs[games["away"]].to_numpy()) + home_court
    early = games["date"] <= games["date"].median()
    halves = [ratings(games[part], home_court) for part in (early, ~early)]
    pace = games["possessions"] * 240 / games["minutes"]
    wins = teams.groupby("TEAM_ID")["WL"].agg(lambda x: (x == "W").mean())
    dates = teams.sort_values("GAME_DATE").groupby("TEAM_ID")["GAME_DATE"]
    values = {
        "SD of team SRS": float(srs.std()),
        "SD of win share": float(wins.std()),
        "correlation of halves": float(
            np.corrcoef(halves[0], halves[1].loc[halves[0].index])[0, 1]
        ),
        "home court, points": home_court,
        "home wins, share": float((games["margin"] > 0).mean()),
        "SD of margin": float(games["margin"].std()),
        "SD of margin around strength": float((games["margin"] - difference).std()),
        "SD judged by wins": win_sd(difference, (games["margin"] > 0).to_numpy()),
        "overtime, share": float(games["overtime"].mean()),
        "points": float(teams["PTS"].mean()),
        "SD of points": float(teams["PTS"].std()),
        "pace": float(pace.mean()),
        "SD of pace of games": float(pace.std()),
        "SD of pace of teams": float(
            pd.concat([pace.groupby(games[s]).mean() for s in ("home", "away")], axis=1)
            .mean(axis=1)
            .std()
        ),
        "back-to-backs of a team": float(
            (dates.diff().dt.days == 1).groupby(teams["TEAM_ID"]).sum().mean()
        )
        * 82
        / (len(teams) / teams["TEAM_ID"].nunique()),
        **{f"{name} of a team": float(teams[name].mean()) for name in PER_36[1:]},
        "2-point share made": float(
            (teams["FGM"] - teams["FG3M"]).sum() / (teams["FGA"] - teams["FG3A"]).sum()
        ),
        "3-point share made": float(teams["FG3M"].sum() / teams["FG3A"].sum()),
        "free throws made": float(teams["FTM"].sum() / teams["FTA"].sum()),
    }
    return values, srs


def playoff_moments(teams: pd.DataFrame, playoffs: pd.DataFrame, srs: pd.Series) -> Values:
    """Return home court and stretch of the playoffs, and how well standings predict them."""
    games = games_of(playoffs)
    difference = srs[games["home"]].to_numpy() - srs[games["away"]].to_numpy()
    slope, home_court = np.polyfit(difference, games["margin"], 1)
    record = teams.groupby("TEAM_ID")["WL"].agg(lambda x: (x == "W").mean())
    won = playoffs.groupby("TEAM_ID")["WL"].agg(lambda x: (x == "W").sum())
    inside = won.index
    return {
        "standings with playoff rank": float(
            spearmanr(record[inside], won + record[inside]).statistic
        ),
        "playoff home court, points": float(home_court),
        "playoff stretch of SRS": float(slope),
        "playoff games": float(len(games)),
    }


def rotation_moments(teams: pd.DataFrame, players: pd.DataFrame) -> Values:
    """Return minutes by rank, players used, absences of regulars and the length of their spells."""
    regulation = players[players["GAME_ID"].isin(teams.loc[teams["MIN"] < 250, "GAME_ID"])]
    rank = regulation.groupby(["GAME_ID", "TEAM_ID"])["MIN"].rank(ascending=False, method="first")
    by_rank = regulation["MIN"].groupby(rank).mean()
    values = {f"minutes of rank {i}": float(by_rank[i]) for i in range(1, 11)}
    played = players[players["MIN"] > 0]
    values["players in a game"] = float(played.groupby(["GAME_ID", "TEAM_ID"]).size().mean())
    values["players in a season"] = float(played.groupby("TEAM_ID")["PLAYER_ID"].nunique().mean())
    values["players in the league"] = float(played["PLAYER_ID"].nunique())
    order = teams.sort_values("GAME_DATE").groupby("TEAM_ID").cumcount()
    number = order.groupby([teams["GAME_ID"], teams["TEAM_ID"]]).first().rename("number")
    games = played.join(number, on=["GAME_ID", "TEAM_ID"])
    person = games.groupby("PLAYER_ID").agg(
        mean=("MIN", "mean"), games=("MIN", "size"), teams=("TEAM_ID", "nunique")
    )
    one_team = person.index[
        (person["mean"] >= 20) & (person["games"] >= 10) & (person["teams"] == 1)
    ]
    regular = games[games["PLAYER_ID"].isin(one_team)]
    length = regular.groupby("PLAYER_ID")["TEAM_ID"].first().map(teams.groupby("TEAM_ID").size())
    numbers = regular.sort_values("number").groupby("PLAYER_ID")["number"]
    inside = numbers.max() - numbers.min() + 1
    values["games missed, first to last"] = float(1 - numbers.size().sum() / inside.sum())
    values["games missed, whole season"] = float(1 - numbers.size().sum() / length.sum())
    spells = (numbers.diff() - 1).dropna().to_numpy()
    spells = spells[spells > 0]
    values["spells of one game"] = float((spells == 1).mean())
    values["spells of 2 to 5 games"] = float(((spells >= 2) & (spells <= 5)).mean())
    values["spells over 20 games"] = float((spells > 20).mean())
    values["SD of a regular's minutes"] = float(
        np.sqrt(regular.groupby("PLAYER_ID")["MIN"].var().mean())
    )
    return values


def origin_moments(players: pd.DataFrame, before: pd.DataFrame) -> Values:
    """Return where a season's minutes come from, by the players' teams the season before."""
    last = before.sort_values(["GAME_DATE", "GAME_ID"]).groupby("PLAYER_ID")["TEAM_ID"].last()
    first = players.sort_values(["GAME_DATE", "GAME_ID"]).groupby("PLAYER_ID")["TEAM_ID"].first()
    then, start = players["PLAYER_ID"].map(last), players["PLAYER_ID"].map(first)
    within = players["TEAM_ID"] != start
    minutes = players["MIN"]

    def share(rows: pd.Series) -> float:
        return float(minutes[rows].sum() / minutes.sum())

    return {
        "minutes: same team": share(~within & (then == players["TEAM_ID"])),
        "minutes: moved in summer": share(~within & then.notna() & (then != players["TEAM_ID"])),
        "minutes: not in the league before": share(~within & then.isna()),
        "minutes: moved within the season": share(within),
    }


def player_seasons(players: pd.DataFrame) -> pd.DataFrame:
    """Return totals and role of every player with ENOUGH_MINUTES in a season.

    Roles are thirds of the players by the ratio of rebounds and blocks to assists, so that they
    mean the same in both leagues.
    """
    totals = players.groupby("PLAYER_ID")[["MIN", *PER_36, "PLUS_MINUS"]].sum()
    totals = totals[totals["MIN"] >= ENOUGH_MINUTES * players["GAME_ID"].nunique() / 1230]
    inside = (totals["OREB"] + totals["DREB"] + totals["BLK"]) / (
        totals["AST"] + totals["MIN"] / 72
    )
    totals["role"] = (inside.rank(method="first", pct=True) * 3).clip(upper=2.999).astype(int)
    return totals


def role_moments(players: pd.DataFrame) -> Values:
    """Return, per 36 minutes and role: mean, SD between players, SD from game to game."""
    totals = player_seasons(players)
    rates = totals[list(PER_36)].div(totals["MIN"] / 36, axis=0)
    games = players[players["PLAYER_ID"].isin(totals.index) & (players["MIN"] >= 10)]
    part = games["MIN"] / 36
    role = games["PLAYER_ID"].map(totals["role"])
    values = {}
    for stat in PER_36:
        miss = games[stat] - games["PLAYER_ID"].map(rates[stat]) * part
        for i, name in enumerate(ROLES):
            mine = totals["role"] == i
            values[f"{name} {stat} mean"] = float(
                np.average(rates.loc[mine, stat], weights=totals.loc[mine, "MIN"])
            )
            values[f"{name} {stat} between"] = float(rates.loc[mine, stat].std())
            values[f"{name} {stat} within"] = float(np.sqrt((miss**2 / part)[role == i].mean()))
    return values


def impact_moments(players: pd.DataFrame, before: pd.DataFrame | None) -> Values:
    """Return SD and persistence of plus-minus, and its correlation with box scores."""
    totals = player_seasons(players)
    plus_minus = totals["PLUS_MINUS"] / totals["MIN"] * 48
    values = {"SD of plus-minus per 48": float(plus_minus.std())}
    for stat in ("PTS", "AST", "STL", "BLK", "DREB", "TOV"):
        rate = totals[stat] / totals["MIN"]
        centred = rate - rate.groupby(totals["role"]).transform("mean")
        values[f"{stat} with plus-minus"] = float(np.corrcoef(centred, plus_minus)[0, 1])
    mean = totals["MIN"] / players.groupby("PLAYER_ID").size().loc[totals.index]
    values["minutes a game with plus-minus"] = float(np.corrcoef(mean, plus_minus)[0, 1])
    if before is not None:
        last = player_seasons(before)
        both = pd.concat(
            [plus_minus, last["PLUS_MINUS"] / last["MIN"] * 48], axis=1, join="inner"
        ).to_numpy()
        values["plus-minus year to year"] = float(np.corrcoef(both.T)[0, 1])
    return values


def roster_moments(
    players: pd.DataFrame, before: pd.DataFrame, srs: pd.Series, srs_before: pd.Series
) -> Values:
    """Return whether strength follows the players or stays with the team.

    The correlation of plus-minus per 48 with last season's, of players with 1,000 minutes for one
    team in both seasons, by whether it is the same team; and the weights of a regression of SRS on
    last season's SRS and on the team's minutes at last season's plus-minus.
    """
    now, last = _one_line_each(players), _one_line_each(before)
    both = now.join(last.add_suffix(" before"), how="inner")
    both = both[both[["one team", "one team before"]].all(axis=1)]
    stayed = both["team"] == both["team before"]
    values = {}
    for name, rows in (("stayed", both[stayed]), ("moved", both[~stayed])):
        values[f"plus-minus year to year, {name}"] = float(
            np.corrcoef(rows["value"], rows["value before"])[0, 1]
        )
    played = players["MIN"] * players["PLAYER_ID"].map(last["value"]).fillna(NEWCOMER_VALUE)
    teams = players["TEAM_ID"]
    roster = 5 * played.groupby(teams).sum() / players["MIN"].groupby(teams).sum()
    design = np.column_stack([np.ones(len(srs)), srs_before.loc[srs.index], roster.loc[srs.index]])
    weights = np.linalg.lstsq(design, srs.to_numpy(), rcond=None)[0]
    names = ("SRS: weight of last season's", "SRS: weight of the players")
    return values | dict(zip(names, map(float, weights[1:]), strict=True))


def _one_line_each(players: pd.DataFrame) -> pd.DataFrame:
    """Return plus-minus per 48 (shrunk by ENOUGH_MINUTES) and main team of every player."""
    by_player = players.groupby("PLAYER_ID")
    minutes = by_player["MIN"].sum()
    by_team = players.groupby(["PLAYER_ID", "TEAM_ID"])["MIN"].sum().sort_values()
    return pd.DataFrame(
        {
            "value": by_player["PLUS_MINUS"].sum() / (minutes + ENOUGH_MINUTES) * 48,
            "team": by_team.reset_index("TEAM_ID")["TEAM_ID"].groupby("PLAYER_ID").last(),
            "one team": (by_player["TEAM_ID"].nunique() == 1) & (minutes > 2 * ENOUGH_MINUTES),
        }
    )
