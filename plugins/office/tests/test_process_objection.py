from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.test import Client
from jifen.problems import Refused
from jifen_office.access.models import Appointment, Kinship, User
from jifen_office.crediting import credit
from jifen_office.ledger.models import Transfer
from jifen_office.process.models import Kind, Record, State
from jifen_office.process.noticing import finish, post_notice
from jifen_office.process.objecting import cancel, decidable, decide, object_to, undecided
from jifen_office.process.proposing import conclude, propose, to_conclude
from jifen_office.process.reviewing import approve, refuse

from plugins.office.tests.process_office import DAY, LAST, POSTED, REVIEWED, Office, at, codes, on_the_board

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office.open()


# ---------------------------------------------------------------- objection


def test_an_objection_holds_the_record_until_others_decide_it_with_reasons(office: Office) -> None:
    record = office.recorded("E03", home=0)
    on_the_board(office, record)
    made = object_to(record, office.homes[0], "烧的不是我家", oral=False, key="o", by=office.card, now=at(LAST))
    assert made.decide_by == LAST + timedelta(days=15)
    late = date(2025, 4, 5)
    assert finish(office.village, late, at(late)) == []
    record.refresh_from_db()
    assert record.state == State.OBJECTED
    for user in office.committee[:2]:
        with pytest.raises(Refused) as refused:
            decide(made, granted=False, reasons="有照片", key="d", by=user, now=at(late))
        assert codes(refused) == ["process.approved-it"]
        assert decidable(user, office.village, today=late) == []
    assert decidable(office.committee[2], office.village, today=late) == [made]
    with pytest.raises(Refused) as refused:
        decide(made, granted=True, reasons="", key="d", by=office.committee[2], now=at(late))
    assert codes(refused) == ["process.no-reason"]
    done = decide(made, granted=True, reasons="核对照片，是隔壁地块", key="d", by=office.committee[2], now=at(late))
    assert (done.granted, done.late) == (True, True)
    gone = Record.objects.get(pk=record.pk)
    assert (gone.state, gone.decided) == (State.CANCELLED, late)
    assert not undecided(office.village).exists()


def test_an_objection_that_is_not_granted_lets_the_record_become_final(office: Office) -> None:
    record = office.recorded()
    on_the_board(office, record)
    made = object_to(record, office.homes[1], "他没有去", oral=True, key="o", by=office.leader, now=at(LAST))
    decide(made, granted=False, reasons="签到表上有", key="d", by=office.committee[1], now=at(LAST))
    assert Record.objects.get(pk=record.pk).state == State.POSTED
    with pytest.raises(Refused) as refused:
        object_to(record, office.homes[1], "还是没去", oral=True, key="o2", by=office.leader, now=at(LAST))
    assert codes(refused) == ["process.objected-before"]
    with pytest.raises(Refused) as refused:
        decide(made, granted=True, reasons="改主意", key="d2", by=office.committee[2], now=at(LAST))
    assert codes(refused) == ["process.decided-already"]
    after = LAST + timedelta(days=1)
    assert finish(office.village, after, at(after)) == [record]


def test_several_households_object_and_each_has_an_answer_before_the_record_stands(office: Office) -> None:
    record = office.recorded(home=0)
    on_the_board(office, record)
    first, second = (
        object_to(record, office.homes[home], "他没有去", oral=True, key=f"o{home}", by=office.clerk, now=at(LAST))
        for home in (1, 2)
    )
    decide(first, granted=False, reasons="签到表上有", key="d1", by=office.committee[1], now=at(LAST))
    assert Record.objects.get(pk=record.pk).state == State.OBJECTED
    decide(second, granted=False, reasons="签到表上有", key="d2", by=office.committee[1], now=at(LAST))
    assert Record.objects.get(pk=record.pk).state == State.POSTED


