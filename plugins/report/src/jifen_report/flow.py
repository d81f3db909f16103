"""Decides how households that move between grades are drawn: two columns of grades, and ribbons between them.

A ribbon is as thick as there are households in it, at least a hair. Those that rise, fall and stay differ by colour and
by pattern; the numbers stand beside the grades, and all of them in the table below.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import frozen
from jifen.words import say
from markupsafe import Markup

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WIDE: Final = 4000
HIGH, LEAST_ROOM = 2700, 400
"""The height of all grades, in tenths of a pixel, and the least of it that is shared by the number of households."""
LEAST, GAP, TOP = 170, 50, 200
"""A grade's least height, so that its words fit, the gap between two, and the room for the heads."""
BAR, LEFT, RIGHT = 110, 1050, 2950
"""The width of a grade's bar, and where the bars stand."""
HAIR: Final = 8


@frozen
class Move:
    """How many households go from one grade (its place among those before) to another; `way` is above 0 for better."""

    before: int
    after: int
    households: int
    way: int


@frozen
class Node:
    """One grade of one side: where it stands, how high it is, and its words."""

    top: int
    high: int
    words: str


def flow(before: Sequence[str], after: Sequence[str], moves: Sequence[Move]) -> Markup:
    """The drawing for the names of the grades, highest first, and the moves between them."""
    whole = sum(move.households for move in moves) or 1
    room = max(HIGH - max(len(before), len(after)) * (LEAST + GAP), LEAST_ROOM)
    scale = _Scale(whole, room)
    left, right = (_nodes(names, _sums(moves, side), scale) for names, side in ((before, "before"), (after, "after")))
    starts, ends = _inner(left, _sums(moves, "before"), scale), _inner(right, _sums(moves, "after"), scale)
    ribbons: list[tuple[bool, Markup]] = []
    for move in sorted(moves, key=lambda each: (each.before, each.after)):
        thick = max(scale.of(move.households), HAIR)
        y0, y1 = starts[move.before], ends[move.after]
        starts[move.before] += thick
        ends[move.after] += thick
        style = "same" if move.way == 0 else "rise" if move.way > 0 else "fall"
        ribbons.append((move.way != 0, _ribbon(style, y0, y1, thick)))
    # Those that move are drawn over those that stay.
    drawn = [ribbon for _, ribbon in sorted(ribbons, key=lambda each: each[0])]
    for side, nodes in ((LEFT - BAR, left), (RIGHT, right)):
        for node in nodes:
            drawn.append(
                Markup('<rect class="node" x="{}" y="{}" width="{}" height="{}"/>').format(
                    side, node.top, BAR, node.high
                )
            )
            x, style = (side - 60, "row end") if side < RIGHT else (side + BAR + 60, "row start")
            drawn.append(
                Markup('<text class="{}" x="{}" y="{}">{}</text>').format(
                    style, x, node.top + node.high // 2 + 45, node.words
                )
            )
    heads = Markup(
        '<text class="row end head" x="{}" y="130">{}</text><text class="row start head" x="{}" y="130">{}</text>'
    )
    drawn.append(heads.format(LEFT, say("report.compare.short.before"), RIGHT, say("report.compare.short.after")))
    high = max(node.top + node.high for node in (*left, *right)) + 40
    told = say(
        "report.compare.flow-told",
        better=sum(move.households for move in moves if move.way > 0),
        worse=sum(move.households for move in moves if move.way < 0),
    )
    return Markup(
        '<svg class="picture" viewBox="0 0 {} {}" role="img" focusable="false"><title>{}</title>{}</svg>'
    ).format(WIDE, high, told, Markup("").join(drawn))


def _sums(moves: Sequence[Move], side: str) -> dict[int, int]:
    sums: dict[int, int] = {}
    for move in moves:
        at = move.before if side == "before" else move.after
        sums[at] = sums.get(at, 0) + move.households
    return sums


@frozen
class _Scale:
    """How high so many households are: all of them together take the room."""

    whole: int
    room: int

    def of(self, households: int) -> int:
        return self.room * households // self.whole


def _nodes(names: Sequence[str], sums: Mapping[int, int], scale: _Scale) -> list[Node]:
    nodes: list[Node] = []
    top = TOP
    for at, name in enumerate(names):
        high = LEAST + scale.of(sums.get(at, 0))
        nodes.append(Node(top, high, say("report.compare.node", name=name, count=f"{sums.get(at, 0):,}")))
        top += high + GAP
    return nodes


def _inner(nodes: Sequence[Node], sums: Mapping[int, int], scale: _Scale) -> dict[int, int]:
    """Where the ribbons of each node begin: in its middle, for it is higher than they are thick."""
    return {at: node.top + (node.high - scale.of(sums.get(at, 0))) // 2 for at, node in enumerate(nodes)}


def _ribbon(style: str, y0: int, y1: int, thick: int) -> Markup:
    middle = (LEFT + RIGHT) // 2
    path = (
        f"M{LEFT} {y0}C{middle} {y0} {middle} {y1} {RIGHT} {y1}"
        f"V{y1 + thick}C{middle} {y1 + thick} {middle} {y0 + thick} {LEFT} {y0 + thick}Z"
    )
    return Markup('<path class="{}" d="{}"/>').format(style, path)
