"""Decides how rounds and records leave for a workbook and come back: the office's sheet, filled in, checked, recorded.

A sheet looks as `LAYOUT.md` of jifen-workbook says, so that the code that reads the workbooks of a settlement reads it.
Numbers of records are given when they are recorded: a number in the sheet only tells its rows apart.
"""

from __future__ import annotations

import io
import tempfile
import zipfile
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

import polars as pl
import xlsxwriter
from attrs import evolve
from django.utils.timezone import localdate
from jifen import frames
from jifen.inputs import Reading
from jifen.model import Measure
from jifen.problems import Place, Problem, Refused
from jifen.words import DEFAULT, language, say
from jifen_workbook.layout import layout
from jifen_workbook.reading import read
from jifen_workbook.sheets import wide

from jifen_office import rules
from jifen_office.process.evidence import Shown
from jifen_office.process.recording import record_all
from jifen_office.process.rounds import COLUMNS, allow, taking_part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jifen_office.access.models import User
    from jifen_office.process.models import Record
    from jifen_office.process.rounds import Round
    from jifen_office.register.models import Village

MOST_BYTES: Final = 8 * 1024 * 1024
MOST_UNPACKED: Final = 200 * 1024 * 1024
"""A workbook that unpacks to more was not made by people."""
SUFFIXES: Final = (".xlsx", ".csv")
NEW: Final = "+"
"""Begins the number of a row of the office's own sheet: it has none yet, and is left out where nothing was found."""
_CONSTANT_DAY: Final = datetime(2000, 1, 1)  # noqa: DTZ001 - a workbook's times have no zone
_WIDEST: Final = 40


def sheet_of(this: Round) -> bytes:
    """A round's sheet as a workbook: a row a household of the group, the finding to be filled in. Raises `Refused`."""
    rule = this.rule
    column = COLUMNS[rule.measure]
    names = ["deed", "subject", "item", "date", "recorded", column, "note", "status"]
    heads = [_head(name) for name in names]
    heads.insert(2, say("process.head.name"))
    rows: list[list[object]] = []
    for number, home in enumerate(taking_part(this), 1):
        given = {
            "deed": f"{NEW}{number}",
            "subject": home.code,
            "item": rule.code,
            "date": this.date,
            "recorded": this.date,
            "status": "待审" if language() == DEFAULT else "pending",
        }
        cells: list[object] = [given.get(name) for name in names]
        cells.insert(2, home.name)
        rows.append(cells)
    choices = list(rule.grades) if rule.measure is Measure.GRADE else []
    return _written(heads, rows, heads.index(_head(column)), choices)


def _head(name: str) -> str:
    """The header of a column of DEEDS, as `jifen_workbook` reads it."""
    table = next(table for table in layout().tables if table.name == "deeds")
    headers = next(column.headers for column in table.columns if column.name == name)
    return headers[0] if language() == DEFAULT else headers[-1]