def test_what_is_cancelled_answers_everyone_who_objected(office: Office) -> None:
    record = office.recorded(home=0)
    on_the_board(office, record)
    first, second = (
        object_to(record, office.homes[home], "他没有去", oral=True, key=f"o{home}", by=office.clerk, now=at(LAST))
        for home in (1, 2)
    )
    decide(first, granted=True, reasons="确实没有去", key="d1", by=office.committee[1], now=at(LAST))
    second.refresh_from_db()
    assert (second.granted, second.reasons, second.decided_by) == (True, "确实没有去", office.committee[1])
    assert not undecided(office.village).exists()


def test_who_objects_speaks_for_the_own_household_or_is_entered_for_it(office: Office) -> None:
    other = Office.open(code="QH02")
    record = office.recorded()
    on_the_board(office, record)
    for home, oral, user, found in (
        (office.homes[1], False, office.card, ["process.may-not-object", "process.not-own"]),
        (office.homes[0], True, office.card, ["process.not-oral"]),
        (office.homes[0], False, office.clerk, ["process.not-own"]),
        (office.homes[3], True, office.leader, ["process.may-not-object"]),
        (other.homes[0], True, other.clerk, ["process.other-village"]),
    ):
        with pytest.raises(Refused) as refused:
            object_to(record, home, "不对", oral=oral, key="o", by=user, now=at(LAST))
        assert codes(refused) == found
    with pytest.raises(Refused) as refused:
        object_to(record, office.homes[0], " ", oral=False, key="o", by=office.card, now=at(LAST))
    assert codes(refused) == ["process.no-words"]
    with pytest.raises(Refused) as refused:
        object_to(
            record, office.homes[0], "不对", oral=False, key="o", by=office.card, now=at(LAST + timedelta(days=1))
        )
    assert codes(refused) == ["process.objection-late"]


def test_kin_of_who_objects_and_who_entered_it_do_not_decide(office: Office) -> None:
    record = office.recorded(home=1)
    on_the_board(office, record)
    Appointment.objects.create(user=office.leader, role="committee", village=office.village, since=DAY)
    Kinship.objects.create(user=office.committee[2], household=office.homes[2])
    made = object_to(record, office.homes[2], "不对", oral=True, key="o", by=office.leader, now=at(LAST))
    for user, code in (
        (office.committee[2], "process.kin-of-objector"),
        (office.leader, "process.entered-it"),
    ):
        with pytest.raises(Refused) as refused:
            decide(made, granted=True, reasons="对", key="d", by=user, now=at(LAST))
        assert codes(refused) == [code]


def test_what_proves_wrong_later_is_cancelled_by_others_with_a_reason(office: Office) -> None:
    record = office.recorded()
    on_the_board(office, record)
    after = LAST + timedelta(days=1)
    finish(office.village, after, at(after))
    for user, reason, code in (
        (office.committee[0], "记错了", "process.approved-it"),
        (office.clerk, "记错了", "process.not-committee"),
        (office.committee[1], "", "process.no-reason"),
    ):
        with pytest.raises(Refused) as refused:
            cancel(record, reason=reason, key="c", by=user, now=at(after))
        assert codes(refused) == [code]
    done = cancel(record, reason="记成了同名的另一户", key="c", by=office.committee[1], now=at(after))
    assert (done.state, done.approved, done.decided) == (State.CANCELLED, REVIEWED, after)


def test_what_is_final_reaches_the_ledger_and_what_is_refused_or_cancelled_does_not_stay_there(office: Office) -> None:
    good, bad, wrong = (office.recorded("A03", home=home, grade="优") for home in (0, 1, 2))
    refuse(bad, reason="没有去看", key="r", by=office.committee[1], now=at(REVIEWED))
    on_the_board(office, good, wrong)
    credit(office.village, "2025", now=at(LAST), by=office.clerk)
    assert points(office, good, bad, wrong) == [0, 0, 0]
    after = LAST + timedelta(days=1)
    finish(office.village, after, at(after))
    credit(office.village, "2025", now=at(after), by=office.clerk)
    assert points(office, good, bad, wrong) == [50, 0, 50]
    cancel(wrong, reason="记成了同名的另一户", key="c", by=office.committee[1], now=at(after))
    for _ in range(3):
        credit(office.village, "2025", now=at(after), by=office.clerk)
    assert points(office, good, bad, wrong) == [50, 0, 0]


