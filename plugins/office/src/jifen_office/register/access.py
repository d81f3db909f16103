"""Decides what a household is given that asks what is kept about it: everything, as data and as tables to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from django.db.models import Q
from django.utils import timezone
from jifen.words import knows, say

from jifen_office.access.models import Kinship, User
from jifen_office.ledger.models import Account, Entry
from jifen_office.process.models import Objection, Record
from jifen_office.shop.models import Voucher

if TYPE_CHECKING:
    from datetime import date, datetime

    from jifen_office.process.models import Step
    from jifen_office.register.models import Household

_OWN: Final = (
    "code", "group", "name", "address", "telephone", "site", "registered", "homestead", "living", "consent",
    "resolution", "resolution_date", "stars", "star_review", "kind",
)  # fmt: skip


@frozen
class Table:
    """A table of the export, with words in the language in force."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def labelled(self) -> list[list[tuple[str, str]]]:
        """Each row as its columns' words with their cells."""
        return [list(zip(self.columns, row, strict=True)) for row in self.rows]


def export_of(household: Household) -> dict[str, Any]:
    """All that is kept about a household, as JSON takes it: points and money in their smallest units, days as texts."""
    return {
        "household": {
            **{name: _plain(getattr(household, name)) for name in _OWN},
            "village": household.village.code,
            "erased": _moment(household.erased),
        },
        "members": [
            {"name": each.name, "identity": each.identity} for each in household.members.order_by("pk").iterator(500)
        ],
        "cards": [
            {"username": each.username, "active": each.is_active, "last_login": _moment(each.last_login)}
            for each in User.objects.filter(household=household)
        ],
        "kin": [
            {"name": str(each.user), "declared": _moment(each.declared)}
            for each in Kinship.objects.filter(household=household).select_related("user").order_by("pk")
        ],
        "records": [_record(each) for each in _records(household)],
        "objections": [_objection(each) for each in Objection.objects.filter(household=household).order_by("pk")],
        "accounts": [
            {"account": each.kind, "unit": each.unit, "balance": each.balance}
            for each in Account.objects.filter(household=household).order_by("kind", "unit")
        ],
        "entries": _entries(household),
        "vouchers": [
            {
                "number": each.number,
                "good": each.good,
                "pieces": each.pieces,
                "points": each.points,
                "made": _plain(each.made),
                "until": _plain(each.until),
                "state": each.state,
                "ended_on": _plain(each.ended_on),
            }
            for each in Voucher.objects.filter(household=household).order_by("made", "number")
        ],
    }


def tables_of(export: dict[str, Any]) -> list[Table]:
    """The export as tables to read: each part under its title, with nested lists on one line."""
    found = []
    for part, content in export.items():
        rows = content if isinstance(content, list) else [content]
        if not rows:
            continue
        columns = list(rows[0])
        cells = tuple(tuple(_cell(row[name]) for name in columns) for row in rows)
        found.append(
            Table(say(f"register.access.{part}"), tuple(say(f"register.column.{name}") for name in columns), cells)
        )
    return found


def _records(household: Household) -> list[Record]:
    mine = Record.objects.filter(household=household).order_by("date", "number")
    return list(mine.select_related("member", "recorded_by", "refers").prefetch_related("steps__by", "evidence"))


def _record(record: Record) -> dict[str, Any]:
    return {
        "number": record.number,
        "about": record.kind,
        "item": record.item,
        "date": _plain(record.date),
        "member": record.member.name if record.member else "",
        "quantity": record.quantity,
        "grade": record.grade,
        "marks": list(record.marks),
        "refers": record.refers.number if record.refers else "",
        "note": record.note,
        "charter_clause": record.charter_clause,
        "measure": record.measure,
        "state": record.state,
        "recorded_by": str(record.recorded_by),
        "recorded": _moment(record.recorded),
        "steps": [_step(each) for each in record.steps.all()],
        "evidence": [{"kind": each.kind, "words": each.words, "file": each.file} for each in record.evidence.all()],
    }


def _step(step: Step) -> dict[str, Any]:
    by = str(step.by) if step.by else ""
    return {"step": step.kind, "by": by, "at": _moment(step.at), "reason": step.reason}


def _objection(objection: Objection) -> dict[str, Any]:
    return {
        "record": objection.record.number,
        "words": objection.words,
        "oral": objection.oral,
        "at": _moment(objection.at),
        "decide_by": _plain(objection.decide_by),
        "granted": objection.granted,
        "reasons": objection.reasons,
    }


def _entries(household: Household) -> list[dict[str, Any]]:
    mine = Q(transfers__source__household=household) | Q(transfers__target__household=household)
    entries = Entry.objects.filter(mine).distinct().order_by("number").select_related("opening", "by")
    found = []
    for entry in entries.prefetch_related("transfers__source", "transfers__target"):
        told = getattr(entry, "opening", None)
        moved = [
            {"from": each.source.kind, "to": each.target.kind, "unit": each.source.unit, "amount": each.amount}
            for each in entry.transfers.all()
        ]
        found.append(
            {
                "number": entry.number,
                "entry": entry.kind,
                "occurred": _plain(entry.occurred),
                "recorded": _moment(entry.recorded),
                "by": str(entry.by) if entry.by else "",
                "record": entry.record,
                "moved": moved,
                "why": told.content.get("why", "") if told else "",
            }
        )
    return found


def _moment(moment: datetime | None) -> str:
    return timezone.localtime(moment).isoformat(timespec="seconds") if moment else ""


def _plain(value: date | str | int | None) -> str | int | None:
    return value if isinstance(value, str | int) or value is None else value.isoformat()


def _cell(value: object) -> str:
    if isinstance(value, dict):
        return " ".join(_cell(each) for each in value.values() if each not in ("", None))
    if isinstance(value, list):
        return say("register.access.and").join(_cell(each) for each in value)
    if isinstance(value, bool):
        return say("register.access.yes" if value else "register.access.no")
    if value is None:
        return ""
    # States and kinds have words of their own; everything else is told as it is.
    word = f"register.word.{value}"
    return say(word) if knows(word) else str(value)
