"""Decides what the page on two rule books says to an assembly: the whole, who gains and loses, grades, villages, money.

It fits two sheets of A4, names no household (R23), and needs no training: every picture has its numbers beside it. What
does not fit is in the workbook, and the page says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl
from attrs import frozen
from jifen.whatif.by import By
from jifen.whatif.naming import Names
from jifen.whatif.thresholds import thresholds
from jifen.words import say

from jifen_report import comparison_tables as tables
from jifen_report.bars import Segment, bar
from jifen_report.change_sizes import sizes
from jifen_report.figures import share, written, yuan
from jifen_report.flow import Move, flow
from jifen_report.histogram import Threshold, histogram
from jifen_report.page import render

if TYPE_CHECKING:
    from jifen.comparison import Comparison
    from markupsafe import Markup


@frozen
class Figure:
    """A key figure."""

    label: str
    value: str
    remark: str


def comparison_page(found: Comparison, by: By | None) -> str:
    """The page: HTML without a reference to anything outside, the same text for the same comparison."""
    names = Names.of(found)
    heads, matrix = tables.matrix(found, names)
    return render(
        "compare.html",
        book=found.marked,
        found=found,
        same=found.same,
        equal=found.before.book.digest == found.after.book.digest,
        figures=figures(found),
        histogram=_histogram(found, names),
        sizes=_sizes(found),
        rules=tables.rules(found, names),
        flow=_flow(found, names),
        matrix_heads=heads,
        matrix=matrix,
        near=tables.near(found, names),
        distance=written(found.distance, found.places),
        villages=tables.villages(found, names),
        rewards=tables.rewards(found, names),
        money=_money(found),
        by=by,
        parts=None if by is None else tables.parts(found, by),
        unread=tables.unread(found, names),
    )


def figures(found: Comparison) -> tuple[Figure, ...]:
    """Who takes part, who has more and less, whose grade moves."""
    whole, places = found.whole, found.places

    def counted(name: str, remark: str) -> Figure:
        return Figure(say(f"report.compare.figure.{name}"), f"{whole[name]:,}", remark)

    mean = written(whole["mean"], places, plus=True)
    joined = found.households["after"].count() - found.households["before"].count()
    told = say("report.compare.joined", count=f"{joined:+,}") if joined else say("report.compare.mean", points=mean)
    return (
        counted("households", told),
        counted("winners", _part(whole["winners"], whole["households"], written(whole["gained"], places, plus=True))),
        counted("losers", _part(whole["losers"], whole["households"], written(whole["lost"], places))),
        counted("unchanged", share(whole["unchanged"], whole["households"])),
        Figure(
            say("report.compare.figure.grades"),
            say("report.compare.moved", better=f"{whole['better']:,}", worse=f"{whole['worse']:,}"),
            say("report.compare.moved-about"),
        ),
    )


def _part(count: int, whole: int, points: str) -> str:
    return say("report.compare.part", share=share(count, whole), points=points)


def _histogram(found: Comparison, names: Names) -> Markup:
    book = found.after.book
    scale = 10 ** (found.places - book.places)
    bounds = [Threshold(names.grade(code), least * scale) for code, least in thresholds(book).items()]
    return histogram(
        found.households["before"].drop_nulls(), found.households["after"].drop_nulls(), bounds, found.places
    )


def _sizes(found: Comparison) -> tables.Table:
    classes = sizes(found.households["change"], found.places)
    most = max((each.households for each in classes), default=0)
    style = {1: "give", 0: "s3", -1: "take"}
    whole = found.whole["households"]
    return tables.Table(
        tuple(
            tables.Row(
                each.words,
                (f"{each.households:,}", share(each.households, whole)),
                bar([Segment(each.households, style[each.way])], 0, most, each.words),
            )
            for each in classes
        )
    )


def _flow(found: Comparison, names: Names) -> Markup | None:
    before, after = tables.grades(found)
    if not before and not after:
        return None
    ways = found.households.group_by("before_grade", "after_grade").agg(pl.col("step").first())
    way = {(old, new): step or 0 for old, new, step in ways.iter_rows()}
    moves = [
        Move(before.index(old), after.index(new), count, way[old, new]) for old, new, count in found.grades.iter_rows()
    ]
    return flow([names.grade(code) for code in before], [names.grade(code) for code in after], moves)


def _money(found: Comparison) -> str:
    """What rewards and goods cost before and after, against the most that the new rules allow; empty without money."""
    before, after = (int(found.households[f"{side}_money"].sum()) for side in ("before", "after"))
    if not before and not after:
        return ""
    told = say("report.compare.money", before=yuan(before), after=yuan(after), change=yuan(after - before))
    ceiling = found.after.ceilings.get("")
    if ceiling is None:
        return told
    used = int(found.rewards.filter(pl.col("kind") == "exchange")["after_money"].sum())
    return told + say("report.compare.ceiling", ceiling=yuan(ceiling), share=share(used, ceiling))
