"""The stored sample of simulated seasons has the seasons that the odds count."""

import base64
import json
from pathlib import Path

import numpy as np

from nbarank.forecast.odds import simulate_odds
from nbarank.forecast.season_sample import GAME_DAYS, SeasonSample
from nbarank.forecast.season_simulation import Strengths
from nbarank.schemas.forecast import SIMULATIONS
from tests.forecast.made_league import MID, SEASON, league
from tests.forecast.test_simulation import DRIFT, MODEL

N = 300


def test_the_sample_gives_the_odds_and_the_winners(tmp_path: Path) -> None:
    state = league(MID, "standard").state(SEASON, MID)
    given = Strengths(np.linspace(-8, 8, 30), np.full(30, 1.0))
    kept = []
    sample, other = SeasonSample(SEASON), SeasonSample("2020-21")

    def keep(*seen) -> None:
        kept.append(seen[1])
        sample.keep(*seen)
        other.keep(*seen)

    odds = simulate_odds(state, given, MODEL, DRIFT, N, np.random.default_rng(1), keep=keep)
    sample.write(tmp_path)
    content = json.loads((tmp_path / SIMULATIONS).read_text())
    (day,) = content["days"]
    assert other.days == [] and content["teams"] == state.team_ids.tolist()
    assert (day["as_of"], day["n"]) == (f"{MID:%Y-%m-%d}", N)

    def decoded(name: str, rows: int) -> np.ndarray:
        return np.frombuffer(base64.b64decode(day[name]), np.uint8).reshape(rows, -1)

    near = np.flatnonzero(state.days < GAME_DAYS)
    assert len(day["games"]) == len(near) > 50
    assert day["games"][0][1:] == [
        int(state.team_ids[side[0]]) for side in (state.home, state.away)
    ]
    won = np.unpackbits(decoded("home_won", len(near)), axis=1)[:, :N]
    np.testing.assert_array_equal(won, kept[0].home_won[near])
    ends = decoded("ends", 30)
    np.testing.assert_array_equal((ends & 7 == 5).sum(axis=1), odds.rounds[:, 4])
    np.testing.assert_array_equal((ends & 7 > 0).sum(axis=1), odds.rounds[:, 0])
    np.testing.assert_array_equal((ends >> 3).mean(axis=1), odds.expected(odds.conference_rank))
    np.testing.assert_allclose(decoded("wins", 30).mean(axis=1), odds.mean_wins())
