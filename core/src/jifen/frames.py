"""Decides which columns every exchanged frame has, with their types and units (the one place).

Units: points are integers in the rule book's smallest unit (``10**-places`` of a point), quantities and marks are
integers in thousandths, money is integers in fen, dates are calendar days. A frame is checked where it enters the core:
from a reader (`HOUSEHOLDS`, `DEEDS`, `VILLAGES`) and from a plugin's object (the others).
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import field, frozen

from jifen.problems import Place, Problem, Refused

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

QUANTITY_UNIT: Final = 1000
"""Quantities, readings and marks are kept in thousandths."""


@frozen
class Column:
    """One column: its type, whether it may be empty, and its meaning with unit."""

    name: str
    dtype: Any
    meaning: str
    null: bool = False

    def fits(self, dtype: pl.DataType) -> bool:
        """Whether a frame's type is this column's; text may be coded (Enum or Categorical)."""
        if self.dtype == pl.String:
            return isinstance(dtype, pl.String | pl.Enum | pl.Categorical)
        return bool(dtype == self.dtype)


@frozen
class Frame:
    """The declared columns of one frame; `key` names a row and must be unique where given."""

    name: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = field(default=())

    @cached_property
    def schema(self) -> dict[str, Any]:
        """Column names to types, as Polars takes them."""
        return {column.name: column.dtype for column in self.columns}

    @cached_property
    def names(self) -> list[str]:
        """The column names in their declared order."""
        return [column.name for column in self.columns]

    def empty(self) -> pl.DataFrame:
        """A frame without rows."""
        return self._none.clone()

    @cached_property
    def _none(self) -> pl.DataFrame:
        return pl.DataFrame(schema=self.schema)

    def make(self, rows: Iterable[Mapping[str, object]]) -> pl.DataFrame:
        """A frame from rows as mappings; columns that may be empty can be left out (for tests and small tables)."""
        given = list(rows)
        if not given:
            return self.empty()
        columns = {name: [row.get(name) for row in given] for name in self.names}
        return self.check(pl.DataFrame(columns, schema=self.schema), origin=self.name)

    def complete(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Adds the columns that may be empty and are missing, and puts all in their order."""
        have = frame.columns
        if have == self.names:
            return frame
        missing = [
            pl.lit(None, dtype=column.dtype).alias(column.name)
            for column in self.columns
            if column.null and column.name not in have
        ]
        frame = frame.with_columns(missing) if missing else frame
        return frame[[name for name in self.names if name in frame.columns]]

    def check(self, frame: object, origin: str) -> pl.DataFrame:
        """The frame itself, in declared column order.

        Raises `Refused` with one problem for each missing or surplus column, wrong type, empty cell where none may
        be, and repeated key. `origin` says who handed the frame over.
        """
        if not isinstance(frame, pl.DataFrame):
            raise Refused([self.problem("frames.not-a-frame", origin, got=type(frame).__name__)])
        schema = frame.schema
        problems = [
            self.problem("frames.missing-column", origin, column=name) for name in self.names if name not in schema
        ]
        problems += [
            self.problem("frames.surplus-column", origin, column=name) for name in schema if name not in self.names
        ]
        for column in self.columns:
            if column.name not in schema:
                continue
            if not column.fits(schema[column.name]):
                problems.append(
                    self.problem(
                        "frames.wrong-type",
                        origin,
                        column=column.name,
                        got=str(schema[column.name]),
                        want=str(column.dtype),
                    )
                )
            elif not column.null and (count := frame[column.name].null_count()):
                problems.append(self.problem("frames.empty-cells", origin, column=column.name, count=count))
        if not problems and self.key and frame.height > 1:
            repeated = frame.height - _different(frame, self.key)
            if repeated:
                columns = ", ".join(self.key)
                problems.append(self.problem("frames.repeated-key", origin, column=columns, count=repeated))
        if problems:
            raise Refused(problems)
        return frame if list(schema) == self.names else frame[self.names]

    def problem(self, code: str, origin: str, **words: object) -> Problem:
        """What is wrong about a frame; `origin` says who handed it over."""
        return Problem(code, Place(file=origin), {"frame": self.name, **words})


