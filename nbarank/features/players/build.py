"""Both roster tables from the league's tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from nbarank.features.params import FeatureParams, PlayerParams
from nbarank.features.players.availability import absences
from nbarank.features.players.external import external_ratings
from nbarank.features.players.form import form_columns, make_history, member_spans
from nbarank.features.players.identity import EMBEDDING_BUCKETS, embedding_index
from nbarank.features.players.impact import Impact, player_impact
from nbarank.features.players.log import (
    Floats,
    PlayerLog,
    Snapshots,
    day_numbers,
    make_log,
    make_snapshots,
)
from nbarank.features.players.members import Members, roster_members
from nbarank.features.players.minutes import (
    TEAM_MINUTES,
    expected_minutes,
    minutes_ahead,
    minutes_inputs,
)
from nbarank.features.players.team_level import TeamSums, record_lineups, team_rows

LONG_ABSENT_GAMES = 40
"""Games missed in a row beyond which a player is no longer counted as of the rotation."""


@dataclass(frozen=True)
class League:
    """The league tables that rosters are made from."""

    player_games: pd.DataFrame
    team_games: pd.DataFrame
    teams: pd.DataFrame
    seasons: pd.DataFrame
    as_of: pd.DataFrame


@dataclass(frozen=True)
class RosterTables:
    """Rows of features/rosters and features/roster_teams."""

    rosters: pd.DataFrame
    roster_teams: pd.DataFrame


def build_rosters(
    league: League,
    features: FeatureParams,
    params: PlayerParams,
    reports: pd.DataFrame,
    external: pd.DataFrame,
) -> RosterTables:
    """Return the rosters of every team at every as-of date, and what they add up to.

    Parameters
    ----------
    league
        League tables. A row as of a day reads games before the day only; models (box
        plus-minus, expected minutes) are fitted to seasons before the row's.
    features, params
        Sections `features` and `players`.
    reports
        Of `read_injury_reports`; read only if `features.injuries`.
    external
        Of `read_external_ratings`; read only if `features.external_ratings`.
    """
    seasons = league.seasons.sort_values("season")
    labels = tuple(seasons["season"])
    snapshots = make_snapshots(league.as_of, league.team_games, labels, params.summer_days)
    team_ids = np.unique(league.teams["team_id"].to_numpy(np.int64))
    log = make_log(league.player_games, league.team_games, team_ids, snapshots, params.summer_days)
    impact = player_impact(log, snapshots, params)
    members = roster_members(log, snapshots, features.roster_size, params)
    history = make_history(log)
    spans = member_spans(members, snapshots, day_numbers(seasons["start"]))
    form = form_columns(history, members, spans, features.rolling_windows, params.prior_games)
    absence = absences(
        log,
        history,
        members,
        snapshots,
        spans,
        reports if features.injuries else reports.iloc[:0],
        params.injury_report_days,
    )
    season_number = snapshots.season_number[members.snapshot]
    own_impact = impact.impact[members.snapshot, members.player]
    own_box = impact.box_plus_minus[members.snapshot, members.player]
    readable = minutes_inputs(
        members,
        snapshots,
        absence,
        form,
        own_impact,
        own_box,
        min(features.rolling_windows),
        log.minutes[members.last_row],
    )
    came = minutes_ahead(
        history,
        log,
        members,
        spans,
        day_numbers(seasons["end"])[season_number],
        day_numbers(seasons["playoffs_end"])[season_number],
        params.minutes_window,
    )
    raw = expected_minutes(readable, came, season_number, members, params)
    sums = TeamSums(members, len(snapshots), len(team_ids))
    rating, known = external_ratings(
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
        "games_missed": absence.games_missed,
        "days_absent": absence.days_absent,
        "games_with_team": absence.games_with_team,
        "is_absent": (absence.games_missed >= params.absent_games).astype(np.float64),
        "is_new": (absence.games_with_team <= params.new_games).astype(np.float64),
        "listed_out": absence.listed_out,
        "listed_share": absence.listed_share,
        "external_rating": rating,
        "has_external_rating": known,
        **form,
    }
    rosters = _slot_rows(log, members, snapshots, EMBEDDING_BUCKETS, slots)
    columns = _team_columns(
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
    return RosterTables(rosters, team_rows(league.teams, snapshots, team_ids, columns))


def _slot_rows(
    log: PlayerLog,
    members: Members,
    snapshots: Snapshots,
    buckets: int,
    columns: dict[str, Floats],
) -> pd.DataFrame:
    """Lay the members out as rows of features/rosters."""
    player_id = log.players[members.player]
    day = snapshots.day[members.snapshot].astype("datetime64[D]").astype("datetime64[us]")
    return pd.DataFrame(
        {
            "season": pd.Series(snapshots.season[members.snapshot], dtype="str"),
            "as_of": day,
            "team_id": log.teams[members.team],
            "slot": members.slot,
            "player_id": player_id,
            "player_name": pd.Series(log.names[members.last_row], dtype="str"),
            "embedding_index": embedding_index(player_id, buckets),
            **columns,
        }
    )


def _team_columns(
    sums: TeamSums,
    slots: dict[str, Floats],
    raw: dict[str, Floats],
    log: PlayerLog,
    snapshots: Snapshots,
    members: Members,
    impact: Impact,
    rotation_minutes: float,
    newcomers: float,
) -> dict[str, Floats]:
    """Return the columns of features/roster_teams, each (n_snapshots, n_teams)."""
    own, minutes = slots["impact"], slots["expected_minutes"]
    away = np.maximum(slots["is_absent"], slots["listed_out"])
    # Somebody away for most of a season is no longer of the regular rotation.
    regular = np.where(slots["games_missed"] <= LONG_ABSENT_GAMES, slots["played_minutes"], 0.0)
    in_rotation = (slots["played_minutes"] >= rotation_minutes) & (regular > 0)
    available = sums.strength(raw["next"], own, newcomers)
    record, overlap = record_lineups(log, snapshots, impact, members, minutes)
    value = minutes / 48.0 * np.maximum(own, 0.0)
    around = sums.spread(sums.sum(minutes * own) / np.maximum(sums.sum(minutes), 1e-9))
    lost = np.where(in_rotation & (away > 0), np.maximum(regular - raw["next"], 0.0), 0.0)
    return {
        "player_strength": sums.strength(regular, own),
        "available_strength": available,
        "rest_strength": sums.strength(raw["rest"], own, newcomers),
        "playoff_strength": sums.strength(raw["playoffs"], own),
        "rapm_strength": sums.strength(raw["next"], slots["rapm"], newcomers),
        "box_strength": sums.strength(raw["next"], slots["box_plus_minus"], newcomers),
        "external_strength": sums.strength(raw["next"], slots["external_rating"], 0.0),
        "record_strength": record,
        "lineup_drift": available - record,
        "missing_strength": sums.sum(lost * (own - around) / 48.0),
        "star_reliance": np.minimum(sums.most(value) / np.maximum(sums.sum(value), 1e-9), 1.0),
        "minutes_continuity": overlap,
        "known_minutes": np.minimum(sums.sum(raw["next"]) / TEAM_MINUTES, 1.0),
        "expected_rotation_players": sums.sum((minutes >= rotation_minutes).astype(np.float64)),
        "absent_rotation_players": sums.sum((in_rotation & (away > 0)).astype(np.float64)),
        "new_rotation_players": sums.sum(
            ((minutes >= rotation_minutes) & (slots["is_new"] > 0)).astype(np.float64)
        ),
        "playoff_experience": sums.sum(minutes / TEAM_MINUTES * slots["playoff_minutes_career"]),
        "roster_players": sums.sum(np.ones(len(own))),
    }
