"""How seasons ended: final standings, seeds, playoff wins, champion, and both playoff ranks."""

from __future__ import annotations

import itertools
import logging
from collections import Counter
from collections.abc import Iterator, Mapping

import numpy as np
import pandas as pd

from nbarank.core.errors import IngestError
from nbarank.league.postseason import (
    Series,
    conference_series,
    pair_wins,
    play_in_seeds,
    rebuild_bracket,
)
from nbarank.league.rules import ROUNDS, SERIES_WINS, SeasonRules, season_rules
from nbarank.league.standings import final_standings, pair_records
from nbarank.schemas.league import CONFERENCES

_LOG = logging.getLogger(__name__)
_MOST_ORDERS = 5_000
"""Maximum number of orders of tied teams to try before a bracket is rejected."""
_FIRST_ELIMINATED = 2
"""Number of teams that `eos_final` ranks last: the first to be eliminated."""


def champions(games: pd.DataFrame) -> dict[str, int]:
    """Return the champion of every season of league/games that has one: sixteen playoff wins."""
    playoffs = games[games["kind"] == "playoffs"]
    home_won = playoffs["home_pts"] > playoffs["away_pts"]
    winner = playoffs["home_id"].where(home_won, playoffs["away_id"])
    wins = winner.groupby([playoffs["season"], winner]).size()
    return {str(season): int(team) for season, team in wins[wins == ROUNDS * SERIES_WINS].index}


def build_outcomes(games: pd.DataFrame, teams: pd.DataFrame, seasons: pd.DataFrame) -> pd.DataFrame:
    """Return the table league/outcomes from the league tables: every season that has ended.

    Raises
    ------
    IngestError
        If no season has ended, or the playoffs of a season do not follow from its standings,
        play-in and rules.
    """
    outcomes = []
    for row in seasons[seasons["complete"]].to_dict("records"):
        season = str(row["season"])
        rules = season_rules(season, row["play_in"], simulated=bool(row["simulated"]))
        of_season, members = (table[table["season"] == season] for table in (games, teams))
        outcomes.append(season_outcome(of_season, members, rules, season))
    if not outcomes:
        raise IngestError(
            "No season in the data has ended: none has a champion.",
            where="league/seasons: complete",
            allowed="at least the seasons of the roles warm_up, train and test, with playoffs",
            next_command="add the playoffs_ files of the seasons in data/raw's source",
        )
    return pd.concat(outcomes, ignore_index=True)


def season_outcome(
    games: pd.DataFrame, members: pd.DataFrame, rules: SeasonRules, season: str
) -> pd.DataFrame:
    """Return the rows of league/outcomes of one finished season.

    `games` and `members` are the season's rows of league/games and league/teams.
    """
    table = final_standings(games, members, rules).merge(
        members[["team_id", "conference"]], on="team_id"
    )
    seeds, bracket = fit_bracket(season, table, games, rules)
    seed_of = {team: place for teams in seeds.values() for place, team in enumerate(teams, 1)}
    rounds_won = Counter(series.winner_id for series in bracket)
    playoff_wins: Counter[int] = Counter()
    for (team, _), wins in pair_wins(games[games["kind"] == "playoffs"]).items():
        playoff_wins[team] += wins
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
            "seed": ids.map(lambda team: seed_of.get(team, 0)),
            "made_playoffs": ids.isin(list(seed_of)),
            "playoff_wins": ids.map(lambda team: playoff_wins[team]),
            "rounds_won": ids.map(lambda team: rounds_won[team]),
            "champion": ids == bracket[-1].winner_id,
        }
    )
    outcome["playoff_rank_performance"] = rank_performance(outcome)
    days = elimination_days(games, members, rules)
    outcome["playoff_rank_eos_final"] = rank_eos_final(outcome, ids.map(days))
    return outcome


def rank_performance(outcome: pd.DataFrame) -> pd.Series:
    """Rank the playoff teams by playoff wins, then the others; ties by the final standings.

    Reads made_playoffs, playoff_wins and final_rank of the teams of one season.
    """
    return _places(~outcome["made_playoffs"], -outcome["playoff_wins"], outcome["final_rank"])