def _written(heads: Sequence[str], rows: Sequence[Sequence[object]], finding: int, choices: Sequence[str]) -> bytes:
    """The workbook; text goes in as text, so that nothing in it becomes a formula."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        book.set_properties({"author": "jifen", "created": _CONSTANT_DAY})
        sheet = book.add_worksheet(say("process.sheet-name"))
        look = {"border": 1, "border_color": "#C9CDD2", "valign": "vcenter"}
        head, text = book.add_format({**look, "bold": True, "bg_color": "#E4ECE7"}), book.add_format(look)
        day, fill = (
            book.add_format({**look, "num_format": "yyyy-mm-dd"}),
            book.add_format({**look, "bg_color": "#FFF8DC"}),
        )
        for at, name in enumerate(heads):
            sheet.write_string(0, at, name, head)
            widest = max(wide(name), *(wide(str(row[at] or "")) for row in rows)) if rows else wide(name)
            sheet.set_column(at, at, min(widest + 3, _WIDEST))
        for number, row in enumerate(rows, 1):
            for at, value in enumerate(row):
                if value is None:
                    sheet.write_blank(number, at, None, fill)
                elif isinstance(value, str):
                    sheet.write_string(number, at, value, text)
                else:
                    sheet.write_datetime(number, at, value, day)
        if choices and rows:
            sheet.data_validation(1, finding, len(rows), finding, {"validate": "list", "source": list(choices)})
        sheet.freeze_panes(1, 0)
    return made.getvalue()


def take_in(
    village: Village,
    upload: BinaryIO,
    name: str,
    *,
    evidence: Sequence[Shown] = (),
    key: str,
    by: User,
    now: datetime,
) -> list[Record]:
    """Records the rows of a workbook or table: a round's sheet, or any sheet of records as `LAYOUT.md` has it.

    `evidence` is that of all rows; kinds that the sheet itself names are kept as lying with it, on paper. Raises
    `Refused` with everything that is wrong, by sheet, row and column, as `jifen settle` tells it; nothing is recorded
    then.
    """
    today = localdate(now)
    reading = _read(village, upload, name, today)
    deeds = reading.frames["deeds"]
    kinds = [(row or "").split("|") if row else [] for row in deeds["evidence"]]
    paper = say("process.on-paper", file=Path(name).name)
    shown = [[*evidence, *(Shown(kind, paper) for kind in own)] for own in kinds]
    told = ["|".join(dict.fromkeys(each.kind for each in row)) or None for row in shown]
    deeds = deeds.with_columns(
        pl.coalesce("deed", pl.format("{}{}", pl.lit(f"{NEW}row"), pl.int_range(pl.len()))).alias("deed"),
        pl.Series("evidence", told, dtype=pl.String),
        *(pl.lit(today).alias(column) for column in ("recorded", "approved", "decided")),
        pl.lit("approved").alias("status"),
        *(pl.lit(None, dtype=pl.String).alias(column) for column in ("recorded_by", "approved_by")),
    )
    groups = village.households.filter(code__in=deeds["subject"].drop_nulls().to_list()).values_list("group", flat=True)
    own = deeds["subject"].is_null() | (deeds["subject"] == village.code)
    allow(by, village, [*sorted(set(groups)), *([""] if own.any() else [])], today)
    return record_all(village, evolve(reading, frames={"deeds": deeds}), shown, key=key, by=by, now=now)


def _read(village: Village, upload: BinaryIO, name: str, today: date) -> Reading:
    """The rows of the file that say something, as the reader of workbooks brings them. Raises `Refused`."""
    data = upload.read(MOST_BYTES + 1)
    own = Path(name).name.lstrip(".~$") or "sheet"
    if Path(own).suffix.lower() not in SUFFIXES:
        raise Refused([Problem("process.no-sheet", Place(file=own), {"suffixes": " ".join(SUFFIXES)})])
    if len(data) > MOST_BYTES or _unpacked(data) > MOST_UNPACKED:
        raise Refused([Problem("process.file-too-large", Place(file=own), {"most": MOST_BYTES // 1024 // 1024})])
    with tempfile.TemporaryDirectory(prefix="jifen-sheet-") as folder:
        file = Path(folder) / own
        file.write_bytes(data)
        reading = read((file,), rules.book_of(village.town.code, today))
    problems = list(reading.problems)
    if not problems and "deeds" not in reading.frames:
        problems.append(Problem("checking.no-deeds", Place(file=own)))
    if problems:
        raise Refused(problems)
    return _filled_in(reading, own)


def _unpacked(data: bytes) -> int:
    """How large the parts of a packed file are, by what it says of itself; 0 for what is not packed."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            return sum(part.file_size for part in packed.infolist())
    except zipfile.BadZipFile:
        return 0


def _filled_in(reading: Reading, file: str) -> Reading:
    """Without the rows of the office's own sheet in which nothing was found."""
    deeds, origins = reading.frames["deeds"], reading.origins["deeds"]
    bad = {(row.file, row.sheet, row.row) for row in reading.set_aside if row.frame == "deeds"}
    named = [(reading.sources[at].file, reading.sources[at].sheet, row) in bad for at, row in origins.iter_rows()]
    silent = pl.all_horizontal(pl.col("quantity", "grade", "marks", "note").is_null())
    left = deeds.select(~(pl.col("deed").str.starts_with(NEW).fill_null(value=False) & silent)).to_series()
    keep = left | pl.Series(named, dtype=pl.Boolean)
    if not keep.any():
        raise Refused([Problem("process.empty-round", Place(file=file))])
    return evolve(
        reading,
        frames={"deeds": frames.DEEDS.complete(deeds.filter(keep))},
        origins={"deeds": origins.filter(keep)},
        set_aside=tuple(row for row in reading.set_aside if row.frame == "deeds"),
    )
