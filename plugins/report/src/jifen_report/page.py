"""Decides how a template becomes a page: all data escaped, the style sheet inside, words from the catalogues."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jifen.model import Status
from jifen.words import language, say, title
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

if TYPE_CHECKING:
    from datetime import date

    from jifen.model import RuleBook

_DIGEST_SHOWN = 12


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jifen_report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals.update(say=say, title=title, css=_style, sheet=sheet, mark=mark)
    environment.filters.update(day=day, short=short)
    return environment


def _style() -> Markup:
    """The style sheet, with the words that CSS itself prints; it comes from this package, so it may stand as it is."""
    text = files("jifen_report").joinpath("templates/page.css").read_text("utf-8")
    for name in ("page-before", "page-between", "page-after"):
        text = text.replace(f"«{name}»", say(f"report.css.{name}"))
    return Markup(text)  # noqa: S704 - no data of a user is in it


def sheet(name: str) -> Markup:
    """A further style sheet of this package, for one kind of page."""
    return Markup(files("jifen_report").joinpath(f"templates/{name}").read_text("utf-8"))  # noqa: S704 - our own file


def render(template: str, /, **facts: object) -> str:
    """A template of this package with its facts, as one page that refers to nothing outside."""
    lang = language().replace("_", "-")
    return _environment().get_template(template).render(lang=lang, **facts)


def mark(book: RuleBook) -> str:
    """What every page of a book that is not approved must show: 样张 or 草案; empty for an approved one (R15)."""
    return "" if book.marked is Status.APPROVED else say(f"report.mark.{book.marked.value}")


def day(value: date | None) -> str:
    """A day in words: ``2025年3月4日``."""
    return "" if value is None else say("report.day", year=value.year, month=value.month, day=value.day)


def short(digest: str) -> str:
    """The beginning of a digest, in groups of four, as people can read it out."""
    head = digest.removeprefix("sha256:")[:_DIGEST_SHOWN]
    return " ".join(head[start : start + 4] for start in range(0, len(head), 4))
