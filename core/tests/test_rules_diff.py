"""What changes between two books is told, all of it, and nothing is told of two that mean the same."""

from __future__ import annotations

import json
import types
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints

import attrs
import pytest
from hypothesis import Phase, assume, find, given, settings
from hypothesis import strategies as st
from jifen.digest import digest
from jifen.goods import Good, Needs, Purse, Shop, StockOf
from jifen.layers import Below, Change, Own, Range
from jifen.model import Approval, Part, RuleBook, VillageLayer
from jifen.rulebook import read_book
from jifen.rules_diff import Difference, Kind, differences
from jifen.rules_kept import plain, rules_from_json

from core.tests.good_book import REGISTRY, TEXT, Honour, Honours, read

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    Place = tuple[str | int, ...]


def rich(folder: Path) -> RuleBook:
    """The good book with purses, a shop, layers and what villages may do."""
    shop = Shop(
        "spend",
        "第八条",
        (
            Good("soap", {"zh_CN": "香皂"}, Decimal(5), Decimal(4), 10, StockOf.VILLAGE, 2, ("V1",), ("home",)),
            Good("rice", {"zh_CN": "大米"}, Decimal(50), needs=Needs("spend", Decimal(100))),
        ),
        (5, 20),
        30,
        Decimal(10),
    )
    below = Below(Own(("test.home",), 1, 1, Decimal(2)), (Change(("A01",), Range(Decimal(1), Decimal(12)), off=True),))
    approval = Approval("村民代表会议", "第1号", date(2024, 12, 1))
    purses = (Purse("spend", {"zh_CN": "积分账户", "en": "points"}, "第八条", resets="01-10"),)
    more: dict[str, Any] = {"purses": purses, "shop": shop, "below": below}
    return attrs.evolve(read(folder), **more, layers=(VillageLayer("V1", approval, ("A01",)),))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> RuleBook:
    return rich(tmp_path_factory.mktemp("book"))


@pytest.fixture(autouse=True, scope="module")
def english() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIFEN_LANG", "en")
        yield


# ---------------------------------------------------------------- every key of the model, changed


def values(kind: Any, key: str) -> st.SearchStrategy[Any]:
    """Values that a key of this type may have."""
    found: st.SearchStrategy[Any]
    if get_origin(kind) in (Union, types.UnionType):
        found = st.none() | values(next(each for each in get_args(kind) if each is not type(None)), key)
    elif get_origin(kind) is tuple:
        found = st.lists(values(get_args(kind)[0], key), max_size=3, unique_by=known_by).map(tuple)
    elif get_origin(kind) is dict:
        names = st.sampled_from(["zh_CN", "en"] if get_args(kind)[1] is str else ["优", "良", "差"])
        found = st.dictionaries(names, values(get_args(kind)[1], key), min_size=1)
    elif attrs.has(kind):
        hints = get_type_hints(kind)
        found = st.builds(kind, **{field.name: values(hints[field.name], field.name) for field in attrs.fields(kind)})
    elif isinstance(kind, type) and issubclass(kind, Enum):
        found = st.sampled_from(list(kind))
    elif kind is str:
        found = st.sampled_from(["01-10", "03-01"]) if key == "resets" else st.sampled_from(["改", "甲", "B01", "1/2"])
    else:
        found = {
            bool: st.booleans(),
            int: st.integers(0, 9),
            Decimal: st.decimals(-20, 20, places=1),
            date: st.dates(date(2025, 1, 1), date(2026, 1, 1)),
            object: st.builds(Honours, st.integers(0, 9), st.just((Honour("model", Decimal("0.1")),))),
        }[kind]
    return found


def known_by(each: Any) -> object:
    """What tells one thing of a list from another."""
    for key in ("code", "village", "name"):
        if hasattr(each, key):
            return getattr(each, key), getattr(each, "only_in", None), getattr(each, "since", None)
    return each if isinstance(each, str) else repr(each)


def places(value: Any, path: Place = ()) -> Iterator[tuple[Place, Any]]:
    """The path of every key that a book has, with its type."""
    if attrs.has(type(value)):
        for key, kind in get_type_hints(type(value)).items():
            if key not in ("digest", "earlier"):
                yield (*path, key), kind
                yield from places(getattr(value, key), (*path, key))
    elif isinstance(value, tuple):
        for at, each in enumerate(value):
            yield from places(each, (*path, at))


