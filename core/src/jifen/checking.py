"""Decides which rows can be settled: every check that looks across frames, for every reader alike, all at once.

A check is a mask over a whole column and costs no Python for a good row. A row that fails is set aside with all of its
problems, each at its place; what it would need is said by the words of `catalogue/*/checking.toml`.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import polars as pl

from jifen import frames
from jifen.correction_checks import check_corrections
from jifen.deed_checks import check_deeds
from jifen.findings import Findings, as_decimal
from jifen.inputs import Inputs, Reading, SetAside, Source, counted
from jifen.problems import Place, Problem, Refused
from jifen.register_checks import check_households, check_villages
from jifen.request_checks import check_requests

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jifen.frames import Frame
    from jifen.model import RuleBook
    from jifen.period import Period

_NEEDED = (frames.VILLAGES, frames.HOUSEHOLDS, frames.DEEDS)
_FRAMES = (*_NEEDED, frames.REQUESTS, frames.CORRECTIONS)


def admit(reading: Reading, book: RuleBook, period: Period, digests: Mapping[str, str] | None = None) -> Inputs:
    """The rows that can be settled, and in `Inputs.set_aside` the others with all of their problems (R22).

    Village names and item names become codes, a deed without a village belongs to its household's, and one without a
    subject is the village's own. Raises `Refused` for what cannot be set aside: `Reading.problems`, a frame that is
    missing, or columns that are not those of `jifen.frames`.
    """
    _refuse(reading)
    tables = {frame.name: frame.complete(reading.frames.get(frame.name, frame.empty())) for frame in _FRAMES}
    aside = {(row.frame, row.file, row.sheet, row.row): row for row in reading.set_aside}
    known = _known(reading, aside)

    villages, village_findings = check_villages(tables["villages"], known["villages"])
    good_villages = village_findings.drop_from(villages)
    households, household_findings = check_households(tables["households"], good_villages, known["households"])
    good_households = household_findings.drop_from(households)
    deeds, deed_findings = tables["deeds"], Findings()
    if deeds.height:
        deeds, deed_findings = check_deeds(
            deeds, good_villages, good_households, households, book, period, known["deeds"]
        )
    requests, request_findings = tables["requests"], Findings()
    if requests.height:
        requests, request_findings = check_requests(requests, good_households, book, period, known["requests"])
    corrections, correction_findings = tables["corrections"], Findings()
    if corrections.height:
        corrections, correction_findings = check_corrections(
            corrections, good_villages, good_households, book, period, known["corrections"]
        )
    for name, table, findings in (
        ("villages", tables["villages"], village_findings),
        ("households", tables["households"], household_findings),
        ("deeds", tables["deeds"], deed_findings),
        ("requests", tables["requests"], request_findings),
        ("corrections", tables["corrections"], correction_findings),
    ):
        _set_aside(name, table, findings, reading, aside)
    origins = reading.origins.get("deeds")
    return Inputs(
        villages=good_villages,
        households=good_households,
        deeds=deed_findings.drop_from(deeds),
        digests=dict(digests or {}),
        set_aside=tuple(aside[key] for key in sorted(aside, key=_in_order)),
        cleaned=dict(reading.cleaned),
        rows_in=tables["deeds"].height,
        sources=reading.sources,
        origins=None if origins is None else deed_findings.drop_from(origins),
        requests=frames.REQUESTS.check(request_findings.drop_from(requests), "requests"),
        openings=reading.frames.get("openings", frames.OPENINGS.empty()),
        corrections=frames.CORRECTIONS.check(correction_findings.drop_from(corrections), "corrections"),
    )


def admit_deeds(
    deeds: pl.DataFrame, villages: pl.DataFrame, households: pl.DataFrame, book: RuleBook, period: Period
) -> pl.DataFrame:
    """DEEDS with codes in place of names, beside registers that were admitted. Raises `Refused` for every fault."""
    coded, findings = check_deeds(deeds, villages, households, households, book, period, set())
    aside: dict[tuple[str, str, str | None, int], SetAside] = {}
    _set_aside("deeds", deeds, findings, Reading({}), aside)
    if aside:
        raise Refused([problem for key in sorted(aside, key=_in_order) for problem in aside[key].problems])
    return coded


def _in_order(key: tuple[str, str, str | None, int]) -> tuple[int, str, str, int]:
    order = {frame.name: at for at, frame in enumerate(_FRAMES)}
    return order.get(key[0], len(order)), key[1], key[2] or "", key[3]


def _refuse(reading: Reading) -> None:
    problems = list(reading.problems)
    for frame in _FRAMES:
        table = reading.frames.get(frame.name)
        if table is None:
            problems += [Problem(f"checking.no-{frame.name}")] if frame in _NEEDED else []
        else:
            problems += _wrong_columns(frame, table)
    if problems:
        raise Refused(problems)


def _wrong_columns(frame: Frame, table: pl.DataFrame) -> list[Problem]:
    """Types and names only: an empty or repeated cell is a matter of its row."""
    try:
        frame.check(frame.complete(table).clear(), origin=frame.name)
    except Refused as refused:
        return list(refused.problems)
    return []


def _known(reading: Reading, aside: Mapping[tuple[str, str, str | None, int], SetAside]) -> dict[str, set[int]]:
    """Row positions, by frame, that a reader has already set aside."""
    found: dict[str, set[int]] = {frame.name: set() for frame in _FRAMES}
    wanted: dict[str, set[tuple[str, str | None, int]]] = defaultdict(set)
    for name, file, sheet, row in aside:
        if name in found:  # a reader may name rows of tables that are no frames of their own
            wanted[name].add((file, sheet, row))
    for name, keys in wanted.items():
        origins = reading.origins.get(name)
        if origins is None:
            continue
        rows = origins.with_row_index("at").filter(pl.col("row").is_in([row for _, _, row in keys]))
        for at, source, row in rows.iter_rows():
            if (reading.sources[source].file, reading.sources[source].sheet, row) in keys:
                found[name].add(at)
    return found


def _set_aside(
    name: str,
    table: pl.DataFrame,
    findings: Findings,
    reading: Reading,
    aside: dict[tuple[str, str, str | None, int], SetAside],
) -> None:
    """Adds to `aside` the rows with findings; a cell that the reader already named gets no second problem."""
    rows = sorted(findings.rows)
    if not rows:
        return
    origins = reading.origins.get(name)
    if origins is None:
        origins = counted(table.height, 0)
        sources: tuple[Source, ...] = (Source(name),)
    else:
        sources = reading.sources
    places = dict(zip(rows, origins[rows].iter_rows(), strict=True))
    cells = dict(zip(rows, table[rows].iter_rows(named=True), strict=True))
    for at in rows:
        source, row = sources[places[at][0]], places[at][1]
        key = (name, source.file, source.sheet, row)
        have = aside.get(key)
        named = {problem.place.column for problem in have.problems} if have else set()
        problems = list(have.problems) if have else []
        for finding in findings.rows[at]:
            label = source.label(finding.column)
            if label in named:
                continue
            facts = dict(finding.facts)
            if finding.other is not None:
                other, line = sources[origins["source"][finding.other]], origins["row"][finding.other]
                facts["other"] = str(Place(file=other.file, sheet=other.sheet, row=line))
            place = Place(file=source.file, sheet=source.sheet, row=row, column=label)
            problems.append(Problem(f"checking.{finding.code}", place, facts))
        shown = have.cells if have else _shown(source, cells[at])
        if problems:
            aside[key] = SetAside(name, source.file, source.sheet, row, shown, tuple(problems))


def _shown(source: Source, row: Mapping[str, object]) -> dict[str, str]:
    """A row's cells as text under their headers, as they were understood."""
    shown = {}
    for column, value in row.items():
        if value is None or (source.labels and column not in source.labels):
            continue
        if column == "quantity" and isinstance(value, int):
            text = as_decimal(value)
        elif column == "marks" and isinstance(value, list):
            text = ";".join(as_decimal(mark) for mark in value)
        elif isinstance(value, list):
            text = ";".join(str(part) for part in value)
        else:
            text = str(value)
        shown[source.label(column)] = text
    return shown
