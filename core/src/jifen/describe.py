"""Decides in which words a rule is told: how much, how often, on what evidence, on a board or a terminal (R11, R27).

Every scoring form of `jifen.model.Item` has its sentence in the catalogue ``describe``. Nothing is computed here, so a
sentence says what the rule book says and no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from attrs import evolve

from jifen.inspection import cells_a_year
from jifen.model import AtChange, Measure, Of, Partial, VetoEffect, Window
from jifen.wording import amount, change, decimal, grade_name, points
from jifen.words import knows, say, title

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.model import Base, BookCategory, Item, Limit, PutRight, RuleBook, SharedLimit

_IN_WORDS: Final = 10
"""Up to the tenth time a number of repeats has a word of its own."""


def describe_item(item: Item, book: RuleBook) -> list[str]:
    """An item in plain sentences: how much with the item's own limits, what more follows, shared limits, evidence.

    The first sentence can stand alone: ``每次加12分，每月最多4次``.
    """
    first, *more = how_much(item, book)
    own = [sentence for limit in item.limits for sentence in describe_limit(limit)]
    rules = book if item.until is None else book.on(item.until)
    shared = [describe_shared(limit, rules) for limit in rules.limits if item.code in limit.items]
    return [_join([first, *own]), *more, *_inspected(item), *shared, *on_what(item), *_where(item), *_when(item, book)]


def how_much(item: Item, book: RuleBook) -> list[str]:
    """What a deed of the item gives or takes, one sentence for the points and one for each further consequence."""
    sentences = []
    if item.put_right is not None:
        sentences.append(_put_right(item.put_right, book))
    elif item.named is not None:
        sentences.append(say("describe.named", least=decimal(item.named.least), most=points(item.named.most)))
    elif item.scored_by_plugin:
        sentences.append(say("describe.by-plugin"))
    else:
        scored = [] if item.base is None else [_base(item.base)]
        scored += _schedule(item)
        if scored:
            sentences.append(_join(scored))
    sentences += describe_veto(item, book)
    return sentences or [say("describe.nothing")]


def _inspected(item: Item) -> list[str]:
    """How often an inspection cell is looked at, and how many cells that makes a year."""
    if item.inspect is None:
        return []
    cells = cells_a_year(item.inspect)
    per = say(f"describe.per.{item.inspect.value}")
    return [say("describe.inspected", per=per, cells=cells) if cells > 1 else say("describe.inspected-once", per=per)]


def _where(item: Item) -> list[str]:
    """In which villages it holds, where that is not all of them (R15)."""
    told = (("describe.only-in", item.only_in), ("describe.not-in", item.not_in))
    return [say(key, villages=say("describe.list").join(names)) for key, names in told if names]


def _when(item: Item, book: RuleBook) -> list[str]:
    """From and until when it holds, where the rules change within the period and the rule with them (R16)."""
    others = [evolve(each, since=None, until=None) for each in book.items if each.code == item.code]
    if len(others) == len(book.earlier) + 1 and all(each == others[0] for each in others):
        return []
    told = (("describe.since", item.since), ("describe.until", item.until))
    return [say(key, day=day) for key, day in told if day is not None]


def describe_change(book: RuleBook) -> list[str]:
    """What becomes of sums and amounts that run on when this book takes the place of another (R16)."""
    at_change = book.at_change or AtChange.CARRY
    return [say(f"describe.at-change.{at_change.value}", day=book.valid_from)]


def on_what(item: Item) -> list[str]:
    """The evidence that must be at hand, and how many people must approve where that is more than one (R21)."""
    sentences = []
    if item.evidence:
        kinds = say("describe.list").join(_evidence(kind) for kind in item.evidence)
        sentences.append(say("describe.evidence-needed", kinds=kinds))
    if item.approvals > 1:
        sentences.append(say("describe.approvals", count=item.approvals))
    return sentences


def describe_limit(limit: Limit | SharedLimit) -> list[str]:
    """Each bound of a limit as a clause: ``每月最多4次``, ``每年最多加40分``."""
    window = say(f"describe.per.{limit.per.value}")
    who = say("describe.each-member") if limit.of is Of.MEMBER else ""
    facts = {"per": window, "who": who}
    clauses = []
    if limit.times is not None:
        many = "once" if limit.times == 1 else "times"
        clauses.append(say(f"describe.limit.{many}", n=limit.times, **facts))
    for name in ("gives", "takes", "floor", "ceiling"):
        bound = getattr(limit, name)
        if bound is not None:
            clauses.append(say(f"describe.limit.{name}", points=points(bound), **facts))
    if limit.partial is Partial.DROP and (limit.gives is not None or limit.takes is not None):
        clauses.append(say("describe.limit.drop"))
    return clauses


def describe_shared(limit: SharedLimit, book: RuleBook) -> str:
    """A limit that several items share, with its name or, where it has none, the names of the items."""
    names = {item.code: title(item.name) for item in book.items}
    items = say("describe.list").join(say("describe.quoted", name=names.get(code, code)) for code in limit.items)
    who = say("describe.quoted", name=title(limit.name)) if limit.name else items
    return say("describe.together", items=who, limit=_join(describe_limit(limit)))


def describe_category(category: BookCategory) -> list[str]:
    """The limits of a whole category."""
    return [say("describe.category", limit=clause) for limit in category.limits for clause in describe_limit(limit)]


def describe_total(book: RuleBook) -> list[str]:
    """The limits of a household's total."""
    return [say("describe.total", limit=clause) for limit in book.total.limits for clause in describe_limit(limit)]


