"""Figures of one season: forecast and outcome, and how the forecast changed.

`day` is one day's forecast, one row a team, from `day_frame`; `when` is that day in words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from nbarank.report.style import (
    BLUE,
    DOWN,
    FAINT,
    INK,
    LINES,
    MUTED,
    ORANGE,
    UP,
    Picture,
    drawing,
    grid,
    to_svg,
)

CONFERENCES = (("East", BLUE, "o"), ("West", ORANGE, "s"))
SHOWN_DEVIATIONS = 16
SHOWN_TIMELINES = 9
SHOWN_TITLE_ODDS = 0.02
"""Dots of teams with smaller odds have no name."""
SHARES = 15
"""Players of a team in the figure of attention."""


def ranks_by_conference(day: pd.DataFrame, when: str) -> Picture:
    """Draw predicted against final place in each conference."""
    with drawing() as plt:
        figure, panels = plt.subplots(1, 2, figsize=(8.2, 4.2), sharex=True, sharey=True)
        for axes, (name, colour, marker) in zip(panels, CONFERENCES, strict=True):
            part = day[day["conference"] == name]
            columns = ("predicted_conference_rank", "final_conference_rank")
            _against(axes, part, *columns, colour, marker)
            axes.set_title(name)
            axes.set_xlabel("predicted place")
        panels[0].set_ylabel("final place")
        off = (day["predicted_conference_rank"] - day["final_conference_rank"]).abs()
        return Picture(
            "ranks_by_conference",
            "Predicted and final place in the conference",
            f"Scatter plots of predicted against final conference place, {when}. Mean distance "
            f"from the identity line: {off.mean():.1f} places; largest: {off.max():.0f}.",
            f"Forecast of {when}. Best places top right. On the line: as predicted. Above it: "
            "finished better.",
            to_svg(figure),
        )


def ranks_of_playoffs(day: pd.DataFrame, when: str) -> Picture:
    """Draw the predicted order by playoff result against the true one."""
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.4, 5.2))
        for name, colour, marker in CONFERENCES:
            part = day[day["conference"] == name]
            _against(axes, part, "predicted_playoff_rank", "playoff_rank", colour, marker, name)
        axes.set_xlabel("predicted place")
        axes.set_ylabel("place by playoff result")
        axes.axhline(16.5, color=MUTED, linewidth=0.8, linestyle=":")
        figure.legend(loc="upper right", ncols=2, bbox_to_anchor=(0.9, 0.97))
        best = day.sort_values("playoff_rank")["abbreviation"].iloc[0]
        place = int(day.set_index("abbreviation")["predicted_playoff_rank"][best])
        return Picture(
            "ranks_of_playoffs",
            "Predicted place and playoff result",
            f"Scatter plot of predicted order against the order by playoff result, {when}. The "
            f"champion, {best}, was predicted at place {place}.",
            f"Forecast of {when}. Above the dotted line: playoff teams, by playoff wins. Above the "
            "solid line: finished better than predicted.",
            to_svg(figure),
        )


def _against(
    axes: Any, part: pd.DataFrame, x: str, y: str, colour: str, marker: str, label: str = ""
) -> None:
    most = int(max(part[x].max(), part[y].max()))
    axes.plot([0.5, most + 0.5], [0.5, most + 0.5], color=MUTED, linewidth=1.0, zorder=1)
    axes.scatter(part[x], part[y], s=26, color=colour, marker=marker, zorder=2, label=label)
    step = 2 if most <= 15 else 5
    ticks = [1, *range(step if step == 5 else 3, most + 1, step)]
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    # best places top right; panels that share axes must be inverted only once
    axes.set_xlim(most + 1.0, 0.0)
    axes.set_ylim(most + 1.0, 0.0)
    _name_dots(axes, part[x], part[y], part["abbreviation"])


def deviations(day: pd.DataFrame, threshold: float, when: str) -> Picture:
    """Draw by how many conference places forecast and record differ.

    Above 0 the forecast is better than the record; from `threshold` places on a team is called a
    sleeper or a paper tiger.
    """
    shown = day[day["delta"] != 0].copy()
    shown["size"] = shown["delta"].abs()
    shown = shown.sort_values(["size", "abbreviation"], ascending=[False, True])
    shown = shown.head(SHOWN_DEVIATIONS).sort_values(["delta", "abbreviation"])
    named = shown["size"] >= threshold
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.4, 1.1 + 0.26 * max(len(shown), 2)))
        colours = [UP if delta > 0 else DOWN for delta in shown["delta"]]
        bars = axes.barh(shown["abbreviation"], shown["delta"], color=colours, height=0.7)
        for bar, is_named in zip(bars, named, strict=True):
            if not is_named:
                bar.set(facecolor="white", edgecolor=MUTED, hatch="///", linewidth=0.8)
        axes.axvline(0.0, color=INK, linewidth=1.0)
        for side in (-threshold, threshold):
            axes.axvline(side, color=MUTED, linewidth=0.8, linestyle=":")
        grid(axes, "x")
        axes.set_xlabel("conference places by which the forecast is better than the record")
        sleepers = list(shown["abbreviation"][named & (shown["delta"] > 0)][::-1])
        tigers = list(shown["abbreviation"][named & (shown["delta"] < 0)])
        return Picture(
            "sleepers",
            "Sleepers and paper tigers",
            f"Bars of the difference between forecast and standings, {when}. Sleepers: "
            f"{', '.join(sleepers) or 'none'}. Paper tigers: {', '.join(tigers) or 'none'}.",
            f"Forecast of {when}. To the right: better than the record (sleeper). To the left: "
            "worse (paper tiger). Hatched: fewer places than the threshold for either name.",
            to_svg(figure),
        )


def title_odds(history: pd.DataFrame, teams: int) -> Picture:
    """Draw how title odds changed, for the `teams` teams with the best odds on the last day.

    `history` has one row a team and day: as_of, abbreviation, title.
    """
    table = history.pivot_table(index="as_of", columns="abbreviation", values="title")
    last = table.iloc[-1]
    order = sorted(table.columns, key=lambda name: (-last[name], name))[:teams]
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(7.4, 4.2))
        for number, name in enumerate(order):
            colour, dash, marker = LINES[number % len(LINES)]
            axes.plot(table.index, 100 * table[name], color=colour, linestyle=dash, marker=marker)
        _label_ends(axes, table.index[-1], [(name, 100 * last[name]) for name in order])
        axes.set_ylabel("title odds, per cent")
        axes.set_ylim(bottom=0)
        _dates(axes, table.index)
        grid(axes)
        leaders = ", ".join(f"{name} {last[name]:.0%}" for name in order[:4])
        return Picture(
            "title_odds",
            f"Title odds of the top {len(order)}",
            f"Lines of title odds through the season. At the end: {leaders}.",
            "Share of simulated seasons in which a team wins the title, at each checkpoint.",
            to_svg(figure),
        )


def odds_and_wins(day: pd.DataFrame, when: str) -> Picture:
    """Draw title odds against wins to date."""
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(6.4, 4.2))
        for name, colour, marker in CONFERENCES:
            part = day[day["conference"] == name]
            axes.scatter(
                part["wins"], 100 * part["title"], s=26, color=colour, marker=marker, label=name
            )
        named = day[day["title"] >= SHOWN_TITLE_ODDS]
        _name_dots(axes, named["wins"], 100 * named["title"], named["abbreviation"])
        axes.set_xlabel("wins to date")
        axes.set_ylabel("title odds, per cent")
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(loc="upper left")
        grid(axes)
        top = day.sort_values("title", ascending=False)["abbreviation"].iloc[0]
        most = day.sort_values("wins", ascending=False)["abbreviation"].iloc[0]
        return Picture(
            "odds_and_wins",
            "Title odds and wins",
            f"Scatter plot of title odds against wins, {when}. Best odds: {top}; most wins: "
            f"{most}.",
            f"Forecast of {when}. Far above teams with as many wins: stronger than its record.",
            to_svg(figure),
        )


def timelines(strength: pd.DataFrame, chosen: list[str]) -> Picture:
    """Draw strength and place in the standings through the season, at most `SHOWN_TIMELINES` teams.

    `strength` has one row a team and day: as_of, abbreviation, strength, place (in the
    conference).
    """
    shown = chosen[:SHOWN_TIMELINES]
    rows = -(-len(shown) // 3)
    with drawing() as plt:
        figure, panels = plt.subplots(
            rows, 3, figsize=(7.4, 1.7 * rows + 0.5), sharex=True, sharey=True, squeeze=False
        )
        flat = panels.ravel()
        for axes in flat[len(shown) :]:
            axes.set_visible(False)
        for number, (axes, name) in enumerate(zip(flat, shown, strict=False)):
            part = strength[strength["abbreviation"] == name]
            axes.axhline(0.0, color=FAINT, linewidth=0.8)
            axes.plot(part["as_of"], part["strength"], color=INK)
            axes.set_title(name, fontsize=9)
            place = axes.twinx()
            place.step(part["as_of"], part["place"], color=ORANGE, where="post", linewidth=1.4)
            place.set_ylim(15.5, 0.5)
            place.set_yticks([1, 8, 15])
            place.spines["right"].set_visible(True)
            if number % 3 != 2 and number != len(shown) - 1:
                place.set_yticklabels([])
            else:
                place.set_ylabel("place", fontsize=9)
            if number % 3 == 0:
                axes.set_ylabel("points", fontsize=9)
            _dates(axes, part["as_of"], fewer=True)
        figure.tight_layout()
        return Picture(
            "timelines",
            "Strength and standings through the season",
            "Small line charts of strength (points, left scale) and of the place in the "
            f"conference (right scale) for {', '.join(shown)}.",
            "Dark line: strength in points per game. Light steps: place in the conference (right "
            "scale, best on top). Teams whose forecast differs most from their record.",
            to_svg(figure),
        )


def attention(weights: pd.DataFrame, when: str) -> Picture:
    """Draw each team's attention by player as one stacked bar, largest weight first.

    `weights` has one row a player: abbreviation, player_name, attention_weight.
    """
    known = weights[weights["attention_weight"].notna()]
    by = ["abbreviation", "attention_weight"]
    known = known.sort_values(by, ascending=[True, False], kind="stable")
    place = known.groupby("abbreviation").cumcount()
    table = known.assign(place=place).pivot(
        index="abbreviation", columns="place", values="attention_weight"
    )
    table = table.reindex(columns=range(SHARES)).fillna(0.0)
    names = known[place == 0].set_index("abbreviation")["player_name"]
    order = table.index[np.argsort(-table[0].to_numpy(), kind="stable")][::-1]
    shades = [str(value) for value in np.linspace(0.15, 0.92, SHARES)]
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(7.4, 1.0 + 0.235 * len(table)))
        left = np.zeros(len(table))
        for number in range(SHARES):
            part = 100 * table.loc[order, number].to_numpy()
            axes.barh(
                list(order), part, left=left, color=shades[number], height=0.8,
                edgecolor="white", linewidth=0.5,
            )  # fmt: skip
            left = left + part
        for number, name in enumerate(order):
            axes.annotate(
                names[name], (101, number), fontsize=7.5, va="center", annotation_clip=False
            )
        axes.set_xlim(0, 100)
        axes.margins(y=0.01)
        axes.set_xlabel("share of the weight, per cent; a shade a player, heaviest first")
        top = ", ".join(f"{names[name]} ({name})" for name in order[::-1][:3])
        return Picture(
            "attention",
            "Attention of the Deep Set by player",
            f"Stacked bars of attention by player for every team, {when}. Largest weights: {top}.",
            f"Forecast of {when}. At the right: the player with the largest weight. The weights "
            "include the players' minutes.",
            to_svg(figure),
        )


def _dates(axes: Any, days: Any, fewer: bool = False) -> None:
    from matplotlib import dates as untyped

    dates: Any = untyped
    axes.set_xlim(min(days), max(days))
    span = (max(days) - min(days)).days
    interval = max(1, round(span / 30.4 / (3 if fewer else 6)))
    axes.xaxis.set_major_locator(dates.MonthLocator(interval=interval))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%b"))


def _label_ends(axes: Any, day: Any, ends: list[tuple[str, float]]) -> None:
    """Write names (highest first) next to the ends of lines, moved up so that none overlap."""
    low, high = axes.get_ylim()
    gap = (high - low) / 22
    height = low - gap
    for name, value in ends[::-1]:
        height = max(value, height + gap)
        axes.annotate(
            f"{name} {value:.0f}", (day, height), xytext=(8, 0), textcoords="offset points",
            va="center", fontsize=8.5, annotation_clip=False,
        )  # fmt: skip


def _name_dots(axes: Any, x: pd.Series, y: pd.Series, names: pd.Series) -> None:
    """Write a name next to each dot, on the one of eight sides where it overlaps least."""
    # Positions are in points on the page; a letter is about 5 wide and 9 high.
    to_points = 72.0 / axes.figure.dpi
    dots = axes.transData.transform(np.column_stack([x, y]).astype(float)) * to_points
    taken = [(px - 3.0, py - 3.0, px + 3.0, py + 3.0) for px, py in dots]
    for (px, py), dot, name in zip(dots, zip(x, y, strict=True), names, strict=True):
        width = 5.0 * len(name)
        right, left, middle = 4.0, -4.0 - width, -width / 2
        sides = [(right, -3.0), (left, -3.0), (middle, 5.0), (middle, -12.0)]
        sides += [(right, 5.0), (left, 5.0), (right, -12.0), (left, -12.0)]
        boxes = [(px + dx, py + dy, px + dx + width, py + dy + 8.0) for dx, dy in sides]
        hidden = [sum(_overlap(box, other) for other in taken) for box in boxes]
        best = int(np.argmin(hidden))
        taken.append(boxes[best])
        axes.annotate(name, dot, xytext=sides[best], textcoords="offset points", fontsize=7.5)


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    return max(width, 0.0) * max(height, 0.0)
