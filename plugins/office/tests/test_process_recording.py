from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from attrs import evolve
from jifen.problems import Refused
from jifen_office.process.amending import complete, withdraw
from jifen_office.process.evidence import Shown
from jifen_office.process.models import Record, State, StepKind
from jifen_office.process.recording import Draft, record
from jifen_office.process.reviewing import alike, approve
from jifen_office.register.models import Household

from plugins.office.tests.process_office import DAY, WITNESS, Office, at, codes

pytestmark = pytest.mark.django_db


@pytest.fixture
def office() -> Office:
    return Office.open()


def test_a_deed_that_is_recorded_waits_for_the_committee_and_says_who_recorded_it(office: Office) -> None:
    made = office.recorded()
    assert (made.number, made.state, made.approvals) == ("QH01-2025-00001", State.RECORDED, 1)
    step = made.steps.get()
    assert (step.kind, step.by, step.at) == (StepKind.RECORDED, office.clerk, at(DAY, 18))
    assert [(each.kind, each.words) for each in made.evidence.all()] == [("witness", "沈桂芳")]
    assert office.recorded().number == "QH01-2025-00002"


def test_an_item_says_how_many_people_approve_its_records(office: Office) -> None:
    assert office.recorded("B01").approvals == 2


def test_a_leader_records_for_the_own_group_alone_and_a_household_for_itself_alone(office: Office) -> None:
    office.recorded(home=2, by=office.leader)
    office.recorded(home=0, by=office.card)
    for home, user in ((3, office.leader), (1, office.card), (0, office.committee[0])):
        with pytest.raises(Refused) as refused:
            office.recorded(home=home, by=user)
        assert codes(refused) == ["process.may-not-record"]
    assert Record.objects.count() == 2


def test_a_deed_of_the_village_is_recorded_by_its_clerk_alone(office: Office) -> None:
    draft = Draft("K01", DAY, village=office.village, evidence=(WITNESS,))
    made = record(draft, key=office.key(), by=office.clerk, now=at(DAY))
    assert (made.household, made.item) == (None, "K01")
    for user in (office.leader, office.card):
        with pytest.raises(Refused) as refused:
            record(draft, key=office.key(), by=user, now=at(DAY))
        assert codes(refused) == ["process.may-not-record"]


def test_a_clerk_records_nothing_in_another_village(office: Office) -> None:
    other = Office.open(code="QH02")
    with pytest.raises(Refused) as refused:
        record(Draft("A04", DAY, household=other.homes[0]), key="k", by=office.clerk, now=at(DAY))
    assert codes(refused) == ["process.may-not-record"]


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"item": "Z99"}, "checking.unknown-item", "item"),
        ({"item": "D01"}, "checking.item-takes-no-deeds", "item"),
        ({"item": "K01"}, "checking.item-of-village", "subject"),
        ({"item": "A01"}, "checking.needs-quantity", "quantity"),
        ({"item": "A03", "grade": "特优"}, "checking.unknown-grade", "grade"),
        ({"item": "A07", "marks": (9000, 8000)}, "checking.too-few-marks", "marks"),
        ({"item": "C01"}, "checking.needs-member", "member"),
        ({"item": "C07"}, "checking.needs-refers", "refers"),
        ({"item": "C07", "refers": "QH01-2025-99999"}, "process.unknown-record", "refers"),
        ({"date": date(2025, 3, 6)}, "checking.recorded-before", "recorded"),
        ({"date": date(2024, 12, 1)}, "rulebook.none-in-force", None),
        ({"evidence": ()}, "process.needs-evidence", "evidence"),
        ({"evidence": (Shown("witness"),)}, "process.no-witness", "evidence"),
        ({"evidence": (Shown("photo", file="0" * 64 + ".jpg"),)}, "process.no-such-picture", "evidence"),
        ({"evidence": (Shown("photo", file="../keys.toml"),)}, "process.no-such-picture", "evidence"),
        ({"note": "好" * 301}, "process.too-long", "note"),
    ],
)
def test_the_checks_of_a_settlement_hold_for_a_form(
    office: Office, change: dict[str, Any], code: str, column: str | None
) -> None:
    draft = evolve(Draft("A04", DAY, household=office.homes[0], evidence=(WITNESS,)), **change)
    with pytest.raises(Refused) as refused:
        record(draft, key="k", by=office.clerk, now=at(DAY))
    found = {problem.code: problem.place.column for problem in refused.value.problems}
    assert code in found
    assert found[code] == column
    assert Record.objects.count() == 0


def test_all_that_is_wrong_with_a_form_is_told_at_once(office: Office) -> None:
    draft = Draft("A01", date(2025, 3, 9), household=office.homes[0], evidence=(Shown("witness"),), note="好" * 301)
    with pytest.raises(Refused) as refused:
        record(draft, key="k", by=office.clerk, now=at(DAY))
    assert sorted(codes(refused)) == [
        "checking.needs-quantity",
        "checking.recorded-before",
        "process.no-witness",
        "process.too-long",
    ]
    assert "请填写数量" in str(refused.value)


