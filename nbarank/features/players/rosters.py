"""The tables features/rosters and features/roster_teams from the league tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.availability import absences
from nbarank.features.players.external import external_ratings
from nbarank.features.players.impact import player_impact
from nbarank.features.players.members import Members, roster_members
from nbarank.features.players.minutes import expected_minutes, minutes_ahead, minutes_inputs
from nbarank.features.players.player_form import form_columns, make_history, member_spans
from nbarank.features.players.player_log import (
    Floats,
    Ints,
    PlayerLog,
    Snapshots,
    day_numbers,
    make_log,
    make_snapshots,
)
from nbarank.features.players.roster_teams import TeamSums, team_columns, team_rows
from nbarank.features.players.season_weights import SeasonWeights
from nbarank.features.players.team_lists import TeamLists, ages, make_team_lists
from nbarank.schemas.league import (
    AS_OF,
    INJURY_REPORTS,
    PLAYER_GAMES,
    PUBLISHED_RATINGS,
    SEASONS,
    TEAM_GAMES,
    TEAM_LISTS,
    TEAMS,
)

LEAGUE_TABLES = (
    PLAYER_GAMES,
    TEAM_GAMES,
    TEAMS,
    SEASONS,
    AS_OF,
    TEAM_LISTS,
    INJURY_REPORTS,
    PUBLISHED_RATINGS,
)
EMBEDDING_BUCKETS = 4096
"""Number of buckets that player ids are hashed into; bucket 0 is the empty slot."""


@dataclass(frozen=True)
class RosterTables:
    """Rows of features/rosters, features/roster_teams and features/player_weights."""

    rosters: pd.DataFrame
    roster_teams: pd.DataFrame
    weights: pd.DataFrame


def build_rosters(
    tables: dict[str, pd.DataFrame],
    features: FeatureParams,
    params: PlayerParams,
    weights: SeasonWeights | None = None,
) -> RosterTables:
    """Return the rosters of every team at every as-of date, and their totals by team.

    A row sees games before its day only; box plus-minus and expected minutes are fitted to
    seasons before the row's.

    Parameters
    ----------
    tables
        LEAGUE_TABLES by name. Injury reports and published ratings are read only if
        `features.injuries` and `features.external_ratings`.
    weights
        Stored weights, to describe dates of one season without fitting; None to fit, also those
        for the season after the last one.
    """
    team_games, team_lists = tables["team_games"], tables["team_lists"]
    reports, external = tables["injury_reports"], tables["published_ratings"]
    seasons = tables["seasons"].sort_values("season")
    labels = tuple(seasons["season"])
    snapshots = make_snapshots(tables["as_of"], team_games, labels, params.summer_days)
    team_ids = np.unique(tables["teams"]["team_id"].to_numpy(np.int64))
    listed = team_lists["player_id"].to_numpy(np.int64)
    log = make_log(
        tables["player_games"], team_games, team_ids, snapshots, params.summer_days, listed
    )
    lists = make_team_lists(team_lists, seasons, log)
    age = ages(lists, len(log.players), snapshots)
    weights = weights or SeasonWeights()
    impact = player_impact(log, snapshots, age, params, weights)
    members = roster_members(log, lists, age, snapshots, features.roster_size, params)
    history = make_history(log, members)
    spans = member_spans(members, snapshots, day_numbers(seasons["start"]))
    form = form_columns(history, members, spans, features.rolling_windows, params.prior_games)
    absence = absences(
        log,
        history,
        members,
        snapshots,
        spans,
        reports if features.injuries else reports.iloc[:0],
        params,
    )
    season_number = snapshots.season_number[members.snapshot]
    own_impact = impact.impact[members.snapshot, members.player]
    own_box = impact.box_plus_minus[members.snapshot, members.player]
    inputs = minutes_inputs(
        members,
        snapshots,
        absence,
        form,
        own_impact,
        own_box,
        min(features.rolling_windows),
        np.r_[log.minutes, 0.0][members.last_row],
    )
    ahead = minutes_ahead(
        history,
        log,
        members,
        spans,
        day_numbers(seasons["end"])[season_number],
        day_numbers(seasons["playoffs_end"])[season_number],
        params.minutes_window,
    )
    raw = expected_minutes(inputs, ahead, season_number, members, params, labels, weights)
    sums = TeamSums(members, len(snapshots), len(team_ids))
    rated = external_ratings(
        external if features.external_ratings else external.iloc[:0], log, members, snapshots
    )
    slots = {
        "expected_minutes": sums.scaled(raw["next"]),
        "expected_minutes_rest": sums.scaled(raw["rest"]),
        "playoff_minutes": sums.scaled(raw["playoffs"]),
        "minutes_raw": raw["next"],
        "recent_minutes": members.recent_minutes,
        "recent_minutes_short": members.recent_minutes_short,
        "played_minutes": members.played_minutes,
        "impact": own_impact,
        "box_plus_minus": own_box,
        "rapm": impact.rapm[members.snapshot, members.player],
        "offence": impact.offence[members.snapshot, members.player],
        "defence": impact.defence[members.snapshot, members.player],
        **absence,
        **rated,
        **form,
    }
    rosters = _slot_rows(log, lists, members, snapshots, slots)
    columns = team_columns(
        sums,
        slots,
        raw,
        log,
        snapshots,
        members,
        impact,
        features.rotation_minutes,
        params.newcomer_impact,
    )
    totals = team_rows(tables["teams"], snapshots, team_ids, columns)
    return RosterTables(rosters, totals, weights.table())


def _slot_rows(
    log: PlayerLog,
    lists: TeamLists,
    members: Members,
    snapshots: Snapshots,
    columns: dict[str, Floats],
) -> pd.DataFrame:
    """Return the members as rows of features/rosters."""
    player_id = log.players[members.player]
    name = np.append(log.names, "")[members.last_row]
    debut = members.last_row < 0
    name[debut] = lists.names_on(members.player[debut], snapshots.day[members.snapshot[debut]])
    day = snapshots.day[members.snapshot].astype("datetime64[D]").astype("datetime64[us]")
    return pd.DataFrame(
        {
            "season": pd.Series(snapshots.season[members.snapshot], dtype="str"),
            "as_of": day,
            "team_id": log.teams[members.team],
            "slot": members.slot,
            "player_id": player_id,
            "player_name": pd.Series(name, dtype="str"),
            "embedding_index": embedding_index(player_id),
            **columns,
        }
    )


def embedding_index(player_id: Ints, buckets: int = EMBEDDING_BUCKETS) -> Ints:
    """Return the bucket of each player, 1 .. buckets - 1; 0 is the empty slot.

    The finaliser of splitmix64 (Steele et al., 2014): unlike Python's hash, the same everywhere.
    """
    mixed = np.asarray(player_id).astype(np.uint64)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return (mixed % np.uint64(buckets - 1)).astype(np.int64) + 1
