"""Decides how long a record is posted before it counts, and what becomes final then (R21, R22).

The rule book says for how many days (`process.posted`). A sheet carries the head of the ledger at that moment.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils.timezone import localdate
from jifen.problems import Problem, Refused
from jifen.words import title

from jifen_office import rules
from jifen_office.access.roles import may
from jifen_office.ledger.chain import GENESIS
from jifen_office.ledger.models import Chain
from jifen_office.process.asking import once
from jifen_office.process.models import Kind, Notice, Record, State, StepKind
from jifen_office.process.steps import take
from jifen_office.project.questions import Given, Question
from jifen_office.register.models import Village

if TYPE_CHECKING:
    from datetime import date, datetime

    from django.db.models import QuerySet
    from jifen.due_process import Process
    from jifen.model import RuleBook

    from jifen_office.access.models import User

_DIGITS: Final = 3


def process_of(book: RuleBook) -> Process:
    """What a book says of the way of a record. Raises `Refused` (``process.no-process``) where it says nothing."""
    if book.process is None:
        raise Refused([Problem("process.no-process", facts={"rules": title(book.title)})])
    return book.process


def post_notice(village: Village, *, key: str, by: User, now: datetime) -> Notice:
    """Posts everything that the committee of a village has approved, from today on.

    Raises `Refused`: who may not (``process.may-not-post``), nothing to post, rules that do not say for how long.
    """

    def act() -> list[Notice]:
        today = localdate(now)
        if not may(by, "notice.post", village, today=today):
            raise Refused([Problem("process.may-not-post", facts={"village": village.name})])
        book = rules.book_of(village.town.code, today)
        days = process_of(book).posted
        Village.objects.select_for_update().get(pk=village.pk)
        records = list(
            Record.objects.select_for_update().filter(village=village, state=State.APPROVED).order_by("number")
        )
        if not records:
            raise Refused([Problem("process.nothing-to-post", facts={"village": village.name})])
        notice = Notice.objects.create(
            village=village,
            number=_number(village, today),
            posted=today,
            until=today + timedelta(days=days - 1),
            rules=book.digest,
            head=Chain.objects.filter(village=village).values_list("head", flat=True).first() or GENESIS,
            by=by,
        )
        for record in records:
            record.notice = notice
            take(record, StepKind.POSTED, by=by, at=now)
        return [notice]

    return once(Notice, "post", {"village": village.code}, act, key=key, by=by)[0]


def _number(village: Village, today: date) -> str:
    count = Notice.objects.filter(village=village, posted__year=today.year).count()
    return f"{village.code}-{today.year}-G{count + 1:0{_DIGITS}d}"


def finish(village: Village, today: date, now: datetime) -> list[Record]:
    """Makes final what has been posted for its days without an objection that is open; the ledger is credited after.

    Nobody has to act for it, and doing it again does nothing more. A proposal of a penalty is never among them, for
    that needs people's decision (`jifen_office.process.proposing.conclude`, R19).
    """
    with transaction.atomic():
        records = list(ended(village, today).select_for_update(of=("self",)))
        for record in records:
            take(record, StepKind.FINAL, by=None, at=now)
        return records


def ended(village: Village | Given, today: date | Given) -> QuerySet[Record]:
    """What has been posted for its days and becomes final with the next `finish`."""
    posted_deeds = Record.objects.filter(village=village, kind=Kind.DEED, state=State.POSTED)
    return posted_deeds.filter(notice__until__lt=today).order_by("number")


def something_ended(village: Village, today: date) -> bool:
    """Whether the next `finish` has anything to do; every page of a village asks it."""
    return bool(_one_ended(village.pk, today))


@Question
def _one_ended(village: Given, today: Given) -> QuerySet[Record, int]:
    return ended(village, today).order_by().values_list("pk", flat=True)[:1]
