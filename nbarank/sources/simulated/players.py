"""Players of the league: impact, role, age, habits; how they enter, age and retire."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from nbarank.core.arrays import Bools, Floats, Ints
from nbarank.sources.simulated import calibration as c

FREE, GONE = -1, -2
"""Values of `Players.team`: without a team, out of the league."""


@dataclass
class Players:
    """Every player who was ever in the league, one row each, identified by row number.

    Parameters
    ----------
    age, role
        Years; 0 guard, 1 wing, 2 big.
    peak_offense, peak_defense
        Impact at the best age, points per 100 possessions.
    wobble_offense, wobble_defense
        This year's deviation from peak and age effect.
    coach_error
        How much coaches overrate (above 0) or underrate the player.
    rates
        Habits at the peak: standardised logs of rates per 36 minutes, shape (players, rates).
    shots
        Logits of the chance to make twos, threes and free throws, shape (players, 3).
    frailty
        Factor on the rate of absences.
    team, last_team
        Team now and at the end of last season, FREE or GONE.
    """

    age: Ints
    role: Ints
    peak_offense: Floats
    peak_defense: Floats
    wobble_offense: Floats
    wobble_defense: Floats
    coach_error: Floats
    rates: Floats
    shots: Floats
    frailty: Floats
    team: Ints
    last_team: Ints

    def __len__(self) -> int:
        """Return the number of players, retired ones included."""
        return len(self.age)

    @property
    def offense(self) -> Floats:
        """Points added to his team's score per 100 possessions."""
        return self.peak_offense + self.wobble_offense + c.OFFENSE_SHARE * self._age_effect()

    @property
    def defense(self) -> Floats:
        """Points taken from the opponent's score per 100 possessions."""
        return self.peak_defense + self.wobble_defense + (1 - c.OFFENSE_SHARE) * self._age_effect()

    @property
    def rating(self) -> Floats:
        """Impact as coaches and managers see it."""
        return self.offense + self.defense + self.coach_error

    @property
    def habits(self) -> Floats:
        """Log factors on the role's rates this year; impact beyond the peak moves them."""
        offense = (self.offense - self.peak_offense) / c.PEAK_OFFENSE_SD
        defense = (self.defense - self.peak_defense) / c.PEAK_DEFENSE_SD
        shown = np.clip(offense, -2, 2)[:, None] * c.RATE_OFFENSE
        shown = shown + np.clip(defense, -2, 2)[:, None] * c.RATE_DEFENSE
        sd = c.RATE_LOG_SDS[self.role]
        now: Floats = sd * np.clip(self.rates + shown, -c.MOST_HABIT, c.MOST_HABIT)
        return now - sd**2 / 2  # the mean of the log-normal factor is 1

    def _age_effect(self) -> Floats:
        return np.interp(self.age.astype(np.float64), c.AGE_KNOTS, c.AGE_CURVE)

    def join(self, others: Players) -> None:
        """Append other players."""
        for field in fields(self):
            both = (getattr(self, field.name), getattr(others, field.name))
            setattr(self, field.name, np.concatenate(both))

    def of(self, team: int) -> Ints:
        """Return the players under contract with a team."""
        return np.flatnonzero(self.team == team)


def draw_players(ages: Ints, scale: float, rng: np.random.Generator) -> Players:
    """Draw players of these ages without a team; `scale` multiplies the SD of impact."""
    n = len(ages)
    role = rng.choice(3, size=n, p=c.ROLE_SHARES)
    tail = rng.exponential(c.PEAK_TAIL, n) - c.PEAK_TAIL
    common = rng.normal(0.0, c.PEAK_SD, n) + tail
    # Offence and defence share the total; the contrast shifts impact between them.
    contrast = rng.normal(0.0, 0.6 * c.PEAK_SD, n)
    peak_offense = scale * (c.OFFENSE_SHARE * common + 0.5 * contrast)
    peak_defense = scale * ((1 - c.OFFENSE_SHARE) * common - 0.5 * contrast)
    offense, defense = (x / x.std() if n > 1 else x for x in (peak_offense, peak_defense))
    return Players(
        age=ages.astype(np.int64),
        role=role,
        peak_offense=peak_offense + scale * c.PEAK_MEAN * c.OFFENSE_SHARE,
        peak_defense=peak_defense + scale * c.PEAK_MEAN * (1 - c.OFFENSE_SHARE),
        wobble_offense=_wobble(n, c.OFFENSE_SHARE, scale, rng),
        wobble_defense=_wobble(n, 1 - c.OFFENSE_SHARE, scale, rng),
        coach_error=scale * rng.normal(0.0, c.COACH_NOISE_SD, n),
        rates=_rates(offense, defense, rng),
        shots=np.log(c.SHOT_MEANS / (1 - c.SHOT_MEANS))[role]
        + c.SHOT_LOGIT_SDS[role] * _correlated(offense[None], c.SHOT_OFFENSE[None], rng),
        frailty=rng.lognormal(-(c.DURABILITY_LOG_SD**2) / 2, c.DURABILITY_LOG_SD, n),
        team=np.full(n, FREE),
        last_team=np.full(n, GONE),
    )


def _wobble(n: int, share: float, scale: float, rng: np.random.Generator) -> Floats:
    return rng.normal(0.0, scale * c.WOBBLE_SD * np.sqrt(share), n)


def _rates(offense: Floats, defense: Floats, rng: np.random.Generator) -> Floats:
    """Return standardised logs of rates, correlated with impact, position and usage."""
    inside, usage = rng.standard_normal((2, len(offense)))
    causes = np.stack([offense, defense, inside, usage])
    correlations = np.stack([c.RATE_OFFENSE, c.RATE_DEFENSE, c.RATE_INSIDE, c.RATE_USAGE])
    return _correlated(causes, correlations, rng)


def _correlated(causes: Floats, correlations: Floats, rng: np.random.Generator) -> Floats:
    """Return standard normals, shape (players, habits), correlated with standardised causes.

    `causes`, shape (causes, players), are uncorrelated; `correlations` has the shape
    (causes, habits).
    """
    own = np.sqrt(np.clip(1 - (correlations**2).sum(axis=0), 0.0, 1.0))
    drawn: Floats = causes.T @ correlations + own * rng.standard_normal((causes.shape[1], len(own)))
    return drawn


def age_one_year(players: Players, scale: float, rng: np.random.Generator) -> Bools:
    """Make all players a year older; return who retires this summer."""
    players.age = players.age + 1
    keep = np.sqrt(1 - c.WOBBLE_MEMORY**2)
    for side, share in (("offense", c.OFFENSE_SHARE), ("defense", 1 - c.OFFENSE_SHARE)):
        old = getattr(players, f"wobble_{side}")
        new = _wobble(len(players), share, scale, rng)
        setattr(players, f"wobble_{side}", c.WOBBLE_MEMORY * old + keep * new)
    chance = np.interp(players.age, [32, 34, 36, 38, 40, 41], [0.0, 0.08, 0.2, 0.45, 0.8, 1.0])
    retires: Bools = (rng.random(len(players)) < chance) & (players.team != GONE)
    return retires