def _different(frame: pl.DataFrame, key: Sequence[str]) -> int:
    if len(key) == 1:
        return frame[key[0]].n_unique()
    keys = frame[list(key)]
    # Hashes without repeats prove that there is none, at a third of the cost of looking for one.
    hashes = keys.hash_rows().n_unique()
    return hashes if hashes == frame.height else keys.n_unique()


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with texts instead of codes, so that it stands for itself."""
    if not any(isinstance(dtype, pl.Enum | pl.Categorical) for dtype in frame.dtypes):
        return frame
    return frame.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


def coded(name: str, texts: Sequence[str]) -> pl.Series:
    """One cell a text, as codes: gathered by number, it makes a column of a few bytes a row with fixed categories."""
    return pl.Series(name, list(texts), dtype=pl.Enum(list(dict.fromkeys(texts))))


def _text(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, pl.String, meaning, null)


def _whole(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, pl.Int64, meaning, null)


def _day(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, pl.Date, meaning, null)


def _yes(name: str, meaning: str) -> Column:
    return Column(name, pl.Boolean, meaning)


VILLAGES = Frame(
    "villages",
    (
        _text("village", "code of the administrative village 行政村"),
        _text("name", "its name"),
        _whole("groups", "how many villager groups 村民小组 it has"),
        Column("pilot_groups", pl.List(pl.String), "the groups of a pilot; empty for the whole village (R5)", True),
        _text("resolution", "number of the assembly's resolution that set the scheme up", null=True),
        _day("resolution_date", "its date", null=True),
        _text("town_approval", "document by which the town approved a pilot (R5)", null=True),
        _day("town_approval_date", "its date", null=True),
    ),
    key=("village",),
)

HOUSEHOLDS = Frame(
    "households",
    (
        _text("household", "number of the household 家庭户"),
        _text("village", "code of its village"),
        _text("group", "its villager group"),
        _text("name", "name of the householder 户主"),
        _text("address", "its address", null=True),
        _text("site", "what stands there: home, industrial or enterprise (R4)"),
        _yes("registered", "local household registration 户在 (R2)"),
        _yes("homestead", "a homestead house 房在 (R2)"),
        _whole("living", "how many members really live there 人在 (R2)"),
        Column("members", pl.List(pl.String), "names of the members 成员", True),
        _day("consent", "the day on which the household agreed to take part (R2)", null=True),
        _text("resolution", "number of the assembly's resolution that admits it (R3)", null=True),
        _day("resolution_date", "its date", null=True),
        _whole("stars", "stars of the beautiful courtyard 美丽庭院星级, 0 to 5 (R6, R12)", null=True),
        _text("star_review", "first or repeat review of the stars (R12)", null=True),
        _text("kind", "kind of household, for splitting tables", null=True),
    ),
    key=("household",),
)

DEEDS = Frame(
    "deeds",
    (
        _text("deed", "number of the record, unique in the town"),
        _text("village", "code of the village"),
        _text("subject", "whose deed it is: a household's number, or the village's code"),
        _text("item", "code of the item in the rule book"),
        _day("date", "the day on which it was done"),
        _day("recorded", "the day on which it was recorded"),
        _whole("quantity", "measured amount or reading, in thousandths", null=True),
        _text("grade", "grade of a finding", null=True),
        Column("marks", pl.List(pl.Int64), "marks of several reviewers, in thousandths", True),
        _text("member", "which member did it", null=True),
        _text("refers", "number of the deed that this one puts right", null=True),
        _text("evidence", "kinds of evidence at hand, joined by |", null=True),
        _text("status", "approved, pending, rejected or cancelled"),
        _day("approved", "the day on which it was approved, also where it was cancelled later", null=True),
        _day("decided", "the day on which it got its status (approved, rejected or cancelled)", null=True),
        _text("recorded_by", "who recorded it (R22)", null=True),
        _text("approved_by", "who approved it, joined by | (R22)", null=True),
        _text("note", "remark", null=True),
    ),
    key=("deed",),
)

REQUESTS = Frame(
    "requests",
    (
        _text("request", "number of the request, unique in the town"),
        _text("village", "code of the village"),
        _text("household", "number of the household"),
        _text("good", "code of the good in the rule book's shop"),
        _day("date", "the day on which the household asks to exchange"),
        _whole("pieces", "how many pieces"),
        _text("status", "requested or cancelled"),
        _day("decided", "the day on which it was cancelled", null=True),
        _text("note", "remark", null=True),
    ),
    key=("request",),
)
"""What households ask to have for their points (R18); whether it is granted is for the rules to say."""

OPENINGS = Frame(
    "openings",
    (
        _text("purse", "code of the purse"),
        _text("household", "number of the household"),
        _whole("balance", "points in the purse when the period begins, in the book's smallest unit"),
    ),
    key=("purse", "household"),
)
"""What earlier periods left in the purses; a household that is not listed begins with nothing."""

CORRECTIONS = Frame(
    "corrections",
    (
        _text("entry", "number of the entry: correct:PERIOD:DEED"),
        _text("period", "name of the period that was settled before"),
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("member", "which member did it", null=True),
        _text("category", "name of the category"),
        _text("item", "code of the item"),
        _text("clause", "clause of the rule"),
        _text("kind", "deed, base, put-right, veto or correction: why the award was there"),
        _text("deed", "number of the award that it corrects"),
        _day("date", "the day on which that was done"),
        _whole("old", "points as they were settled; empty where there was no such award", null=True),
        _whole("new", "points as they are now; empty where there is no such award any more", null=True),
        _whole("change", "new less old: the points of this entry"),
        _whole("places", "decimals of a point in the rule book of that period: the unit of the points here"),
        _text("why", "code of the reason"),
        _day("on", "the day of this entry, on which its points count"),
        _text("recorded_by", "who recorded it (R22)", null=True),
        _text("approved_by", "who approved it (R22)", null=True),
    ),
    key=("entry",),
)
"""What a settled period would have given otherwise, award by award, as entries for the period that is running (R22)."""

ANNOUNCED = Frame(
    "announced",
    (
        _text("what", "rank, grade, barred, reward, village-points, village-rank or exchange"),
        _text("village", "code of the village"),
        _text("subject", "whose it is: household or village"),
        _text("code", "code of the reward, number of the request", null=True),
        _text("was", "what was announced; empty where nothing was", null=True),
        _text("would_be", "what would be announced now; empty where nothing would", null=True),
    ),
)
"""Listed for people to see; what was announced is not changed by it."""

PARTICIPANTS = Frame(
    "participants",
    (
        _text("household", "number of the household"),
        _text("village", "code of its village"),
        _yes("participates", "whether it takes part"),
        _text("ground", "code of the ground on which it takes part", null=True),
        _text("reason", "code of the reason for which it does not", null=True),
        _day("since", "first day on which its deeds count", null=True),
    ),
    key=("household",),
)

GROSS = Frame(
    "gross",
    (
        _text("deed", "number of the record"),
        _whole("amount", "what the deed counts, in the item's own unit", null=True),
        _whole("gross", "points before any limit, in thousandths of a point, whatever the book's smallest unit"),
    ),
    key=("deed",),
)
"""What a category's own scorer returns: one row a deed, before limits."""