def put(value: Any, path: Place, new: object) -> Any:
    if not path:
        return new
    here, *rest = path
    if isinstance(here, int):
        return (*value[:here], put(value[here], tuple(rest), new), *value[here + 1 :])
    return attrs.evolve(value, **{here: put(getattr(value, here), tuple(rest), new)})


def is_list_of_its_own(book: RuleBook) -> bool:
    """Whether nothing in a list is there twice, as in every book that was read."""
    lists = [book.items, book.categories, book.limits, book.grades, book.purses, book.layers]
    lists.append(book.shop.goods if book.shop else ())
    return all(len({known_by(each) for each in side}) == len(side) for side in lists)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_two_books_differ_in_words_exactly_where_they_differ_in_meaning(good: RuleBook, data: st.DataObject) -> None:
    changed = good
    for _ in range(data.draw(st.integers(1, 3))):
        path, kind = data.draw(st.sampled_from(sorted(places(changed), key=repr)))
        changed = put(changed, path, data.draw(values(kind, str(path[-1]))))
    assume(is_list_of_its_own(changed))
    changes = digest(changed) != digest(good)
    for old, new in ((good, changed), (changed, good)):
        found = differences(old, new)
        assert bool(found) == changes
        assert all(each.before or each.after or each.kind in (Kind.NEW, Kind.DROPPED) for each in found)
        assert all(each.before != each.after for each in found if each.before or each.after)


def test_every_key_of_the_model_that_changes_is_told(good: RuleBook) -> None:
    keys = {(type(owner(good, path)), path[-1]): (path, kind) for path, kind in places(good)}
    was = digest(good)
    silent = []
    for path, kind in keys.values():
        changed = partial(put, good, path)
        other = find(
            values(kind, str(path[-1])),
            lambda new, changed=changed: digest(changed(new)) != was,  # type: ignore[misc]  # a strategy of any type
            settings=settings(phases=(Phase.generate,), database=None, deadline=None),
        )
        if not differences(good, changed(other)):
            silent.append(path)
    assert silent == []
    assert len(keys) > 100


def owner(value: Any, path: Place) -> Any:
    for part in path[:-1]:
        value = value[part] if isinstance(part, int) else getattr(value, part)
    return value


# ---------------------------------------------------------------- in which words


def told(folder: Path, *changes: tuple[str, str]) -> list[Difference]:
    (folder / "old").mkdir()
    return list(differences(read(folder / "old"), read(folder, *changes)))


IN_WORDS = {
    "points": (
        ("points = 12", "points = 10"),
        Difference(
            Kind.POINTS, "test.home", "样张", "A01", "样张", ("+12 points each time",), ("+10 points each time",)
        ),
    ),
    "a limit": (
        ("times = 4", "times = 5"),
        Difference(
            Kind.LIMITS, "test.home", "样张", "A01", "样张", ("at most 4 times a month",), ("at most 5 times a month",)
        ),
    ),
    "a limit with a clause of its own": (
        ('times = 4, per = "month"', 'times = 4, per = "month", clause = "第九条"'),
        Difference(
            *(Kind.LIMITS, "test.home", "样张", "A01", "样张"),
            *(("at most 4 times a month",), ("at most 4 times a month (第九条)",)),
        ),
    ),
    "evidence": (
        ("photo/scan", "photo"),
        Difference(
            *(Kind.EVIDENCE, "test.home", "样张", "A01", "样张"),
            *(("evidence needed: photo or scan",), ("evidence needed: photo",)),
        ),
    ),
    "where a tier begins": (
        ("at = 10, points = 2", "at = 12, points = 2"),
        Difference(
            *(Kind.THRESHOLDS, "test.home", "第四条", "B03", "服务时长"),
            (
                "within the year: +2 points from 10 units, +5 points from 30 units, a higher step replaces the one before",
            ),
            (
                "within the year: +2 points from 12 units, +5 points from 30 units, a higher step replaces the one before",
            ),
        ),
    ),
    "a grade": (
        ("at_least = 990", "at_least = 995"),
        Difference(
            *(Kind.THRESHOLDS, "", "", "two", "二星"),
            *(("二星: a total of 990 points or more",), ("二星: a total of 995 points or more",)),
        ),
    ),
    "dates": (
        ("valid_to = 2025-12-31", "valid_to = 2025-06-30"),
        Difference(
            Kind.DATES, before=("January 1, 2025 to December 31, 2025",), after=("January 1, 2025 to June 30, 2025",)
        ),
    ),
    "an option of a plugin": (
        ("share = 0.05", "share = 0.06"),
        Difference(Kind.REWARDS, before=("honours·model·share: 0.05",), after=("honours·model·share: 0.06",)),
    ),
    "what no sentence says": (
        ('subject = "village"', 'subject = "household"'),
        Difference(
            *(Kind.OTHER, "test.tasks", "第六条", "V01", "重点任务"),
            *(("subject: the village",), ("subject: the household",)),
        ),
    ),
    "a clause": (
        ('name = "违建"\nclause = "第五条"', 'name = "违建"\nclause = "第六条"'),
        Difference(Kind.CLAUSE, "test.home", "第六条", "B10", "违建", ("第五条",), ("第六条",)),
    ),
}


