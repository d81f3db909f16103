"""Decides whether records can be taken: by the checks of the core, on frames, so that one code decides here and there.

First what `jifen settle` checks in the rows of a file (`jifen.checking.admit`), then what it would not count
(`jifen.parts`): who does not take part, what lacks its evidence, what puts nothing right. All that is wrong is told.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve, frozen
from jifen import frames
from jifen.checking import admit
from jifen.deed_rules import name_of
from jifen.inputs import Reading, Source, counted
from jifen.parts import program_of, settle_part
from jifen.period import Period
from jifen.problems import Place, Problem, Refused
from jifen.words import say

from jifen_office import rules
from jifen_office.process.evidence import STANDING_IN, kind_in_words, missing, told
from jifen_office.process.models import Kind, Record, State
from jifen_office.register.frames_out import households_frame, villages_frame

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from jifen.findings import Row
    from jifen.inputs import Inputs, SetAside
    from jifen.model import Item
    from jifen.program import Program

    from jifen_office.register.models import Village

GONE: Final = (State.REFUSED, State.CANCELLED)
TWICE: Final = "deeds.put-right-twice"


@frozen(eq=False)
class Checked:
    """Rows that can be taken: DEEDS with codes in place of names, and the rule of each row."""

    deeds: pl.DataFrame
    items: tuple[Item, ...]


def check(village: Village, reading: Reading) -> Checked:
    """The rows of `reading.frames["deeds"]`, in the order of their years; `deed` names a row among the others.

    Each row is taken as if it had been approved. Raises `Refused` with all that is wrong in all rows, each at its place
    by `reading.origins`.
    """
    deeds = reading.frames["deeds"]
    others = _company(village, deeds)
    problems = _lost(reading, others)
    parts: list[Checked] = []
    for day, rows in _by_year(deeds):
        try:
            period, program = _rules(village.town.code, day)
            inputs = admit(_tables(village, reading, rows, others, period), program.book, period)
        except Refused as refused:
            problems += refused.problems
            continue
        problems += [problem for row in inputs.set_aside if _own(row, reading) for problem in row.problems]
        inputs, items = _as_approved(inputs, program)
        problems += _not_counted(inputs, items, program, period)
        mine = _mine(inputs)
        parts.append(Checked(inputs.deeds[mine], tuple(items[at] for at in mine)))
    if problems:
        raise Refused(sorted(problems, key=lambda problem: problem.place.row or 0))
    return Checked(pl.concat([part.deeds for part in parts]), tuple(item for part in parts for item in part.items))


def _by_year(deeds: pl.DataFrame) -> Iterator[tuple[date, pl.Series]]:
    """A day and the row positions of each year; a row without a day goes with the day of its recording."""
    days = deeds["date"].fill_null(deeds["recorded"])
    years = days.dt.year()
    for year in years.unique().sort():
        rows = (years == year).arg_true()
        yield days[int(rows[0])], rows


def _tables(village: Village, reading: Reading, rows: pl.Series, others: pl.DataFrame, period: Period) -> Reading:
    """The rows of one year with the registers of their village and, behind them, what they refer to."""
    origins = reading.origins["deeds"][rows]
    keys = {(reading.sources[source].file, reading.sources[source].sheet, row) for source, row in origins.iter_rows()}
    behind = others.filter(pl.col("date").is_between(period.start, period.end))
    return Reading(
        frames={
            "villages": villages_frame([village]),
            "households": _homes(village, period),
            "deeds": pl.concat([reading.frames["deeds"][rows], behind]),
        },
        set_aside=tuple(row for row in reading.set_aside if (row.file, row.sheet, row.row) in keys),
        sources=(*reading.sources, Source("records")),
        origins={"deeds": pl.concat([origins, counted(behind.height, len(reading.sources))])},
    )


def _homes(village: Village, period: Period) -> pl.DataFrame:
    """The register as it is for new records: a household that was erased stands in its old ones alone."""
    erased = list(village.households.exclude(erased=None).values_list("code", flat=True))
    found = households_frame([village], period)
    return found.filter(~pl.col("household").is_in(erased)) if erased else found


def _company(village: Village, deeds: pl.DataFrame) -> pl.DataFrame:
    """Records that the rows put right, and what puts those right already: as counting, unless they are gone."""
    numbers = set(deeds["refers"].drop_nulls())
    if not numbers:
        return frames.DEEDS.empty()
    known = Record.objects.filter(village=village, kind=Kind.DEED).exclude(number__in=deeds["deed"].to_list())
    parts = (known.filter(number__in=numbers), known.filter(refers__number__in=numbers).exclude(state__in=GONE))
    found = {each.pk: each for part in parts for each in part.select_related("household", "refers", "member")}
    return frames.DEEDS.make(
        {
            "deed": each.number,
            "village": village.code,
            "subject": each.household.code if each.household else village.code,
            "item": each.item,
            "date": each.date,
            "recorded": each.date,
            "quantity": each.quantity,
            "grade": each.grade or None,
            "marks": each.marks or None,
            "member": each.member.name if each.member else None,
            "refers": each.refers.number if each.refers else None,
            "evidence": STANDING_IN[0],
            "status": "cancelled" if each.state in GONE else "approved",
            "note": each.note or None,
        }
        for each in found.values()
    )


def _lost(reading: Reading, others: pl.DataFrame) -> list[Problem]:
    """Rows that refer to a record that is not there."""
    deeds = reading.frames["deeds"]
    known = {*others["deed"], *deeds["deed"]}
    return [
        Problem("process.unknown-record", _place(reading.sources, reading.origins["deeds"], at, "refers"), {"got": got})
        for at, got in enumerate(deeds["refers"])
        if got is not None and got not in known
    ]


def _own(row: SetAside, reading: Reading) -> bool:
    """Whether a row that was set aside is one of those that were asked about."""
    return row.frame == "deeds" and any((row.file, row.sheet) == (each.file, each.sheet) for each in reading.sources)


def _mine(inputs: Inputs) -> pl.Series:
    """The positions of the rows that were asked about; what they refer to stands behind them."""
    origins = inputs.origins if inputs.origins is not None else counted(0, 0)
    return (origins["source"] < len(inputs.sources) - 1).arg_true()


def _place(sources: Sequence[Source], origins: pl.DataFrame | None, at: int, column: str) -> Place:
    if origins is None:
        return Place(column=column)
    source, row = origins.row(at)
    found = sources[source]
    return Place(file=found.file, sheet=found.sheet, row=row, column=found.label(column))


@lru_cache(maxsize=64)
def _compiled(town: str, _digests: tuple[str, ...], name: str) -> Program:
    period = Period.parse(name)
    return program_of(rules.book_in(town, period), rules.registry(), period)


def _rules(town: str, day: date) -> tuple[Period, Program]:
    """The longest period around a day that has rules throughout, with them. Raises `Refused` as its year does."""
    half, quarter = (day.month + 5) // 6, (day.month + 2) // 3
    refused: list[Refused] = []
    for name in (f"{day:%Y}", f"{day:%Y}-H{half}", f"{day:%Y}-Q{quarter}", f"{day:%Y-%m}"):
        period = Period.parse(name)
        try:
            book = rules.book_in(town, period)
            return period, _compiled(town, tuple(each.digest for each in (*book.earlier, book)), name)
        except Refused as found:
            refused.append(found)
    raise refused[0]


def _as_approved(inputs: Inputs, program: Program) -> tuple[Inputs, list[Item]]:
    """The rows as they would be settled once they are approved, and the rule of each."""
    deeds = frames.plain(inputs.deeds)
    items = [program.book.item(*key) for key in deeds.select("item", "village", "date").iter_rows()]
    shown = [told(item, (kinds or "").split("|")) for item, kinds in zip(items, deeds["evidence"], strict=True)]
    approved = ["|".join(str(number) for number in range(item.approvals)) for item in items]
    filled = deeds.with_columns(
        pl.Series("evidence", shown, dtype=pl.String), pl.Series("approved_by", approved, dtype=pl.String)
    )
    return evolve(inputs, deeds=filled), items


def _not_counted(inputs: Inputs, items: list[Item], program: Program, period: Period) -> list[Problem]:
    """What the core would not count, in words for whoever fills a form."""
    part = settle_part(program, rules.registry(), inputs, period)
    reasons = dict(part.refused.select(pl.col("deed", "reason").cast(pl.String)).iter_rows())
    # Of two that put one fault right the earlier day counts: a new row must not take the place of an old one either.
    mended = {row["refers"] for row in inputs.deeds.iter_rows(named=True) if reasons.get(row["deed"]) == TWICE}
    standings = {row["household"]: row for row in part.participants.iter_rows(named=True)}
    problems = []
    for at in _mine(inputs):
        row = inputs.deeds.row(at, named=True)
        reason = reasons.get(row["deed"]) or (TWICE if row["refers"] in mended else None)
        if reason is not None:
            code, column, facts = _in_words(reason, row, items[at], standings.get(row["subject"], {}))
            problems.append(Problem(code, _place(inputs.sources, inputs.origins, at, column), facts))
    return problems


def _in_words(reason: str, row: Row, item: Item, standing: Row) -> tuple[str, str, Row]:
    """Code, column and facts; the core's own words are those of a report and do where nothing better is known."""
    facts: Row = {"item": item.code, "name": name_of(item), "household": row["subject"]}
    if reason == "deeds.not-participant":
        return "process.not-participant", "subject", {**facts, "why": say(str(standing.get("reason")))}
    if reason == "deeds.before-joining":
        return "process.before-joining", "date", {**facts, "since": standing.get("since"), "got": row["date"]}
    if reason == "deeds.evidence-missing":
        lacking = missing(item, (row["evidence"] or "").split("|"))
        kinds = say("describe.list").join(kind_in_words(wanted) for wanted in lacking)
        return "process.needs-evidence", "evidence", {**facts, "kinds": kinds}
    return reason, "refers" if "put-right" in reason else "item", facts
