"""Style of all figures: readable in grey and for the colour-blind, reproducible to the byte.

Colours are Okabe and Ito's (2008), chosen to differ in lightness too; lines also differ in dash and
marker, bars in hatching. Text stays text in the SVG, for screen readers and search.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

INK, MUTED, FAINT = "#1b1b1b", "#595959", "#d0d0d0"
BLUE, ORANGE, GREEN, SKY, VERMILION, PURPLE, YELLOW = (
    "#0072b2",
    "#e69f00",
    "#009e73",
    "#56b4e9",
    "#d55e00",
    "#cc79a7",
    "#b59b00",
)
UP, DOWN = BLUE, ORANGE
"""Positive and negative; dark and light, to differ in grey too."""
LINES: tuple[tuple[str, Any, str], ...] = (
    (INK, "-", "o"),
    (BLUE, "--", "s"),
    (VERMILION, "-.", "^"),
    (GREEN, ":", "D"),
    (PURPLE, (0, (5, 1)), "v"),
    (ORANGE, (0, (3, 1, 1, 1)), "P"),
    (SKY, (0, (1, 1)), "X"),
    (MUTED, (0, (7, 2)), "<"),
    (YELLOW, (0, (2, 2)), ">"),
    ("#7a3b00", (0, (4, 2, 1, 2)), "*"),
)
"""Colour, dash and marker of the first ten lines of a figure."""
_SETTINGS: dict[str, Any] = {
    "svg.hashsalt": "nbarank",
    "svg.fonttype": "none",
    "font.family": ["DejaVu Sans"],
    "font.size": 10.0,
    "axes.titlesize": 11.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "text.color": INK,
    "text.parse_math": False,  # a name may contain dollar signs
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 9.0,
    "lines.linewidth": 1.8,
    "lines.markersize": 5.0,
    "figure.facecolor": "white",
}


@dataclass(frozen=True)
class Picture:
    """A drawn figure: file name, title, text for those who cannot see it, caption, drawing."""

    name: str
    title: str
    alt: str
    caption: str
    svg: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Return width and height in CSS pixels (96 an inch)."""
        head = self.svg[:2000].decode("utf-8", "ignore")
        width, height = (
            float(found.group(1)) * 96 / 72 if (found := re.search(pattern, head)) else 640.0
            for pattern in (r' width="([\d.]+)pt"', r' height="([\d.]+)pt"')
        )
        return round(width), round(height)


@contextmanager
def drawing() -> Iterator[Any]:
    """Yield pyplot with this style; every figure is closed afterwards."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    settings: Any = _SETTINGS
    with matplotlib.rc_context(settings):
        try:
            yield pyplot
        finally:
            pyplot.close("all")


def to_svg(figure: Figure) -> bytes:
    """Return a figure as SVG without dates or versions."""
    buffer = io.BytesIO()
    figure.savefig(
        buffer,
        format="svg",
        bbox_inches="tight",
        pad_inches=0.06,
        metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
    )
    return buffer.getvalue()


def grid(axes: Any, axis: str = "y") -> None:
    """Draw a faint grid."""
    axes.grid(axis=axis, color=FAINT, linewidth=0.6)