def describe_grades(book: RuleBook) -> list[str]:
    """What it takes to reach each grade, in the book's order."""
    told = []
    for grade in book.grades:
        kind = "above" if grade.above is not None else "at-least" if grade.at_least is not None else "rest"
        bound = grade.above if grade.above is not None else grade.at_least
        reached = "" if bound is None else points(bound)
        told.append(say(f"describe.grade.{kind}", name=title(grade.name), points=reached))
    return told


def _join(clauses: list[str]) -> str:
    return say("describe.comma").join(clauses)


def _evidence(kinds: str) -> str:
    """Kinds joined by / are alternatives; a kind without words is shown as the book has it."""
    keys = [(kind.strip(), f"describe.evidence.{kind.strip()}") for kind in kinds.split("/")]
    return say("describe.or").join(say(key) if knows(key) else kind for kind, key in keys)


def _base(base: Base) -> str:
    return say("describe.base", per=say(f"describe.per.{base.per.value}"), points=points(base.points))


def _within(item: Item) -> str:
    window = say(f"describe.within.{item.per.value}")
    return say("describe.within-member", within=window) if item.of is Of.MEMBER else window


def _schedule(item: Item) -> list[str]:
    """The clauses of the one schedule that an item has."""
    if item.grades:
        return [say("describe.graded", grade=grade, points=change(value)) for grade, value in item.grades.items()]
    if item.measure is Measure.MARKS:
        return [_marks(item), *(_bands(item) if item.bands else [say("describe.each-mark", points=_mark_points(item))])]
    if item.bands:
        return list(_bands(item))
    return _running(item)


def _running(item: Item) -> list[str]:
    """The clauses of a schedule whose amounts run on."""
    if item.rates:
        return [*_rates(item), *_runs_on("amount", item)]
    if item.tiers:
        return [*_tiers(item), say("describe.tier-replaces")]
    if item.ladder:
        return [*_ladder(item), *_runs_on("times", item)]
    return [] if item.points is None else list(_linear(item))


def _runs_on(what: str, item: Item) -> list[str]:
    return [] if item.per is Window.DEED else [say(f"describe.runs-on.{what}", within=_within(item))]


def _linear(item: Item) -> Iterator[str]:
    worth = change(item.points)
    if item.measure is Measure.COUNT and item.each is None:
        yield say("describe.fixed", points=worth)
        return
    each = amount(item.each if item.each is not None else 1, item)
    if not item.whole:
        yield say("describe.each", amount=each, points=worth)
        yield say("describe.part-counts")
    elif item.base is not None and item.each in (None, 1):
        # Findings are counted one by one: there is no part of one to speak of.
        yield say("describe.each", amount=each, points=worth)
    else:
        yield say("describe.each-full", amount=each, points=worth)
        yield from _runs_on("rest", item) or [say("describe.rest-lost", amount=each)]


