"""Standings to date and final: records, ranks in conference and league, seed order."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from nbarank.league.rules import SeasonRules, season_rules
from nbarank.league.tiebreaks import Counts, Criteria, Flags, Floats, Whole, places, win_share


@dataclass(frozen=True)
class Standings:
    """Standings of K teams in n tables, [K, n] each.

    Parameters
    ----------
    wins, losses
        Regular-season record.
    share
        Share of games won; 0.5 before a team's first game.
    conference_rank
        Rank in the conference by record and tie-breaks, 1 = best.
    seed_order
        The same with division winners first where the season's rules require it.
    league_rank
        Rank in the league, 1 = best; also decides home court.
    """

    wins: Whole
    losses: Whole
    share: Floats
    conference_rank: Whole
    seed_order: Whole
    league_rank: Whole


def rank_tables(
    won: Counts,
    played: Counts,
    point_difference: Floats,
    conference: Whole,
    division: Whole,
    rules: SeasonRules,
) -> Standings:
    """Rank the teams of many tables at once.

    Parameters
    ----------
    won
        [K, K, n] regular-season wins of row over column, teams ascending by id.
    played
        [K, K, n], or [K, K, 1] where it is the same in every table.
    point_difference
        [K, n] points scored minus allowed.
    conference, division
        [K] numbers; divisions are numbered across the league.
    """
    # 16 bits are enough for a season's games and sum faster.
    wins, games = won.sum(axis=1, dtype=np.int16).astype(np.int64), played.sum(axis=1)
    share, played = win_share(wins, games), np.broadcast_to(played, won.shape)
    no_winner = np.zeros(share.shape, dtype=bool)
    criteria = Criteria(
        won, played, share, point_difference, conference, division, no_winner, rules
    )
    criteria = replace(criteria, division_winner=_division_winners(criteria))
    conference_rank = places(share, conference, criteria.in_order())
    return Standings(
        wins=wins,
        losses=games - wins,
        share=share,
        conference_rank=conference_rank,
        seed_order=_division_winners_first(conference_rank, criteria)
        if rules.division_winners_first
        else conference_rank,
        league_rank=_league_rank(conference_rank, criteria),
    )


def standings_to_date(
    games: pd.DataFrame, teams: pd.DataFrame, seasons: pd.DataFrame, as_of: pd.DataFrame
) -> pd.DataFrame:
    """Return the table league/standings, from the league tables of those names.

    A row sees regular-season games before its date only.
    """
    regular = games[games["kind"] == "regular"]
    formats = seasons.set_index("season")
    parts = []
    for season, dates in as_of.groupby("season"):
        members = teams[teams["season"] == season].sort_values("team_id")
        days = dates["as_of"].sort_values()
        rules = season_rules(
            str(season),
            str(formats["play_in"][season]),
            simulated=bool(formats["simulated"][season]),
        )
        parts.append(_season_table(regular[regular["season"] == season], members, days, rules))
    return pd.concat(parts, ignore_index=True)


def final_standings(games: pd.DataFrame, members: pd.DataFrame, rules: SeasonRules) -> pd.DataFrame:
    """Return the standings after the last regular-season game of one season, a row per team.

    `games` and `members` are the season's rows of league/games and league/teams.
    """
    regular = games[games["kind"] == "regular"]
    after = pd.Series([regular["game_date"].max() + pd.Timedelta(days=1)])
    return _season_table(regular, members.sort_values("team_id"), after, rules)


def _season_table(
    games: pd.DataFrame, members: pd.DataFrame, days: pd.Series, rules: SeasonRules
) -> pd.DataFrame:
    """Return the standings of one season on each of the days, in long form."""
    ids = members["team_id"].to_numpy()
    won, played, difference = pair_records(games, ids, days)
    conference = pd.factorize(members["conference"], sort=True)[0]
    division = pd.factorize(members["conference"] + "/" + members["division"], sort=True)[0]
    table = rank_tables(won, played, difference, conference, division, rules)
    n_days = len(days)
    columns = {
        "wins": table.wins,
        "losses": table.losses,
        "win_pct": table.share,
        "point_difference": difference.astype(np.int64),
        "league_rank": table.league_rank,
        "conference_rank": table.conference_rank,
        "seed_order": table.seed_order,
    }
    return pd.DataFrame(
        {
            "season": members["season"].iloc[0],
            "as_of": np.repeat(days.to_numpy(), len(ids)),
            "team_id": np.tile(ids, n_days),
            **{name: values.T.ravel() for name, values in columns.items()},
        }
    )


def pair_records(
    games: pd.DataFrame, team_ids: Whole, days: pd.Series
) -> tuple[Whole, Whole, Floats]:
    """Count wins of each team over each other, their games and points, before each day.

    Parameters
    ----------
    games
        Rows of league/games of one season to count.
    team_ids
        [K] ids, ascending.
    days
        [n] as-of dates, ascending.

    Returns
    -------
    won, played
        [K, K, n] each.
    difference
        [K, n] points scored minus points allowed.
    """
    n_teams, n_days = len(team_ids), len(days)
    home = np.searchsorted(team_ids, games["home_id"].to_numpy())
    away = np.searchsorted(team_ids, games["away_id"].to_numpy())
    margin = (games["home_pts"] - games["away_pts"]).to_numpy()
    # First as-of date after the game; games after the last date land in an extra column.
    first = np.searchsorted(days.to_numpy(), games["game_date"].to_numpy(), side="right")
    won = np.zeros((n_teams, n_teams, n_days + 1), dtype=np.int64)
    played = np.zeros_like(won)
    difference = np.zeros((n_teams, n_days + 1), dtype=np.int64)
    np.add.at(won, (np.where(margin > 0, home, away), np.where(margin > 0, away, home), first), 1)
    np.add.at(played, (home, away, first), 1)
    np.add.at(difference, (home, first), margin)
    np.add.at(difference, (away, first), -margin)
    played = played + played.transpose(1, 0, 2)
    return (
        won.cumsum(axis=2)[:, :, :n_days],
        played.cumsum(axis=2)[:, :, :n_days],
        difference.cumsum(axis=1)[:, :n_days].astype(np.float64),
    )


def _division_winners(criteria: Criteria) -> Flags:
    """Return which teams win their division."""
    share, division = criteria.share, criteria.division
    best = np.stack([share[division == number].max(axis=0) for number in division])
    # Only ties for the first place count: the other teams get different keys.
    key = np.where(share == best, share, -1.0 - np.arange(len(share))[:, None])
    return np.asarray(places(key, division, criteria.in_order()) == 1)


def _division_winners_first(rank: Whole, criteria: Criteria) -> Whole:
    """Return the order with division winners and the best other team in the first places."""
    winner, conference = criteria.division_winner, criteria.conference
    best_other = places(-rank - len(rank) * winner, conference) == 1
    return places(len(rank) * (winner | best_other) - rank, conference)


def _league_rank(conference_rank: Whole, criteria: Criteria) -> Whole:
    """Return ranks in the league.

    Teams of one conference keep its order. Teams of different conferences with the same record
    are ordered by rank in the conference, head to head, points, and id: the league publishes no
    such order, and this one has no cycles.
    """
    # Ranks subtract at most 0.00003, less than any difference in share.
    key = criteria.share - 1e-6 * conference_rank
    league = np.zeros_like(criteria.conference)
    return places(key, league, (criteria.head_to_head, criteria.points))
