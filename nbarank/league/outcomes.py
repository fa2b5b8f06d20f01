"""How seasons ended: final standings, seeds, series, champion, and both playoff ranks."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator, Mapping
from dataclasses import asdict

import numpy as np
import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.bracket import (
    CONFERENCES,
    Series,
    conference_series,
    pair_wins,
    rebuild_bracket,
)
from nbarank.league.elimination import elimination_days
from nbarank.league.playin import play_in_seeds
from nbarank.league.rules import ROUNDS, SERIES_WINS, SeasonRules, season_rules
from nbarank.league.standings import final_standings

_LOG = logging.getLogger(__name__)
_MOST_ORDERS = 5_000
"""Orders of tied teams that are tried before a bracket counts as one that does not fit."""
_FIRST_ELIMINATED = 2
"""Teams that `eos_final` puts last: the first to be out of the race for the playoffs."""


def champions(games: pd.DataFrame) -> dict[str, int]:
    """Return the champion of every season that has one: sixteen playoff wins.

    Parameters
    ----------
    games
        Table league/games.
    """
    playoffs = games[games["kind"] == "playoffs"]
    home_won = playoffs["home_pts"] > playoffs["away_pts"]
    winner = playoffs["home_id"].where(home_won, playoffs["away_id"])
    wins = winner.groupby([playoffs["season"], winner]).size()
    return {str(season): int(team) for season, team in wins[wins == ROUNDS * SERIES_WINS].index}


def build_outcomes(
    games: pd.DataFrame, teams: pd.DataFrame, seasons: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the tables league/outcomes and league/series, for every season that has ended.

    Parameters
    ----------
    games, teams, seasons
        The league tables of those names.

    Raises
    ------
    IngestError
        If the playoffs of a season do not follow from its standings, play-in and rules.
    """
    outcomes, series = [], []
    for row in seasons[seasons["complete"]].to_dict("records"):
        season = str(row["season"])
        rules = season_rules(season, row["play_in"], simulated=bool(row["simulated"]))
        of_season = games[games["season"] == season]
        table, played = season_outcome(of_season, teams[teams["season"] == season], rules, season)
        outcomes.append(table)
        series.append(played)
    if not outcomes:
        raise IngestError(
            "No season in the data has ended: none has a champion.",
            where="league/seasons: complete",
            allowed="at least the seasons of the roles warm_up, train and test, with playoffs",
            next_command="add the playoffs_ files of the seasons in data/raw's source",
        )
    return pd.concat(outcomes, ignore_index=True), pd.concat(series, ignore_index=True)


