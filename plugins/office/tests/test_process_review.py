from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from jifen.problems import Refused
from jifen_office.access.models import Appointment, Kinship
from jifen_office.process.models import Record, State, Step, StepKind
from jifen_office.process.noticing import finish, post_notice
from jifen_office.process.objecting import decidable, object_to
from jifen_office.process.reviewing import approve, decisions, queue, recuse, refuse
from jifen_office.process.sampling import sample
from jifen_office.process.steps import WAY, locked, take
from jifen_office.process.tasks import clerk_tasks

from plugins.office.tests.process_office import DAY, LAST, POSTED, REVIEWED, Office, at, codes, on_the_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office.open()


# ---------------------------------------------------------------- the table


def test_what_the_table_lacks_cannot_happen(office: Office) -> None:
    record = office.recorded()
    for state in State:
        for kind in StepKind:
            Record.objects.filter(pk=record.pk).update(state=state, approvals=1)
            held = locked(record)
            if (after := WAY.get((state, kind))) is None:
                with pytest.raises(Refused) as refused:
                    take(held, kind, by=office.clerk, at=at(DAY))
                assert codes(refused) == ["process.not-now"]
                assert locked(record).state == state
            else:
                take(held, kind, by=None, at=at(DAY))
                assert locked(record).state == after


