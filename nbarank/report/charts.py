"""Charts of the page as Vega-Lite specifications; the page's script supplies the rows.

Colours are variables of the page's style sheet, so that light and dark follow the system.
"""

from __future__ import annotations

from typing import Any

import altair as alt

ROWS = "rows"
INK, MUTED, FAINT, UP = "var(--ink)", "var(--muted)", "var(--faint)", "var(--up)"
FONT = "system-ui, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif"
PER_CENT = "datum.label + ' %'"
SIGNED = "datum.value ? format(datum.value, '+d') : '0'"
RACE_HEIGHT = 340
SIDES_HEIGHT = 520


def specifications() -> dict[str, dict[str, Any]]:
    """Return Vega-Lite specifications by name; each reads the data set `rows`.

    Returns
    -------
    dict
        `race`: day, team, value, text, colour, label_at (y of the team's name on the last day).
        `strength`: day, value.
        `tiers`: team, tier, value, low, high.
        `sides`: team, name, offence, defence, label_x, label_y (place of the name), line_x, line_y
        (end of the line from the point to it).
        `wins`: wins, share.
        `calibration`: predicted, observed, low, high, games.

        Probabilities are in per cent.
    """
    charts = {
        "race": _race(),
        "strength": _strength(),
        "tiers": _tiers(),
        "sides": _sides(),
        "wins": _wins(),
        "calibration": _calibration(),
    }
    return {name: _dressed(chart) for name, chart in charts.items()}


def _rows() -> alt.Chart:
    return alt.Chart(alt.NamedData(ROWS))


def _dressed(chart: Any) -> dict[str, Any]:
    """Return the specification with the page's width and style, without Altair's defaults."""
    spec: dict[str, Any] = chart.properties(
        width="container", autosize=alt.AutoSizeParams(type="fit-x", contains="padding")
    ).to_dict()
    spec["config"] = {
        "background": "transparent",
        "font": FONT,
        "view": {"stroke": None},
        "axis": {"domain": False, "ticks": False, "grid": True, "gridColor": FAINT,
                 "labelColor": MUTED, "labelFontSize": 12, "labelPadding": 6,
                 "titleColor": MUTED, "titleFontSize": 12, "titleFontWeight": "normal"},
        "title": {"anchor": "start", "color": MUTED, "fontSize": 12, "fontWeight": "normal",
                  "frame": "group"},
        "text": {"color": INK, "fontSize": 12},
        "rule": {"color": MUTED},
        "line": {"color": UP}, "point": {"color": UP, "filled": True, "opacity": 1},
        "bar": {"color": UP},
    }  # fmt: skip
    return spec


def _tooltip(
    plain: dict[str, str], form: str = "", numbers: dict[str, str] | None = None
) -> list[alt.Tooltip]:
    """Return fields with their titles; `form` is d3's format of the numbers."""
    texts = [alt.Tooltip(f"{name}:N", title=title) for name, title in plain.items()]
    return texts + [
        alt.Tooltip(f"{name}:Q", title=title, format=form)
        for name, title in (numbers or {}).items()
    ]


def _day() -> alt.X:
    # Days have no time: UTC keeps them from moving with the reader's time zone.
    return alt.X("day:T", title=None, scale=alt.Scale(type="utc")).axis(
        grid=False, format="%-d %b", labelOverlap=True, tickCount=6, domain=True, domainColor=FAINT
    )


def _value(scale: alt.Scale) -> alt.Y:
    return alt.Y("value:Q", title=None, scale=scale).axis(
        labelExpr="format(datum.value, ',') + suffix", tickCount=5
    )


def _race() -> Any:
    hover = alt.selection_point(
        name="hover", on="pointerover", nearest=True, fields=["team"], empty=False
    )
    base = _rows().encode(x=_day(), y=_value(alt.Scale(zero=False)), detail="team:N")
    colour = alt.Color("colour:N", scale=None)
    lines = base.mark_line().encode(
        color=colour, size=alt.condition(hover, alt.value(4), alt.value(1.8))
    )
    points = (
        base.mark_point()
        .properties(name="points")
        .encode(
            color=colour,
            size=alt.condition(hover, alt.value(90), alt.value(26)),
            tooltip=_tooltip({"team": "Team", "day": "Day", "text": "Value"}),
        )
        .add_params(hover)
    )
    named = base.transform_filter("isValid(datum.label_at)").encode(y="label_at:Q")
    return (
        alt.layer(
            lines,
            points,
            named.mark_point(shape="square", size=60, xOffset=12).encode(color=colour),
            named.mark_text(align="left", dx=20).encode(text="team:N"),
        )
        .properties(
            height=RACE_HEIGHT, title=alt.TitleParams(alt.ExprRef("title")), padding={"right": 52}
        )
        .add_params(alt.param("title", value=""), alt.param("suffix", value=""))
    )


