from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from jifen.goods import Good
from jifen.problems import Refused
from jifen_office import daily, rules
from jifen_office.ledger.checking import check
from jifen_office.ledger.exporting import export
from jifen_office.ledger.models import AccountKind, Entry, EntryKind
from jifen_office.ledger.periods import reset_purse
from jifen_office.ledger.posting import AccountName, Leg, balance, post
from jifen_office.register.models import Household, Town, Village
from jifen_office.shop import owing, stock
from jifen_office.shop.exchanging import expire, hand_over, reserve, void
from jifen_office.shop.models import Voucher, VoucherState
from jifen_office.shop.numbers import new_number, shown, typed

from plugins.office.tests.invented_town import moment, user

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 5)
NOW = moment(DAY)
SPEND, HONOUR = "point:spend", "point:honour"


@pytest.fixture
def village() -> Village:
    town = Town.objects.create(code="wangchao", name="望潮镇")
    return started(town, "WC01", "东滩村")


def started(town: Town, code: str, name: str) -> Village:
    """A village whose assembly set the scheme up."""
    decided = {"resolution": "村代会〔2024〕6号", "resolution_date": date(2024, 11, 20)}
    return Village.objects.create(town=town, code=code, name=name, groups=6, **decided)


def home(village: Village, number: int = 1, **how: Any) -> Household:
    told = {"group": "1组", "name": "沈阿大", "living": 2, "consent": date(2024, 12, 1), **how}
    return Household.objects.create(village=village, code=f"{village.code}-{number:04d}", **told)


def give(household: Household, points: int, unit: str = SPEND, day: date = date(2025, 2, 1)) -> None:
    """Points in the book's smallest unit (a tenth)."""
    village = household.village
    legs = [
        Leg(
            AccountName(village, AccountKind.ISSUE, unit),
            AccountName(village, AccountKind.PURSE, unit, household),
            points,
        )
    ]
    post(village, EntryKind.CREDIT, legs, key=f"give:{Entry.objects.count()}", occurred=day, now=moment(day))


def supply(village: Village, good: str, pieces: int) -> None:
    stock.supply(village, good, pieces, key=f"supply:{Entry.objects.count()}", now=NOW, by=None)


def purse(household: Household, kind: AccountKind = AccountKind.PURSE) -> int:
    return balance(AccountName(household.village, kind, SPEND, household))


def pieces(village: Village, kind: AccountKind, good: str = "G1") -> int:
    return balance(AccountName(village, kind, f"good:{good}"))


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    return [each.code for each in refused.value.problems]


def rich(village: Village, number: int = 1, **how: Any) -> Household:
    household = home(village, number, **how)
    give(household, 20_000)
    return household


def test_points_and_pieces_are_reserved_then_handed_over(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 3)
    voucher = reserve(household, "G1", 2, key="a", now=NOW, by=user("户主"))
    assert (voucher.points, voucher.fen, voucher.until) == (800, 1600, date(2025, 3, 11))
    assert (purse(household), purse(household, AccountKind.HELD)) == (19_200, 800)
    assert (pieces(village, AccountKind.STOCK), pieces(village, AccountKind.KEPT)) == (1, 2)
    done = hand_over(shown(voucher.number), key="b", now=NOW + timedelta(days=2), by=user("店主"))
    assert (done.state, done.ended_on) == (VoucherState.HANDED_OVER, date(2025, 3, 7))
    assert purse(household, AccountKind.HELD) == pieces(village, AccountKind.KEPT) == 0
    assert pieces(village, AccountKind.OUT) == 2
    assert balance(AccountName(village, AccountKind.GOODS, SPEND)) == 800
    assert check(village) == []


def test_a_void_voucher_gives_points_and_pieces_back(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 2)
    voucher = reserve(household, "G1", 2, key="a", now=NOW, by=None)
    void(voucher, key="b", now=NOW, by=None, why="不要了")
    assert (purse(household), pieces(village, AccountKind.STOCK)) == (20_000, 2)
    again = reserve(household, "G1", 2, key="c", now=NOW, by=None)
    assert again.number != voucher.number, "what was given back counts as not had"


