from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from jifen import frames
from jifen.model import Measure, Subject
from jifen.problems import Refused
from jifen.schedule import smallest
from jifen_office import rules
from jifen_office.possible import Possible, can_still_do, gives, next_day, what_if_now
from jifen_office.process.models import Record, State, StepKind
from jifen_office.register.models import Household
from jifen_office.settling import settle_village

from plugins.office.tests.invented_town import invented, moment, moved_in, user

if TYPE_CHECKING:
    from jifen_office.register.models import Village

pytestmark = pytest.mark.django_db
TODAY = date(2025, 6, 20)


def participants(village: Village) -> list[Household]:
    taking_part = pl.col("participates") & (pl.col("since") <= TODAY)
    found = settle_village(village, "2025").participants.filter(taking_part)["household"].to_list()
    return list(Household.objects.filter(code__in=found).order_by("code"))


def one(household: Household, code: str) -> Possible:
    return next(each for each in can_still_do(household, "2025", TODAY) if each.code == code)


def record(household: Household, item: str, number: str, state: State = State.FINAL, day: date = TODAY) -> Record:
    made = Record.objects.create(
        number=number,
        village=household.village,
        household=household,
        item=item,
        date=day,
        state=state,
        recorded_by=user("登记员"),
        recorded=moment(day),
        approved=day,
        decided=day,
    )
    made.evidence.create(kind="photo")
    if state is State.FINAL:
        made.steps.create(kind=StepKind.APPROVED, by=user("委员甲"), at=moment(day))
    return made


def gained(household: Household, item: str, times: int) -> int:
    """What so many deeds of today give together, by the core itself."""
    before = settle_village(household.village, "2025", only=household, pending_too=True)
    rows = [
        {
            "deed": f"more-{at}",
            "village": household.village.code,
            "subject": household.code,
            "item": item,
            "date": TODAY,
            "recorded": TODAY,
            "status": "approved",
            "member": household.members.order_by("pk")[0].name,
            "evidence": "photo|scan|witness|minutes|video",
            "approved_by": "甲|乙",
        }
        for at in range(times)
    ]
    after = before.update(frames.DEEDS.make(rows)) if rows else before
    return int(after.awards["points"].sum()) - int(before.awards["points"].sum())


@pytest.mark.parametrize("town", ["qinghe", "wangchao", "jinsui"])
def test_what_is_said_to_be_left_is_what_the_rules_still_give(town: str) -> None:
    (village,) = moved_in(invented(town, households=6, deeds_per_household=14), town)
    book = rules.book_of(town, TODAY)
    looked = bounded = 0
    for household in participants(village)[:2]:
        for each in can_still_do(household, "2025", TODAY):
            item = book.item(each.code, village.code, TODAY)
            simple = item.measure is Measure.COUNT and item.points is not None and not (item.base or item.tiers)
            if not simple or any(limit.of.value == "member" for limit in item.every_limit):
                continue
            looked += 1
            worth = smallest(item.points, book.unit) if item.points is not None else 0
            count = 4 if each.times_left is None else each.times_left
            wanted = worth * count
            if each.points_left is not None:
                bounded += 1
                wanted = min(wanted, each.points_left)
            assert gained(household, each.code, count) == wanted, each
            if each.times_left is not None:
                assert gained(household, each.code, count + 1) == wanted, each
    assert looked > 3
    assert bounded or town == "qinghe"


def test_what_is_used_up_says_until_when() -> None:
    (village,) = moved_in(invented())
    (household, *_) = participants(village)
    Record.objects.filter(household=household).update(item="A05")
    assert one(household, "A04").times_left == 3, "this village's assembly gave it a third time"
    record(household, "A04", "N0")
    record(household, "A04", "N1")
    assert one(household, "A04").times_left == 1
    record(household, "A04", "N2", State.POSTED)
    used = one(household, "A04")
    assert (used.times_left, used.used_up, used.until) == (0, True, date(2025, 6, 30)), "what is on its way counts"
    assert next_day(used) == date(2025, 7, 1)
    record(household, "A04", "N3", day=date(2025, 5, 3))
    assert one(household, "A04").times_left == 0, "another month is another window"


def test_who_does_not_take_part_can_do_nothing_yet() -> None:
    (village,) = moved_in(invented())
    (household, *_) = participants(village)
    Household.objects.filter(pk=household.pk).update(consent=date(2025, 7, 1))
    household.refresh_from_db()
    assert can_still_do(household, "2025", TODAY) == []


def test_only_what_adds_points_is_listed_and_every_rule_stands_in_words() -> None:
    (village,) = moved_in(invented())
    (household, *_) = participants(village)
    found = can_still_do(household, "2025", TODAY)
    book = rules.book_of("wangchao", TODAY)
    for each in found:
        item = book.item(each.code, village.code, TODAY)
        assert item.subject is Subject.HOUSEHOLD
        assert gives(item)
        assert each.words
        assert each.name
        assert each.clause
    codes = {each.code for each in found}
    assert "A04" in codes
    assert "A05" not in codes, "poultry running loose takes points"


def test_what_a_deed_would_give_is_what_it_gives() -> None:
    (village,) = moved_in(invented())
    (household, *_) = participants(village)
    for number in range(3):
        told = what_if_now(household, "A04", TODAY)
        before = int(settle_village(village, "2025").awards["points"].sum())
        record(household, "A04", f"W{number}")
        after = int(settle_village(village, "2025").awards["points"].sum())
        assert told.points == after - before
        assert bool(told.cuts) == (told.points < told.gross)


def test_a_deed_that_lacks_what_its_item_needs_is_refused() -> None:
    (village,) = moved_in(invented())
    (household, *_) = participants(village)
    with pytest.raises(Refused) as refused:
        what_if_now(household, "A01", TODAY)
    assert [each.code for each in refused.value.problems] == ["checking.needs-grade"]
    with pytest.raises(Refused):
        what_if_now(household, "Z99", TODAY)


@pytest.mark.parametrize(
    ("town", "day", "period"),
    [
        ("qinghe", date(2025, 3, 1), "2025"),
        ("jinsui", date(2025, 3, 1), "2025"),
        ("wangchao", date(2025, 12, 31), "2025"),
    ],
)
def test_a_day_is_settled_in_the_longest_period_that_has_rules(town: str, day: date, period: str) -> None:
    assert rules.period_of(town, day).name == period


def test_a_day_without_rules_has_no_period() -> None:
    with pytest.raises(Refused) as refused:
        rules.period_of("qinghe", date(2024, 12, 31))
    assert [each.code for each in refused.value.problems] == ["register.no-book-that-day"]
