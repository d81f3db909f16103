"""Decides whether a town's worked cases show its rules: there, with an expectation, for every form, and right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from jifen.case_file import CaseFile
from jifen.cases import run_cases, worked_in
from jifen.convert import convert
from jifen.document import Document, Faults
from jifen.forms import forms_in, forms_of
from jifen.problems import Refused

from jifen_conformance.check import Broken, Kind, check, expect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from jifen.case_file import Case
    from jifen.model import RuleBook

    from jifen_conformance.target import Target

TOWN: Final = (Kind.TOWN,)


def _cases(target: Target) -> tuple[Case, ...]:
    if target.town is None or target.town.cases is None:
        return ()
    document = Document.read(target.town.folder / target.town.cases)
    faults = Faults(document)
    read = convert(document.data, CaseFile, (), faults)
    faults.settle()
    return read.cases if read else ()


@check("C01", since="0.1", kinds=TOWN, settles=False)
def there_are_worked_cases(target: Target) -> None:
    """The town has worked cases.

    Why: a committee approves what it has seen worked, and a later change must not move it unseen.
    Mend: write cases.toml: deeds, and the points that come out when people work them by hand.
    """
    expect(_cases(target), f"the package of {target.name}", "no worked case")


@check("C02", since="0.1", kinds=TOWN, settles=False)
def every_case_expects_something(target: Target) -> None:
    """Every worked case says what must come out.

    Why: a case without an expectation passes whatever the rules do.
    Mend: add `expect = […]`, `total` or `grade` to the case.
    """
    silent = [case.name for case in _cases(target) if not case.expects]
    expect(not silent, f"the cases of {target.name}", f"nothing is expected in: {', '.join(silent)}")


@check("C03", since="0.1", kinds=TOWN, settles=False)
def every_form_has_a_case(target: Target) -> None:
    """Every form of rule that a book uses is shown by a case.

    Why: the forms are where a rule is misread: tiers, ladders, limits, what is put right.
    Mend: add a case with a deed of an item of the form that is named.
    """
    cases = _cases(target)
    for book in target.books if cases else ():  # that there is none is C01's to say
        shown = {form for case in cases for form in _shown(case, book, target.books)}
        missing = [form for form in forms_in(book) if form not in shown]
        expect(not missing, f"the cases for {book.name}", f"no case of: {', '.join(missing)}")


def _shown(case: Case, book: RuleBook, books: Sequence[RuleBook]) -> Iterator[str]:
    """The forms that a case shows of a book: of items and limits that the book by which it is worked has just so.

    So a book need not repeat the cases of what it took over unchanged, and what it changed needs cases of its own.
    """
    worked = _book_of(case, books)
    if worked is None:
        return
    there, here = worked.items_in(case.village.code), book.items_in(case.village.code)
    codes = {name: item.code for item in there.values() for name in (*item.name.values(), item.code)}
    seen = {codes[deed.item] for deed in case.deeds if deed.item in codes}
    seen |= {expected.item for expected in case.expect if expected.item in there}
    yield from (form for code in seen if here.get(code) == there[code] for form in forms_of(there[code]))
    if any(seen.intersection(limit.items) for limit in worked.limits if limit in book.limits):
        yield "shared"


def _book_of(case: Case, books: Sequence[RuleBook]) -> RuleBook | None:
    """The book by which a case is worked; None where that is C04's to complain about."""
    try:
        return worked_in(case, books)[1]
    except Refused:
        return None


@check("C04", since="0.1", kinds=TOWN, settles=False)
def every_case_comes_out(target: Target) -> None:
    """Every worked case comes out as it was worked by hand.

    Why: where rule and case differ, one of them is not what was approved.
    Mend: correct the rule, or the case; the message names both figures.
    """
    if target.town is None or target.town.cases is None or not target.books:
        return
    problems = [
        problem
        for problem in run_cases(target.books, target.town.folder / target.town.cases, target.registry)
        if problem.code not in ("cases.no-expectation", "cases.none")
    ]
    if problems:
        raise Broken(f"the cases of {target.name}", "; ".join(str(problem) for problem in problems))