def _strength() -> Any:
    """Show a team on the scale of the whole league, or a small change looks large."""
    scale = alt.Scale(zero=False, domainMin=alt.ExprRef("low"), domainMax=alt.ExprRef("high"))
    return (
        _rows()
        .mark_line(point={"size": 30})
        .encode(
            x=_day(),
            y=alt.Y("value:Q", title="Points per game", scale=scale).axis(
                labelExpr=SIGNED, tickCount=5
            ),
            tooltip=_tooltip({"day": "Day"}, "+.1f", {"value": "Strength"}),
        )
        .properties(height=220)
        .add_params(alt.param("low", value=-1), alt.param("high", value=1))
    )


def _tiers() -> Any:
    strongest_first = alt.EncodingSortField("value", op="max", order="descending")
    base = _rows().encode(
        y=alt.Y("team:N", sort=strongest_first, title=None, scale=alt.Scale(paddingInner=0)).axis(
            grid=False, labelOverlap=False
        ),
        tooltip=_tooltip(
            {"team": "Team", "tier": "Tier"},
            "+.1f",
            {"value": "Strength", "low": "Low", "high": "High"},
        ),
    )
    strength = alt.X("value:Q", title="Strength, points per game", scale=alt.Scale(padding=8))
    every_other = alt.condition(
        "datum.tier % 2 == 1", alt.value("var(--tint)"), alt.value("transparent")
    )
    return alt.layer(
        base.mark_bar(height={"band": 1}).encode(
            x=alt.value(0), x2=alt.value("width"), color=every_other
        ),
        base.mark_rule(strokeWidth=3).encode(x="low:Q", x2="high:Q"),
        base.mark_point(size=70).encode(
            x=strength.axis(orient="top", labelExpr=SIGNED, labelFlush=False, tickCount=7)
        ),
    ).properties(height=520)


def _sides() -> Any:
    """Show both sides on one scale, from -most to most."""
    scale = alt.Scale(nice=False, domainMin=alt.ExprRef("-most"), domainMax=alt.ExprRef("most"))
    x = alt.X("offence:Q", title="Offence: points scored above average", scale=scale)
    y = alt.Y("defence:Q", title="Defence: points allowed below average", scale=scale)
    base = _rows().encode(
        tooltip=_tooltip({"name": "Team"}, "+.1f", {"offence": "Offence", "defence": "Defence"})
    )
    middle = alt.Chart(alt.InlineData(name="average", values=[{"at": 0}])).mark_rule(
        strokeDash=[4, 4]
    )
    return (
        alt.layer(
            middle.encode(x="at:Q"),
            middle.encode(y="at:Q"),
            base.mark_rule(strokeWidth=1).encode(x=x, y=y, x2="line_x:Q", y2="line_y:Q"),
            base.mark_point(size=36).encode(
                x=x.axis(labelExpr=SIGNED, tickMinStep=1, labelFlush=False),
                y=y.axis(labelExpr=SIGNED, tickMinStep=1),
            ),
            base.mark_text().encode(x="label_x:Q", y="label_y:Q", text="team:N"),
        )
        .properties(height=SIDES_HEIGHT)
        .add_params(alt.param("most", value=5))
    )


def _wins() -> Any:
    return (
        _rows()
        .mark_bar()
        .encode(
            x=alt.X("wins:O", title="Wins").axis(
                grid=False, labelAngle=0, labelOverlap=True, labelSeparation=6
            ),
            y=alt.Y("share:Q", title=None).axis(labelExpr=PER_CENT, tickCount=4),
            tooltip=_tooltip({"wins": "Wins"}, ".1f", {"share": "Probability, %"}),
        )
        .properties(height=200)
    )


def _calibration() -> Any:
    scale = alt.Scale(domain=[0, 100])
    x = alt.X("predicted:Q", title="Forecast of a home win", scale=scale)
    y = alt.Y("observed:Q", title="Home wins", scale=scale)
    ticks = [0, 25, 50, 75, 100]
    base = _rows().encode(
        x=x.axis(labelExpr=PER_CENT, values=ticks),
        tooltip=_tooltip(
            {"games": "Games"}, ".1f", {"predicted": "Forecast, %", "observed": "Home wins, %"}
        ),
    )
    ends = alt.InlineData(name="diagonal", values=[{"at": 0}, {"at": 100}])
    return alt.layer(
        alt.Chart(ends).mark_line(color=MUTED, strokeDash=[4, 4]).encode(x="at:Q", y="at:Q"),
        base.mark_rule(strokeWidth=2, color=UP).encode(y="low:Q", y2="high:Q"),
        base.mark_point(size=60).encode(y=y.axis(labelExpr=PER_CENT, values=ticks)),
    ).properties(height=340)