@pytest.mark.parametrize(("change", "expected"), IN_WORDS.values(), ids=IN_WORDS.keys())
def test_a_change_is_told_with_its_clause(change: tuple[str, str], expected: Difference, tmp_path: Path) -> None:
    assert told(tmp_path, change) == [expected]


def test_what_is_new_and_what_was_dropped_are_told_whole(tmp_path: Path) -> None:
    found = told(tmp_path, ('code = "B01"\ncategory', 'code = "B11"\ncategory'), ('["B01", "B02"]', '["B11", "B02"]'))
    words = ("+1 point for every full 4 units, what is left over runs on within the year",)
    shared = ("“志愿服务”, “捐赠” together at most 1 point given a month",)
    assert [(each.kind, each.code) for each in found] == [("new", "B11"), ("dropped", "B01"), ("limits", "together")]
    assert (found[0].after, found[1].before) == ((*words, *shared), (*words, *shared))
    # The sentence has the items' names, which are the same: the codes are told by their key.
    assert (found[2].before, found[2].after) == (("items: B01, B02",), ("items: B11, B02",))


def test_a_book_kept_as_json_is_the_same_book(good: RuleBook) -> None:
    kept = rules_from_json(json.loads(json.dumps({"book": plain(good)})))
    assert isinstance(kept.rewards.options, dict)
    assert differences(good, kept) == differences(kept, good) == ()
    share = attrs.evolve(good, rewards=Part("test.honours", Honours(10, (Honour("model", Decimal("0.06")),))))
    (found,) = differences(kept, share)
    assert (found.kind, found.before, found.after) == (
        Kind.REWARDS,
        ("honours·model·share: 0.05",),
        ("honours·model·share: 0.06",),
    )


def test_what_means_the_same_differs_in_nothing(tmp_path: Path) -> None:
    assert told(tmp_path, ("points = 12", "points = 12.0"), ('["B04", "B10"]', '["B10", "B04"]')) == []


def test_a_key_that_this_version_does_not_know_is_not_passed_over(good: RuleBook) -> None:
    """As where a later version kept the book: only the digest that it carries knows of it."""
    old, new = attrs.evolve(good, digest="1" * 64), attrs.evolve(good, places=2, digest="2" * 64)
    unknown = attrs.evolve(good, rewards=Part("test.honours", {"first": None}), digest="2" * 64)
    assert [each.kind for each in differences(old, new)] == ["points"]
    assert differences(attrs.evolve(old, rewards=Part("test.honours", {})), unknown)[0].after == (
        f"digest: {'2' * 64}",
    )


def test_the_file_that_is_read_again_differs_in_nothing(tmp_path: Path) -> None:
    (tmp_path / "again.toml").write_text(f"# a remark\n{TEXT}", "utf-8")
    assert differences(read(tmp_path), read_book(tmp_path / "again.toml", REGISTRY)) == ()
