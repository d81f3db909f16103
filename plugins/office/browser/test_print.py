"""Decides that what is posted or handed out fits its paper: A4, every line there, nothing cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from plugins.office.browser.printed import A4, pages_of, text_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from plugins.office.browser.offices import RunningOffice

MARGIN = 20
"""Points: no word stands nearer to the edge of the paper, which printers leave white."""
LINES_A_PAGE = 22
"""Of a passbook, each with its second line of what it is about."""


@pytest.fixture
def page(on_sqlite: RunningOffice) -> Iterator[Page]:
    """The clerk's browser."""
    with on_sqlite.context("qinghe1-clerk") as context:
        yield context.new_page()


def print_out(page: Page) -> bytes:
    """As the browser's own print button makes it; background colours are left out, as browsers do."""
    return page.pdf(format="A4", prefer_css_page_size=True)


def nothing_is_cut(pdf: bytes) -> None:
    """Every word of every page stands within the margins, and there is no page without words."""
    width, height = A4
    for words in words_of(pdf):
        assert words
        outside = [
            each
            for each in words
            if each.left < MARGIN or each.right > width - MARGIN or each.top < MARGIN or each.bottom > height - MARGIN
        ]
        assert not outside


def test_the_sheet_for_the_notice_board_is_printed_whole(page: Page) -> None:
    page.goto("/v/QH01/posted/")
    page.locator(".names a, .papers a").first.click()
    page.wait_for_url("**/posted/*/")
    numbers = page.locator(".stack tbody small").all_inner_texts()
    head = page.inner_text(".digits")
    pdf = print_out(page)
    assert len(numbers) > 8
    assert pages_of(pdf) == [A4], "the code stands on the same paper as what it seals"
    told = "".join(text_of(pdf).split())
    assert not [each for each in numbers if each.rpartition(" ")[2] not in told]
    assert "".join(head.split()) in told
    assert "打印" not in told, "buttons stay on the screen"
    nothing_is_cut(pdf)


def test_a_passbook_is_printed_whole(page: Page) -> None:
    page.goto("/v/QH01/households/")
    page.locator("#found tbody a").nth(1).click()
    page.goto(f"{page.url}passbook/")
    lines = [row.inner_text() for row in page.locator(".stack tbody tr").all()]
    assert lines
    pdf = print_out(page)
    assert pages_of(pdf) == [A4] * (1 + len(lines) // LINES_A_PAGE)
    told = "".join(text_of(pdf).split())
    assert told.count("2025-") >= len(lines)
    assert "退出" not in told, "neither is the head of the page"
    nothing_is_cut(pdf)


def test_the_rules_on_the_wall_are_printed_whole(page: Page) -> None:
    page.goto("/v/QH01/rules/")
    names = page.locator(".rules tbody th").evaluate_all("found => found.map(each => each.firstChild.textContent)")
    pdf = print_out(page)
    assert set(pages_of(pdf)) == {A4}
    told = "".join(text_of(pdf).split())
    assert not [name for name in names if "".join(name.split()) not in told]
    nothing_is_cut(pdf)
