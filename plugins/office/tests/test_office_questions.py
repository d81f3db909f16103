"""Promises of questions that are worked out once: the answer is Django's own, of the values asked with, and of now."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from functools import reduce
from operator import or_
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext
from jifen_office import crediting
from jifen_office.ledger.models import Account, Transfer
from jifen_office.process.models import Record, State
from jifen_office.project.questions import Given, Question
from jifen_office.register.models import Household

from plugins.office.tests.invented_town import invented, moment, moved_in

if TYPE_CHECKING:
    from django.db.models import QuerySet

pytestmark = pytest.mark.django_db


def _records(home: Any, since: object) -> QuerySet[Record]:
    found = Record.objects.filter(household=home, date__gte=since, state__in=(State.FINAL, State.POSTED))
    return found.select_related("village__town", "notice").order_by("-date", "number")


def _of_code(code: object) -> QuerySet[Household, str]:
    return Household.objects.filter(code=code).values_list("name", flat=True)


def _moved(*accounts: Any, most: int | None = None) -> QuerySet[Transfer, tuple[Any, ...]]:
    found = Transfer.objects.filter(reduce(or_, (Q(source=each) | Q(target=each) for each in accounts))).order_by("pk")
    return found.values_list("source_id", "amount", "entry__occurred", "entry__opening__content")[:most]


def test_the_answer_is_the_one_that_django_gives() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=moment(date(2026, 1, 12)))
    records, of_code, moved = Question(_records), Question(_of_code), Question(_moved)
    seen = 0
    for home in village.households.all():
        for since in (date(2025, 1, 1), date(2025, 9, 1)):
            found, wanted = records(home.pk, since), list(_records(home.pk, since))
            assert found == wanted
            for one, other in zip(found, wanted, strict=True):
                assert [getattr(one, each.attname) for each in Record._meta.fields] == [
                    getattr(other, each.attname) for each in Record._meta.fields
                ]
                with CaptureQueriesContext(connection) as asked:
                    assert (one.village.town, one.notice) == (other.village.town, other.notice)
                assert len(asked) == 0, "what belongs to a record is read with it"
            seen += len(found)
        assert of_code(home.code) == [home.name]
        held = [each.pk for each in Account.objects.filter(household=home)]
        for most in (None, 1, 3):
            for accounts in filter(None, (held[:1], held)):
                answer = moved(*accounts, most=most)
                assert answer == list(_moved(*accounts, most=most))
                seen += len(answer)
    assert seen > 100


def test_the_answer_is_of_now() -> None:
    (village,) = moved_in(invented())
    home = village.households.all()[0]
    of_code = Question(_of_code)
    for name in (home.name, "陆小满", "陆大满"):
        Household.objects.filter(pk=home.pk).update(name=name)
        assert of_code(home.code) == [name]
    assert of_code("NOBODY") == []


def test_a_question_is_worked_out_once_for_as_many_values_and_is_asked_in_the_same_words() -> None:
    made: list[int] = []

    def counted(*accounts: Given) -> QuerySet[Transfer, tuple[Any, ...]]:
        made.append(len(accounts))
        return _moved(*accounts)

    moved = Question(counted)
    with CaptureQueriesContext(connection) as asked:
        for accounts in ((1,), (2,), (1, 2), (3, 4)):
            moved(*accounts)
    assert made == [1, 2]
    assert len(asked) == 4


def test_a_value_of_no_known_type_is_refused_before_anything_is_asked() -> None:
    of_code = Question(_of_code)
    with CaptureQueriesContext(connection) as asked, pytest.raises(KeyError):
        of_code(None)  # type: ignore[arg-type]  # that is the point
    assert len(asked) == 0


def test_each_thread_asks_on_its_own_connection() -> None:
    of_code, asked_here = Question(_of_code), []
    assert of_code("NOBODY") == []  # worked out on this thread's

    def note(*_: object) -> None:
        asked_here.append("asked")
        raise InterruptedError

    def ask() -> None:
        with connection.execute_wrapper(note), suppress(InterruptedError):
            of_code("NOBODY")
        connection.close()

    other = Thread(target=ask)
    other.start()
    other.join()
    assert asked_here == ["asked"]