def test_a_step_is_neither_changed_nor_deleted(office: Office) -> None:
    record = office.recorded()
    refuse(record, reason="照片看不清", key="r", by=office.committee[0], now=at(REVIEWED))
    step = record.steps.get(kind=StepKind.REFUSED)
    for change in ({"reason": "别的"}, {"kind": StepKind.APPROVED}, {"by": office.clerk}, {"at": at(POSTED)}):
        with pytest.raises(IntegrityError, match="never changed and never deleted"), transaction.atomic():
            Step.objects.filter(pk=step.pk).update(**change)
    with (
        pytest.raises(IntegrityError, match="never changed and never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM process_step WHERE id = %s", [step.pk])
    assert Step.objects.get(pk=step.pk).reason == "照片看不清"


# ---------------------------------------------------------------- review


def test_one_person_or_two_approve_as_the_item_says(office: Office) -> None:
    assert approve(office.recorded(), key="a", by=office.committee[0], now=at(REVIEWED)).state == State.APPROVED
    record = office.recorded("B01")
    assert approve(record, key="b", by=office.committee[0], now=at(REVIEWED)).state == State.RECORDED
    done = approve(record, key="c", by=office.committee[1], now=at(REVIEWED))
    assert (done.state, done.approved) == (State.APPROVED, REVIEWED)


def test_nobody_approves_twice_or_what_they_recorded_or_what_is_of_kin(office: Office) -> None:
    first, second, third, _ = office.committee
    Appointment.objects.create(user=office.clerk, role="committee", village=office.village, since=DAY)
    record = office.recorded("B01")
    Kinship.objects.create(user=second, household=office.homes[0])
    recuse(record, reason="同一条船上的合伙人", key="rec", by=third, now=at(REVIEWED))
    approve(record, key="one", by=first, now=at(REVIEWED))
    for user, code in (
        (first, "process.approved-it"),
        (office.clerk, "process.recorded-it"),
        (second, "process.kin"),
        (third, "process.recused"),
    ):
        with pytest.raises(Refused) as refused:
            approve(record, key="no", by=user, now=at(REVIEWED))
        assert codes(refused) == [code]
        with pytest.raises(Refused) as refused:
            refuse(record, reason="不行", key="no", by=user, now=at(REVIEWED))
        assert codes(refused) == [code]
        assert not queue(user, office.village, today=REVIEWED).exists()
    assert list(queue(office.committee[3], office.village, today=REVIEWED)) == [record]


def test_who_is_not_of_the_committee_reviews_nothing(office: Office) -> None:
    other = Office.open(code="QH02")
    record = office.recorded()
    for user in (office.leader, office.card, other.committee[0]):
        with pytest.raises(Refused) as refused:
            approve(record, key="no", by=user, now=at(REVIEWED))
        assert codes(refused) == ["process.not-committee"]
        assert not queue(user, office.village, today=REVIEWED).exists()
    Appointment.objects.filter(user=office.committee[0]).update(until=DAY)
    with pytest.raises(Refused):
        approve(record, key="no", by=office.committee[0], now=at(REVIEWED))


def test_a_refusal_has_reasons_and_ends_the_record(office: Office) -> None:
    record = office.recorded("B01")
    with pytest.raises(Refused) as refused:
        refuse(record, reason=" ", key="r", by=office.committee[0], now=at(REVIEWED))
    assert codes(refused) == ["process.no-reason"]
    done = refuse(record, reason="宴席超过二十桌", key="r", by=office.committee[0], now=at(REVIEWED))
    assert (done.state, done.decided) == (State.REFUSED, REVIEWED)
    assert done.steps.last().reason == "宴席超过二十桌"  # type: ignore[union-attr]
    with pytest.raises(Refused) as refused:
        approve(record, key="a", by=office.committee[1], now=at(REVIEWED))
    assert codes(refused) == ["process.not-now"]


def test_a_reviewer_sees_the_own_past_decisions(office: Office) -> None:
    first, second = office.recorded(), office.recorded(home=1)
    approve(first, key="a", by=office.committee[0], now=at(REVIEWED))
    refuse(second, reason="没有到场", key="r", by=office.committee[0], now=at(REVIEWED, 10))
    found = [(step.record, step.kind) for step in decisions(office.committee[0], office.village)]
    assert found == [(second, StepKind.REFUSED), (first, StepKind.APPROVED)]
    assert not decisions(office.committee[1]).exists()


# ---------------------------------------------------------------- posting


def test_a_sheet_is_posted_for_the_days_of_the_rule_book_and_masks_names(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    notice = on_the_board(office, office.recorded(), office.recorded("A03", home=3, grade="优"))
    assert (notice.number, notice.posted, notice.until) == ("QH01-2025-G001", POSTED, LAST)
    sheet = f"/v/QH01/posted/{notice.number}/"
    # A year later, when other rules may hold or none, the sheet still tells what was posted by the rules of its days.
    for day, address in ((POSTED, "/v/QH01/posted/"), (POSTED, sheet), (date(2026, 5, 1), sheet)):
        monkeypatch.setenv("JIFEN_TODAY", str(day))
        page = Client().get(address).content.decode()
        told = ("顾＊＊", "参加村庄清洁日", "第三条第（四）项", "欧阳＊＊", "小菜园、小果园整洁", "第三条第（三）项")
        assert [each for each in told if each not in page] == []
        assert [home.name for home in office.homes if home.name in page] == []
    with pytest.raises(Refused) as refused:
        post_notice(office.village, key="again", by=office.clerk, now=at(POSTED))
    assert codes(refused) == ["process.nothing-to-post"]
    with pytest.raises(Refused) as refused:
        post_notice(office.village, key="who", by=office.committee[0], now=at(POSTED))
    assert codes(refused) == ["process.may-not-post"]


def test_a_record_is_final_the_day_after_the_last_day_of_posting_and_not_before(office: Office) -> None:
    record = office.recorded()
    on_the_board(office, record)
    assert finish(office.village, LAST, at(LAST)) == []
    after = LAST + timedelta(days=1)
    assert finish(office.village, after, at(after)) == [record]
    assert finish(office.village, after, at(after)) == []
    final = Record.objects.get(pk=record.pk)
    assert (final.state, final.approved, final.decided) == (State.FINAL, REVIEWED, after)
    assert final.steps.last().by is None  # type: ignore[union-attr]


# ---------------------------------------------------------------- tasks and samples


def test_everyone_sees_what_is_theirs_to_do_today(office: Office) -> None:
    waiting = office.recorded(home=1)
    done = office.recorded()
    on_the_board(office, done)
    object_to(done, office.homes[0], "数错了", oral=True, key="o", by=office.clerk, now=at(POSTED))
    due = POSTED + timedelta(days=15)
    assert [(task.kind, task.records, task.due) for task in clerk_tasks(office.village, POSTED)] == [
        ("in-review", (waiting,), None),
        ("objections", (done,), due),
    ]
    decided = {
        user: [each.record for each in decidable(user, office.village, today=POSTED)] for user in office.committee
    }
    assert (decided[office.committee[0]], decided[office.committee[1]]) == ([], [done])
    assert [list(queue(user, office.village, today=POSTED)) for user in office.committee[:2]] == [[waiting], [waiting]]
    assert list(queue(office.clerk, office.village, today=POSTED)) == []
    assert list(decidable(office.clerk, office.village, today=POSTED)) == []


def test_a_sample_can_be_drawn_again_from_its_seed_by_anyone(office: Office) -> None:
    records = [office.approved(office.recorded(home=number % 6)) for number in range(12)]
    office.recorded()
    drawn = sample(office.village, "2025年3月31日 七星彩 0482913", 5)
    assert len(set(drawn)) == 5
    assert set(drawn) <= set(records)
    assert sample(office.village, " 2025年3月31日 七星彩 0482913 ", 5) == drawn
    assert sample(office.village, "2025年3月31日 七星彩 0482913", 3) == drawn[:3]
    assert {tuple(sample(office.village, f"种子{number}", 5)) for number in range(6)} != {tuple(drawn)}
    assert len(sample(office.village, "x", 100)) == 12
    assert sample(office.village, "x", 5, since=date(2025, 4, 1)) == []
    with pytest.raises(Refused) as refused:
        sample(office.village, " ", 0)
    assert codes(refused) == ["process.no-seed", "process.no-count"]
