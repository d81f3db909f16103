"""How a record is put right: cancelled with reasons by who may, shown better before anybody reviewed it."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from jifen_office.access.models import Kinship
from jifen_office.ledger.models import Account, AccountKind, Entry
from jifen_office.process.models import Record, State
from jifen_office.process.reviewing import approve

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import TODAY, Month, forgotten, month, now, photo, signed_in, today

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db
REASON = "现场复核发现登记的是邻居家。"


def points(month: Month) -> int:
    """What the first household has in its purses."""
    mine = Account.objects.filter(household=month.home, kind=AccountKind.PURSE)
    return sum(mine.values_list("balance", flat=True))


def barred_from(month: Month) -> Record:
    """A final record that the committee's third did not approve."""
    return Record.objects.filter(state=State.FINAL, household=month.home, approvals=1).order_by("pk")[0]


def test_a_final_record_is_cancelled_with_reasons_and_its_points_are_taken_back_once(month: Month) -> None:
    member, record = signed_in(month, "committee"), barred_from(month)
    where = address(month, "cancel", number=record.number)
    page = text(member.get(where))
    assert "一笔相反的账" in page
    before, entries = points(month), Entry.objects.count()
    none = member.post(where, {"key": str(uuid.uuid4()), "reason": ""})
    assert none.status_code == 422
    thrice(member, where, {"key": key_in(page), "reason": REASON})
    record.refresh_from_db()
    assert record.state == State.CANCELLED
    assert points(month) < before
    assert Entry.objects.count() > entries
    after = Entry.objects.count()
    member.post(where, {"key": str(uuid.uuid4()), "reason": REASON})
    assert Entry.objects.count() == after
    told = text(signed_in(month, "card").get(address(month, "record_of", number=record.number)))
    assert REASON in told


def test_who_approved_it_or_is_kin_does_not_cancel_it(month: Month) -> None:
    member, record = signed_in(month, "committee"), barred_from(month)
    Kinship.objects.create(user=month.users["committee"], household=month.home)
    where = address(month, "cancel", number=record.number)
    assert "这一条不由您撤销" in text(member.get(where))
    response = member.post(where, {"key": str(uuid.uuid4()), "reason": REASON})
    assert response.status_code == 422
    record.refresh_from_db()
    assert record.state == State.FINAL


def test_only_the_committee_cancels(month: Month) -> None:
    for user in ("card", "clerk", "leader", "keeper", "town", "district"):
        response = signed_in(month, user).post(address(month, "cancel"), {"key": str(uuid.uuid4()), "reason": REASON})
        assert response.status_code == 403


def test_what_waits_for_review_or_an_answer_is_not_cancelled(month: Month) -> None:
    member = signed_in(month, "committee")
    for record in (month.recorded, month.objected):
        where = address(month, "cancel", number=record.number)
        assert "现在不能撤销" in text(member.get(where))
        assert member.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 422


def test_the_committee_comes_from_the_list_of_records_to_cancelling(month: Month) -> None:
    member = signed_in(month, "committee")
    page = text(member.get(address(month, "records"), {"state": "final"}))
    assert address(month, "cancel", number=barred_from(month).number) in page


def test_evidence_is_added_before_review_by_clerk_and_household_and_once(month: Month) -> None:
    where = address(month, "more_evidence")
    clerk = signed_in(month, "clerk")
    assert where in text(clerk.get(address(month, "record_of", number=month.recorded.number)))
    before = month.recorded.evidence.count()
    nothing = clerk.post(where, {"key": str(uuid.uuid4())})
    assert nothing.status_code == 422
    data = {"key": key_in(text(clerk.get(where))), "seen_kind": "witness", "seen": "周根生"}
    thrice(clerk, where, data)
    file = SimpleUploadedFile("照片.jpg", photo().read(), "image/jpeg")
    card = signed_in(month, "card")
    assert card.post(where, {"key": str(uuid.uuid4()), "photo": file}).status_code == 302
    assert [each.kind for each in month.recorded.evidence.order_by("pk")][before:] == ["witness", "photo"]


def test_nobody_adds_evidence_to_what_was_reviewed_or_to_another_household(month: Month) -> None:
    other = Record.objects.filter(state=State.RECORDED).exclude(household=month.home).order_by("pk")[0]
    card = signed_in(month, "card")
    assert card.get(address(month, "more_evidence", number=other.number)).status_code == 404
    user = month.office.committee[0]
    approve(month.recorded, key=month.office.key(), by=user, now=now(TODAY))
    clerk, where = signed_in(month, "clerk"), address(month, "more_evidence")
    assert "不能再补充凭据" in text(clerk.get(where))
    data = {"key": str(uuid.uuid4()), "seen_kind": "witness", "seen": "周根生"}
    assert clerk.post(where, data).status_code == 422
