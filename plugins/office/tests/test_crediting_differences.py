from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING

import jifen
import polars as pl
import pytest
from django.db import IntegrityError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jifen.period import Period
from jifen.problems import Refused
from jifen_office import crediting, daily, rules
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind, Transfer
from jifen_office.ledger.periods import close_period, open_period
from jifen_office.process.models import Record, State, Step, StepKind
from jifen_office.process.steps import take
from jifen_office.register.frames_out import STATUS
from jifen_office.register.models import Household
from jifen_office.settling import digest_of, settle_village

from plugins.office.tests.invented_town import invented, moment, moved_in

if TYPE_CHECKING:
    from jifen.inputs import Inputs
    from jifen.settlement import Settlement
    from jifen_office.register.models import Village

pytestmark = pytest.mark.django_db
LATER = moment(date(2026, 1, 5))


def from_scratch(town: str, inputs: Inputs) -> Settlement:
    """The core's own settlement of the same tables, which knows nothing of an office."""
    return jifen.settle(
        town, inputs.households, inputs.deeds, "2025", villages=inputs.villages, known_at=date(2026, 1, 5)
    )


def in_purses(village: Village) -> dict[tuple[str, str], int]:
    accounts = Account.objects.filter(village=village, kind=AccountKind.PURSE).select_related("household")
    found = (
        (each.household.code, each.unit.removeprefix("point:"), each.balance) for each in accounts if each.household
    )
    return {(code, purse): balance for code, purse, balance in found if balance}


def expected(settlement: Settlement) -> dict[tuple[str, str], int]:
    if settlement.book.purses:
        last = settlement.purse_entries.group_by("household", "purse").agg(pl.col("change").sum())
        rows = last.iter_rows()
    else:
        rows = settlement.standings.select("household", pl.lit("total"), "total").iter_rows()
    return {(home, purse): points for home, purse, points in rows if points}


def snapshot() -> list[tuple[object, ...]]:
    entries = Entry.objects.order_by("village_id", "number").values_list("village_id", "number", "hash", "key")
    return [*entries, *Transfer.objects.order_by("pk").values_list("entry_id", "source_id", "target_id", "amount")]


@pytest.mark.parametrize("town", ["qinghe", "wangchao", "jinsui"])
def test_the_ledger_holds_what_a_settlement_of_all_final_records_gives(town: str) -> None:
    inputs = invented(town, villages=2, households=7, deeds_per_household=4, seed=7)
    wanted = expected(from_scratch(town, inputs))
    found: dict[tuple[str, str], int] = {}
    for village in moved_in(inputs, town):
        crediting.credit(village, "2025", now=LATER)
        found |= in_purses(village)
        assert check(village) == []
    assert found == wanted
    assert len(wanted) > 5


def test_crediting_again_makes_no_entry() -> None:
    (village,) = moved_in(invented())
    assert crediting.credit(village, "2025", now=LATER)
    before = snapshot()
    assert crediting.credit(village, "2025", now=LATER) == []
    assert snapshot() == before


