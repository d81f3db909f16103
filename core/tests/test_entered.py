"""Promises of entries that correct an earlier period: they count in this one, outside every limit, and are explained."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import polars as pl
from attrs import evolve
from jifen import frames
from jifen.account_words import in_words
from jifen.explain import explain_deed, explain_household
from jifen.flow import settle
from jifen.keeping import keep, read_settlement
from jifen.model import Limit, Veto, VetoEffect, Window
from jifen.period import Period

from core.tests import scheme

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from jifen.model import RuleBook
    from jifen.settlement import Settlement


def entry(number: int, change: int, subject: str = "H1", **facts: Any) -> dict[str, Any]:
    """An entry of 2024; points in tenths, as in the book of the tests."""
    row = {
        "entry": f"correct:2024:{number}",
        "period": "2024",
        "village": "V1",
        "subject": subject,
        "category": scheme.CATEGORY,
        "item": "A",
        "clause": "第一条",
        "kind": "deed",
        "deed": f"old{number}",
        "date": date(2024, 12, 1),
        "old": 0,
        "new": change * 10,
        "change": change * 10,
        "places": 1,
        "why": "correct.recorded-late",
        "on": date(2025, 1, 15),
    }
    return {**row, **facts}


def settled(book: RuleBook, *entries: dict[str, Any], deeds: tuple[dict[str, Any], ...] = ()) -> Settlement:
    given = evolve(scheme.inputs(list(deeds)), corrections=frames.CORRECTIONS.make(entries))
    return settle(book, scheme.REGISTRY, given, Period.parse("2025"))


BOOK = scheme.book(
    scheme.item("A", points=Decimal(5), limits=(Limit(Window.YEAR, gives=Decimal(6)),)),
    scheme.item("V", veto=Veto((VetoEffect.ZERO_TOTAL,))),
)


def test_an_entry_counts_beside_the_limits_of_this_period() -> None:
    done = settled(BOOK, entry(1, 4), entry(2, -1), deeds=(scheme.deed("d1", "02-01"), scheme.deed("d2", "02-02")))
    mine = done.standings.filter(pl.col("household") == "H1")
    assert mine.select("given", "taken", "total").row(0) == (100, -10, 90)
    assert scheme.points(done) == {"correct:2024:1": 4, "correct:2024:2": -1, "d1": 5, "d2": 1}
    assert done.category_points["points"].to_list() == [90]


def test_a_veto_of_this_period_does_not_swallow_what_an_earlier_one_owed() -> None:
    done = settled(BOOK, entry(1, 4), deeds=(scheme.deed("d1", "02-01"), scheme.deed("v", "03-01", "V")))
    assert scheme.total(done) == 4
    assert done.awards["points"].sum() == 40


def test_an_entry_of_a_rule_that_is_gone_keeps_its_own_category_item_and_clause(tmp_path: Path) -> None:
    done = settled(BOOK, entry(1, 4, category="gone.before", item="Z9", clause="第九条"))
    keep(done, scheme.inputs([]), tmp_path / "out", scheme.REGISTRY)
    kept = read_settlement(tmp_path / "out")
    account = explain_household(kept.settlement, "H1")
    assert [(share.category, share.points) for share in account.categories] == [("gone.before", Decimal(4))]
    words = [sentence for sentence, _ in in_words(kept, account)]
    assert any("Z9" in words_ and "第九条" in words_ for words_ in words)


def test_an_entry_says_which_record_of_before_it_corrects(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    keep(settled(BOOK, entry(1, 4)), scheme.inputs([]), tmp_path / "out", scheme.REGISTRY)
    kept = read_settlement(tmp_path / "out")
    told = [sentence for sentence, _ in in_words(kept, explain_deed(kept.settlement, "correct:2024:1"))]
    assert "corrects record old1 of an earlier period; no limit of this period applies" in told


def test_an_entry_for_a_household_that_takes_part_no_more_is_told_and_not_lost() -> None:
    without = settled(BOOK, entry(1, 4, "H9"))
    assert without.awards.is_empty()
    assert without.refused.select("deed", "subject", "reason").row(0) == (
        "correct:2024:1",
        "H9",
        "deeds.not-participant",
    )


def test_entries_leave_every_other_row_as_it_was() -> None:
    deeds = (scheme.deed("d1", "02-01"), scheme.deed("d2", "02-02", subject="H2"))
    plain, with_them = settled(BOOK, deeds=deeds), settled(BOOK, entry(1, 4), deeds=deeds)
    left = with_them.awards.filter(pl.col("kind") != "correction")
    assert left.rows() == plain.awards.rows()
    assert with_them.standings.filter(pl.col("household") == "H2").select("total").row(0) == (50,)
