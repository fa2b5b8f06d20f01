"""Why a team's forecast differs from its record: one sentence from the strongest reasons.

Every reason is in points per game; above 0 the team is better than its record. Facts that are not
given are not mentioned.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from nbarank.schemas.predictions import Classification, Reason

SMALLEST = 0.3
"""Points per game below which a reason is not mentioned."""
MOST = 2
"""Maximum number of reasons in a sentence."""


def reasons(facts: Mapping[str, float], points_per_win_share: float) -> list[Reason]:
    """Return the reasons of at least `SMALLEST` points, strongest first.

    Parameters
    ----------
    facts
        Any of: sos (mean strength of past opponents, points), luck (wins minus Pythagorean wins),
        games_played, lineup_drift (expected line-up minus past line-ups, points),
        missing_strength (points that absent regulars would add).
    points_per_win_share
        Points per game per unit of win percentage: about 29.
    """
    found: list[Reason] = []
    sos = facts.get("sos", 0.0)
    if abs(sos) >= SMALLEST:
        side = "above" if sos > 0 else "below"
        text = f"its schedule was {'hard' if sos > 0 else 'easy'} (opponents {abs(sos):.1f} "
        found.append(Reason(name="schedule", points=sos, text=f"{text}points {side} average)"))
    luck, games = facts.get("luck", 0.0), facts.get("games_played", 0.0)
    points = -luck / games * points_per_win_share if games > 0 else 0.0
    if abs(points) >= SMALLEST:
        more = "more" if luck > 0 else "fewer"
        text = f"it was {'lucky' if luck > 0 else 'unlucky'} ({abs(luck):.1f} wins {more} than "
        found.append(Reason(name="luck", points=points, text=f"{text}its points earn)"))
    drift, missing = facts.get("lineup_drift", 0.0), facts.get("missing_strength", 0.0)
    if abs(drift) >= SMALLEST:
        text = f"the players expected now are {abs(drift):.1f} points "
        text += "better" if drift > 0 else "worse"
        text += " than those who made the record"
        if drift < 0 and missing >= SMALLEST:
            text += f" (absent regulars are worth {missing:.1f})"
        found.append(Reason(name="line-up", points=drift, text=text))
    return sorted(found, key=lambda reason: -abs(reason.points))


def explanation(
    classification: Classification,
    slots: float,
    record: tuple[int, int],
    found: list[Reason] | None,
) -> str:
    """Return one sentence.

    Parameters
    ----------
    classification, slots
        Classification of the team, and the difference in conference places.
    record
        Wins and losses to date.
    found
        From `reasons`; None: no facts are known.
    """
    wins, losses = record
    if wins + losses == 0:
        return (
            "No game has been played yet: the forecast is from earlier seasons and known players."
        )
    if classification == "aligned":
        if found is None:
            return f"Forecast close to the place of its {wins}-{losses} record."
        if not found:
            return f"The record of {wins}-{losses} says what the team is."
        return (
            f"The record of {wins}-{losses} is close to what the team is, though {found[0].text}."
        )
    word = "better" if classification == "sleeper" else "worse"
    places = f"{slots:g} place{'' if slots == 1 else 's'}"
    opening = f"Forecast {places} {word} than its {wins}-{losses} record"
    if found is None:
        return f"{opening}."
    sign = 1.0 if classification == "sleeper" else -1.0
    texts = [reason.text for reason in found if np.sign(reason.points) == sign][:MOST]
    if not texts:
        return f"{opening}; schedule, luck and line-ups to date do not explain it."
    return f"{opening}: {' and '.join(texts)}."
