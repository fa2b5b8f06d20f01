"""Players' offence and defence: planted ones are found, and add to impact."""

import numpy as np
import pytest

from nbarank.core.sections import load_section
from nbarank.features.params import PlayerParams
from nbarank.features.players.impact import Impact, player_impact
from nbarank.features.players.offence_defence import scoring_equations
from nbarank.features.players.player_log import PlayerLog, Snapshots
from nbarank.features.players.rapm import normal_equations
from nbarank.features.players.season_weights import SeasonWeights
from nbarank.schemas.league import BOX_COUNTS
from tests.conftest import ROOT

TEAMS, ROSTER, GAMES = 8, 8, 1200
RANDOM = np.random.default_rng(4)
OFFENCE, DEFENCE = RANDOM.normal(0.0, 3.0, (2, TEAMS * ROSTER))


def league(level: float = 110.0) -> tuple[PlayerLog, Snapshots]:
    """Return games in which points depend on planted offence and defence, and two days."""
    random = np.random.default_rng(5)
    sides = np.array([random.choice(TEAMS, 2, replace=False) for _ in range(GAMES)])
    minutes = random.dirichlet(np.full(ROSTER, 6.0), (GAMES, 2)) * 240.0
    player = sides[..., None] * ROSTER + np.arange(ROSTER)
    share = minutes / 48.0
    own, theirs = ((share * values[player]).sum(axis=2) for values in (OFFENCE, DEFENCE))
    points = np.rint(level + own - theirs[:, ::-1] + random.normal(0.0, 6.0, (GAMES, 2)))
    counts = np.full((GAMES, 2, ROSTER, len(BOX_COUNTS)), 2)
    team_counts = counts.sum(axis=2)
    team_counts[..., BOX_COUNTS.index("pts")] = points
    margin = points - points[:, ::-1]

    def rows(values: object) -> np.ndarray:
        return np.broadcast_to(values, player.shape).reshape(-1)

    game = np.arange(GAMES)[:, None, None]
    log = PlayerLog(
        players=np.arange(TEAMS * ROSTER),
        teams=np.arange(TEAMS),
        names=np.full(player.size, "", object),
        player=player.reshape(-1),
        team=rows(sides[..., None]),
        game=rows(game),
        season_number=rows(0),
        regular=rows(True),
        playoff=rows(False),
        day=rows(game // 6),
        clock=rows((game // 6).astype(float)),
        minutes=minutes.reshape(-1),
        plus_minus=(share * margin[..., None] / 5.0).reshape(-1),
        counts=counts.reshape(-1, len(BOX_COUNTS)),
        team_counts=np.repeat(team_counts.reshape(-1, len(BOX_COUNTS)), ROSTER, axis=0),
        side=rows(np.array([1.0, -1.0])[:, None]),
        length=rows(48.0),
        possessions=rows(100.0),
        margin=rows(margin[..., None]),
        interval=rows((game // 6 >= 100).astype(int)),
    )
    days = np.array([100, 200])
    season = np.array(["2020-21"] * 2)
    return log, Snapshots(
        season, np.zeros(2, int), days, days.astype(float), days / 200, ("2020-21",)
    )


def impact(log: PlayerLog, snapshots: Snapshots) -> Impact:
    params = load_section(PlayerParams, ROOT / "params.yaml")
    ages = np.full((len(snapshots), len(log.players)), np.nan)
    return player_impact(log, snapshots, ages, params, SeasonWeights())


def test_planted_offence_and_defence_are_found() -> None:
    found = impact(*league())
    assert np.corrcoef(found.offence[-1], OFFENCE)[0, 1] > 0.7
    assert np.corrcoef(found.defence[-1], DEFENCE)[0, 1] > 0.7
    assert abs(np.corrcoef(found.offence[-1], DEFENCE)[0, 1]) < 0.35
    np.testing.assert_allclose(found.offence + found.defence, found.impact, atol=1e-12)


@pytest.mark.parametrize("level", [95.0, 125.0])
def test_the_level_of_the_league_belongs_to_no_player(level: float) -> None:
    log, snapshots = league(level)
    as_usual = impact(*league())
    np.testing.assert_allclose(impact(log, snapshots).offence, as_usual.offence, atol=0.25)


def test_later_games_change_no_earlier_value() -> None:
    log, snapshots = league()
    before = impact(log, snapshots)
    later = log.interval == 1
    log.margin[later] *= -1.0
    log.team_counts[later] += 9
    after = impact(log, snapshots)
    for name in ("offence", "defence", "impact"):
        assert (getattr(after, name)[0] == getattr(before, name)[0]).all()
        assert (getattr(after, name)[1] != getattr(before, name)[1]).any()


def test_equations_of_some_players_are_those_of_all_to_the_last_bit() -> None:
    log, _ = league()
    rows, weights = slice(0, 480), np.exp(log.clock[:480] / 300.0)
    some = np.arange(len(log.players)) % 3 == 0
    kept = np.flatnonzero(np.r_[some, True])
    for whole, part in (
        [normal_equations(log, rows, 0.3, weights, solved) for solved in (None, some)],
        [scoring_equations(log, rows, weights, weights, solved) for solved in (None, some)],
    ):
        chosen = [one.left.toarray()[np.ix_(kept, kept)] for one in (whole, part)]
        np.testing.assert_array_equal(*chosen)
        np.testing.assert_array_equal(whole.right[kept], part.right[kept])