def test_nobody_learns_a_voucher_number_from_an_export_of_the_ledger(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 3)
    first, second, third = (reserve(household, "G1", 1, key=key, now=NOW, by=None) for key in "abc")
    hand_over(first.number, key="d", now=NOW, by=None)
    void(second, key="e", now=NOW, by=None, why="不要了")
    for private in (False, True):
        told = b"".join(export(village, private=private)).decode()
        assert not [each for each in (first, second, third) if each.number in told]
        assert told.count("WC01-V00001") == 2, "reserving and handing over name the same voucher"
    assert Entry.objects.filter(record="WC01-V00003").get() == third.reserved


def test_what_is_handed_over_or_void_stays_so(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 2)
    first, second = (reserve(household, "G1", 1, key=key, now=NOW, by=None) for key in "ab")
    hand_over(first.number, key="c", now=NOW, by=None)
    void(second, key="d", now=NOW, by=None, why="不要了")
    acts: list[tuple[Callable[[], object], str]] = [
        (lambda: hand_over(first.number, key="e", now=NOW, by=None), "shop.already-handed-over"),
        (lambda: void(first, key="f", now=NOW, by=None, why="反悔"), "shop.already-handed-over"),
        (lambda: hand_over(second.number, key="g", now=NOW, by=None), "shop.already-void"),
        (lambda: void(second, key="h", now=NOW, by=None, why="再退"), "shop.already-void"),
    ]
    for act, code in acts:
        before = Entry.objects.count()
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == [code]
        assert Entry.objects.count() == before


def test_the_same_request_has_one_effect_however_often_and_in_whatever_order_it_comes(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 5)
    voucher = reserve(household, "G1", 1, key="r", now=NOW, by=None)
    other = reserve(household, "G1", 1, key="r2", now=NOW, by=None)
    requests: list[Callable[[], object]] = [
        lambda: reserve(household, "G1", 1, key="r", now=NOW, by=None),
        lambda: hand_over(voucher.number, key="h", now=NOW, by=None),
        lambda: void(other, key="v", now=NOW, by=None, why="不要了"),
        lambda: stock.supply(village, "G2", 4, key="s", now=NOW, by=None),
        lambda: stock.take_stock(village, "G1", 7, key="t", now=NOW, by=None, why="盘点"),
    ]
    for request in requests:
        request()
    entries = Entry.objects.count()
    for order in list(permutations(range(5)))[::12]:
        for at in order * 3:
            requests[at]()
    assert Entry.objects.count() == entries
    assert Voucher.objects.count() == 2
    assert pieces(village, AccountKind.STOCK) == 7
    assert check(village) == []


def test_a_key_that_was_used_for_another_thing_is_refused(village: Village) -> None:
    household, other = rich(village), rich(village, 2)
    supply(village, "G1", 5)
    reserve(household, "G1", 1, key="a", now=NOW, by=None)
    acts: list[Callable[[], object]] = [
        lambda: reserve(household, "G1", 2, key="a", now=NOW, by=None),
        lambda: reserve(other, "G1", 1, key="a", now=NOW, by=None),
        lambda: stock.supply(village, "G1", 1, key="a", now=NOW, by=None),
        lambda: stock.take_stock(village, "G1", 1, key="a", now=NOW, by=None),
    ]
    for act in acts:
        with pytest.raises(Refused) as refused:
            act()
        assert codes(refused) == ["ledger.key-used"]


def test_everything_that_stands_in_the_way_is_told_at_once(village: Village) -> None:
    poor = home(village, consent=None)
    with pytest.raises(Refused) as refused:
        reserve(poor, "G4", 2, key="a", now=moment(date(2025, 3, 6)), by=None)
    assert codes(refused) == [
        "shop.not-participant",
        "shop.not-that-day",
        "shop.needs-other-purse",
        "shop.too-few-a-head",
        "shop.too-few-points",
        "shop.had-enough",
        "shop.none-on-shelf",
    ]
    assert not Voucher.objects.exists()
    assert "6 日" in str(refused.value)
    assert "还差 180分" in str(refused.value)