AWARDS = Frame(
    "awards",
    (
        _text("deed", "number of the record; base scores and vetoes have numbers of their own"),
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("member", "which member did it", null=True),
        _text("category", "name of the category"),
        _text("item", "code of the item"),
        _text("clause", "clause of the rule"),
        _text("kind", "deed, base, put-right, veto or correction: why the row is there"),
        _day("date", "the day on which it was done"),
        _whole("amount", "what the deed counts: times, thousandths of a unit, or points", null=True),
        _whole("before", "running amount of the window before the deed", null=True),
        _whole("after", "running amount of the window after the deed", null=True),
        _whole("gross", "points before any limit"),
        _whole("points", "points that the deed gives or takes after all limits"),
        _text("grade", "grade of a finding", null=True),
        _text("refers", "number of the deed that this one puts right, or of the award that it corrects", null=True),
        _text("reason", "the record's own reason, where it names its points case by case (R22)", null=True),
        _text("recorded_by", "who recorded it (R22)", null=True),
        _text("approved_by", "who approved it (R22)", null=True),
    ),
)

CUTS = Frame(
    "cuts",
    (
        _text("deed", "number of the award that was cut"),
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("level", "item, shared, category or total"),
        _text("limit", "code of the limit within its level"),
        _text("bound", "times, gives, takes or net"),
        _whole("before", "running sum in the limit's window before the deed"),
        _whole("after", "running sum after it"),
        _whole("change", "what the limit added to the award: minus where less was given"),
    ),
)
"""gross + the changes of all cuts = points, deed by deed."""

