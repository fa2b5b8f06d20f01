"""The simulated league, season by season, written as a real source would, and its truth."""

from __future__ import annotations

import datetime as dt
import logging
from pathlib import Path

import numpy as np
import pandas as pd

from nbarank.core.arrays import Floats
from nbarank.core.seeds import generator
from nbarank.core.tables import atomic_path, validate
from nbarank.schemas.raw import TEAMS_FILE, LeagueFile, RawSeason
from nbarank.schemas.truth import TRUTH
from nbarank.sources.layout import file_name, write_league_file, write_parquet
from nbarank.sources.simulated import calibration as c
from nbarank.sources.simulated.boxscores import box_scores
from nbarank.sources.simulated.files import (
    game_ids,
    true_strength,
    truth_frame,
    write_logs,
    write_schedule,
)
from nbarank.sources.simulated.games import play
from nbarank.sources.simulated.market import first_rosters, summer
from nbarank.sources.simulated.params import SimulatedParams
from nbarank.sources.simulated.players import Players
from nbarank.sources.simulated.postseason import (
    Standings,
    last_day,
    play_in_format,
    play_postseason,
)
from nbarank.sources.simulated.rosters import inactive_list, write_rosters
from nbarank.sources.simulated.schedule import Fixtures, make_fixtures
from nbarank.sources.simulated.state import SeasonState, prepare_season
from nbarank.sources.simulated.teams import Structure, build_structure, player_names

_LOG = logging.getLogger(__name__)


def generate(params: SimulatedParams, raw: Path, truth: Path) -> None:
    """Simulate a league and write its raw layout and its truth.

    Parameters
    ----------
    raw
        Empty folder for player_logs_*, team_logs_*, playoffs_*, playin_*, schedule_*, rosters_*,
        inactive_* (parquet), teams.csv and league.json.
    truth
        Folder for strength.parquet (table truth/strength), which only `evaluate` may read.

    Notes
    -----
    The same parameters give the same bytes, in any process. Every season has its own random
    streams, so a league of ten seasons begins with the league of five.
    """

    def stream(*key: str | int) -> np.random.Generator:
        return generator(params.seed, "simulated", *key)

    structure = build_structure(params.n_teams)
    names = player_names(stream("names"))
    rng = stream("first rosters")
    players = first_rosters(structure, params.talent_spread, rng)
    system = rng.normal(0.0, c.SYSTEM_SD / np.sqrt(2), (params.n_teams, 2))
    style = rng.normal(0.0, c.PACE_STYLE_SD, params.n_teams)
    strength = system.sum(axis=1)

    def next_year(rng: np.random.Generator) -> tuple[Floats, Floats]:
        changed = (
            _carried(system, c.SYSTEM_SD / np.sqrt(2), rng),
            _carried(style, c.PACE_STYLE_SD, rng),
        )
        summer(players, strength, params.talent_spread, params.movement, rng)
        return changed

    for year in range(c.BURN_IN_SUMMERS):
        system, style = next_year(stream("before", year))
        strength = _roster_strength(players, system)

    seasons: dict[str, RawSeason] = {}
    truths: list[pd.DataFrame] = []
    for number, season in enumerate(params.seasons()):
        system, style = next_year(stream("summer", number))
        fixtures = make_fixtures(structure, params.games, number, stream("schedule", number))
        state = prepare_season(params, players, fixtures, system, style, stream("season", number))
        start = pd.Timestamp(_opening_day(int(season[:4])))
        rng = stream("games", number)
        reasons = stream("inactive", number)
        _write_season(raw, season, state, structure, fixtures, names, start, rng, reasons)
        write_rosters(raw, season, state, players, names, start)
        daily, talent = true_strength(state)
        truths.append(truth_frame(daily, talent, season, start))
        strength = daily[:, : state.regular_days].mean(axis=1)
        seasons[season] = RawSeason(
            start=start.date(),
            end=(start + pd.Timedelta(days=state.regular_days - 1)).date(),
            playoffs_end=(start + pd.Timedelta(days=last_day(state.regular_days))).date(),
            games_expected=len(fixtures.day),
            play_in=play_in_format(season, params.n_teams // 2),
        )
        _LOG.info("season %s: %d games", season, len(fixtures.day))
    with atomic_path(raw / TEAMS_FILE) as temporary:
        structure.frame().to_csv(temporary, index=False, lineterminator="\n")
    write_league_file(raw, LeagueFile(simulated=True, seasons=seasons))
    table = validate(TRUTH, pd.concat(truths, ignore_index=True))
    write_parquet(table, truth / "strength.parquet")


def _write_season(
    raw: Path,
    season: str,
    state: SeasonState,
    structure: Structure,
    fixtures: Fixtures,
    names: list[str],
    start: pd.Timestamp,
    rng: np.random.Generator,
    reasons: np.random.Generator,
) -> None:
    """Play one season and write its files."""
    team, day = np.stack([fixtures.home, fixtures.away], axis=1), fixtures.day
    games = play(state, team, day, False, rng)
    ids = game_ids(season, "regular", [f"{i + 1:05d}" for i in range(len(day))])
    write_schedule(raw, season, team, day, ids, start)
    write_logs(raw, season, "regular", games, box_scores(state, games, rng), ids, start, names)
    inactive = [inactive_list(state, games, ids, names, start, reasons)]
    home_won = games.points[:, 0] > games.points[:, 1]
    with_play_in = play_in_format(season, structure.n_teams // 2) == "standard"
    standings = Standings(
        structure,
        np.where(home_won, team[:, 0], team[:, 1]),
        np.where(home_won, team[:, 1], team[:, 0]),
        np.abs(games.points[:, 0] - games.points[:, 1]),
        10 if with_play_in else 8,
    )
    for kind, played, endings in play_postseason(state, standings, with_play_in, rng):
        box = box_scores(state, played, rng)
        ids = game_ids(season, kind, endings)
        write_logs(raw, season, kind, played, box, ids, start, names)
        inactive.append(inactive_list(state, played, ids, names, start, reasons))
    write_parquet(pd.concat(inactive, ignore_index=True), raw / file_name(season, "inactive"))


def _carried(values: Floats, sd: float, rng: np.random.Generator) -> Floats:
    """Return next year's values of teams: partly kept, partly new."""
    new = rng.normal(0.0, sd, values.shape)
    carried: Floats = c.SYSTEM_MEMORY * values + np.sqrt(1 - c.SYSTEM_MEMORY**2) * new
    return carried


def _roster_strength(players: Players, system: Floats) -> Floats:
    """Return an approximate strength of rosters, for the drafts before the first season."""
    strength: Floats = system.sum(axis=1)
    for team in range(len(system)):
        best = np.sort(players.rating[players.of(team)])[::-1][: c.DRESSED]
        strength[team] += (best * np.array(c.ROTATION_MINUTES)[: len(best)]).sum() / 48.0
    return strength


def _opening_day(year: int) -> dt.date:
    """Return the season's first day: the Tuesday on or after 18 October."""
    day = dt.date(year, 10, 18)
    return day + dt.timedelta(days=(1 - day.weekday()) % 7)