def test_each_condition_of_the_book_holds(village: Village) -> None:
    household = rich(village)
    other_village = started(village.town, "WC02", "盐仓村")
    elsewhere = rich(other_village)
    for good, count in (("G1", 9), ("G3", 9), ("G4", 9)):
        supply(village, good, count)
    supply(other_village, "G3", 1)

    def refused(who: Household, good: str, count: int = 1, now: Any = NOW) -> list[str]:
        with pytest.raises(Refused) as found:
            reserve(who, good, count, key="x", now=now, by=None)
        return codes(found)

    assert refused(household, "G1", 4) == ["shop.had-enough"]
    assert refused(household, "G1", 0) == ["shop.no-pieces"]
    assert refused(household, "G1", now=moment(date(2025, 3, 24))) == ["shop.not-that-day"]
    assert refused(elsewhere, "G3") == ["shop.other-village"]
    assert refused(household, "G4") == ["shop.needs-other-purse"]
    assert refused(household, "G9") == ["shop.unknown-good"]
    give(household, 6_200, HONOUR)
    assert reserve(household, "G4", 1, key="y", now=NOW, by=None).points == 900
    crowd = rich(village, 2, living=40)
    assert refused(crowd, "G1") == ["shop.too-few-a-head"]


def test_the_stock_of_the_book_is_of_the_town_or_of_the_village(
    village: Village, monkeypatch: pytest.MonkeyPatch
) -> None:
    book = rules.book_of("wangchao", DAY)
    assert book.shop is not None
    goods = tuple(evolve(each, stock=3, villages=()) if each.stock else each for each in book.shop.goods)
    small = evolve(book, shop=evolve(book.shop, goods=goods))
    monkeypatch.setattr(rules, "book_of", lambda town, day: small)
    other = started(village.town, "WC02", "盐仓村")
    homes = [rich(village, 1), rich(village, 2), rich(other, 1), rich(other, 2)]
    for where in (village, other):
        supply(where, "G2", 50)
        supply(where, "G3", 50)
    reserve(homes[0], "G2", 2, key="a", now=NOW, by=None)
    with pytest.raises(Refused) as refused:
        reserve(homes[2], "G2", 2, key="b", now=NOW, by=None)
    assert codes(refused) == ["shop.sold-out"]
    reserve(homes[2], "G2", 1, key="c", now=NOW, by=None)
    for at, who in enumerate(homes):
        reserve(who, "G3", 1, key=f"v{at}", now=NOW, by=None)


def test_a_voucher_holds_its_days_and_expires_after_them(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 2)
    voucher = reserve(household, "G1", 1, key="a", now=NOW, by=None)
    last = date(2025, 3, 11)
    assert expire(village, last) == []
    with pytest.raises(Refused) as refused:
        hand_over(voucher.number, key="b", now=moment(last + timedelta(days=1)), by=None)
    assert codes(refused) == ["shop.out-of-date"]
    assert [each.number for each in expire(village, last + timedelta(days=1))] == [voucher.number]
    assert expire(village, last + timedelta(days=1)) == []
    assert purse(household) == 20_000
    assert Voucher.objects.get().state == VoucherState.VOID


def test_points_reserved_before_a_reset_do_not_come_back_after_it(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 3)
    day = date(2025, 12, 25)
    voucher = reserve(household, "G1", 1, key="a", now=moment(day), by=None)
    reset_purse(village, "spend", date(2026, 1, 10), now=moment(date(2026, 1, 10)), today=date(2026, 1, 10))
    assert purse(household) == 0
    void(voucher, key="b", now=moment(date(2026, 1, 11)), by=None, why="过期")
    assert purse(household) == 0
    assert balance(AccountName(village, AccountKind.EXPIRY, SPEND)) == 20_000
    assert check(village) == []