def test_points_are_credited_day_by_day_and_come_to_the_same() -> None:
    inputs = invented(seed=3)
    (village,) = moved_in(inputs)
    Record.objects.update(state=State.RECORDED)
    waiting = dict(Record.objects.filter(steps__kind=StepKind.FINAL).values_list("number", "steps__at"))
    days = sorted({at.date() for at in waiting.values()})
    for day in (*days[:: max(len(days) // 3, 1)], date(2026, 1, 5)):
        Record.objects.filter(number__in=[n for n, at in waiting.items() if at.date() <= day]).update(state=State.FINAL)
        crediting.credit(village, "2025", now=moment(max(day, date(2025, 1, 1))))
    Record.objects.filter(approved__isnull=False, state=State.RECORDED).exclude(number__in=waiting).update(
        state=State.CANCELLED
    )
    crediting.credit(village, "2025", now=LATER)
    assert in_purses(village) == expected(from_scratch("wangchao", inputs))


def cancel(record: Record, day: date) -> None:
    Record.objects.filter(pk=record.pk).update(state=State.CANCELLED, decided=day)
    Step.objects.create(record=record, kind=StepKind.CANCELLED, at=moment(day))


def test_a_record_that_is_cancelled_after_credit_is_reversed_by_difference() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=LATER)
    before = snapshot()
    entry = (
        Entry.objects.filter(kind=EntryKind.CREDIT, record__in=Record.objects.values("number")).order_by("pk").first()
    )
    assert entry is not None
    record = Record.objects.get(number=entry.record)
    cancel(record, date(2026, 1, 6))
    made = crediting.credit(village, "2025", now=moment(date(2026, 1, 6)))
    assert record.number in {each.record for each in made}
    assert [row for row in snapshot() if row in before] == before, "an old entry changed"
    held = crediting.held_for(village, Period.parse("2025"))
    assert record.household is not None
    assert not any(held[record.household.code, record.number].purses.values())
    assert crediting.credit(village, "2025", now=moment(date(2026, 1, 7))) == []


def test_what_is_cancelled_and_then_final_again_is_credited_again() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=LATER)
    before = in_purses(village)
    record = Record.objects.get(
        number=Entry.objects.filter(kind=EntryKind.CREDIT, record__contains="WC")
        .exclude(record__startswith="base:")
        .exclude(record__startswith="veto:")
        .values_list("record", flat=True)[0]
    )
    for _ in range(2):
        Record.objects.filter(pk=record.pk).update(state=State.CANCELLED)
        crediting.credit(village, "2025", now=LATER)
        assert in_purses(village) != before
        Record.objects.filter(pk=record.pk).update(state=State.FINAL)
        crediting.credit(village, "2025", now=LATER)
        assert in_purses(village) == before
    assert check(village) == []


def test_what_is_not_final_gives_nothing() -> None:
    (village,) = moved_in(invented())
    for state in (State.RECORDED, State.APPROVED, State.POSTED, State.OBJECTED, State.REFUSED, State.CANCELLED):
        Record.objects.update(state=state)
        crediting.credit(village, "2025", now=LATER)
        assert not Entry.objects.filter(record__in=Record.objects.values("number")).exists()


def test_a_day_to_come_gives_no_base_score_yet() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=moment(date(2025, 3, 15)))
    days = Entry.objects.filter(kind=EntryKind.CREDIT).values_list("occurred", flat=True)
    assert max(days) <= date(2025, 3, 15)


def test_every_entry_names_settlement_rules_and_why() -> None:
    (village,) = moved_in(invented())
    made = crediting.credit(village, "2025", now=LATER)
    settlement = settle_village(village, "2025", date(2026, 1, 5))
    digest = digest_of(settlement)
    assert {each.settlement for each in made} == {digest}
    assert {each.rules for each in made} == {rules.book_of("wangchao", date(2025, 6, 1)).digest}
    assert all(each.opening.content["why"] and each.opening.content["household"] for each in made)
    assert [each.occurred for each in made] == sorted(each.occurred for each in made)


def test_the_digest_of_a_settlement_is_that_of_its_rows_alone() -> None:
    (village,) = moved_in(invented())
    first, second = (settle_village(village, "2025") for _ in range(2))
    assert digest_of(first) == digest_of(second)
    Record.objects.filter(state=State.FINAL).update(state=State.CANCELLED)
    assert digest_of(settle_village(village, "2025")) != digest_of(first)


def test_a_difference_of_closed_books_is_entered_on_its_own_day() -> None:
    (village,) = moved_in(invented())
    open_period(village, "2025", key="open", now=LATER)
    crediting.credit(village, "2025", now=LATER)
    close_period(village, "2025", key="close", now=LATER)
    number = Entry.objects.filter(kind=EntryKind.CREDIT, record__in=Record.objects.values("number")).values_list(
        "record", flat=True
    )[0]
    Record.objects.filter(number=number).update(state=State.CANCELLED)
    made = crediting.credit(village, "2025", now=moment(date(2026, 1, 20)))
    assert f"correct:2025:{Record.objects.get(number=number).date}:{number}" in {each.record for each in made}
    assert {each.occurred for each in made} == {date(2026, 1, 20)}
    assert crediting.credit(village, "2025", now=moment(date(2026, 1, 21))) == []


