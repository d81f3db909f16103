from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING

import pytest
from attrs import field, frozen
from jifen.convert import as_toml, convert
from jifen.document import Document, Faults
from jifen.locate import Lines
from jifen.model import Item, Limit, Measure, Names, Status, Window

if TYPE_CHECKING:
    from attrs import Attribute


class Colour(StrEnum):
    RED = "red"


@frozen
class Inner:
    number: Decimal
    colours: tuple[Colour, ...] = ()


def _small(_: object, attribute: Attribute[int], value: int) -> None:
    if value > 9:
        raise ValueError(f"{attribute.name} is above 9")


@frozen
class Options:
    text: str = "x"
    truth: bool = False
    whole: int = field(default=0, validator=_small)
    day: date | None = None
    name: Names = field(factory=dict)
    inner: Inner | None = None
    inners: tuple[Inner, ...] = ()
    listed: list[int] = field(factory=list)
    shares: dict[str, Decimal] = field(factory=dict)


def faults_of(value: object, kind: type = Options) -> list[tuple[str, str]]:
    faults = Faults(Document("x.toml", value if isinstance(value, dict) else {}, Lines()))
    assert (convert(value, kind, (), faults) is None) == bool(faults.problems)
    return [(problem.place.path or "", problem.code.removeprefix("rulebook.")) for problem in faults.problems]


def fitting(value: object) -> Options:
    faults = Faults(Document("x.toml", {}, Lines()))
    made = convert(value, Options, (), faults)
    assert made is not None
    assert not faults.problems
    return made


def test_what_fits_becomes_what_the_class_says() -> None:
    made = fitting(
        {
            "truth": True,
            "day": date(2025, 1, 1),
            "name": "名",
            "inner": {"number": 3, "colours": ["red"]},
            "inners": [{"number": Decimal("0.5")}],
            "listed": [1],
            "shares": {"a": 1},
        }
    )
    assert made == Options(
        truth=True,
        day=date(2025, 1, 1),
        name={"zh_CN": "名"},
        inner=Inner(Decimal(3), (Colour.RED,)),
        inners=(Inner(Decimal("0.5")),),
        listed=[1],
        shares={"a": Decimal(1)},
    )
    assert type(made.inners[0].number) is Decimal
    assert made.inner is not None
    assert type(made.inner.number) is Decimal


@pytest.mark.parametrize(
    ("key", "value", "code"),
    [
        ("text", 3, "want-text"),
        ("text", ["x"], "want-text"),
        ("text", "　", "empty-text"),
        ("truth", "false", "want-truth"),
        ("truth", 0, "want-truth"),
        ("whole", "3", "want-whole"),
        ("whole", True, "want-whole"),
        ("whole", Decimal("3.0"), "want-whole"),
        ("day", "2025-01-01", "want-date"),
        ("day", datetime(2025, 1, 1), "want-date"),  # noqa: DTZ001 - TOML's local date-time has no zone
        ("name", 3, "want-name"),
        ("name", "", "empty-text"),
        ("inner", [], "want-table"),
        ("inners", {}, "want-list"),
        ("inners", "abc", "want-list"),
        ("listed", "12", "want-list"),
        ("shares", [], "want-table"),
    ],
)
def test_nothing_is_guessed_from_a_value_of_another_kind(key: str, value: object, code: str) -> None:
    assert faults_of({key: value}) == [(key, code)]


def test_all_faults_are_found_at_once_each_with_its_path() -> None:
    found = faults_of(
        {
            "text": 3,
            "inner": {"number": "3", "colours": ["red", "blue", 1], "colour": 1},
            "inners": [{}, {"number": Decimal("NaN")}],
            "shares": {"a": True, "b": "1"},
            "name": {"en": "x", "fr": "y"},
            "zzz": 1,
        }
    )
    assert sorted(found) == sorted(
        [
            ("text", "want-text"),
            ("inner.number", "want-number"),
            ("inner.colours[1]", "unknown-value"),
            ("inner.colours[2]", "unknown-value"),
            ("inner.colour", "unknown-key-near"),
            ("inners[0]", "missing-key"),
            ("inners[1].number", "want-number"),
            ("shares.a", "want-number"),
            ("shares.b", "want-number"),
            ("name", "missing-key"),
            ("name.fr", "unknown-key"),
            ("zzz", "unknown-key"),
        ]
    )


def test_what_a_class_of_a_plugin_refuses_is_a_fault_of_the_value(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = Faults(Document("x.toml", {}, Lines()))
    assert convert({"whole": 10}, Options, ("rewards",), faults) is None
    assert [str(problem) for problem in faults.problems] == [
        "x.toml:1: rewards: 这个值不能用（whole is above 9）；请按插件说明改正"
    ]
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert [str(problem) for problem in faults.problems] == [
        "x.toml:1: rewards: this value cannot be used (whole is above 9); see what the plugin says about it"
    ]


def test_an_item_written_as_toml_and_read_again_is_the_same_item() -> None:
    item = Item(
        code="A01",
        category="test.home",
        name={"zh_CN": "名", "en": "name"},
        clause="第一条",
        measure=Measure.QUANTITY,
        points=Decimal("0.5"),
        each=Decimal(4),
        per=Window.YEAR,
        limits=(Limit(Window.MONTH, times=2),),
        status=Status.SAMPLE,
    )
    faults = Faults(Document("x.toml", {}, Lines()))
    assert convert(as_toml(item), Item, (), faults) == item
    assert faults.problems == []