def test_points_do_not_come_back_past_a_reset_that_was_due_and_not_run(village: Village) -> None:
    household = home(village)
    give(household, 20_000, day=date(2025, 1, 3))
    supply(village, "G1", 3)
    voucher = reserve(household, "G1", 1, key="a", now=moment(date(2025, 1, 5)), by=None)
    reset = date(2025, 1, 10)
    void(voucher, key="b", now=moment(reset), by=None, why="不要了")
    assert purse(household) == 0
    assert reset_purse(village, "spend", reset, now=moment(reset), today=reset) is None
    assert balance(AccountName(village, AccountKind.EXPIRY, SPEND)) == 20_000
    assert check(village) == []


def test_points_do_not_come_back_past_a_reset_that_found_nothing_to_take(village: Village) -> None:
    household = home(village)
    give(household, 1_200, day=date(2025, 1, 3))
    supply(village, "G1", 5)
    voucher = reserve(household, "G1", 3, key="a", now=moment(date(2025, 1, 5)), by=None)
    assert purse(household) == 0
    reset = date(2025, 1, 10)
    made = reset_purse(village, "spend", reset, now=moment(reset), today=reset)
    assert made is not None
    assert made.moves == 0
    void(voucher, key="b", now=moment(date(2025, 1, 11)), by=None, why="不要了")
    assert purse(household) == 0
    assert balance(AccountName(village, AccountKind.EXPIRY, SPEND)) == 1_200
    assert check(village) == []


def test_points_come_back_past_a_reset_of_another_purse(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 1)
    voucher = reserve(household, "G1", 1, key="a", now=NOW, by=None)
    later = DAY + timedelta(days=1)
    assert reset_purse(village, "honour", later, now=moment(later), today=later)
    void(voucher, key="b", now=moment(later), by=None, why="不要了")
    assert purse(household) == 20_000


def test_a_voucher_that_ran_out_about_a_reset_saves_no_points_from_it(village: Village) -> None:
    household = home(village)
    give(household, 20_000, day=date(2025, 1, 3))
    supply(village, "G1", 3)
    voucher = reserve(household, "G1", 1, key="a", now=moment(date(2025, 1, 5)), by=None)
    assert voucher.until == date(2025, 1, 11)
    done = daily.run(village, now=moment(date(2025, 1, 12)))
    assert [each.pk for each in done.vouchers] == [voucher.pk]
    assert [each.occurred for each in done.resets] == [date(2025, 1, 10)]
    assert purse(household) == 0
    assert pieces(village, AccountKind.STOCK) == 3
    assert check(village) == []


def test_a_reset_that_is_due_comes_before_anything_is_spent(village: Village) -> None:
    household = home(village)
    give(household, 20_000, day=date(2025, 1, 9))
    supply(village, "G1", 3)
    with pytest.raises(Refused) as refused:
        reserve(household, "G1", 1, key="a", now=NOW, by=None)
    assert "shop.too-few-points" in codes(refused)