def test_what_counted_and_was_cancelled_is_taken_back_also_where_the_process_ended_in_between() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=moment(date(2026, 1, 5)))
    credited = Entry.objects.filter(kind=EntryKind.CREDIT, record__in=Record.objects.values("number"))
    gone = Record.objects.get(number=credited.order_by("number").values_list("record", flat=True)[0])
    take(gone, StepKind.CANCELLED, by=None, at=moment(date(2026, 1, 6)), reason="记错了户")
    assert gone.household

    def had() -> dict[str, int]:
        assert gone.household
        return crediting.held_for(village, Period.parse("2025"))[gone.household.code, gone.number].purses

    assert any(had().values())
    done = daily.run(village, now=moment(date(2026, 1, 7)))
    assert gone.number in {each.record for each in done.credits}
    assert not any(had().values())
    assert not daily.run(village, now=moment(date(2026, 1, 8))).credits


def test_a_record_that_comes_late_and_goes_again_leaves_nothing() -> None:
    (village,) = moved_in(invented())
    open_period(village, "2025", key="open", now=LATER)
    crediting.credit(village, "2025", now=LATER)
    number = (
        Entry.objects.filter(kind=EntryKind.CREDIT, record__in=Record.objects.values("number"))
        .values_list("record", flat=True)
        .order_by("number")[0]
    )
    Record.objects.filter(number=number).update(state=State.CANCELLED)
    crediting.credit(village, "2025", now=LATER)
    close_period(village, "2025", key="close", now=LATER)
    before = in_purses(village)
    for turn, state in enumerate((State.FINAL, State.CANCELLED, State.FINAL, State.CANCELLED)):
        Record.objects.filter(number=number).update(state=state)
        made = crediting.credit(village, "2025", now=moment(date(2026, 1, 6 + turn)))
        assert f"correct:2025:{Record.objects.get(number=number).date}:{number}" in {each.record for each in made}
        assert crediting.credit(village, "2025", now=moment(date(2026, 1, 6 + turn))) == []
    assert in_purses(village) == before
    # A record that never had an entry of its own days.
    new = Record.objects.get(number=number)
    Record.objects.filter(pk=new.pk).update(number="NEW-1", state=State.FINAL)
    for state in (State.FINAL, State.CANCELLED):
        Record.objects.filter(pk=new.pk).update(state=state)
        crediting.credit(village, "2025", now=moment(date(2026, 1, 9)))
        assert crediting.credit(village, "2025", now=moment(date(2026, 1, 9))) == []
    assert in_purses(village) == before
    assert check(village) == []


def test_what_is_found_after_a_reset_for_the_days_before_it_is_taken_by_it() -> None:
    inputs = invented(seed=5)
    (village,) = moved_in(inputs)
    assert Record.objects.filter(state=State.FINAL, household__isnull=False, date__lt=date(2025, 1, 10)).exists()
    Record.objects.update(state=State.RECORDED)
    crediting.credit(village, "2025", now=moment(date(2025, 1, 12)))
    Record.objects.filter(steps__kind=StepKind.FINAL).update(state=State.FINAL)
    assert crediting.credit(village, "2025", now=LATER)
    Record.objects.filter(state=State.RECORDED, approved__isnull=False).update(state=State.CANCELLED)
    crediting.credit(village, "2025", now=LATER)
    assert in_purses(village) == expected(from_scratch("wangchao", inputs))


