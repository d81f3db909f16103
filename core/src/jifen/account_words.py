"""Decides in which words an explanation is told: paragraphs with their depth, for a villager to understand (R22)."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from jifen.accounts import Cutting, HouseholdAccount, Point, Refusal, VillageAccount
from jifen.describe import describe_change, describe_limit, describe_shared, describe_veto
from jifen.model import Measure, Of, SharedLimit, Window
from jifen.purse_words import purses_in_words
from jifen.wording import amount, change, decimal, grade_name, points
from jifen.words import say, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from jifen.keeping import Kept
    from jifen.model import RuleBook

    Told = Iterator[tuple[str, int]]

APART: Final = ("", 0)


def in_words(kept: Kept, told: object) -> Told:
    """Paragraphs with their depth; an empty one stands between parts."""
    book = kept.settlement.book
    yield say("explain.from", book=title(book.title), period=kept.settlement.period.name), 0
    for earlier in book.earlier:
        yield say("explain.rules-before", book=title(earlier.title), last=_day(earlier.valid_to)), 0
    if book.earlier:
        yield from ((sentence, 0) for sentence in describe_change(book))
    if isinstance(told, HouseholdAccount):
        yield from _household(kept, told)
    elif isinstance(told, VillageAccount):
        yield from _village(kept, told)
    elif isinstance(told, Point):
        yield _of_whom(kept, told), 0
        yield from _point(book, told, 0)
    elif isinstance(told, Refusal):
        yield _of_whom(kept, told), 0
        yield from _refusal(kept, told, 0)


def _of_whom(kept: Kept, told: Point | Refusal) -> str:
    key = "explain.of-village" if told.subject == told.village else "explain.of-household"
    return say(key, subject=told.subject, village=village_name(kept, told.village))


def village_name(kept: Kept, code: str) -> str:
    """The village's name as it was when it was settled."""
    names: dict[str, str] = dict(kept.villages.select("village", "name").iter_rows())
    return names.get(code, code)


def _household(kept: Kept, told: HouseholdAccount) -> Told:
    book = kept.settlement.book
    yield say("explain.of-household", subject=told.household, village=village_name(kept, told.village)), 0
    if not told.participates:
        yield say("explain.not-participant", reason=kept.say(told.ground)), 0
    else:
        since = "" if told.since is None else say("explain.since", day=_day(told.since))
        yield say("explain.participant", ground=kept.say(told.ground), since=since), 0
    yield from _standing(book, told)
    titles = {share.category: title(share.title) or share.category for share in told.categories}
    sums = {share.category: share.points for share in told.categories}
    for category in _in_book_order(book, told.points):
        yield APART
        name = titles.get(category, category)
        yield say("explain.category", name=name, points=points(sums.get(category, Decimal(0)))), 0
        for point in told.points:
            if point.item.category == category:
                yield from _point(book, point, 1)
    yield from _refusals(kept, told.refusals)
    if told.rewards:
        yield APART
        yield say("explain.rewards"), 0
        for reward in told.rewards:
            yield _reward(kept, reward), 1
    yield from purses_in_words(kept, told)


def _standing(book: RuleBook, told: HouseholdAccount) -> Told:
    standing = told.standing
    if standing is None:
        return
    grade = say("explain.no-grade") if standing.grade is None else grade_name(book, standing.grade)
    yield (
        say(
            "explain.standing",
            total=points(standing.total),
            given=points(standing.given),
            taken=points(-standing.taken),
            grade=grade,
            rank=standing.rank,
            of=standing.of,
        ),
        0,
    )
    if standing.veto is not None:
        yield say("explain.barred" if standing.barred else "explain.veto", deed=standing.veto), 0


def _in_book_order(book: RuleBook, found: Sequence[Point]) -> list[str]:
    mine = {point.item.category for point in found}
    known = [category.name for category in book.categories if category.name in mine]
    return [*known, *sorted(mine.difference(known))]


def _point(book: RuleBook, point: Point, depth: int) -> Told:
    """A line with the day, the deed and its points; below it the rule, the running amount, the cuts and the people."""
    name = title(point.item.name)
    worth = say("explain.nothing") if not point.points else change(point.points)
    yield say("explain.point", day=_day(point.date), name=name, points=worth), depth
    own = "explain.rule-only" if point.kind == "base" else "explain.rule"
    yield say(own, code=point.item.code, clause=point.clause, deed=point.deed), depth + 1
    running = _running(point)
    if running:
        yield running, depth + 1
    if point.kind == "deed":
        yield from ((sentence, depth + 1) for sentence in describe_veto(point.item, book))
    if point.reason:
        yield say("explain.reason", reason=point.reason), depth + 1
    if point.cuts:
        yield say("explain.gross", points=change(point.gross)), depth + 1
    for cut in point.cuts:
        yield cut_in_words(book, cut), depth + 1
    if point.recorded_by or point.approved_by:
        yield say("explain.people", recorded=_people(point.recorded_by), approved=_people(point.approved_by)), depth + 1


def _people(names: str | None) -> str:
    return say("describe.list").join(names.split("|")) if names else say("explain.nobody")


