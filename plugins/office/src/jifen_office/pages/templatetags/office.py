"""Decides how single figures, names and codes stand on a page: points in words, names masked by who looks, QR codes."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import segno
from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext, gettext_noop, ngettext
from jifen import wording
from jifen.masking import mask
from jifen.words import say
from jifen.words import title as in_words

from jifen_office.access.showing import member_name_for, name_for
from jifen_office.pages.figures import bar_of
from jifen_office.pages.speech import speaking
from jifen_office.pages.stated import stated
from jifen_office.process.evidence import kind_in_words

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from django.http import HttpRequest
    from jifen.model import RuleBook
    from jifen.problems import Refused

    from jifen_office.register.models import Household, Member

register = template.Library()
_DIGITS, _GROUP = 12, 4
_STANDING_IN = {"witness": gettext_noop("证明人"), "minutes": gettext_noop("会议记录")}
"""Kinds that stand in for what a rule asks for; no rule book names them."""


@register.filter
def points(units: int | None, book: RuleBook | None) -> str:
    """So many of the book's smallest unit in words: ``12.5分``; nothing for no figure."""
    if units is None or book is None:
        return ""
    with speaking():
        return wording.points(Decimal(units).scaleb(-book.places))


@register.filter
def change(units: int | None, book: RuleBook | None) -> str:
    """Points given or taken in words: ``加12分``, ``扣8分``."""
    if units is None or book is None:
        return ""
    with speaking():
        return wording.change(Decimal(units).scaleb(-book.places))


@register.filter
def signed(units: int | None, book: RuleBook | None) -> str:
    """Points with their sign, as they stand in a column: ``+3``, ``−60``."""
    return "" if units is None or book is None else wording.signed(Decimal(units).scaleb(-book.places))


@register.filter
def side(units: int | None) -> str:
    """The class of a gain or a loss."""
    return "loss" if (units or 0) < 0 else "gain"


@register.filter
def title(names: Mapping[str, str]) -> str:
    """A name of a rule book in the reader's language."""
    with speaking():
        return in_words(names)


@register.filter
def masked(name: str) -> str:
    """A name as it may be posted (R23)."""
    return mask(name)


@register.filter
def yuan(fen: int | None) -> str:
    """An amount of money: ``¥12.00``."""
    return "" if fen is None else f"¥{fen // 100:,}.{fen % 100:02d}"


@register.filter(name="stated")
def state_words(value: str, of: str = "state") -> str:
    """The word of a state or kind in the reader's language."""
    return stated(value, of)


@register.filter
def short(digest: str) -> str:
    """The beginning of a digest in groups of four, as people can read it out."""
    head = digest.removeprefix("sha256:")[:_DIGITS]
    return " ".join(head[start : start + 4] for start in range(0, len(head), 4))


@register.simple_tag(takes_context=True)
def who(context: template.Context, household: Household | None) -> str:
    """A household's name as the one who looks may see it."""
    return "" if household is None else name_for(context["request"].user, household)


@register.filter
def named(household: Household, request: HttpRequest) -> str:
    """A household's name as the one who looks may see it, for use within a sentence."""
    return name_for(request.user, household)


@register.simple_tag(takes_context=True)
def member(context: template.Context, each: Member) -> str:
    """A member's name as the one who looks may see it."""
    return member_name_for(context["request"].user, each)


@register.filter
def spoken_points(value: Decimal) -> str:
    """Points that are a decimal already, in words."""
    with speaking():
        return wording.points(value)


@register.filter
def problem_words(refused: Refused) -> list[str]:
    """What was wrong, in the reader's language."""
    with speaking():
        return [str(problem) for problem in refused.problems]


@register.filter
def evidence_kind(kind: str) -> str:
    """A kind of evidence as people call it."""
    if kind in _STANDING_IN:
        return gettext(_STANDING_IN[kind])
    with speaking():
        return kind_in_words(kind)


@register.filter
def good_name(code: str, book: RuleBook | None) -> str:
    """A good's name; its code where today's book does not have it."""
    for good in book.shop.goods if book is not None and book.shop is not None else ():
        if good.code == code:
            return title(good.name)
    return code


@register.filter
def spaced(number: str) -> str:
    """A number in groups of four, as it is read out."""
    return " ".join(number[at : at + _GROUP] for at in range(0, len(number), _GROUP))


@register.simple_tag
def countdown(until: date, today: date) -> str:
    """How many days are left until a deadline."""
    left = (until - today).days
    if left < 0:
        return ngettext("已超期 %(days)d 天", "已超期 %(days)d 天", -left) % {"days": -left}
    if left == 0:
        return gettext("今天到期")
    return ngettext("还有 %(days)d 天", "还有 %(days)d 天", left) % {"days": left}


@register.simple_tag
def fresh_key() -> str:
    """An idempotency key for a form that is written out by hand."""
    return str(uuid.uuid4())


@register.simple_tag
def qr(text: str, told: str) -> SafeString:
    """A code to scan, as SVG; `told` says in words what it holds."""
    drawn = segno.make(text, error="m", micro=False).svg_inline(border=2, omitsize=True)
    # The drawing is segno's own and holds modules alone; the text is in none of its attributes.
    return format_html('<span class="qr" role="img" aria-label="{}">{}</span>', told, mark_safe(drawn))  # noqa: S308


@register.simple_tag
def bar(value: int, most: int, told: str = "", style: str = "s0") -> SafeString:
    """A bar of a table's cell; see `jifen_office.pages.figures`."""
    return bar_of([(value, style)], most, told)


@register.simple_tag
def bars(first: int, second: int, most: int) -> SafeString:
    """Two parts of a bar, the second one dotted."""
    return bar_of([(first, "s0"), (second, "s1")], most, "")


@register.simple_tag
def task_words(kind: str) -> str:
    """What a kind of work is called."""
    with speaking():
        return say(f"process.task.{kind}")


@register.inclusion_tag("office/field.html")
def field(bound: Any) -> dict[str, Any]:
    """A field with its label, help and errors; a group of choices with a legend."""
    kind = getattr(bound.field.widget, "input_type", "")
    return {"field": bound, "grouped": bound.use_fieldset, "check": kind == "checkbox" and not bound.use_fieldset}


@register.inclusion_tag("office/problems.html")
def problems(form: Any) -> dict[str, Any]:
    """Everything that was wrong with a form, all at once, above it."""
    return {"form": form}
