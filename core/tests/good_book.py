"""Decides which rule book and which plugins' offers the tests of rule books begin with."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from attrs import frozen
from jifen import frames
from jifen.model import Item, RuleBook, Status
from jifen.offers import Category, EligibilityRule, RewardPolicy, VillageAggregation
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import read_book

from core.tests.scheme import everybody

TEXT = Path(__file__).with_name("good_book.toml").read_text("utf-8")


@frozen
class Honour:
    code: str
    share: Decimal


@frozen
class Honours:
    first: int
    honours: tuple[Honour, ...] = ()


def check(book: RuleBook, options: Honours) -> Iterable[tuple[str, str, dict[str, object]]]:
    for position, honour in enumerate(options.honours):
        if not 0 < honour.share <= 1:
            yield f"honours[{position}].share", "rulebook.bad-share", {"got": honour.share}
    if options.first > 1000:
        raise ZeroDivisionError("a fault of the plugin")


def sample(code: str, **facts: object) -> Item:
    known = {"category": "test.home", "name": {"zh_CN": "样张"}, "clause": "样张", "status": Status.SAMPLE, **facts}
    return Item(code=code, **known)  # type: ignore[arg-type]  # facts are the fields of Item


REGISTRY = Registry.of(
    EligibilityRule("test.everybody", {"zh_CN": "全体"}, everybody),
    Category(
        "test.home",
        {"zh_CN": "家庭"},
        (
            sample("A01", points=Decimal(10), note={"zh_CN": "样张说明"}),
            sample("A02", points=Decimal(2)),
            sample("A03", points=Decimal(3)),
        ),
    ),
    Category("test.tasks", {"zh_CN": "任务"}),
    Category("test.clash", {"zh_CN": "重复"}, (sample("A03", category="test.clash", points=Decimal(3)),)),
    Category("test.faulty", {"zh_CN": "有错"}, (sample("F01", category="test.faulty", points=Decimal("0.25")),)),
    VillageAggregation("test.sum", {"zh_CN": "合计"}, lambda view, options: frames.VILLAGE_PARTS.empty()),
    RewardPolicy("test.honours", {"zh_CN": "荣誉"}, lambda view, options: frames.REWARDS.empty(), Honours, check),
)


def changed(*changes: tuple[str, str]) -> str:
    """The good book with some of its text changed; each old text stands in it exactly once."""
    text = TEXT
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def read(folder: Path, *changes: tuple[str, str], name: str = "rules.toml") -> RuleBook:
    path = folder / name
    path.write_text(changed(*changes), "utf-8")
    return read_book(path, REGISTRY)


def said(folder: Path, *changes: tuple[str, str]) -> list[str]:
    """The lines of the refusal, without the folder."""
    try:
        read(folder, *changes)
    except Refused as refused:
        return str(refused).replace(f"{folder}/", "").splitlines()
    return []
