"""Decides what a rule book file says: one checked `RuleBook`, or every reason why it is none, each with its line.

The steps: read (`document`), structure (`convert`), compose with the categories it names (`compose`), check items and
the book (`item_checks`, `book_checks`), let the plugins check their own options, and set the digest over the whole.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, get_type_hints

import attrs

from jifen import book_checks
from jifen.baseline import check_baselines
from jifen.compose import Written, compose
from jifen.convert import convert, literal, missing, unknown
from jifen.digest import digest
from jifen.document import Document, Faults
from jifen.due_process import check_process
from jifen.item_checks import check_item
from jifen.layering import BESIDE, check_named, read_layers, with_layers
from jifen.model import BookCategory, Item, Part, RuleBook
from jifen.problems import Problem, Refused
from jifen.shop_checks import check_below, check_purses

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path as FilePath

    from jifen.layering import Layers
    from jifen.locate import Path
    from jifen.offers import Category, EligibilityRule, RewardPolicy, Town, VillageAggregation
    from jifen.registry import Registry

    Offered = EligibilityRule | VillageAggregation | RewardPolicy

SECTIONS: Final = ("eligibility", "village", "rewards")
"""The sections that name an object of a plugin."""
MADE: Final = ("layers", "earlier", "digest")
"""What is not written in the file: what villages add, the books before it, and the digest."""
_COMPOSED: Final = (*SECTIONS, "items", *MADE)
"""What is not structured as it stands: sections with a plugin's options, and items."""


def read_book(path: FilePath, registry: Registry) -> RuleBook:
    """The composed and checked rule book of a file, with its digest (R15, R16).

    Raises `Refused` with every problem that was found, each ``file:line: path: what is wrong; what would be right``.
    """
    return _read(path, registry)[0]


def _read(path: FilePath, registry: Registry) -> tuple[RuleBook, Document]:
    document = Document.read(path)
    faults = Faults(document)
    head = _head(document.data, faults)
    parts, offers = _parts(document.data, registry, faults)
    offered, complete = _offered(document.data.get("categories"), registry, faults)
    own = document.data.get("items", [])
    if not isinstance(own, list):
        faults.add("rulebook.want-list", ("items",), got=literal(own))
        own = []
    written = compose(offered, own, faults, complete=complete)
    items = [(each, convert(each.keys, Item, each.path, faults)) for each in written]
    whole = not faults.problems
    _check(head, written, items, offered, faults, complete=complete)
    if whole:
        made: dict[str, Any] = {**head, **parts, "items": tuple(item for _, item in items if item is not None)}
        made["categories"] = tuple(_titled(each, offered.get(at)) for at, each in enumerate(made["categories"]))
        book = RuleBook(**made)
        for section in SECTIONS:
            _check_options(section, book, offers[section], faults)
        faults.settle()
        return attrs.evolve(book, digest=digest(book)), document
    faults.settle()
    raise AssertionError("a book that cannot be made has faults")


def _titled(category: BookCategory, offer: Category | None) -> BookCategory:
    """The category with the title that its plugin gives it, where the book gives it none."""
    return category if category.title or offer is None else attrs.evolve(category, title=offer.title)


def _head(data: dict[str, Any], faults: Faults) -> dict[str, Any]:
    """The keys that stand for themselves, each as its field; those that do not fit are left out."""
    kinds = get_type_hints(RuleBook)
    head: dict[str, Any] = {}
    for field in attrs.fields(RuleBook):
        if field.name in _COMPOSED:
            continue
        if field.name in data:
            value = convert(data[field.name], kinds[field.name], (field.name,), faults)
            if value is not None:
                head[field.name] = value
        elif field.default is attrs.NOTHING:
            missing(field.name, (), faults)
    allowed = [field.name for field in attrs.fields(RuleBook) if field.name not in MADE]
    for key in data:
        if key not in allowed:
            unknown(key, allowed, (), faults)
    return head


def _parts(
    data: dict[str, Any], registry: Registry, faults: Faults
) -> tuple[dict[str, Part], dict[str, Offered | None]]:
    """The sections that name an object of a plugin, with that object's own options."""
    finds: dict[str, Callable[[str], Offered]] = {
        "eligibility": registry.eligibility,
        "village": registry.aggregation,
        "rewards": registry.reward_policy,
    }
    parts: dict[str, Part] = {}
    offers: dict[str, Offered | None] = {}
    for section in SECTIONS:
        offers[section] = None
        table = data.get(section)
        if table is None:
            missing(section, (), faults)
        elif not isinstance(table, dict):
            faults.add("rulebook.want-table", (section,), got=literal(table))
        elif "use" not in table:
            missing("use", (section,), faults)
        elif (use := convert(table["use"], str, (section, "use"), faults)) is not None:
            try:
                offers[section] = offer = finds[section](use)
            except Refused as refused:
                faults.take(refused.problems, (section, "use"))
                continue
            parts[section] = Part(use, _options(offer, table, (section,), faults))
    return parts, offers


def _options(offer: Offered, table: dict[str, Any], path: Path, faults: Faults) -> object:
    written = {key: value for key, value in table.items() if key != "use"}
    if offer.options is not None:
        return convert(written, offer.options, path, faults)
    for key in written:
        unknown(key, ["use"], path, faults)
    return None


