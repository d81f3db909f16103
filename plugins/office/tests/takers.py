"""Decides whether many who come at once can have the same thing twice; `test_shop_takers` runs `play` in a program.

It works on the office of JIFEN_OFFICE and JIFEN_DATABASE_URL, each taker in a thread with a connection of its own.
"""

from __future__ import annotations

import json
import sys
from datetime import UTC, date, datetime
from threading import Barrier, Thread
from typing import TYPE_CHECKING

from django.core.management import call_command
from django.db import connection
from jifen.problems import Refused
from jifen_office.ledger.checking import check
from jifen_office.ledger.models import AccountKind, EntryKind
from jifen_office.ledger.posting import AccountName, Leg, post
from jifen_office.register.models import Household, Town, Village
from jifen_office.shop.exchanging import hand_over, reserve, void
from jifen_office.shop.models import Voucher, VoucherState
from jifen_office.shop.stock import supply

if TYPE_CHECKING:
    from collections.abc import Callable

    Act = Callable[[], object]

NOW = datetime(2025, 3, 5, 4, tzinfo=UTC)
FEW = 16


def play(rounds: int, takers: int) -> None:
    """Plays the rounds in a new office and prints as JSON what became of each taker."""
    call_command("migrate", verbosity=0)
    town = Town.objects.create(code="wangchao", name="望潮镇")
    decided = {"resolution": "村代会〔2024〕6号", "resolution_date": date(2024, 11, 20)}
    village = Village.objects.create(town=town, code="WC01", name="东滩村", groups=6, **decided)
    homes = [home(village, at, 5_000) for at in range(takers)]
    supply(village, "G1", 1, key="one", now=NOW, by=None)
    pieces = [last_piece(homes, number) for number in range(rounds)]
    supply(village, "G1", 9, key="plenty", now=NOW, by=None)
    supply(village, "G2", FEW, key="more", now=NOW, by=None)
    told = {
        "pieces": pieces,
        "same": same_request(home(village, 9001, 5_000)),
        "ended": one_end(home(village, 9002, 5_000)),
        "spent": same_points(home(village, 9003, 1_199)),
        "problems": [str(each) for each in check(village)],
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False))


def home(village: Village, number: int, points: int) -> Household:
    """A household with so many tenths of a point to spend."""
    code = f"WC01-{number:04d}"
    made = Household.objects.create(village=village, code=code, group="1组", name="沈阿大", consent=date(2024, 12, 1))
    issue = AccountName(village, AccountKind.ISSUE, "point:spend")
    legs = [Leg(issue, AccountName(village, AccountKind.PURSE, "point:spend", made), points)]
    post(village, EntryKind.CREDIT, legs, key=f"give:{code}", occurred=date(2025, 2, 1), now=NOW)
    return made


def at_once(acts: list[Act]) -> list[str]:
    """What became of each act: what it returned as text, or the codes of its refusal."""
    ready, found = Barrier(len(acts)), ["died"] * len(acts)

    def go(at: int, act: Act) -> None:
        connection.ensure_connection()
        ready.wait()
        try:
            found[at] = str(act())
        except Refused as refused:
            found[at] = ",".join(each.code for each in refused.problems)
        finally:
            connection.close()

    threads = [Thread(target=go, args=(at, act)) for at, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def taking(home: Household, good: str, key: str) -> Act:
    return lambda: reserve(home, good, 1, key=key, now=NOW, by=None)


def last_piece(homes: list[Household], number: int) -> list[str]:
    """Everyone wants the one piece that is left; it goes back for the next round."""
    found = at_once([taking(home, "G1", f"piece:{number}:{home.code}") for home in homes])
    for voucher in Voucher.objects.filter(state=VoucherState.RESERVED):
        void(voucher, key=f"back:{voucher.number}", now=NOW, by=None, why="下一轮")
    return found


def same_request(home: Household) -> list[str]:
    """One request comes many times."""
    return at_once([taking(home, "G1", "same")] * FEW)


def one_end(home: Household) -> list[str]:
    """One voucher is handed over at many counters, and given back at others."""
    voucher = reserve(home, "G1", 1, key="end", now=NOW, by=None)

    def ending(at: int) -> Act:
        if at % 2:
            return lambda: void(voucher, key=f"void:{at}", now=NOW, by=None, why="反悔")
        return lambda: hand_over(voucher.number, key=f"out:{at}", now=NOW, by=None)

    return at_once([ending(at) for at in range(FEW)])


def same_points(home: Household) -> list[str]:
    """Its points are enough for one piece; there are many pieces and many requests."""
    return at_once([taking(home, "G2", f"points:{at}") for at in range(FEW)])
