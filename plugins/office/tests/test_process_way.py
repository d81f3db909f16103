"""A record's way against a plain model: whatever people try in whatever order, only what the model allows happens."""

from __future__ import annotations

import os
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from attrs import define, field
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    precondition,
    rule,
    run_state_machine_as_test,
)
from jifen.period import Period
from jifen.problems import Refused
from jifen_office.access.models import Appointment, Kinship, User
from jifen_office.process.amending import withdraw
from jifen_office.process.models import Notice, Record, State, Step, StepKind
from jifen_office.process.noticing import finish, post_notice
from jifen_office.process.objecting import cancel, decide, object_to
from jifen_office.process.reviewing import approve, queue, recuse, refuse
from jifen_office.process.steps import WAY
from jifen_office.register.frames_out import deeds_frame

from plugins.office.tests.process_office import Office, at

if TYPE_CHECKING:
    from collections.abc import Callable

EXAMPLES = int(os.environ.get("JIFEN_PROCESS_EXAMPLES", "10"))
POSTED, DECIDED = 7, 15
"""Days of Qinghe's rule book."""


@define(eq=False)
class Plain:
    """What the model knows of a record."""

    number: str
    home: int
    needed: int
    by: int
    state: State = State.RECORDED
    approvers: set[int] = field(factory=set)
    recused: set[int] = field(factory=set)
    until: date | None = None
    objectors: set[int] = field(factory=set)
    """Households that objected and have no answer yet."""
    answered: set[int] = field(factory=set)
    was_final: bool = False