def _offered(tables: object, registry: Registry, faults: Faults) -> tuple[dict[int, Category], bool]:
    """The categories that the book names, by position, and whether every one of them could be had."""
    found: dict[int, Category] = {}
    complete = True
    names: list[str] = []
    for position, table in enumerate(tables if isinstance(tables, list) else ()):
        name = table.get("name") if isinstance(table, dict) else None
        if not isinstance(name, str) or not name.strip() or name in names:
            continue  # said where the table is structured or its names are checked
        names.append(name)
        if table.get("own") is True:
            _own_category(table, name, ("categories", position), registry, faults)
            continue
        try:
            found[position] = registry.category(name)
        except Refused as refused:
            complete = False
            faults.take(refused.problems, ("categories", position, "name"))
    return found, complete


def _own_category(table: dict[str, Any], name: str, path: Path, registry: Registry, faults: Faults) -> None:
    """A category that the book makes itself: it has a title, and no plugin offers one of that name."""
    if "title" not in table:
        missing("title", path, faults)
    if any(category.name == name for category in registry.categories):
        faults.add("rulebook.own-taken", (*path, "name"), name=name)


def _check(
    head: dict[str, Any],
    written: Sequence[Written],
    made: Sequence[tuple[Written, Item | None]],
    offered: dict[int, Category],
    faults: Faults,
    *,
    complete: bool,
) -> None:
    """Everything that can be said of what fits, even where other parts of the file do not."""
    places = book_checks.check_places(head.get("places", None if "places" in faults.document.data else 3), faults)
    book_checks.check_dates(head, faults)
    items = [(item, each.path) for each, item in made if item is not None]
    for each, item in made:
        if item is not None:
            check_item(item, each.keys, each.path, places, faults)
    codes = {each.code for each in written}
    by_code = {item.code: item for item, _ in items}
    if "categories" in head:
        categories: tuple[BookCategory, ...] = head["categories"]
        book_checks.check_names(categories, head.get("ranking"), items, faults, complete=complete)
    book_checks.check_references(codes, items, faults)
    book_checks.check_limits_of(head, places, faults)
    book_checks.check_shared(head.get("limits", ()), codes, by_code, places, faults)
    check_purses(head, places, faults)
    check_process(head, faults)
    check_below(head.get("below"), codes, [category.name for category in head.get("categories", ())], faults)
    book_checks.check_subjects(items, faults)
    book_checks.check_scorers(items, offered.values(), faults)
    check_baselines(offered.values(), made, head.get("below"), faults)
    if "grades" in head or "grades" not in faults.document.data:
        grades = head.get("grades", ())
        book_checks.check_grades(grades, places, faults)
        book_checks.check_vetoes(items, grades, faults)
    if not written and not faults.problems:
        faults.add("rulebook.no-items", ())


def _check_options(section: str, book: RuleBook, offer: Offered | None, faults: Faults) -> None:
    if offer is None or offer.check is None:
        return
    part: Part = getattr(book, section)
    try:
        found = list(offer.check(book, part.options))
    except Exception as error:  # noqa: BLE001 - a fault of the plugin is told, not thrown at the user
        detail = f"{type(error).__name__}: {error}"
        faults.add("rulebook.check-failed", (section, "use"), name=part.use, detail=detail)
        return
    for path, code, facts in found:
        faults.add(code, (section, *_steps(path)), **facts)


def _steps(path: str) -> Path:
    """``honours[0].share`` or ``honours.0.share`` as a path."""
    parts = path.replace("[", ".").replace("]", "").split(".")
    return tuple(int(part) if part.isdecimal() else part for part in parts if part)


def books_of(town: Town, registry: Registry, data: FilePath | None = None) -> tuple[RuleBook, ...]:
    """A town's rule books in the order of their dates, with the layers of its package and of the folder `data`.

    Raises `Refused` with the problems of all files, and where two books hold on the same day (R16).
    """
    read: list[tuple[RuleBook, Document]] = []
    problems: list[Problem] = []
    for name in town.rules:
        try:
            read.append(_read(town.folder / name, registry))
        except Refused as refused:
            problems += refused.problems
    layers = _layers(town, data, problems)
    if len(read) == len(town.rules):
        problems += check_named(layers, [book.name for book, _ in read])
    for at, (book, document) in enumerate(read):
        try:
            read[at] = with_layers(book, document, *layers), document
        except Refused as refused:
            problems += refused.problems
    read.sort(key=lambda each: (each[0].valid_from, each[1].file))
    for (earlier, other), (later, document) in combinations(read, 2):
        if later.valid_from <= earlier.valid_to:
            last = min(earlier.valid_to, later.valid_to)
            facts = {"other": str(other.place(("valid_to",))), "first": later.valid_from, "last": last}
            problems.append(Problem("rulebook.overlap", document.place(("valid_from",)), facts))
    if problems:
        raise Refused(problems)
    return tuple(book for book, _ in read)


def _layers(town: Town, data: FilePath | None, problems: list[Problem]) -> list[Layers]:
    """The layers of villages: the town's file of them, and one beside the data; what is wrong goes to the problems."""
    files = [] if town.villages is None else [town.folder / town.villages]
    if data is not None and (data / BESIDE).is_file():
        files.append(data / BESIDE)
    found: list[Layers] = []
    for file in files:
        try:
            found.append(read_layers(Document.read(file)))
        except Refused as refused:
            problems += refused.problems
    return found