def season_outcome(
    games: pd.DataFrame, members: pd.DataFrame, rules: SeasonRules, season: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return outcomes and series of one finished season.

    Parameters
    ----------
    games, members
        Rows of league/games and league/teams of the season.
    rules
        Its format.
    season
        Label.
    """
    table = final_standings(games, members, rules).merge(
        members[["team_id", "conference"]], on="team_id"
    )
    seeds, bracket = fit_bracket(season, table, games, rules)
    series = pd.DataFrame([asdict(one) for one in bracket]).assign(season=season)
    seed_of = {team: place for teams in seeds.values() for place, team in enumerate(teams, 1)}
    winners = series["winner_id"].value_counts()
    wins = pd.concat(
        [
            series.set_index(f"{side}_id")[f"{side}_wins"].rename("wins")
            for side in ("first", "second")
        ]
    )
    playoff_wins = wins.groupby(level=0).sum()
    ids = table["team_id"]
    outcome = pd.DataFrame(
        {
            "season": season,
            "team_id": ids,
            "conference": table["conference"],
            "wins": table["wins"],
            "losses": table["losses"],
            "win_pct": table["win_pct"],
            "final_rank": table["league_rank"],
            "conference_rank": table["conference_rank"],
            "seed": ids.map(seed_of).fillna(0).astype("int64"),
            "made_playoffs": ids.isin(list(seed_of)),
            "playoff_wins": ids.map(playoff_wins).fillna(0).astype("int64"),
            "rounds_won": ids.map(winners).fillna(0).astype("int64"),
            "champion": ids == bracket[-1].winner_id,
        }
    )
    outcome["playoff_rank_performance"] = rank_performance(outcome)
    days = elimination_days(games, members, rules)
    outcome["playoff_rank_eos_final"] = rank_eos_final(outcome, ids.map(days))
    return outcome, series


def rank_performance(outcome: pd.DataFrame) -> pd.Series:
    """Rank the playoff teams by playoff wins, then the others; ties by the final standings.

    Parameters
    ----------
    outcome
        made_playoffs, playoff_wins and final_rank of the teams of one season.
    """
    return _places(~outcome["made_playoffs"], -outcome["playoff_wins"], outcome["final_rank"])


def rank_eos_final(outcome: pd.DataFrame, eliminated: pd.Series) -> pd.Series:
    """Rank champion, finalist, other playoff teams, lottery teams, the first two eliminated.

    Playoff teams follow one another by rounds won, lottery teams by the final standings. The two
    lottery teams that were out of the race for the playoffs first stand last, the very first at
    the bottom (on the same day: the worse one in the final standings).

    Parameters
    ----------
    outcome
        made_playoffs, rounds_won and final_rank of the teams of one season.
    eliminated
        Day on which each team was out of the race, same index; NaT for those never out of it.
    """
    never = pd.Timestamp.max.as_unit("us")
    day = eliminated.astype("datetime64[us]").fillna(never).mask(outcome["made_playoffs"], never)
    order = pd.DataFrame({"day": day, "rank": -outcome["final_rank"]})
    order = order[~outcome["made_playoffs"]].sort_values(["day", "rank"])
    last = pd.Series(0, index=outcome.index)
    first_out = order.index[:_FIRST_ELIMINATED]
    last[first_out] = np.arange(len(first_out), 0, -1)
    return _places(last, ~outcome["made_playoffs"], -outcome["rounds_won"], outcome["final_rank"])


def fit_bracket(
    season: str, table: pd.DataFrame, games: pd.DataFrame, rules: SeasonRules
) -> tuple[dict[str, tuple[int, ...]], list[Series]]:
    """Return seeds and series of a season, and see that they fit the games that were played.

    Seeds follow the rules. Where games show that a tie was broken otherwise (by a drawing of
    lots, or a rule that box scores do not carry), teams with the same record change places until
    the bracket fits, and a warning says so.

    Parameters
    ----------
    season
        Label, for messages.
    table
        Final standings with conference.
    games
        Rows of league/games of the season.
    rules
        Its format.
    """
    play_in = pair_wins(games[games["kind"] == "playin"])
    playoffs = pair_wins(games[games["kind"] == "playoffs"])
    league_rank = dict(zip(table["team_id"], table["league_rank"], strict=True))
    record: Mapping[int, tuple[int, int]] = {
        int(team): (int(wins), int(losses))
        for team, wins, losses in table[["team_id", "wins", "losses"]].itertuples(index=False)
    }

    def seeds_that_fit(name: str) -> tuple[int, ...]:
        first_fault: IngestError | None = None
        orders = _possible_orders(table[table["conference"] == name], rules.contenders + 1)
        for number, order in enumerate(itertools.islice(orders, _MOST_ORDERS)):
            try:
                seeds = play_in_seeds(order, record, play_in, rules)
                conference_series(season, name, seeds, league_rank, playoffs)
            except IngestError as fault:
                first_fault = first_fault or fault
                continue
            if number:
                _LOG.warning(
                    "%s, %s: teams with the same record were seeded otherwise than the tie-breaks "
                    "say; the seeds follow the games played",
                    season,
                    name,
                )
            return seeds
        assert first_fault is not None
        raise first_fault

    found = {name: seeds_that_fit(name) for name in CONFERENCES}
    return found, rebuild_bracket(season, found, league_rank, playoffs)


def _possible_orders(conference: pd.DataFrame, places: int) -> Iterator[tuple[int, ...]]:
    """Give the orders of a conference that ties on record leave open, the rules' own first.

    Runs of tied teams that begin after the places that matter stay as they are.
    """
    ordered = conference.sort_values("seed_order")
    pairs = zip(ordered["team_id"], ordered["win_pct"], strict=True)
    runs = [
        [int(team) for team, _ in run]
        for _, run in itertools.groupby(pairs, key=lambda pair: pair[1])
    ]

    def from_run(at: int, placed: int) -> Iterator[tuple[int, ...]]:
        if placed >= places or at == len(runs):
            yield tuple(itertools.chain(*runs[at:]))
            return
        for head in itertools.permutations(runs[at]):
            for tail in from_run(at + 1, placed + len(head)):
                yield (*head, *tail)

    yield from from_run(0, 0)


def _places(*keys: pd.Series) -> pd.Series:
    """Return places from 1 by the first key, then the next, ascending; same index."""
    frame = pd.concat(keys, axis=1, keys=range(len(keys)))
    ordered = frame.sort_values(list(frame.columns), kind="stable").index
    return pd.Series(np.arange(1, len(frame) + 1), index=ordered).reindex(frame.index)
