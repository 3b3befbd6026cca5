"""Curves over a logarithmic grid, as SVG inside an HTML page."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

Point = tuple[float, float]
Series = dict[str, list[Point]]

WIDTH, HEIGHT = 560, 300
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 34
# Distinguishable with any kind of colour vision (Okabe and Ito).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")


def chart(title: str, series: Series, *, unit: str, over: str) -> str:
    """Return a figure with a line for each series; "" if no point can be drawn.

    Args:
        title: The caption.
        series: Name to points; points that are not positive are left out.
        unit: Unit of the y values.
        over: Meaning of the x values.
    """
    drawn = {
        name: points
        for name, given in series.items()
        if (points := sorted(point for point in given if point[0] > 0 and point[1] > 0))
    }
    if not drawn:
        return ""
    across = Axis([x for points in drawn.values() for x, _ in points], LEFT, WIDTH - RIGHT)
    up = Axis([y for points in drawn.values() for _, y in points], HEIGHT - BOTTOM, TOP)
    parts = [*_grid(across, up)]
    for at, (name, points) in enumerate(drawn.items()):
        places = [(across.place(x), up.place(y)) for x, y in points]
        tips = [f"{name}: {y:.4g} {unit} at {x:,.0f}" for x, y in points]
        parts.append(_line(places, tips, COLOURS[at % len(COLOURS)]))
    legend = "".join(
        f'<li><i style="background:{COLOURS[at % len(COLOURS)]}"></i>{escape(name)}</li>'
        for at, name in enumerate(drawn)
    )
    return (
        f"<figure><figcaption>{escape(title)} <small>({escape(unit)}, by {escape(over)})</small>"
        f'</figcaption><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg><ul>{legend}</ul></figure>'
    )


class Axis:
    """A logarithmic axis from one pixel position to another."""

    def __init__(self, values: Sequence[float], begin: float, end: float) -> None:
        low, high = math.log10(min(values)), math.log10(max(values))
        # At least one decade, so that noise does not look like a slope.
        spare = max(0.0, 1 - (high - low)) / 2 + 0.04 * max(1.0, high - low)
        self.low, self.high = low - spare, high + spare
        self.begin, self.end = begin, end

    def place(self, value: float) -> float:
        """Return the pixel position of a value."""
        share = (math.log10(value) - self.low) / (self.high - self.low)
        return self.begin + share * (self.end - self.begin)

    def ticks(self) -> list[float]:
        """Return the powers of ten on the axis."""
        return [10.0**power for power in range(math.ceil(self.low), math.floor(self.high) + 1)]


def short(value: float) -> str:
    """Return a tick's label.

    >>> [short(value) for value in (0.01, 1.0, 10_000.0, 1_000_000.0)]
    ['0.01', '1', '10k', '1M']
    """
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{letter}"
    return f"{value:g}"


def _grid(across: Axis, up: Axis) -> list[str]:
    parts = []
    for value in up.ticks():
        y = up.place(value)
        parts += [
            f'<line class="g" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>',
            f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(value)}</text>',
        ]
    for value in across.ticks():
        x = across.place(value)
        parts += [
            f'<line class="g" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>',
            f'<text x="{x:.1f}" y="{HEIGHT - 16}" text-anchor="middle">{short(value)}</text>',
        ]
    return parts


def _line(places: list[Point], tips: list[str], colour: str) -> str:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    dots = "".join(
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}">'
        f"<title>{escape(tip)}</title></circle>"
        for (x, y), tip in zip(places, tips, strict=True)
    )
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>{dots}'
