"""Constants that make the simulated league behave like the NBA of 2014-15 to 2022-23.

They were fitted so that the moments of the simulated logs match those of the real ones
(`benchmarks/moments.py`; results in docs/simulated-league.md). Impact is in points per 100
possessions against an average player, rates are per 36 minutes.
"""

from __future__ import annotations

import numpy as np

# --- players -----------------------------------------------------------------------------------
# Roles are numbered: 0 guard, 1 wing, 2 big.
ROLE_SHARES = (0.34, 0.33, 0.33)
PEAK_MEAN = -3.0
PEAK_SD = 4.2
PEAK_TAIL = 1.7
"""Mean of an exponential added to the peak impact: stars are rare."""
OFFENSE_SHARE = 0.6
"""Share of the variance of impact that is offence."""
PEAK_OFFENSE_SD, PEAK_DEFENSE_SD = 2.95, 2.15
"""SD of offence and defence at the peak: the unit of deviations from it."""
WOBBLE_SD = 1.9
WOBBLE_MEMORY = 0.7
"""SD and year-to-year correlation of a player's deviation from his age curve."""
AGE_KNOTS = (18.0, 20.0, 22.0, 24.0, 26.0, 27.0, 29.0, 31.0, 33.0, 35.0, 37.0, 42.0)
AGE_CURVE = (-2.6, -1.8, -1.1, -0.5, -0.1, 0.0, -0.1, -0.7, -1.5, -2.5, -3.6, -6.5)
COACH_NOISE_SD = 0.7
"""Error of coaches and managers about a player's impact."""

# --- market ------------------------------------------------------------------------------------
ROSTER = 15
ENTRANTS_PER_TEAM = 3.7
ENTRANT_AGE_SHARES = (0.2, 0.18, 0.19, 0.18, 0.12, 0.08, 0.05)  # ages 19 to 25
DRAFTED_PER_TEAM = 2
POOL_PER_TEAM = 4.0
SUMMER_MOVE = 0.33
SUMMER_MOVE_PER_IMPACT = -0.05
TRADES_PER_TEAM = 0.8
SIGNINGS_PER_TEAM = 4.0
NEED_FOR_ROLE = 0.9
WINNERS_PER_POINT = 0.05
"""How much a point of last season's strength attracts a free agent, per point of his impact."""
MOST_SUCCESS = 5.0
"""Points of strength beyond which winning more attracts no more free agents."""
LEAST_VALUE = -3.0
"""Impact of a player who costs nothing."""
YOUTH_BONUS = 0.5
"""Points of impact per year below 24 by which coaches favour young players."""
BURN_IN_SUMMERS = 12

# --- teams -------------------------------------------------------------------------------------
SYSTEM_SD = 0.8
SYSTEM_MEMORY = 0.6
"""SD, in points, and year-to-year correlation of what coach and organisation add."""
FORM_MEMORY_DAYS = 35.0
PACE = 100.0
PACE_STYLE_SD = 1.9
PACE_GAME_SD = 4.2
POINTS_PER_100 = 107.8

# --- absences ----------------------------------------------------------------------------------
SPELLS_PER_GAME = 0.047
ONE_GAME_SPELLS = 0.45
LONG_SPELL_MEDIAN = 1.9
LONG_SPELL_LOG_SD = 1.42
SHUT_DOWN_FROM, SHUT_DOWN = 0.7, 0.25
"""From this share of the season on, this share of the longer absences lasts to its end."""
PLAY_THROUGH = 0.65
"""Share of absences that end before the playoffs."""
DURABILITY_LOG_SD = 0.45
REST_ON_BACK_TO_BACK = 0.015
INACTIVE_REASONS = {
    "Inactive": 0.9366,
    "Did Not Dress": 0.0501,
    "Not With Team": 0.012,
    "Player Suspended": 0.0013,
}
"""Shares of the reasons in inactive lists, 2015-16 to 2022-23."""

# --- rotation ----------------------------------------------------------------------------------
DRESSED = 13
FEWEST_AVAILABLE = 8
ROTATION_MINUTES = (34.2, 32.7, 31.2, 29.3, 26.9, 22.8, 19.2, 15.9, 12.6, 8.6, 6.0, 4.5, 3.5)
PLAYOFF_MINUTES = (38.5, 37.0, 35.0, 32.0, 28.5, 22.0, 17.0, 13.0, 9.0, 5.0, 3.0, 2.0, 2.0)
ROTATION_SIZE_MEAN = 10.35
PLAYOFF_ROTATION_SIZE = 9.4
ROTATION_SIZE_SD = 1.0
COACH_WHIM_SD = 0.6
MINUTES_NOISE_SD = 4.5
MOST_MINUTES = 44.0
SEGMENTS = 28
"""Pieces of a game between substitutions."""

