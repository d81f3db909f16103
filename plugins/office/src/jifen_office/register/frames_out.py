"""Decides what the core is told of the office's register and records: frames as `jifen.frames` declares them.

What has become final counts; what is recorded, approved, posted or objected to is still pending (R21). Proposals of
penalties are no deeds. A household that was erased stands in the frames of the periods before, by its number.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import field, frozen
from django.utils import timezone
from jifen import frames

from jifen_office.process.evidence import told_under
from jifen_office.process.models import Evidence, Kind, Record, State, Step, StepKind
from jifen_office.register.models import Household, Member, Village

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from django.db import models
    from jifen.period import Period

STATUS = {
    State.RECORDED: "pending",
    State.APPROVED: "pending",
    State.POSTED: "pending",
    State.OBJECTED: "pending",
    State.FINAL: "approved",
    State.REFUSED: "rejected",
    State.CANCELLED: "cancelled",
}
"""What each state of a record is in the core's words."""

_PENDING = tuple(state for state, status in STATUS.items() if status == "pending")


def villages_frame(villages: Iterable[Village]) -> pl.DataFrame:
    """VILLAGES of some villages."""
    return frames.VILLAGES.make(
        {
            "village": each.code,
            "name": each.name,
            "groups": each.groups,
            "pilot_groups": each.pilot_groups or None,
            "resolution": each.resolution or None,
            "resolution_date": each.resolution_date,
            "town_approval": each.town_approval or None,
            "town_approval_date": each.town_approval_date,
        }
        for each in villages
    )


def households_frame(
    villages: Iterable[Village], period: Period | None = None, *, only: Household | None = None
) -> pl.DataFrame:
    """HOUSEHOLDS of some villages, or one household alone; in a period without those erased before it."""
    homes = Household.objects.filter(village__in=list(villages)).select_related("village").order_by("code")
    if only is not None:
        homes = homes.filter(pk=only.pk)
    members: dict[int, list[str]] = defaultdict(list)
    for home, name in (
        Member.objects.filter(household__in=homes).order_by("pk").values_list("household_id", "name").iterator()
    ):
        members[home].append(name)
    return frames.HOUSEHOLDS.make(
        {
            "household": each.code,
            "village": each.village.code,
            "group": each.group,
            "name": each.name,
            "address": each.address or None,
            "site": each.site,
            "registered": each.registered,
            "homestead": each.homestead,
            "living": each.living,
            "members": members.get(each.pk),
            "consent": each.consent,
            "resolution": each.resolution or None,
            "resolution_date": each.resolution_date,
            "stars": each.stars,
            "star_review": each.star_review or None,
            "kind": each.kind or None,
        }
        for each in homes
        if period is None or each.erased is None or _day(each.erased) >= period.start
    )


def deeds_frame(
    villages: Village | Iterable[Village],
    period: Period,
    *,
    only: Household | None = None,
    pending_too: bool = False,
) -> pl.DataFrame:
    """DEEDS of some villages in a period, or of one household; the village's own deeds have its code as subject.

    `pending_too` asks what would be if everything that is still on its way became final.
    """
    mine = [villages] if isinstance(villages, Village) else list(villages)
    records = Record.objects.filter(kind=Kind.DEED, village__in=mine, date__range=(period.start, period.end))
    if only is not None:
        records = records.filter(household=only)
    company = _company(records)
    # Plain values, for a village has many records and rows of the database make objects slowly.
    rows = records.order_by("number").values(*_COLUMNS).iterator(chunk_size=2000)
    return frames.DEEDS.make([_row(each, company, pending_too=pending_too) for each in rows])


_COLUMNS = (
    "pk", "number", "village__code", "village__town__code", "household__code", "member__name", "item", "date",
    "recorded", "quantity", "grade", "marks", "refers__number", "note", "state", "approved", "decided", "approvals",
    "recorded_by__name", "recorded_by__username",
)  # fmt: skip


@frozen
class _Company:
    """What stands beside a record: kinds of evidence, who approved it, and the day on which it became final."""

    evidence: list[str] = field(factory=list)
    approvers: list[str] = field(factory=list)
    final: list[date] = field(factory=list)


def _company(records: models.QuerySet[Record]) -> dict[int, _Company]:
    found: dict[int, _Company] = defaultdict(_Company)
    evidence = Evidence.objects.filter(record__in=records).order_by("pk")
    for record, kind in evidence.values_list("record_id", "kind").iterator():
        if kind not in found[record].evidence:
            found[record].evidence.append(kind)
    steps = Step.objects.filter(record__in=records, kind__in=(StepKind.APPROVED, StepKind.FINAL)).order_by("pk")
    for record, kind, at, name, username in steps.values_list(
        "record_id", "kind", "at", "by__name", "by__username"
    ).iterator():
        if kind == StepKind.FINAL:
            found[record].final.append(_day(at))
        elif username is not None:
            found[record].approvers.append(_apart(name or username, username, found[record].approvers))
    return found


def _apart(name: str, username: str, others: Sequence[str]) -> str:
    """The name; of two people of one name the second with the name by which they sign in, so that they stay two."""
    return f"{name}（{username}）" if name in others else name


def _row(record: dict[str, Any], company: dict[int, _Company], *, pending_too: bool) -> dict[str, Any]:
    beside = company.get(record["pk"]) or _Company()
    state, approvers = State(record["state"]), beside.approvers
    if pending_too and state in _PENDING:
        state = State.FINAL
        approvers = [*approvers, *map(str, range(len(approvers), record["approvals"]))]
    approved, decided = _days(record, state, beside.final[-1] if beside.final else None)
    return {
        "deed": record["number"],
        "village": record["village__code"],
        "subject": record["household__code"] or record["village__code"],
        "item": record["item"],
        "date": record["date"],
        "recorded": _day(record["recorded"]),
        "quantity": record["quantity"],
        "grade": record["grade"] or None,
        "marks": record["marks"] or None,
        "member": record["member__name"],
        "refers": record["refers__number"],
        "evidence": told_under(
            record["village__town__code"], record["village__code"], record["item"], record["date"], beside.evidence
        ),
        "status": STATUS[state],
        "approved": approved,
        "decided": decided,
        "recorded_by": record["recorded_by__name"] or record["recorded_by__username"],
        "approved_by": "|".join(approvers) or None,
        "note": record["note"] or None,
    }


def _days(record: dict[str, Any], state: State, final: date | None) -> tuple[date | None, date | None]:
    """The days `approved` and `decided` of DEEDS: from the one to the other a record counts.

    In the office a record counts once it is final. One that was cancelled before that never counted, which the frame
    says by one day for both.
    """
    approved, decided = record["approved"], record["decided"]
    if state is State.FINAL:
        return approved, final or decided or approved
    if state is State.CANCELLED:
        return final or decided, decided
    return None, decided if state is State.REFUSED else None


def _day(moment: datetime) -> date:
    """The day of a moment in the office's own time."""
    return timezone.localdate(moment)