class Way(RuleBasedStateMachine):
    """Five people: a clerk who is of the committee as well, three of the committee, and a clerk who is not."""

    records = Bundle("records")

    def __init__(self) -> None:
        super().__init__()
        self.scope = transaction.atomic()
        self.scope.__enter__()
        self.office = Office.open()
        self.plain: list[Plain] = []
        self.kin: set[tuple[int, int]] = set()
        self.today = date(2025, 3, 3)
        self.people = (self.office.clerk, *self.office.committee[:3], self._second_clerk())
        Appointment.objects.create(
            user=self.office.clerk, role="committee", village=self.office.village, since=date(2025, 1, 1)
        )

    def _second_clerk(self) -> User:
        user = User.objects.create(username="clerk-2", name="文书二")
        Appointment.objects.create(user=user, role="clerk", village=self.office.village, since=date(2025, 1, 1))
        return user

    def teardown(self) -> None:
        transaction.set_rollback(rollback=True)
        self.scope.__exit__(None, None, None)

    # -------------------------------------------------------------- what the model says

    def _reviews(self, record: Plain, who: int) -> bool:
        return (
            who < 4
            and who != record.by
            and (who, record.home) not in self.kin
            and who not in record.recused
            and who not in record.approvers
        )

    def _tries(self, act: Callable[[], object], *, allowed: bool) -> bool:
        """Does it, and compares whether it could be done; what is refused leaves no trace."""
        if allowed:
            act()
            return True
        before = (Step.objects.count(), Record.objects.count(), Notice.objects.count())
        with pytest.raises(Refused):
            act()
        assert before == (Step.objects.count(), Record.objects.count(), Notice.objects.count())
        return False

    def _row(self, record: Plain) -> Record:
        return Record.objects.get(number=record.number)

    # -------------------------------------------------------------- what people try

    @initialize(target=records, by=st.sampled_from([0, 4]))
    def begins_with_records(self, by: int) -> MultipleResults[Plain]:
        """One that is posted, one that is objected to, and two that wait for the committee."""
        for home, item in zip((0, 1, 2, 0), ("A04", "B01", "A04", "B01"), strict=True):
            self.adds(item, home, by)
        for each in self.plain[:2]:
            for who in (1, 2)[: each.needed]:
                self.approves(each, who)
        self.posts(by)
        self.objects(self.plain[1], 2)
        self.objects(self.plain[1], 1)
        return multiple(*self.plain)

    def adds(self, item: str, home: int, by: int) -> Plain:
        made = self.office.recorded(item, home, self.today, by=self.people[by])
        self.plain.append(Plain(made.number, home, 2 if item == "B01" else 1, by))
        return self.plain[-1]

    @precondition(lambda self: len(self.plain) < 6)
    @rule(target=records, item=st.sampled_from(["A04", "B01"]), home=st.integers(0, 2), by=st.sampled_from([0, 4]))
    def records_a_deed(self, item: str, home: int, by: int) -> Plain:
        return self.adds(item, home, by)

    @rule(record=records, who=st.integers(0, 4))
    def approves(self, record: Plain, who: int) -> None:
        allowed = record.state is State.RECORDED and self._reviews(record, who)
        act = lambda: approve(self._row(record), key=self.office.key(), by=self.people[who], now=at(self.today))  # noqa: E731
        if self._tries(act, allowed=allowed):
            record.approvers.add(who)
            if len(record.approvers) == record.needed:
                record.state = State.APPROVED

    @rule(record=records)
    def all_who_can_approve(self, record: Plain) -> None:
        for who in range(4):
            if record.state is State.RECORDED and self._reviews(record, who):
                self.approves(record, who)

    @rule(record=records, who=st.integers(0, 4), reason=st.sampled_from(["证据不足", " "]))
    def refuses(self, record: Plain, who: int, reason: str) -> None:
        allowed = record.state is State.RECORDED and self._reviews(record, who) and bool(reason.strip())
        row, user = self._row(record), self.people[who]
        if self._tries(
            lambda: refuse(row, reason=reason, key=self.office.key(), by=user, now=at(self.today)), allowed=allowed
        ):
            record.state = State.REFUSED

    @rule(record=records, who=st.integers(0, 4))
    def recuses(self, record: Plain, who: int) -> None:
        waits = record.state in (State.RECORDED, State.OBJECTED) or who in record.recused
        row, user = self._row(record), self.people[who]
        if self._tries(
            lambda: recuse(row, reason="合伙人", key=self.office.key(), by=user, now=at(self.today)),
            allowed=who < 4 and waits,
        ):
            record.recused.add(who)

    @rule(who=st.integers(1, 3), home=st.integers(0, 2))
    def declares_kin(self, who: int, home: int) -> None:
        Kinship.objects.get_or_create(user=self.people[who], household=self.office.homes[home])
        self.kin.add((who, home))

    @rule(record=records, who=st.sampled_from([0, 1, 4]))
    def withdraws(self, record: Plain, who: int) -> None:
        allowed = record.state is State.RECORDED and not record.approvers and who in (0, 4)
        row, user = self._row(record), self.people[who]
        if self._tries(
            lambda: withdraw(row, reason="记错了", key=self.office.key(), by=user, now=at(self.today)), allowed=allowed
        ):
            record.state = State.CANCELLED

    @precondition(lambda self: any(each.state is State.APPROVED for each in self.plain))
    @rule(who=st.sampled_from([0, 4, 1]))
    def posts(self, who: int) -> None:
        waiting = [each for each in self.plain if each.state is State.APPROVED]
        act = lambda: post_notice(self.office.village, key=self.office.key(), by=self.people[who], now=at(self.today))  # noqa: E731
        if self._tries(act, allowed=bool(waiting) and who in (0, 4)):
            for each in waiting:
                each.state, each.until = State.POSTED, self.today + timedelta(days=POSTED - 1)

    @rule(record=records, home=st.integers(0, 2))
    def objects(self, record: Plain, home: int) -> None:
        allowed = (
            record.state in (State.POSTED, State.OBJECTED)
            and record.until is not None
            and self.today <= record.until
            and home not in record.answered | record.objectors
        )
        row, who = self._row(record), self.office.homes[home]
        act = lambda: object_to(  # noqa: E731
            row, who, "不对", oral=True, key=self.office.key(), by=self.people[4], now=at(self.today)
        )
        if self._tries(act, allowed=allowed):
            record.state = State.OBJECTED
            record.objectors.add(home)

    @rule(record=records, home=st.integers(0, 2), who=st.integers(0, 4), granted=st.booleans())
    def decides(self, record: Plain, home: int, who: int, granted: bool) -> None:  # noqa: FBT001 - Hypothesis draws it
        objection = self._row(record).objections.filter(household=self.office.homes[home]).first()
        if objection is None:
            return
        allowed = home in record.objectors and self._reviews(record, who) and (who, home) not in self.kin
        user = self.people[who]
        act = lambda: decide(  # noqa: E731
            objection, granted=granted, reasons="已核实", key=self.office.key(), by=user, now=at(self.today)
        )
        if self._tries(act, allowed=allowed):
            answered = set(record.objectors) if granted else {home}
            record.answered |= answered
            record.objectors -= answered
            if not record.objectors:
                record.state = State.CANCELLED if granted else State.POSTED

    @rule(record=records, who=st.integers(0, 4))
    def cancels(self, record: Plain, who: int) -> None:
        allowed = record.state in (State.APPROVED, State.POSTED, State.FINAL) and self._reviews(record, who)
        row, user = self._row(record), self.people[who]
        if self._tries(
            lambda: cancel(row, reason="查明有误", key=self.office.key(), by=user, now=at(self.today)), allowed=allowed
        ):
            record.state = State.CANCELLED

    @precondition(lambda self: any(each.state is State.POSTED for each in self.plain))
    @rule(days=st.integers(1, 9))
    def days_pass(self, days: int) -> None:
        self.today += timedelta(days=days)
        ended = [each for each in self.plain if each.state is State.POSTED and each.until and each.until < self.today]
        found = finish(self.office.village, self.today, at(self.today))
        assert [each.number for each in found] == sorted(each.number for each in ended)
        for each in ended:
            each.state, each.was_final = State.FINAL, True

    # -------------------------------------------------------------- what always holds

    @invariant()
    def every_record_is_where_the_model_says_and_its_steps_lead_there(self) -> None:
        rows = {row.number: row for row in Record.objects.all()}
        assert set(rows) == {each.number for each in self.plain}
        for each in self.plain:
            row, state, approved, waiting = rows[each.number], State.RECORDED, 0, 0
            assert row.state == each.state
            for step in row.steps.order_by("pk"):
                kind = StepKind(step.kind)
                approved += kind is StepKind.APPROVED
                waiting += (kind is StepKind.OBJECTED) - (kind is StepKind.UPHELD)
                stays = (kind is StepKind.APPROVED and approved < row.approvals) or (
                    kind is StepKind.UPHELD and waiting > 0
                )
                state = state if stays else WAY[state, kind]
            assert state == each.state
            assert {self.people.index(user) for user in _by(row, StepKind.APPROVED)} == each.approvers

    @invariant()
    def nobody_approved_the_own_record_or_twice(self) -> None:
        for row in Record.objects.all():
            approvers = _by(row, StepKind.APPROVED)
            assert row.recorded_by not in approvers
            assert len(approvers) == len(set(approvers))

    @invariant()
    def the_ledger_is_told_of_what_is_final_alone(self) -> None:
        frame = deeds_frame(self.office.village, Period.parse("2025"))
        counted = set(frame.filter(frame["status"] == "approved")["deed"])
        assert counted == {each.number for each in self.plain if each.state is State.FINAL}
        assert all(len(each.approvers) == each.needed for each in self.plain if each.was_final)

    @invariant()
    def a_queue_holds_what_its_owner_can_review(self) -> None:
        for who, user in enumerate(self.people):
            mine = {each.number for each in self.plain if each.state is State.RECORDED and self._reviews(each, who)}
            assert {row.number for row in queue(user, self.office.village, today=self.today)} == mine


def _by(record: Record, kind: StepKind) -> list[User]:
    return [step.by for step in record.steps.filter(kind=kind) if step.by is not None]


@pytest.mark.django_db
def test_a_record_goes_no_way_but_the_one_of_a_plain_model() -> None:
    run_state_machine_as_test(
        Way,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        ),
    )