def points(office: Office, *records: Record) -> list[int]:
    """What the ledger gave each household for a record, in tenths of a point."""
    found = []
    for each in records:
        moves = Transfer.objects.filter(entry__village=office.village, entry__record=each.number)
        given = moves.filter(target__household=each.household).aggregate(sum=Sum("amount"))["sum"] or 0
        found.append(given - (moves.filter(source__household=each.household).aggregate(sum=Sum("amount"))["sum"] or 0))
    return found


# ---------------------------------------------------------------- proposals


def fault(office: Office) -> Record:
    record = office.recorded("E03")
    on_the_board(office, record)
    finish(office.village, date(2025, 3, 20), at(date(2025, 3, 20)))
    return record


def test_a_proposal_ends_by_the_decision_of_people_and_by_no_day_that_passes(office: Office) -> None:
    ground, later = fault(office), date(2025, 4, 1)
    made = propose(
        ground,
        measure="暂缓享受一次节日慰问品",
        charter_clause="《村规民约》第十八条",
        key="p",
        by=office.clerk,
        now=at(date(2025, 3, 21)),
    )
    assert (made.kind, made.approvals, made.refers, made.household) == (Kind.PROPOSAL, 2, ground, office.homes[0])
    for user in office.committee[:2]:
        approve(made, key=office.key(), by=user, now=at(date(2025, 3, 22)))
    notice = post_notice(office.village, key="n", by=office.clerk, now=at(date(2025, 3, 23)))
    assert [line.charter_clause for line in notice.records.all()] == ["《村规民约》第十八条"]
    with pytest.raises(Refused) as refused:
        conclude(made, decided=True, reasons="依章", key="c", by=office.committee[0], now=at(notice.until))
    assert codes(refused) == ["process.still-posted"]
    assert finish(office.village, later, at(later)) == []
    assert list(to_conclude(office.village, later)) == [made]
    for user, reasons, code in (
        (office.clerk, "依章", "process.not-committee"),
        (office.committee[0], "", "process.no-reason"),
    ):
        with pytest.raises(Refused) as refused:
            conclude(made, decided=True, reasons=reasons, key="c", by=user, now=at(later))
        assert codes(refused) == [code]
    done = conclude(made, decided=True, reasons="委员会会议决定", key="c", by=office.committee[0], now=at(later))
    last = done.steps.last()
    assert last is not None
    assert (done.state, last.by, last.reason) == (State.FINAL, office.committee[0], "委员会会议决定")


