"""Decides what a village owes the shop: the cost of what was handed over between two days, by good, in fen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen
from django.db.models import Count, Sum

from jifen_office.shop.models import Voucher, VoucherState

if TYPE_CHECKING:
    from datetime import date

    from jifen_office.register.models import Village


@frozen
class Owed:
    """One line: a good, how many vouchers and pieces were handed over, and what they cost in fen."""

    good: str
    vouchers: int
    pieces: int
    fen: int


def owed(village: Village, since: date, until: date) -> list[Owed]:
    """The lines from a day to a day, both counted, by code of the good; a good without a price costs nothing."""
    handed = Voucher.objects.filter(village=village, state=VoucherState.HANDED_OVER, ended_on__range=(since, until))
    sums = handed.values_list("good").annotate(Count("pk"), Sum("pieces"), Sum("fen")).order_by("good")
    return [Owed(good, vouchers, pieces, fen or 0) for good, vouchers, pieces, fen in sums]


def total(lines: list[Owed]) -> int:
    """All of it, in fen."""
    return sum(line.fen for line in lines)
