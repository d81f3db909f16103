"""A household is told what is in its purses, and what became of each request (R18, R20)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from jifen import frames
from jifen.account_data import as_data
from jifen.account_words import in_words
from jifen.explain import explain_household
from jifen.flow import settle
from jifen.goods import Counts, Good, Purse, Shop
from jifen.keeping import Kept, keep, read_settlement
from jifen.period import Period

from core.tests.scheme import REGISTRY, book, deed, inputs, item

if TYPE_CHECKING:
    from pathlib import Path

RULES = book(
    item("A", points=Decimal(10)),
    places=0,
    purses=(
        Purse("spend", {"zh_CN": "兑换积分", "en": "points to spend"}, "第十条", resets="06-01"),
        Purse("honour", {"zh_CN": "荣誉积分", "en": "honour points"}, "第十条", counts=Counts.GIVEN),
    ),
    shop=Shop("spend", "第十一条", (Good("soap", {"zh_CN": "香皂", "en": "soap"}, Decimal(5)),), voucher_days=7),
)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    asked = {"village": "V1", "household": "H1", "good": "soap", "status": "requested"}
    requests = frames.REQUESTS.make(
        [
            {**asked, "request": "X1", "date": date(2025, 3, 5), "pieces": 1},
            {**asked, "request": "X2", "date": date(2025, 7, 1), "pieces": 2},
        ]
    )
    before = frames.OPENINGS.make([{"purse": "honour", "household": "H1", "balance": 30}])
    given = evolve(inputs([deed("d1", "03-01")]), requests=requests, openings=before)
    keep(settle(RULES, REGISTRY, given, Period.parse("2025")), given, tmp_path / "out", REGISTRY)
    return read_settlement(tmp_path / "out")


def test_purses_and_requests_are_told_in_words(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    told = list(in_words(kept, explain_household(kept.settlement, "H1")))
    words = [text for text, _ in told[told.index(("积分账户", 0)) :]]
    assert words == [
        "积分账户",
        "兑换积分：余0分（收入10分，兑换支出5分，清零5分）",
        "荣誉积分：余40分（期初30分，收入10分）",
        "",
        "兑换",
        "2025-03-05  香皂 1件  用5分，兑换券2025-03-11前（含当日）有效（第十一条；申请 X1）",
        "2025-07-01  香皂 2件  未兑换：账户里的积分不够（申请 X2）",
    ]
    monkeypatch.setenv("JIFEN_LANG", "en")
    english = [text for text, _ in in_words(kept, explain_household(kept.settlement, "H1"))]
    assert "points to spend: 0 points left (10 points earned, 5 points spent, 5 points cleared by a reset)" in english


def test_purses_and_requests_are_told_to_a_program(kept: Kept) -> None:
    told = as_data(kept, explain_household(kept.settlement, "H1"))["household"]
    assert [(purse["purse"], purse["balance"]) for purse in told["purses"]] == [("spend", 0), ("honour", 40)]
    assert [each["outcome"] for each in told["exchanges"]] == ["granted", "refused"]
