"""Promises of the passbook: every entry once, each with what is left after it, from the newest back as far as asked."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from jifen_office import crediting, rules
from jifen_office.ledger.models import Account, AccountKind
from jifen_office.pages.passbook import accounts_of, lines, purse_name
from jifen_office.register.models import Household

from plugins.office.tests.invented_town import invented, moment, moved_in

pytestmark = pytest.mark.django_db
LATER = moment(date(2026, 1, 12))
"""After purses were reset, which is an entry of its own."""


def test_what_is_left_after_each_line_is_the_sum_of_all_before_it() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=LATER)
    book = rules.book_of("wangchao", date(2025, 12, 1))
    seen = 0
    for home in Household.objects.filter(village=village):
        left: dict[str, int] = defaultdict(int)
        for line in reversed(lines(accounts_of(home), book)):
            for purse in line.purses:
                left[purse] += line.amount
            assert line.after == left[line.purses[0]]
            seen += 1
        accounts = Account.objects.filter(household=home, kind=AccountKind.PURSE)
        assert dict(left) == {purse_name(each.unit, book): each.balance for each in accounts}
    assert seen > Household.objects.count()


def test_so_many_lines_are_the_newest_of_all() -> None:
    (village,) = moved_in(invented())
    crediting.credit(village, "2025", now=LATER)
    book = rules.book_of("wangchao", date(2025, 12, 1))
    home = max(Household.objects.filter(village=village), key=lambda each: len(lines(accounts_of(each), book)))
    every = lines(accounts_of(home), book)
    assert len(every) > 5
    assert len({line.purses for line in every}) > 1
    for newest in range(1, len(every) + 2):
        assert lines(accounts_of(home), book, newest) == every[:newest]