@pytest.mark.parametrize("closed", [False, True])
def test_points_that_a_reset_took_are_not_taken_a_second_time(closed: bool) -> None:  # noqa: FBT001 - a parameter
    """Whether the books were closed in between or not, what can be spent and what was issued come out the same."""
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=LATER)
    open_period(village, "2025", key="open", now=LATER)
    crediting.credit(village, "2025", now=moment(date(2026, 1, 12)))  # purses were reset on January 10
    if closed:
        close_period(village, "2025", key="close", now=moment(date(2026, 2, 1)))
    spent = Transfer.objects.filter(target__kind=AccountKind.PURSE, target__unit="point:spend")
    credited = Entry.objects.filter(kind=EntryKind.CREDIT, transfers__in=spent)
    record = Record.objects.filter(number__in=credited.values("record")).order_by("number")[0]

    def sums() -> dict[str, int]:
        accounts = Account.objects.filter(village=village, unit="point:spend")
        return {
            kind: sum(each.balance for each in accounts if each.kind == kind) for kind in ("purse", "issue", "expiry")
        }

    before, had = sums(), in_purses(village)
    for turn, state in enumerate((State.CANCELLED, State.FINAL, State.CANCELLED)):
        Record.objects.filter(pk=record.pk).update(state=state)
        crediting.credit(village, "2025", now=moment(date(2026, 3, 1 + turn)))
        spend = {key: points for key, points in in_purses(village).items() if key[1] == "spend"}
        assert spend == {key: points for key, points in had.items() if key[1] == "spend"}
        assert (sums() == before) == (state == State.FINAL)
        assert sums()["issue"] + sums()["expiry"] == before["issue"] + before["expiry"]
    assert check(village) == []
    # A record that never had an entry of its own days, found after the reset and gone again.
    gone = sums()
    Record.objects.filter(pk=record.pk).update(number="NEW-1", state=State.FINAL)
    for state in (State.FINAL, State.CANCELLED):
        Record.objects.filter(pk=record.pk).update(state=state)
        crediting.credit(village, "2025", now=moment(date(2026, 3, 9)))
    assert sums() == gone


def test_rules_that_were_not_approved_are_not_credited(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    (village,) = moved_in(invented())
    file = tmp_path_factory.mktemp("deployment") / "jifen.toml"
    book = rules.book_of("wangchao", date(2025, 6, 1))
    entry = '[[approved]]\ntown = "wangchao"\nrules = "wangchao-2025"\ndigest = "{}"\nbody = "望潮镇人民政府"\ndocument = "望府〔2024〕41号"\ndate = 2024-12-20\n'
    file.write_text(entry.format("0" * 64), "utf-8")
    monkeypatch.setenv("JIFEN_DEPLOYMENT", str(file))
    with pytest.raises(Refused) as refused:
        crediting.credit(village, "2025", now=LATER)
    assert refused.value.problems[0].code == "deployment.differs"
    assert not Entry.objects.exists()
    file.write_text(entry.format(book.digest), "utf-8")
    assert crediting.credit(village, "2025", now=LATER)


def test_an_entry_cannot_be_changed_by_anybody() -> None:
    (village,) = moved_in(invented(households=3, deeds_per_household=3))
    made = crediting.credit(village, "2025", now=LATER)
    with pytest.raises(IntegrityError):
        Entry.objects.filter(pk=made[0].pk).update(record="other")


@pytest.fixture
def small() -> tuple[Inputs, Village]:
    inputs = invented(seed=11)
    return inputs, moved_in(inputs)[0]


@settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turns=st.lists(
        st.tuples(st.integers(0, 10**6), st.sampled_from([State.FINAL, State.CANCELLED, State.OBJECTED])),
        min_size=1,
        max_size=12,
    )
)
def test_after_any_turns_of_records_the_ledger_holds_what_the_core_gives(
    small: tuple[Inputs, Village], turns: list[tuple[int, State]]
) -> None:
    inputs, village = small
    numbers = sorted(Record.objects.exclude(state__in=(State.REFUSED, State.RECORDED)).values_list("number", flat=True))
    for at, state in turns:
        Record.objects.filter(number=numbers[at % len(numbers)]).update(state=state)
    old = snapshot()
    crediting.credit(village, "2025", now=LATER)
    now = {number: STATUS[State(state)] for number, state in Record.objects.values_list("number", "state")}
    deeds = inputs.deeds.with_columns(
        pl.col("deed").cast(pl.String).replace_strict(now).alias("status"),
        pl.col("approved").fill_null(pl.col("recorded")),
        pl.lit(None, dtype=pl.Date).alias("decided"),
    )
    wanted = jifen.settle("wangchao", inputs.households, deeds, "2025", villages=inputs.villages)
    assert in_purses(village) == expected(wanted)
    assert [row for row in snapshot() if row in set(old)] == old, "an old entry changed"
    assert check(village) == []


def test_numbers_of_the_chain_follow_each_other() -> None:
    (village,) = moved_in(invented(households=4))
    crediting.credit(village, "2025", now=LATER)
    entries = list(Entry.objects.filter(village=village).order_by("number"))
    assert all(after.previous == before.hash for before, after in pairwise(entries))
    assert Household.objects.filter(village=village).count() == 4