# --- games -------------------------------------------------------------------------------------
PLAYOFF_STRETCH = 1.4
PLAYOFF_LUCK = 0.96
"""Factors on differences of strength and on chance in the playoffs."""
BACK_TO_BACK_COST = 1.2
OVERTIME_BELOW = 0.98
"""A game with a smaller drawn margin after 48 minutes goes to overtime."""
OVERTIME_SD = 5.0
GARBAGE_FROM = 5.0
GARBAGE_SD = 7.5
"""Margins beyond GARBAGE_FROM points vary by this much more without changing the winner."""
BLOWOUT_FROM = 12.0
SEGMENT_SD = 2.6
"""SD of the margin in a piece of one minute, in points times the root of its minutes."""
TOTAL_SD = 15.5
"""SD of the points of both teams together, given pace and line-ups."""

# --- box scores --------------------------------------------------------------------------------
RATES = ("fg2a", "fg3a", "fta", "oreb", "dreb", "ast", "stl", "blk", "tov", "pf")
RATE_MEANS = np.array(
    [
        [8.75, 4.90, 2.78, 0.66, 3.04, 4.47, 1.32, 0.35, 2.49, 2.82],
        [5.89, 6.27, 1.97, 0.72, 3.25, 1.90, 1.08, 0.41, 1.47, 2.91],
        [9.79, 1.78, 2.86, 3.00, 5.78, 1.83, 0.86, 1.40, 1.75, 4.19],
    ]
)
RATE_LOG_SDS = np.array(
    [
        [0.37, 0.47, 0.65, 0.46, 0.36, 0.45, 0.36, 0.59, 0.26, 0.25],
        [0.35, 0.31, 0.67, 0.18, 0.38, 0.55, 0.38, 0.57, 0.32, 0.25],
        [0.28, 1.34, 0.52, 0.33, 0.29, 0.42, 0.44, 0.68, 0.32, 0.27],
    ]
)
RATE_OFFENSE = np.array([0.5, 0.35, 0.5, 0.0, 0.2, 0.5, 0.2, 0.1, 0.15, -0.2])
RATE_DEFENSE = np.array([0.0, 0.0, 0.05, 0.15, 0.4, 0.05, 0.5, 0.5, -0.15, -0.15])
"""Correlation of each log rate with a player's offensive and defensive impact."""
RATE_USAGE = np.array([0.5, 0.35, 0.4, -0.05, 0.0, 0.25, 0.0, 0.0, 0.4, -0.2])
"""Correlation of each log rate with a player's usage."""
RATE_INSIDE = np.array([0.0, -0.55, 0.1, 0.3, 0.2, -0.15, -0.1, 0.35, 0.0, 0.2])
"""Correlation of each log rate with playing near the basket, given the role."""
MOST_HABIT = 1.9
"""Limit of habits, in standard deviations."""
RATE_GAME_SHAPE = np.array([12.0, 7.0, 2.5, 200.0, 100.0, 60.0, 200.0, 100.0, 200.0, 200.0])
"""Shape of the gamma factor on a player's rates in one game: smaller is streakier."""
SHOT_MEANS = np.array([[0.485, 0.366, 0.79], [0.505, 0.363, 0.76], [0.545, 0.345, 0.69]])
SHOT_LOGIT_SDS = np.array([[0.17, 0.14, 0.40], [0.19, 0.14, 0.45], [0.22, 0.25, 0.50]])
SHOT_OFFENSE = np.array([0.45, 0.30, 0.20])
TURNOVER_FACTOR = 1.04
FOUL_FACTOR = 1.04
"""Team totals relative to the sum of the players' rates."""
FREE_THROW_TRIPS = 0.44
"""Possessions that a free throw uses (Oliver, 2004)."""
OFFENSIVE_REBOUND_SHARE = 0.214
USUAL_OREB, USUAL_AST = 9.9, 22.5
"""Sum of the players' rates in an average line-up."""
REBOUNDED_MISSES = 0.89
"""Share of misses that a player rebounds; the rest go out of bounds."""
ASSISTED = 0.56
STOLEN = 0.56
BLOCKED = 0.172
MOST_FOULS = 6
ROUT_PLAYERS = 2.0
ROUT_STARTERS = 5.0
ROUT_BENCH = 6.0
"""In a rout: extra players, minutes less for the first seven, more for the others."""
PLAYOFF_HOME_FACTOR = 1.6
"""Home court in the playoffs relative to the regular season."""
MOST_OVERTIMES = 6
FEWEST_POINTS = 62