def rank_eos_final(outcome: pd.DataFrame, eliminated: pd.Series) -> pd.Series:
    """Rank the champion, the finalist, other playoff teams, lottery teams, the first eliminated.

    Playoff teams are ordered by rounds won, lottery teams by the final standings. The two lottery
    teams that were eliminated first are last, the very first at the bottom (on the same day: the
    worse one in the final standings).

    Parameters
    ----------
    outcome
        made_playoffs, rounds_won and final_rank of the teams of one season.
    eliminated
        Day on which each team was eliminated, same index; NaT for those that never were.
    """
    never = pd.Timestamp.max.as_unit("us")
    day = eliminated.astype("datetime64[us]").fillna(never).mask(outcome["made_playoffs"], never)
    order = pd.DataFrame({"day": day, "rank": -outcome["final_rank"]})
    order = order[~outcome["made_playoffs"]].sort_values(["day", "rank"])
    last = pd.Series(0, index=outcome.index)
    first_out = order.index[:_FIRST_ELIMINATED]
    last[first_out] = np.arange(len(first_out), 0, -1)
    return _places(last, ~outcome["made_playoffs"], -outcome["rounds_won"], outcome["final_rank"])


def elimination_days(
    games: pd.DataFrame, members: pd.DataFrame, rules: SeasonRules
) -> dict[int, pd.Timestamp]:
    """Return the day after which a team could no longer reach the playoffs or the play-in.

    A team is out when, even if it won all its remaining games, as many teams of its conference as
    there are places are certain of a larger share of wins. This is the usual magic number: it
    ignores ties and games among rivals, which can eliminate a team a few days sooner.

    `games` and `members` are rows of league/games and league/teams of one season whose regular
    season is over. Returns the day by team id; teams that were never eliminated are absent.
    """
    regular = games[games["kind"] == "regular"]
    ordered = members.sort_values("team_id")
    ids = ordered["team_id"].to_numpy()
    days = pd.Series(np.sort(regular["game_date"].unique()))
    won, played, _ = pair_records(regular, ids, days + pd.Timedelta(days=1))
    wins, played_so_far = won.sum(axis=1), played.sum(axis=1)
    total = played_so_far[:, -1:]
    sure = wins / total
    at_best = (wins + total - played_so_far) / total
    conference = ordered["conference"].to_numpy()
    rivals = (conference[:, None] == conference[None])[:, :, None]
    ahead = (rivals & (sure[None] > at_best[:, None])).sum(axis=1)
    out = ahead >= rules.contenders
    first = out.argmax(axis=1)
    return {
        int(team): pd.Timestamp(days.iloc[first[row]])
        for row, team in enumerate(ids)
        if out[row].any()
    }


def fit_bracket(
    season: str, table: pd.DataFrame, games: pd.DataFrame, rules: SeasonRules
) -> tuple[dict[str, tuple[int, ...]], list[Series]]:
    """Return seeds by conference and series of a season, checked against the games played.

    Seeds follow the rules. Where games show that a tie was broken otherwise (by a drawing of
    lots, or a rule that box scores do not carry), teams with the same record change places until
    the bracket fits, and a warning is logged.

    `table` has the final standings with conference, `games` the season's rows of league/games.
    """
    play_in = pair_wins(games[games["kind"] == "playin"])
    playoffs = pair_wins(games[games["kind"] == "playoffs"])
    record: Mapping[int, tuple[int, int]] = {
        int(team): (int(wins), int(losses))
        for team, wins, losses in table[["team_id", "wins", "losses"]].itertuples(index=False)
    }

    def seeds_that_fit(name: str) -> tuple[int, ...]:
        first_error: IngestError | None = None
        orders = _possible_orders(table[table["conference"] == name], rules.contenders + 1)
        for number, order in enumerate(itertools.islice(orders, _MOST_ORDERS)):
            try:
                seeds = play_in_seeds(order, record, play_in, rules)
                conference_series(season, seeds, playoffs)
            except IngestError as error:
                first_error = first_error or error
                continue
            if number:
                _LOG.warning(
                    "%s, %s: teams with the same record were not seeded by the tie-breaks; the "
                    "seeds follow the games played",
                    season,
                    name,
                )
            return seeds
        assert first_error is not None
        raise first_error

    found = {name: seeds_that_fit(name) for name in CONFERENCES}
    return found, rebuild_bracket(season, found, playoffs)


def _possible_orders(conference: pd.DataFrame, places: int) -> Iterator[tuple[int, ...]]:
    """Yield the orders of a conference that ties on record leave open, the rules' own first.

    Teams tied below the first `places` keep their order.
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
