from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from jifen.problems import Refused
from jifen_office.process.amending import complete, withdraw
from jifen_office.process.evidence import Shown
from jifen_office.process.models import Asked, Evidence, Notice, Objection, Record, Step
from jifen_office.process.noticing import finish, post_notice
from jifen_office.process.objecting import cancel, decide, object_to
from jifen_office.process.proposing import conclude, propose
from jifen_office.process.recording import Draft, record
from jifen_office.process.reviewing import approve, recuse, refuse
from jifen_office.process.rounds import Finding, Round, record_round

from plugins.office.tests.process_office import WITNESS, Office, at

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
DAY, REVIEWED, POSTED, AFTER = date(2025, 3, 5), date(2025, 3, 6), date(2025, 3, 10), date(2025, 3, 20)


def everything() -> list[int]:
    """How many rows there are of each kind."""
    return [kind._default_manager.count() for kind in (Asked, Evidence, Notice, Objection, Record, Step)]


def sent(office: Office) -> list[tuple[str, Callable[[str], object]]]:
    """Every form of the process, in an order in which each has its effect."""
    first, second, third, _ = office.committee
    village, home = office.village, office.homes[0]
    draft = Draft("E03", DAY, household=home, evidence=(WITNESS,))
    garden = Round(village, "2组", "A03", DAY)

    def number(at_place: int) -> Record:
        return Record.objects.get(number=f"QH01-2025-{at_place:05d}")

    return [
        ("record", lambda key: record(draft, key=key, by=office.clerk, now=at(DAY))),
        ("round", lambda key: record_round(garden, [Finding("QH01-0004", "优"), Finding("QH01-0005", "良")], key=key, by=office.clerk, now=at(DAY))),
        ("complete", lambda key: complete(number(1), [Shown("minutes", "三月会议")], key=key, by=office.clerk, now=at(DAY))),
        ("withdraw", lambda key: withdraw(number(3), reason="看错了", key=key, by=office.clerk, now=at(DAY))),
        ("recuse", lambda key: recuse(number(2), reason="亲家", key=key, by=third, now=at(REVIEWED))),
        ("approve", lambda key: approve(number(1), key=key, by=first, now=at(REVIEWED))),
        ("approve-too", lambda key: approve(number(1), key=key, by=second, now=at(REVIEWED))),
        ("refuse", lambda key: refuse(number(2), reason="没有到场", key=key, by=first, now=at(REVIEWED))),
        ("post", lambda key: post_notice(village, key=key, by=office.clerk, now=at(POSTED))),
        ("object", lambda key: object_to(number(1), home, "不是我家", oral=False, key=key, by=office.card, now=at(POSTED))),
        ("decide", lambda key: decide(Objection.objects.get(), granted=False, reasons="有照片", key=key, by=third, now=at(POSTED))),
        ("finish", lambda _: finish(village, AFTER, at(AFTER))),
        ("propose", lambda key: propose(number(1), measure="暂缓", charter_clause="第十八条", key=key, by=office.clerk, now=at(AFTER))),
        ("agree", lambda key: approve(number(4), key=key, by=first, now=at(AFTER))),
        ("agree-too", lambda key: approve(number(4), key=key, by=second, now=at(AFTER))),
        ("post-too", lambda key: post_notice(village, key=key, by=office.clerk, now=at(AFTER))),
        ("conclude", lambda key: conclude(number(4), decided=True, reasons="会议决定", key=key, by=first, now=at(date(2025, 4, 1)))),
        ("cancel", lambda key: cancel(number(1), reason="查明有误", key=key, by=third, now=at(date(2025, 4, 2)))),
    ]  # fmt: skip


def test_every_form_sent_three_times_and_in_another_order_has_one_effect() -> None:
    office = Office.open()
    forms = sent(office)
    answers = {}
    for at_most, (name, ask) in enumerate(forms, 1):
        answers[name] = ask(f"key-{name}")
        there = everything()
        for again, other in reversed(forms[:at_most]):
            if again != "finish":
                assert other(f"key-{again}") == answers[again]
        ask(f"key-{name}")
        assert everything() == there, name
    assert [row.state for row in Record.objects.order_by("number")] == ["cancelled", "refused", "cancelled", "final"]


def test_a_key_is_not_used_for_two_different_things() -> None:
    office = Office.open()
    draft = Draft("A04", DAY, household=office.homes[0], evidence=(WITNESS,))
    made = record(draft, key="k", by=office.clerk, now=at(DAY))
    other = Draft("A04", DAY, household=office.homes[1], evidence=(WITNESS,))
    first, second, *_ = office.committee
    approve(office.recorded("B01"), key="a", by=first, now=at(REVIEWED))
    there = everything()
    asks: list[Callable[[], object]] = [
        lambda: record(other, key="k", by=office.clerk, now=at(DAY)),
        lambda: record(draft, key="k", by=office.leader, now=at(DAY)),
        lambda: refuse(made, reason="不行", key="k", by=first, now=at(DAY)),
        lambda: approve(made, key="a", by=first, now=at(REVIEWED)),
        lambda: approve(made, key="a", by=second, now=at(REVIEWED)),
    ]
    for ask in asks:
        with pytest.raises(Refused) as refused:
            ask()
        assert [problem.code for problem in refused.value.problems] == ["process.key-used"]
        assert everything() == there


def test_a_form_without_a_key_has_no_effect() -> None:
    office = Office.open()
    draft = Draft("A04", DAY, household=office.homes[0], evidence=(WITNESS,))
    for key in ("", " ", "k" * 121):
        with pytest.raises(Refused) as refused:
            record(draft, key=key, by=office.clerk, now=at(DAY))
        assert [problem.code for problem in refused.value.problems] == ["process.no-key"]


def test_what_was_refused_can_be_sent_again_once_it_is_right() -> None:
    office = Office.open()
    draft = Draft("A04", DAY, household=office.homes[0])
    with pytest.raises(Refused):
        record(draft, key="k", by=office.clerk, now=at(DAY))
    assert everything() == [0] * 6
    made = record(
        Draft("A04", DAY, household=office.homes[0], evidence=(WITNESS,)), key="k", by=office.clerk, now=at(DAY)
    )
    assert Record.objects.get() == made