def test_a_household_that_does_not_take_part_is_told_why(office: Office) -> None:
    Household.objects.filter(pk=office.homes[1].pk).update(consent=None)
    with pytest.raises(Refused) as refused:
        office.recorded(home=1)
    assert codes(refused) == ["process.not-participant"]
    assert "QH01-0002" in str(refused.value)
    Household.objects.filter(pk=office.homes[1].pk).update(consent=date(2025, 3, 20))
    with pytest.raises(Refused) as refused:
        office.recorded(home=1)
    assert codes(refused) == ["process.before-joining"]
    assert "2025-03-20" in str(refused.value)


def test_nothing_is_recorded_for_a_household_that_was_erased(office: Office) -> None:
    Household.objects.filter(pk=office.homes[1].pk).update(erased=at(DAY), name="")
    with pytest.raises(Refused) as refused:
        office.recorded(home=1)
    assert codes(refused) == ["checking.unknown-household"]
    office.recorded(home=2)


@pytest.mark.parametrize(
    "shown", [Shown("witness", "周根生"), Shown("minutes", "3月5日村民会议记录"), Shown("scan", "村委会档案")]
)
def test_nobody_is_kept_from_points_for_want_of_a_photo(office: Office, shown: Shown) -> None:
    bare = Draft("B01", DAY, household=office.homes[0])
    with pytest.raises(Refused) as refused:
        record(bare, key="k", by=office.clerk, now=at(DAY))
    assert "照片或扫描件" in str(refused.value)
    assert "见证人" in str(refused.value)
    made = record(evolve(bare, evidence=(shown,)), key="k", by=office.clerk, now=at(DAY))
    assert made.evidence.get().kind == shown.kind


def test_more_evidence_can_be_put_to_a_record_until_somebody_reviewed_it(office: Office) -> None:
    made = office.recorded("B01")
    for _ in range(3):
        complete(made, [Shown("minutes", "3月村民会议")], key="more", by=office.clerk, now=at(DAY))
    assert [each.kind for each in made.evidence.order_by("pk")] == ["witness", "minutes"]
    with pytest.raises(Refused) as refused:
        complete(made, [], key="none", by=office.clerk, now=at(DAY))
    assert codes(refused) == ["process.no-evidence"]
    approve(made, key=office.key(), by=office.committee[0], now=at(DAY, 20))
    with pytest.raises(Refused) as refused:
        complete(made, [WITNESS], key="late", by=office.clerk, now=at(DAY, 21))
    assert codes(refused) == ["process.reviewed"]


def test_what_puts_a_fault_right_refers_to_it_once_and_in_time(office: Office) -> None:
    fault = office.recorded("A05")
    mended = Draft("C07", date(2025, 3, 20), household=office.homes[0], refers=fault.number, evidence=(WITNESS,))
    for draft, code in (
        (evolve(mended, date=date(2025, 4, 20)), "deeds.put-right-late"),
        (evolve(mended, household=office.homes[1]), "deeds.put-right-nothing"),
        (evolve(mended, refers=office.recorded("A04").number), "deeds.put-right-nothing"),
    ):
        with pytest.raises(Refused) as refused:
            record(draft, key="k", by=office.clerk, now=at(date(2025, 4, 21)))
        assert codes(refused) == [code]
    made = record(mended, key="k", by=office.clerk, now=at(date(2025, 3, 20)))
    assert made.refers == fault
    with pytest.raises(Refused) as refused:
        record(evolve(mended, note="再报一次"), key="k2", by=office.clerk, now=at(date(2025, 3, 21)))
    assert codes(refused) == ["deeds.put-right-twice"]


def test_a_record_is_withdrawn_by_who_recorded_it_before_anyone_reviewed_it(office: Office) -> None:
    made = office.recorded("B01", by=office.card)
    with pytest.raises(Refused) as refused:
        withdraw(made, reason="填错了", key="w0", by=office.leader, now=at(DAY))
    assert codes(refused) == ["process.may-not-withdraw"]
    with pytest.raises(Refused) as refused:
        withdraw(made, reason="  ", key="w0", by=office.card, now=at(DAY))
    assert codes(refused) == ["process.no-reason"]
    assert withdraw(made, reason="填错了", key="w0", by=office.card, now=at(DAY)).state == State.CANCELLED
    with pytest.raises(Refused) as refused:
        withdraw(made, reason="再撤一次", key="w2", by=office.leader, now=at(DAY))
    assert codes(refused) == ["process.may-not-withdraw", "process.reviewed"]
    other = office.recorded("B01")
    approve(other, key=office.key(), by=office.committee[0], now=at(DAY, 20))
    with pytest.raises(Refused) as refused:
        withdraw(other, reason="填错了", key="w1", by=office.clerk, now=at(DAY, 21))
    assert codes(refused) == ["process.reviewed"]


def test_a_reviewer_sees_what_may_have_been_recorded_twice(office: Office) -> None:
    first, second, other = office.recorded(), office.recorded(by=office.leader), office.recorded(home=1)
    assert list(alike(first)) == [second]
    assert list(alike(other)) == []


def test_a_member_of_the_household_is_known_by_name(office: Office) -> None:
    member = office.homes[0].members.get()
    draft = Draft("C01", DAY, household=office.homes[0], member=member)
    assert record(draft, key="k", by=office.clerk, now=at(DAY)).member == member
    stranger = office.homes[1].members.get()
    with pytest.raises(Refused) as refused:
        record(evolve(draft, member=stranger), key="k2", by=office.clerk, now=at(DAY))
    assert codes(refused) == ["checking.unknown-member"]
