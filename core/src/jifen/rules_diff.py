"""Decides what changes from one rule book to another, clause by clause, in the sentences in which rules are told.

Two books whose digests are equal have no differences, and two whose digests differ have some: whatever changes the
meaning of a book without changing a sentence of it is told by its key, with what it was and what it is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import evolve, frozen

from jifen.describe import describe_item
from jifen.describe_shop import describe_shop
from jifen.digest import digest
from jifen.due_process import describe_process
from jifen.rules_aspects import (
    BOOK,
    CATEGORY,
    GOOD,
    GRADE,
    ITEM,
    LAYER,
    PROCESS,
    PURSE,
    SHARED,
    SHOP,
    TOTAL,
    Aspect,
    Kind,
)
from jifen.steps_words import told
from jifen.words import say, title

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from jifen.model import BookCategory, Item, RuleBook

__all__ = ["Difference", "Kind", "differences", "in_one_line", "where"]


@frozen
class Difference:
    """One thing that changes: what it is about, where, and in words how it was and how it is."""

    kind: Kind
    """What it is about."""
    category: str = ""
    """Name of the category; empty for what concerns the whole book."""
    clause: str = ""
    """Clause of the rule, as the later book has it."""
    code: str = ""
    """Code of the item, the grade, the purse and so on; empty for the book itself and its categories."""
    name: str = ""
    """What it is called; empty for the book itself."""
    before: tuple[str, ...] = ()
    """Sentences of the earlier book that no longer hold."""
    after: tuple[str, ...] = ()
    """Sentences of the later book that are new."""


def in_one_line(each: Difference) -> str:
    """What a difference says, without where it is: ``分值：每次加3分 → 每次加4分``."""
    kind = say(f"diff.kind.{each.kind.value}")
    before, after = (say("diff.then").join(side) or say("diff.nothing") for side in (each.before, each.after))
    if each.kind in (Kind.NEW, Kind.DROPPED):
        whole = after if each.kind is Kind.NEW else before
        return say("diff.one", kind=kind, told=whole) if each.before or each.after else kind
    return say("diff.both", kind=kind, before=before, after=after)


def where(each: Difference) -> str:
    """What a difference is about: ``参加村庄清洁日（A04，第三条第（四）项）``; empty for the book itself."""
    facts = say("describe.comma").join(part for part in (each.code, each.clause) if part)
    return say("diff.where", name=each.name, facts=facts) if each.name and facts else each.name


def differences(old: RuleBook, new: RuleBook) -> tuple[Difference, ...]:
    """What changes from `old` to `new` (R2, R15): the whole book first, then the items by category.

    Words are in the language in force. Empty exactly where both books mean the same.
    """
    if digest(old) == digest(new):
        return ()
    both = _Books((old, new))
    found = (*both.whole(), *both.items(), *both.parts())
    if found or old.digest == new.digest:
        return found
    # Nothing that this version knows of, such as a key that a later version wrote: better said than passed over.
    before, after = (told(("digest",), book.digest) for book in (old, new))
    return (Difference(Kind.OTHER, before=(before,), after=(after,)),)


@frozen
class _Books:
    books: tuple[RuleBook, RuleBook]

    def whole(self) -> Iterator[Difference]:
        """What is said of the book itself, and of those before it in a settled period."""
        old, new = self.books
        yield from self._changed(old, new, BOOK, Difference(Kind.OTHER))
        for before, after in _aligned(old.earlier, new.earlier, lambda book: book.name):
            if before is not None and after is not None:
                # Their items stand in the later book already, each with its dates.
                yield from differences(evolve(before, items=()), evolve(after, items=()))
            else:
                yield from self._one(before, after, (), _head(after or before))

    def items(self) -> Iterator[Difference]:
        """Each category with its items, in the order of the later book."""
        old, new = self.books
        pairs: dict[str, list[tuple[Item | None, Item | None]]] = {}
        for was, now in _aligned(old.items, new.items, lambda item: (item.code, item.only_in, item.since)):
            pairs.setdefault((now or was).category, []).append((was, now))
        for before, after in _aligned(old.categories, new.categories, lambda each: each.name):
            here: BookCategory = after or before
            head = Difference(Kind.OTHER, here.name, here.clause, name=title(here.title) or here.name)
            yield from self._one(before, after, CATEGORY, head)
            for was, now in pairs.pop(here.name, ()):
                yield from self._item(was, now)
        for homeless in pairs.values():
            for was, now in homeless:
                yield from self._item(was, now)

    def _item(self, old: Item | None, new: Item | None) -> Iterator[Difference]:
        for item in (new, old):
            if item is not None:
                name = title(item.name)
                if item.only_in:
                    name = say("diff.in-village", name=name, villages=say("describe.list").join(item.only_in))
                head = Difference(Kind.OTHER, item.category, item.clause, item.code, name)
                yield from self._one(old, new, ITEM, head, describe_item)
                return

    def parts(self) -> Iterator[Difference]:
        """Limits on several items, the total, grades, purses, the shop, posting and objections, layers of villages."""
        old, new = self.books
        yield from self._list("limits", SHARED)
        yield from self._changed(old.total, new.total, TOTAL, evolve(_head(new.total), name=say("diff.total")))
        yield from self._list("grades", GRADE)
        yield from self._list("purses", PURSE)
        head = evolve(_head(new.shop or old.shop), name=say("diff.shop"))
        yield from self._one(old.shop, new.shop, SHOP, head, lambda _shop, book: describe_shop(book))
        if old.shop is not None and new.shop is not None:
            yield from self._aligned_list(old.shop.goods, new.shop.goods, GOOD, "goods")
        head = evolve(_head(new.process or old.process), name=say("diff.process"))
        yield from self._one(old.process, new.process, PROCESS, head, lambda _process, book: describe_process(book))
        yield from self._list("layers", LAYER)

    def _list(self, name: str, aspects: Sequence[Aspect]) -> Iterator[Difference]:
        old, new = self.books
        yield from self._aligned_list(getattr(old, name), getattr(new, name), aspects, name)

    def _aligned_list(
        self, old: Sequence[Any], new: Sequence[Any], aspects: Sequence[Aspect], name: str
    ) -> Iterator[Difference]:
        """Each thing of a list, and the order of those that are in both, which may say something."""
        for before, after in _aligned(old, new, _code):
            yield from self._one(before, after, aspects, _head(after or before))
        codes = [[_code(each) for each in side] for side in (old, new)]
        was, now = ([code for code in side if code in codes[0] and code in codes[1]] for side in codes)
        if was != now:
            order = [told((name, "order"), side) for side in (was, now)]
            yield Difference(Kind.OTHER, before=(order[0],), after=(order[1],))

    def _one(
        self,
        old: Any,
        new: Any,
        aspects: Sequence[Aspect],
        head: Difference,
        words: Callable[[Any, RuleBook], Sequence[str]] | None = None,
    ) -> Iterator[Difference]:
        """A thing that is new, dropped, or in both books; `words` tell the whole of it."""
        if old is not None and new is not None:
            yield from self._changed(old, new, aspects, head)
            return

        def whole(thing: Any, book: RuleBook) -> tuple[str, ...]:
            told_by = [words] if words is not None else [each.words for each in aspects if each.kind not in _HEADED]
            return tuple(sentence for tell in told_by for sentence in tell(thing, book))

        if new is not None:
            yield evolve(head, kind=Kind.NEW, after=whole(new, self.books[1]))
        elif old is not None:
            yield evolve(head, kind=Kind.DROPPED, before=whole(old, self.books[0]))

    def _changed(self, old: Any, new: Any, aspects: Sequence[Aspect], head: Difference) -> Iterator[Difference]:
        for aspect in aspects:
            change = aspect.change(old, new, self.books)
            if change is not None:
                kind, before, after = change
                yield evolve(head, kind=kind, before=tuple(before), after=tuple(after))


_HEADED = (Kind.NAMES, Kind.CLAUSE, Kind.STATUS)
"""What the head of a difference says already."""


def _head(of: Any) -> Difference:
    """Where a thing that belongs to no category stands."""
    name = getattr(of, "name", {})
    called = title(name) if isinstance(name, dict) else title(of.title)
    return Difference(Kind.OTHER, clause=getattr(of, "clause", ""), code=_code(of), name=called)


def _code(of: Any) -> str:
    """What a thing of a list is known by."""
    return str(next((getattr(of, key) for key in ("code", "village", "name") if hasattr(of, key)), ""))


def _aligned(old: Sequence[Any], new: Sequence[Any], key: Callable[[Any], Any]) -> Iterator[tuple[Any, Any]]:
    """What is in both, in the order of the later; what was dropped stands last."""
    before = {key(each): each for each in old}
    for each in new:
        yield before.pop(key(each), None), each
    for each in before.values():
        yield each, None
