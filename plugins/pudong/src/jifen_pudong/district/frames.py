"""Decides which columns the district's tables have: what it hands in, and what is written of it (R24 to R27).

Units are those of `jifen.frames`. It knows villages, documents, days and points; no column counts visits or log-ins.
"""

from __future__ import annotations

from typing import Any, Final

import polars as pl
from jifen.frames import Column, Frame


def _text(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, pl.String, meaning, null)


def _whole(name: str, meaning: str, *, null: bool = False) -> Column:
    return Column(name, pl.Int64, meaning, null)


def _several(name: str, meaning: str) -> Column:
    kind: Any = pl.List(pl.String)
    return Column(name, kind, meaning)


TOWNS: Final = Frame(
    "towns",
    (_text("town", "code of the town 镇"), _text("name", "its name")),
    key=("town",),
)

VILLAGES: Final = Frame(
    "villages",
    (
        _text("town", "code of its town"),
        _text("village", "code of the administrative village 行政村, as the town's settlements have it"),
        _text("name", "its name"),
        _several("kinds", "codes of the kinds of village that it is of (R25); empty for none"),
        _whole("groups", "how many villager groups 村民小组 it has"),
    ),
    key=("village",),
)

PARTICIPATION: Final = Frame(
    "participation",
    (
        _text("village", "code of the village"),
        Column("since", pl.Date, "first day on which it takes part; that day counts"),
        _text("document", "document by which it began"),
        _whole("pilot_groups", "in how many villager groups it pilots (R5); empty for the whole village", null=True),
    ),
    key=("village",),
)
"""A village without a row does not take part."""

RECOGNITIONS: Final = Frame(
    "recognitions",
    (
        _text("town", "code of the town"),
        _text("kind", "code of the kind of recognition (R26)"),
        Column("date", pl.Date, "day of the document"),
        _text("document", "document that recognises it"),
    ),
    key=("town", "kind", "document"),
)

GIVEN: Final = (TOWNS, VILLAGES, PARTICIPATION, RECOGNITIONS)
"""What the district hands in."""

STATES: Final = Frame(
    "targets",
    (
        _text("town", "code of the town"),
        _text("target", "code of the rollout target"),
        Column("date", pl.Date, "its date"),
        Column("due", pl.Boolean, "whether the date was reached; before it the target is open and not scored"),
        _whole("villages", "villages of the town that the target speaks of"),
        _whole("wanted", "how many of them must take part by the date"),
        _whole("joined", "how many do: by the date, or while it is open by the day of the assessment"),
        _whole("missing", "how many fall short of what is wanted"),
        _several("names", "codes of those that do not take part, where something is missing"),
        _whole("missing_now", "how many fall short on the day of the assessment"),
    ),
    key=("town", "target"),
)
"""Each rollout target of each town (R25)."""

ASSESSMENT: Final = Frame(
    "assessment",
    (
        _text("town", "code of the town"),
        _whole("villages", "administrative villages"),
        _whole("joined", "villages that take part"),
        _whole("pilots", "how many of them as a pilot of some groups (R5)"),
        _whole("given", "points given, in the book's smallest unit"),
        _whole("taken", "points taken, below or equal to 0"),
        _whole("points", "given + taken"),
        _whole("rank", "place in the district; ties share it"),
        Column("candidate", pl.Boolean, "whether it meets every criterion for a model case (R27)"),
    ),
    key=("town",),
)
"""What the assessment of each town comes to (R26)."""

CRITERIA: Final = Frame(
    "criteria",
    (
        _text("town", "code of the town"),
        _text("criterion", "villages, quarters, households or deductions"),
        Column("met", pl.Boolean, "whether the town meets it"),
        _whole("have", "what the town has: villages, quarters, households, or points taken in the smallest unit"),
        _whole("of", "out of how many, where it is a share", null=True),
    ),
    key=("town", "criterion"),
)
"""Each criterion for a model case (R27)."""

JOINED_TREND: Final = Frame(
    "joined_trend",
    (
        _text("town", "code of the town"),
        _text("quarter", "name of the quarter"),
        Column("end", pl.Date, "its last day, or the day of the assessment"),
        _whole("villages", "administrative villages"),
        _whole("joined", "how many of them take part at the end"),
    ),
    key=("town", "quarter"),
)
"""Villages that take part, quarter by quarter."""

POINTS_TREND: Final = Frame(
    "points_trend",
    (
        _text("town", "code of the town"),
        _text("period", "name of the settled period"),
        Column("end", pl.Date, "its last day"),
        _whole("villages", "villages that were settled"),
        _whole("households", "households on their books"),
        _whole("participants", "households that take part"),
        _whole("deeds", "records that gave or took points"),
        _whole("mean", "points of the average participant, in thousandths of a point", null=True),
    ),
    key=("town", "period"),
)
"""What the kept settlements of the towns tell, period by period."""

VILLAGE_ASSESSMENT: Final = Frame(
    "village_assessment",
    (
        _text("town", "code of the town"),
        _text("village", "code of the village"),
        _whole("periods", "how many settlements it stands in"),
        _whole("points", "points of the assessment, in the smallest unit of its book"),
        _whole("rank", "place in its town; ties share it"),
    ),
    key=("village",),
)
"""The towns' assessment of their villages from village scores (R26)."""

WRITTEN: Final = (*GIVEN, STATES, ASSESSMENT, CRITERIA, JOINED_TREND, POINTS_TREND, VILLAGE_ASSESSMENT)
"""What `--out` writes as Parquet, beside the awards and cuts of the assessment books."""
