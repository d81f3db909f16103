"""How a record is put right: cancelled with reasons by who may; before anybody reviewed it shown better or withdrawn."""

from __future__ import annotations

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from jifen_office.access.models import AuditEntry, Kinship
from jifen_office.ledger.models import Account, AccountKind, Entry
from jifen_office.process.models import Record, State
from jifen_office.process.proposing import propose
from jifen_office.process.recording import Draft
from jifen_office.process.recording import record as recorded
from jifen_office.process.reviewing import approve

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import TODAY, Month, forgotten, month, now, photo, signed_in, today
from plugins.office.tests.process_office import WITNESS

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


def test_who_recorded_it_withdraws_it_with_a_reason_from_its_page_and_once(month: Month) -> None:
    home = month.home
    draft = Draft("A04", TODAY, household=home, evidence=(WITNESS,))
    made = recorded(draft, key=month.office.key(), by=month.users["card"], now=now(TODAY))
    card, where = signed_in(month, "card"), address(month, "withdraw", number=made.number)
    assert where in text(card.get(address(month, "record_of", number=made.number)))
    none = card.post(where, {"key": str(uuid.uuid4()), "reason": " "})
    assert none.status_code == 422
    before = AuditEntry.objects.count()
    answer = thrice(card, where, {"key": key_in(text(card.get(where))), "reason": "日期填错了，重新申报"})
    assert answer["Location"] == address(month, "record_of", number=made.number)
    assert AuditEntry.objects.filter(route="withdraw", subject=made.number).count() == 2 * 4
    assert AuditEntry.objects.count() == before + 2 * 3
    made.refresh_from_db()
    assert made.state == State.CANCELLED
    assert [step.reason for step in made.steps.order_by("pk")] == ["", "日期填错了，重新申报"]
    told = text(card.get(address(month, "record_of", number=made.number)))
    assert "日期填错了，重新申报" in told
    assert where not in told
    assert made.number not in text(signed_in(month, "committee").get(address(month, "queue")))
    late = card.post(where, {"key": str(uuid.uuid4()), "reason": "再撤一次"})
    assert late.status_code == 422
    assert "已经撤回" in text(late)


def test_a_clerk_withdraws_what_a_leader_recorded_and_a_leader_not_what_a_clerk_did(month: Month) -> None:
    where = address(month, "withdraw")
    leader, clerk = signed_in(month, "leader"), signed_in(month, "clerk")
    assert where not in text(leader.get(address(month, "record_of", number=month.recorded.number)))
    page = text(leader.get(where))
    assert "请由登记人或村文书撤回" in page
    assert 'name="reason"' not in page
    assert leader.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 422
    draft = Draft("A04", TODAY, household=month.home, evidence=(WITNESS,))
    made = recorded(draft, key=month.office.key(), by=month.users["leader"], now=now(TODAY))
    where = address(month, "withdraw", number=made.number)
    assert clerk.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 302
    made.refresh_from_db()
    assert made.state == State.CANCELLED


def test_nobody_withdraws_what_was_reviewed_or_looks_at_it_beyond_their_reach(month: Month) -> None:
    other = Record.objects.filter(state=State.RECORDED).exclude(household=month.home).order_by("pk")[0]
    where = address(month, "withdraw", number=other.number)
    assert signed_in(month, "card").get(where).status_code == 404
    assert signed_in(month, "keeper").get(where).status_code == 403
    approve(month.recorded, key=month.office.key(), by=month.office.committee[0], now=now(TODAY))
    clerk, where = signed_in(month, "clerk"), address(month, "withdraw")
    assert "已经有人审核" in text(clerk.get(where))
    assert clerk.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 422


def test_a_proposal_is_withdrawn_by_who_made_it_alone(month: Month) -> None:
    """Else a clerk could end what the committee has to decide (R19)."""
    member, clerk = signed_in(month, "committee"), signed_in(month, "clerk")
    made = propose(
        barred_from(month), measure="暂缓评优", charter_clause="《村规民约》第十八条", key=month.office.key(),
        by=month.users["committee"], now=now(TODAY),
    )  # fmt: skip
    where = address(month, "withdraw", number=made.number)
    assert "请由提出人撤回" in text(clerk.get(where))
    assert clerk.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 422
    assert where in text(member.get(address(month, "cancel", number=made.number)))
    assert member.post(where, {"key": str(uuid.uuid4()), "reason": REASON}).status_code == 302
    made.refresh_from_db()
    assert made.state == State.CANCELLED


def test_a_form_sent_again_after_its_record_was_withdrawn_says_that_nothing_was_recorded(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "record", "?household=WC01-0002&item=D07")
    data = {"key": str(uuid.uuid4()), "date": "2025-06-24", "quantity": "4.5", "note": "巡堤", "act": "record"}
    assert "等待审核" in text(clerk.post(where, data, follow=True))
    made = Record.objects.latest("pk")
    clerk.post(address(month, "withdraw", number=made.number), {"key": str(uuid.uuid4()), "reason": REASON})
    before = Record.objects.count()
    assert "这一次没有再登记" in text(clerk.post(where, data, follow=True))
    assert Record.objects.count() == before


def test_a_record_of_the_village_has_its_page_and_is_withdrawn_from_it(month: Month) -> None:
    office = month.office
    draft = Draft("K05", TODAY, village=office.village, evidence=(WITNESS,))
    made = recorded(draft, key=office.key(), by=office.clerk, now=now(TODAY))
    clerk, page = signed_in(month, "clerk"), address(month, "village_record", number=made.number)
    where = address(month, "withdraw", number=made.number)
    assert page in text(clerk.get(address(month, "records")))
    assert where in text(clerk.get(page))
    leader, card = signed_in(month, "leader"), signed_in(month, "card")
    assert made.number not in text(leader.get(address(month, "desk")))
    assert clerk.post(where, {"key": str(uuid.uuid4()), "reason": REASON})["Location"] == page
    assert REASON in text(clerk.get(page))
    assert [each.get(page).status_code for each in (leader, card)] == [404, 403]
    assert [each.get(where).status_code for each in (leader, card)] == [404, 404]
    households = address(month, "village_record", number=month.recorded.number)
    assert clerk.get(households)["Location"] == address(month, "record_of", number=month.recorded.number)