def _running(point: Point) -> str:
    """What the deed counted, and how it ran on: ``年内第3次``, ``本次4小时，年内由3小时累计到7小时``."""
    if point.kind != "deed":
        return say(f"explain.kind.{point.kind}", refers=point.refers)
    member = say("explain.member", member=point.member) if point.member else ""
    return say("explain.comma").join(part for part in (member, _amount(point)) if part)


def _amount(point: Point) -> str:
    item = point.item
    if point.grade is not None and item.measure is Measure.GRADE:
        return say("explain.found", grade=point.grade)
    if point.amount is None:
        return ""
    within = say(f"describe.within.{item.per.value}")
    if item.of is Of.MEMBER:
        within = say("describe.within-member", within=within)
    if item.measure is Measure.MARKS:
        return say("explain.marks", mean=decimal(point.amount))
    if point.before is None or point.after is None or item.per is Window.DEED:
        return "" if item.measure is Measure.COUNT else say("explain.amount", amount=amount(point.amount, item))
    if item.measure is Measure.COUNT:
        return say("explain.nth", within=within, n=decimal(point.after))
    facts = {
        "amount": amount(point.amount, item),
        "before": amount(point.before, item),
        "after": amount(point.after, item),
    }
    return say("explain.running", within=within, **facts)


def cut_in_words(book: RuleBook, cut: Cutting) -> str:
    """Which limit cut how much, and what it had already let through."""
    lost = say("explain.less-given" if cut.change < 0 else "explain.less-taken", points=points(abs(cut.change)))
    facts = {"limit": _limit(book, cut), "clause": cut.clause, "lost": lost}
    if _used_up(cut):
        return say("explain.cut-used-up", **facts)
    so_far = points(cut.before)
    if cut.bound == "times":
        so_far = say("describe.amount", n=decimal(cut.before), unit=say("describe.unit.times"))
    return say("explain.cut", before=so_far, **facts)


def _used_up(cut: Cutting) -> bool:
    """Whether nothing was left under the limit: the running sum is of what was asked for, and may lie beyond it."""
    limit = cut.limit
    if cut.bound == "net":
        above = limit.ceiling is not None and cut.before >= limit.ceiling
        return above or (limit.floor is not None and cut.before <= limit.floor)
    bound = {"times": limit.times, "gives": limit.gives, "takes": limit.takes}[cut.bound]
    return bound is not None and cut.before >= bound


def _limit(book: RuleBook, cut: Cutting) -> str:
    if isinstance(cut.limit, SharedLimit):
        return describe_shared(cut.limit, book)
    clauses = say("describe.comma").join(describe_limit(cut.limit))
    return say(f"describe.{cut.level}", limit=clauses) if cut.level in ("category", "total") else clauses


def _refusals(kept: Kept, found: Sequence[Refusal]) -> Told:
    if found:
        yield APART
        yield say("explain.refusals", count=len(found)), 0
        for refusal in found:
            yield from _refusal(kept, refusal, 1)


def _refusal(kept: Kept, refusal: Refusal, depth: int) -> Told:
    name = title(refusal.item.name)
    yield say("explain.refusal", day=_day(refusal.date), name=name, reason=kept.say(refusal.reason)), depth
    yield say("explain.rule", code=refusal.item.code, clause=refusal.item.clause, deed=refusal.deed), depth + 1


def _reward(kept: Kept, reward: dict[str, Any]) -> str:
    money = "" if reward["money"] is None else say("explain.money", yuan=decimal(Decimal(reward["money"]).scaleb(-2)))
    kind = say(f"explain.reward.{reward['kind']}")
    facts = {"title": reward["title"], "clause": reward["clause"], "ground": kept.say(reward["ground"])}
    return say("explain.reward-line", kind=kind, money=money, **facts)


def _village(kept: Kept, told: VillageAccount) -> Told:
    name = village_name(kept, told.village)
    yield (
        say(
            "explain.village",
            village=name,
            code=told.village,
            points=points(told.points),
            rank=told.rank,
            of=told.of,
            households=told.households,
            participants=told.participants,
        ),
        0,
    )
    for part, lines in groupby(told.lines, key=lambda line: line.part):
        mine = list(lines)
        yield APART
        together = sum((each.points for each in mine), Decimal(0))
        yield say("explain.category", name=kept.say(part), points=points(together)), 0
        for each in mine:
            label = kept.say(each.detail) if each.item is None else title(each.item.name)
            ratio = ""
            if each.denominator is not None:
                counted = decimal(each.numerator or 0)
                ratio = say(f"explain.ratio.{each.unit or 'number'}", numerator=counted, denominator=each.denominator)
            yield say("explain.line", name=label, points=change(each.points), ratio=ratio, clause=each.clause), 1
    if told.deeds:
        yield APART
        yield say("explain.village-deeds"), 0
        for point in told.deeds:
            yield from _point(kept.settlement.book, point, 1)
    yield from _refusals(kept, told.refusals)


def _day(when: date) -> str:
    return when.isoformat()
