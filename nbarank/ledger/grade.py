"""Grades of sealed forecasts: games since, and seasons that have ended."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from nbarank.evaluation.distribution_rows import CLIMATOLOGY, distribution_rows
from nbarank.evaluation.probability_metrics import log_loss, title_scores
from nbarank.ledger.entry import GAME, Entry

SEASON_SCORES = ("wins_crps", "wins_coverage", "rank_rps", "rounds_brier", "title_logloss")


def grades(entries: Sequence[Entry], games: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Score every entry by what has been decided since.

    A game is scored by the last live entry before it, and by the last replay before it, so that no
    game counts twice in either.

    Parameters
    ----------
    games, outcomes
        Tables league/games of all seasons and league/outcomes.

    Returns
    -------
    pandas.DataFrame
        A row an entry: number, season, as_of, replay, games, game_logloss, usual_logloss (share of
        home wins in earlier seasons; both NaN without games), and where the season has ended
        `SEASON_SCORES` and usual_wins_crps, that of earlier seasons' shares of wins.
    """
    names = ("number", "season", "as_of", "replay")
    rows = pd.DataFrame([{name: entry.content[name] for name in names} for entry in entries])
    teams, chances = _tables(entries)
    ended = teams[teams["season"].isin(set(outcomes["season"]))]
    rows = rows.merge(_game_grades(chances, games), on="number", how="left")
    if len(ended):
        rows["day"] = pd.to_datetime(rows["as_of"]).astype(ended["as_of"].dtype)
        seasons = _season_grades(ended, outcomes).rename(columns={"as_of": "day"})
        rows = rows.merge(seasons, on=["season", "day"], how="left").drop(columns="day")
    return rows


def _tables(entries: Sequence[Entry]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return forecast/teams of entries, and number, as_of, replay and chance of their games."""
    teams, chances = [], []
    for content in (entry.content for entry in entries):
        forecast, day = content["forecast"], pd.Timestamp(content["as_of"])
        teams.append(pd.DataFrame(forecast["teams"]).assign(season=content["season"], as_of=day))
        games = {name: forecast["games"][name] for name in (*GAME, "home_win_probability")}
        own = pd.DataFrame(games).astype({"home_win_probability": float})
        facts = {name: content[name] for name in ("number", "replay")}
        chances.append(own.assign(as_of=day, **facts))
    return pd.concat(teams, ignore_index=True), pd.concat(chances, ignore_index=True)


def _game_grades(chances: pd.DataFrame, games: pd.DataFrame) -> pd.DataFrame:
    last = chances.sort_values("as_of").drop_duplicates([*GAME, "replay"], keep="last")
    last = last.astype({name: games[name].dtype for name in GAME})
    results = games.assign(home_won=games["home_pts"] > games["away_pts"])
    both = last.merge(results[[*GAME, "season", "home_won"]], on=list(GAME))
    rate = {
        season: float(results.loc[results["season"] < season, "home_won"].mean())
        for season in both["season"].unique()
    }
    won = both["home_won"].to_numpy(bool)
    usual = both["season"].map(rate).fillna(0.5).to_numpy(float)
    both = both.assign(
        games=1,
        game_logloss=log_loss(both["home_win_probability"].to_numpy(float), won),
        usual_logloss=log_loss(usual, won),
    )
    sums = both.groupby("number")[["games", "game_logloss", "usual_logloss"]]
    return sums.agg({"games": "sum", "game_logloss": "mean", "usual_logloss": "mean"}).reset_index()


def _season_grades(teams: pd.DataFrame, outcomes: pd.DataFrame) -> pd.DataFrame:
    """Return season, as_of and the scores of the entries of ended seasons."""
    days = teams[["season", "as_of"]].drop_duplicates()
    days = days.assign(checkpoint=np.arange(len(days)))
    scored = distribution_rows(teams, outcomes, days)
    own = scored[scored["ranker"] == "ensemble"]
    wide = own.pivot(index="checkpoint", columns="metric", values="value")
    odds = teams.merge(days).merge(outcomes[["season", "team_id", "champion"]])
    odds = odds.rename(columns={"title": "title_probability"})
    title = title_scores(odds, ["checkpoint"]).set_index("checkpoint")
    wide["title_logloss"] = title["title_logloss"]
    usual = scored[(scored["ranker"] == CLIMATOLOGY) & (scored["metric"] == "wins_crps")]
    wide["usual_wins_crps"] = usual.set_index("checkpoint")["value"]
    columns = [*SEASON_SCORES, "usual_wins_crps"]
    return days.merge(wide[columns].reset_index(), on="checkpoint").drop(columns="checkpoint")


def totals(rows: pd.DataFrame) -> list[str]:
    """Return the mean grades of live entries and of replays in a sentence each."""
    lines = []
    for replay, part in rows.groupby("replay"):
        known = part.dropna(subset=["games"])
        kind = "replayed" if replay else "live"
        text = f"{len(part)} {kind} entr{'y' if len(part) == 1 else 'ies'}"
        text += f", {part['as_of'].min()} to {part['as_of'].max()}"
        if len(known):
            loss, usual = (
                np.average(known[name], weights=known["games"])
                for name in ("game_logloss", "usual_logloss")
            )
            text += f"; {int(known['games'].sum())} game(s): log-loss {loss:.4f}, "
            text += f"base rate {usual:.4f}"
        if "wins_crps" in part and part["wins_crps"].notna().any():
            text += f"; final wins: CRPS {part['wins_crps'].mean():.2f} games, "
            text += f"earlier seasons' {part['usual_wins_crps'].mean():.2f}"
        lines.append(text)
    return lines
