"""Decides how a district is drawn: progress, villages by quarter, points by settlement; SVG from integers.

Every picture stands beside its numbers and has them as its title, so that nobody needs to see it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen.words import say
from markupsafe import Markup

from jifen_report.bars import percent
from jifen_report.figures import half_up, written

if TYPE_CHECKING:
    from collections.abc import Sequence

WIDE, HIGH, GAP = 240, 56, 3
"""A small picture in its own units; it is stretched to its place."""
LARGE_WIDE, LARGE_HIGH, BELOW, ABOVE, LEFT = 720, 190, 26, 30, 8
_THOUSAND: Final = 1000


def progress(villages: int, joined: int, pilots: int, wanted: int | None, name: str) -> Markup:
    """Villages of a town: those that take part, pilots among them patterned, and a mark where the last date stood."""
    told = say("report.district.progress-told", town=name, joined=joined, villages=villages, pilots=pilots)
    parts = [
        Markup('<rect class="rest" width="100%" height="100%"/>'),
        Markup('<rect class="s0" width="{}" height="100%"/>').format(percent(joined - pilots, villages)),
    ]
    if pilots:
        parts.append(
            Markup('<rect class="pilot" x="{}" width="{}" height="100%"/>').format(
                percent(joined - pilots, villages), percent(pilots, villages)
            )
        )
    if wanted is not None:
        at = percent(wanted, villages)
        # A light line below the mark, so that it is seen on the dark bar as well.
        parts += [
            Markup('<line class="{0}" x1="{1}" x2="{1}" y1="-20%" y2="120%"/>').format(style, at)
            for style in ("goal-ground", "goal")
        ]
    return _svg("bar", told, Markup("").join(parts))


def quarters(joined: Sequence[tuple[str, int]], villages: int, name: str) -> Markup:
    """Villages that take part at the end of each quarter, as columns out of all villages."""
    told = say("report.district.quarters-told", town=name, told=_listed([(q, f"{n}") for q, n in joined]))
    if not joined or not villages:
        return Markup("")
    step = WIDE // len(joined)
    columns = [
        Markup(
            '<rect class="rest" x="{0}" y="0" width="{1}" height="{2}"/>'
            '<rect class="s0" x="{0}" y="{3}" width="{1}" height="{4}"/>'
        ).format(at * step, step - GAP, HIGH, HIGH - count * HIGH // villages, count * HIGH // villages)
        for at, (_, count) in enumerate(joined)
    ]
    return _svg("small", told, Markup("").join(columns), (step * len(joined) - GAP, HIGH))


def means(settled: Sequence[tuple[str, int]], top: int, name: str) -> Markup:
    """Points of the average participant, settlement by settlement, on the scale of the whole district."""
    if not settled or top <= 0:
        return Markup("")
    told = say("report.district.means-told", town=name, told=_listed([(p, one_place(mean)) for p, mean in settled]))
    step = WIDE // max(len(settled) - 1, 1)
    places = [(at * step, HIGH - max(mean, 0) * HIGH // top) for at, (_, mean) in enumerate(settled)]
    line = Markup('<polyline class="trend" points="{}"/>').format(" ".join(f"{x},{y}" for x, y in places))
    dots = [Markup('<path class="dot" d="M{} {}h0"/>').format(x, y) for x, y in places]
    ground = Markup('<line class="axis" x1="0" x2="{0}" y1="{1}" y2="{1}"/>').format(WIDE, HIGH)
    return _svg("small line", told, ground + line + Markup("").join(dots), (WIDE, HIGH))


def district_trend(joined: Sequence[tuple[str, int]], villages: int, dates: Sequence[tuple[str, str]]) -> Markup:
    """All villages of the district by quarter, with a line where each target's date falls."""
    if not joined or not villages:
        return Markup("")
    told = say("report.district.trend-told", told=_listed([(q, f"{n}") for q, n in joined]))
    step = (LARGE_WIDE - LEFT) // len(joined)
    marks = dict(dates)
    drawn: list[Markup] = []
    for at, (quarter, count) in enumerate(joined):
        x, high = LEFT + at * step, count * LARGE_HIGH // villages
        top = ABOVE + LARGE_HIGH - high
        drawn.append(
            Markup(
                '<rect class="rest" x="{x}" y="{above}" width="{w}" height="{all}"/>'
                '<rect class="s0" x="{x}" y="{top}" width="{w}" height="{high}"/>'
                '<text class="count" x="{mid}" y="{over}">{count}</text>'
                '<text class="tick" x="{mid}" y="{below}">{quarter}</text>'
            ).format(
                x=x, above=ABOVE, w=step - 2 * GAP, all=LARGE_HIGH, top=top, high=high, mid=x + step // 2 - GAP,
                over=top - 4, count=count, below=ABOVE + LARGE_HIGH + 17, quarter=quarter,
            )
        )  # fmt: skip
        if quarter in marks:
            edge = x + step - GAP
            drawn.append(
                Markup(
                    '<line class="goal" x1="{0}" x2="{0}" y1="18" y2="{1}"/>'
                    '<text class="date" x="{0}" y="14">{2}</text>'
                ).format(edge, ABOVE + LARGE_HIGH, marks[quarter])
            )
    return _svg("large", told, Markup("").join(drawn), (LARGE_WIDE, ABOVE + LARGE_HIGH + BELOW))


def one_place(thousandths: int) -> str:
    """Points with one decimal, rounded half up."""
    return written(half_up(thousandths, _THOUSAND // 10), 1, 1)


def _listed(pairs: Sequence[tuple[str, str]]) -> str:
    return say("place.join").join(f"{head} {tail}" for head, tail in pairs)


def _svg(style: str, told: str, drawn: Markup, box: tuple[int, int] | None = None) -> Markup:
    """A drawing with its title; with a box it is stretched, without one it is in percent."""
    view = Markup("") if box is None else Markup(' viewBox="0 0 {} {}"').format(*box)
    return Markup('<svg class="{}" role="img" focusable="false"{}{}><title>{}</title>{}</svg>').format(
        style, view, Markup(' preserveAspectRatio="none"') if style.startswith("small") else Markup(""), told, drawn
    )