def _rates(item: Item) -> Iterator[str]:
    low = None
    for rate in item.rates:
        facts = {"each": amount(rate.each, item), "points": change(rate.points)}
        if low is None and rate.upto is not None:
            yield say("describe.rate.first", upto=amount(rate.upto, item), **facts)
        elif low is not None and rate.upto is not None:
            yield say("describe.rate.middle", low=amount(low, item), upto=amount(rate.upto, item), **facts)
        elif low is not None:
            yield say("describe.rate.last", low=amount(low, item), **facts)
        else:
            yield say("describe.each-full", amount=facts["each"], points=facts["points"])
        low = rate.upto


def _tiers(item: Item) -> Iterator[str]:
    within = say("describe.tier-once") if item.per is Window.DEED else say("describe.tier-within", within=_within(item))
    for number, step in enumerate(sorted(item.tiers, key=lambda step: step.at)):
        facts = {"amount": amount(step.at, item), "points": change(step.points)}
        yield say("describe.tier-first", within=within, **facts) if number == 0 else say("describe.tier", **facts)


def _ladder(item: Item) -> Iterator[str]:
    if len(item.ladder) == 1:
        yield say("describe.fixed", points=change(item.ladder[0]))
        return
    for number, value in enumerate(item.ladder, 1):
        nth = say(f"describe.nth.{number}") if number <= _IN_WORDS else say("describe.nth.more", n=number)
        rung = "rung-last" if number == len(item.ladder) else "rung"
        yield say(f"describe.{rung}", nth=nth, points=change(value))


def _bands(item: Item) -> Iterator[str]:
    steps = sorted(item.bands, key=lambda step: step.at, reverse=True)
    for number, step in enumerate(steps):
        low, worth = amount(step.at, item), change(step.points)
        if number == 0:
            yield say("describe.band.top", low=low, points=worth)
        elif step.at == 0:
            yield say("describe.band.below", high=amount(steps[number - 1].at, item), points=worth)
        else:
            yield say("describe.band.between", low=low, high=amount(steps[number - 1].at, item), points=worth)
    if steps[-1].at > 0:
        yield say("describe.band.below", high=amount(steps[-1].at, item), points=change(0))


def _marks(item: Item) -> str:
    at_least, out = (item.marks.at_least, item.marks.leave_out) if item.marks else (1, 0)
    return say("describe.marks-without" if out else "describe.marks", count=at_least, out=out)


def _mark_points(item: Item) -> str:
    return change(1 if item.points is None else item.points)


def _put_right(put_right: PutRight, book: RuleBook) -> str:
    names = {each.code: title(each.name) for each in book.items}
    mended = say("describe.list").join(say("describe.quoted", name=names.get(code, code)) for code in put_right.items)
    key = f"describe.share.{put_right.share}"
    share = say(key) if knows(key) else put_right.share
    if put_right.within_days is None:
        return say("describe.put-right", items=mended, share=share)
    return say("describe.put-right-within", items=mended, share=share, days=put_right.within_days)


def describe_veto(item: Item, book: RuleBook) -> list[str]:
    """The effects of a veto, and what is left of it once it is put right, where the book has an item that does so."""
    veto = item.veto
    if veto is None:
        return []
    told = [say("describe.veto", effects=_join([say(f"describe.effect.{effect.value}") for effect in veto.effects]))]
    if not any(other.put_right and item.code in other.put_right.items for other in book.items):
        return told
    lifted = [say("describe.lifted")]
    if veto.lifted_total is not None and VetoEffect.ZERO_TOTAL in veto.effects:
        lifted.append(say("describe.lifted-total", points=decimal(veto.lifted_total)))
    if veto.lifted_grade is not None and VetoEffect.LOWEST_GRADE in veto.effects:
        lifted.append(say("describe.lifted-grade", grade=grade_name(book, veto.lifted_grade)))
    return [*told, _join(lifted)]