def test_money_is_paid_from_points_without_a_shelf(village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
    book = rules.book_of("wangchao", DAY)
    assert book.shop is not None
    cash = Good("M1", {"zh_CN": "现金"}, Decimal(1), Decimal(1))
    richer = evolve(book, shop=evolve(book.shop, goods=(*book.shop.goods, cash)))
    monkeypatch.setattr(rules, "book_of", lambda town, day: richer)
    household = rich(village)
    voucher = reserve(household, "M1", 30, key="a", now=NOW, by=None)
    hand_over(voucher.number, key="b", now=NOW, by=None)
    assert balance(AccountName(village, AccountKind.CASH, SPEND)) == 300
    assert owing.owed(village, DAY, DAY) == [owing.Owed("M1", 1, 30, 3000)]
    with pytest.raises(Refused) as refused:
        stock.supply(village, "M1", 1, key="c", now=NOW, by=None)
    assert codes(refused) == ["shop.money-has-no-shelf"]


def test_the_village_owes_what_was_handed_over_and_nothing_else(village: Village) -> None:
    supply(village, "G1", 9)
    supply(village, "G2", 9)
    homes = [rich(village, number) for number in range(1, 4)]
    made = [reserve(each, good, 2, key=f"{each.pk}{good}", now=NOW, by=None) for each in homes for good in ("G1", "G2")]
    for at, voucher in enumerate(made[:4]):
        hand_over(voucher.number, key=f"h{at}", now=NOW + timedelta(days=at), by=None)
    void(made[4], key="v", now=NOW, by=None, why="不要了")
    lines = owing.owed(village, DAY, DAY + timedelta(days=6))
    assert lines == [owing.Owed("G1", 2, 4, 3200), owing.Owed("G2", 2, 4, 4800)]
    assert owing.total(lines) == 8000
    assert owing.owed(village, DAY, DAY) == [owing.Owed("G1", 1, 2, 1600)]


def test_the_shelf_holds_what_was_counted(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 10)
    reserve(household, "G1", 2, key="a", now=NOW, by=None)
    assert stock.shelf(village) == {"G1": (8, 2)}
    entry = stock.take_stock(village, "G1", 5, key="t", now=NOW, by=user("店主"), why="破损3件")
    assert entry is not None
    assert entry.kind == EntryKind.STOCK_TAKING
    assert stock.shelf(village) == {"G1": (5, 2)}
    assert stock.take_stock(village, "G1", 5, key="t2", now=NOW, by=None) is None
    wrongs: list[Callable[[], object]] = [
        lambda: stock.take_stock(village, "G1", -1, key="t3", now=NOW, by=None),
        lambda: stock.take_stock(village, "G7", 1, key="t4", now=NOW, by=None),
        lambda: stock.supply(village, "G1", 0, key="t5", now=NOW, by=None),
    ]
    for wrong in wrongs:
        with pytest.raises(Refused):
            wrong()
    assert check(village) == []


def test_a_count_that_is_sent_twice_has_one_effect_also_where_nothing_differed(village: Village) -> None:
    household = rich(village)
    supply(village, "G1", 10)
    assert stock.take_stock(village, "G1", 10, key="t", now=NOW, by=None) is None
    reserve(household, "G1", 2, key="a", now=NOW, by=None)
    entries = Entry.objects.count()
    assert stock.take_stock(village, "G1", 10, key="t", now=NOW, by=None) is None
    assert Entry.objects.count() == entries
    assert stock.shelf(village) == {"G1": (8, 2)}
    with pytest.raises(Refused) as refused:
        stock.take_stock(village, "G1", 8, key="t", now=NOW, by=None)
    assert codes(refused) == ["ledger.key-used"]
    assert check(village) == []


def test_a_number_with_a_slip_of_the_pen_finds_no_voucher() -> None:
    number = new_number()
    assert typed(shown(number)) == number
    assert typed("".join(chr(ord(each) + 0xFEE0) for each in number)) == number, "full-width digits"
    for at in range(12):
        for digit in "0123456789":
            if digit != number[at]:
                assert typed(number[:at] + digit + number[at + 1 :]) is None
    with pytest.raises(Refused) as refused:
        hand_over("12", key="a", now=NOW, by=None)
    assert codes(refused) == ["shop.mistyped"]
    with pytest.raises(Refused) as refused:
        hand_over(number, key="a", now=NOW, by=None)
    assert codes(refused) == ["shop.no-such-voucher"]


def test_a_town_without_a_shop_says_so() -> None:
    town = Town.objects.create(code="qinghe", name="青禾镇")
    household = home(started(town, "QH01", "河畔村"))
    with pytest.raises(Refused) as refused:
        reserve(household, "G1", 1, key="a", now=NOW, by=None)
    assert codes(refused) == ["shop.no-shop"]