def test_who_proposed_and_who_is_kin_does_not_decide_on_a_proposal(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    ground, later = fault(office), at(date(2025, 4, 1))
    monkeypatch.setenv("JIFEN_TODAY", "2025-04-01")

    def waiting(user: User) -> str:
        client = Client()
        client.force_login(user, "jifen_office.access.accounts.AccountBackend")
        return client.get("/v/QH01/queue/").content.decode()

    with pytest.raises(Refused) as refused:
        conclude(ground, decided=True, reasons="依章", key="g", by=office.committee[1], now=later)
    assert codes(refused) == ["process.no-proposal"]
    made = propose(
        ground, measure="暂缓", charter_clause="第十八条", key="p", by=office.committee[3], now=at(date(2025, 3, 21))
    )
    on_the_board(office, made)
    Kinship.objects.create(user=office.committee[2], household=office.homes[0])
    for user, code in ((office.committee[3], "process.recorded-it"), (office.committee[2], "process.kin")):
        with pytest.raises(Refused) as refused:
            conclude(made, decided=True, reasons="依章", key="c", by=user, now=later)
        assert codes(refused) == [code]
        assert made.number not in waiting(user)
    held = object_to(made, office.homes[0], "处理太重", oral=True, key="o", by=office.clerk, now=at(POSTED))
    with pytest.raises(Refused) as refused:
        conclude(made, decided=True, reasons="依章", key="c", by=office.committee[1], now=later)
    assert codes(refused) == ["process.not-now"]
    Kinship.objects.all().delete()
    decide(held, granted=False, reasons="符合章程", key="d", by=office.committee[2], now=later)
    assert made.number in waiting(office.committee[1])
    assert conclude(made, decided=True, reasons="依章", key="c", by=office.committee[1], now=later).state == State.FINAL


def test_what_the_committee_decided_about_a_proposal_is_decided_once_and_never_over_an_objection(
    office: Office,
) -> None:
    ground, later = fault(office), at(date(2025, 4, 1))
    made = propose(
        ground, measure="暂缓", charter_clause="第十八条", key="p", by=office.clerk, now=at(date(2025, 3, 21))
    )
    with pytest.raises(Refused) as refused:
        conclude(made, decided=False, reasons="还没有审核", key="early", by=office.committee[1], now=later)
    assert codes(refused) == ["process.not-now"]
    on_the_board(office, made)
    held = object_to(made, office.homes[0], "处理太重", oral=True, key="o", by=office.clerk, now=at(POSTED))
    for decided in (True, False):
        with pytest.raises(Refused) as refused:
            conclude(made, decided=decided, reasons="依章", key=f"o{decided}", by=office.committee[1], now=later)
        assert codes(refused) == ["process.not-now"]
    decide(held, granted=False, reasons="符合章程", key="d", by=office.committee[2], now=later)
    conclude(made, decided=True, reasons="依章", key="yes", by=office.committee[2], now=later)
    with pytest.raises(Refused) as refused:
        conclude(made, decided=False, reasons="不同意", key="no", by=office.committee[3], now=later)
    assert codes(refused) == ["process.not-now"]
    made.refresh_from_db()
    assert made.state == State.FINAL


def test_a_proposal_needs_a_clause_a_measure_and_a_ground_that_is_final(office: Office) -> None:
    ground, now = fault(office), at(date(2025, 3, 21))
    say = {"measure": "暂缓", "charter_clause": "第十八条"}
    for change, code in (({"charter_clause": " "}, "process.no-clause"), ({"measure": ""}, "process.no-measure")):
        with pytest.raises(Refused) as refused:
            propose(ground, **{**say, **change}, key="p", by=office.committee[0], now=now)
        assert codes(refused) == [code]
    with pytest.raises(Refused) as refused:
        propose(office.recorded("E03", home=1), **say, key="p", by=office.committee[0], now=now)
    assert codes(refused) == ["process.ground-not-final"]
    with pytest.raises(Refused) as refused:
        propose(ground, **say, key="p", by=office.leader, now=now)
    assert codes(refused) == ["process.may-not-propose"]
    made = propose(ground, **say, key="p", by=office.committee[0], now=now)
    with pytest.raises(Refused) as refused:
        propose(ground, **say, key="p2", by=office.committee[1], now=now)
    assert codes(refused) == ["process.proposed-already"]
    with pytest.raises(Refused) as refused:
        approve(made, key="own", by=office.committee[0], now=now)
    assert codes(refused) == ["process.recorded-it"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Record.objects.filter(pk=made.pk).update(charter_clause="")


def test_a_proposal_whose_ground_was_cancelled_can_be_dropped_only(office: Office) -> None:
    ground, later = fault(office), date(2025, 4, 1)
    made = propose(
        ground, measure="暂缓", charter_clause="第十八条", key="p", by=office.clerk, now=at(date(2025, 3, 21))
    )
    on_the_board(office, made)
    cancel(ground, reason="查明是别家", key="c", by=office.committee[3], now=at(later))
    with pytest.raises(Refused) as refused:
        conclude(made, decided=True, reasons="依章", key="x", by=office.committee[0], now=at(later))
    assert codes(refused) == ["process.ground-not-final"]
    done = conclude(made, decided=False, reasons="依据已撤销", key="y", by=office.committee[0], now=at(later))
    assert done.state == State.CANCELLED