REFUSED = Frame(
    "refused",
    (
        _text("deed", "number of the record"),
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("item", "code of the item"),
        _day("date", "the day on which it was done"),
        _text("outcome", "refused or cancelled"),
        _text("reason", "code of the reason"),
    ),
    key=("deed",),
)

CATEGORY_POINTS = Frame(
    "category_points",
    (
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("category", "name of the category"),
        _whole("points", "its points after all limits"),
    ),
    key=("subject", "category"),
)

STANDINGS = Frame(
    "standings",
    (
        _text("village", "code of the village"),
        _text("household", "number of the household; every participant has a row"),
        _whole("given", "points given"),
        _whole("taken", "points taken, as a number below or equal to 0"),
        _whole("total", "given + taken"),
        _text("grade", "code of the grade", null=True),
        _whole("rank", "place in its village; ties share it (1, 1, 3)"),
        _yes("barred", "barred from honours by a veto that was not lifted"),
        _text("veto", "number of the deed behind a veto", null=True),
    ),
    key=("household",),
)

VILLAGE_PARTS = Frame(
    "village_parts",
    (
        _text("village", "code of the village"),
        _text("part", "code of the part: base, key tasks, deductions … (R12 to R14)"),
        _text("detail", "code of the line within the part; an item's code for village deeds"),
        _whole("points", "points of the line"),
        _whole("numerator", "what was counted, where the line is a ratio", null=True),
        _whole("denominator", "out of how many", null=True),
        _text("unit", "what the numerator counts: points (in the smallest unit) or households", null=True),
        _text("clause", "clause of the rule"),
    ),
    key=("village", "part", "detail"),
)

VILLAGE_SCORES = Frame(
    "village_scores",
    (
        _text("village", "code of the village"),
        _whole("points", "sum of its parts"),
        _whole("rank", "place in the town; ties share it"),
        _whole("households", "households on the books"),
        _whole("participants", "households that take part"),
    ),
    key=("village",),
)

REWARDS = Frame(
    "rewards",
    (
        _text("village", "code of the village"),
        _text("subject", "household or village"),
        _text("kind", "honour, red-list, exchange or proposal"),
        _text("code", "code of the reward in the rule book"),
        _text("title", "its name as the rule book has it"),
        _whole("points", "the points behind it", null=True),
        _whole("money", "money in fen", null=True),
        _text("clause", "clause of the rule, for a proposal of the village charter"),
        _text("ground", "why: a deed's number, or a code"),
    ),
)
"""What the rules give ground for. A proposal is never applied here (R19)."""

EXCHANGES = Frame(
    "exchanges",
    (
        _text("request", "number of the request"),
        _text("village", "code of the village"),
        _text("household", "number of the household"),
        _text("good", "code of the good"),
        _day("date", "the day of the exchange"),
        _whole("pieces", "how many pieces"),
        _text("outcome", "granted, refused or cancelled"),
        _text("reason", "code of the reason why it was not granted", null=True),
        _whole("points", "points paid"),
        _whole("money", "what it costs the village, in fen", null=True),
        _day("until", "last day on which the voucher holds", null=True),
        _text("clause", "clause of the rule"),
    ),
    key=("request",),
)
"""One row a request, in the order in which they were decided. A grant is a voucher; nothing is handed out here."""

PURSE_ENTRIES = Frame(
    "purse_entries",
    (
        _text("purse", "code of the purse"),
        _text("village", "code of the village"),
        _text("household", "number of the household"),
        _text("entry", "number of the award or request; a reset's day"),
        _text("kind", "opening, award, exchange or reset"),
        _day("date", "the day of the entry"),
        _whole("change", "points that go in or (below 0) come out, in the book's smallest unit"),
        _whole("balance", "points in the purse right after it"),
    ),
)
"""Each purse as an account: the changes of a household's rows add up to its balance (R20, R22)."""

ALL: Final = (
    VILLAGES,
    HOUSEHOLDS,
    DEEDS,
    REQUESTS,
    OPENINGS,
    CORRECTIONS,
    ANNOUNCED,
    PARTICIPANTS,
    GROSS,
    AWARDS,
    CUTS,
    REFUSED,
    CATEGORY_POINTS,
    STANDINGS,
    VILLAGE_PARTS,
    VILLAGE_SCORES,
    REWARDS,
    EXCHANGES,
    PURSE_ENTRIES,
)
