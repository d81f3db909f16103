"""Decides that the clerk's round needs no mouse: Tab, digits, arrow keys and Enter, in order, the focus always seen."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Page

    from plugins.office.browser.offices import RunningOffice

VILLAGE: Final = "QH01"
FOCUSED: Final = "document.activeElement.name || document.activeElement.textContent.trim()"
SEEN: Final = """() => {
  const element = document.activeElement, box = element.getBoundingClientRect();
  const marked = [element, element.closest("label")].filter(Boolean).map(each => getComputedStyle(each))
    .some(style => style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2);
  return marked && box.top >= 0 && box.bottom <= innerHeight;
}"""
"""The focus has an outline of at least 2 px, on its control or on the label around it, and is on the screen."""


@pytest.fixture
def page(on_sqlite: RunningOffice) -> Iterator[Page]:
    """The clerk's browser."""
    with on_sqlite.context("qinghe1-clerk", viewport={"width": 1280, "height": 800}) as context:
        yield context.new_page()


def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the control of that name or of those words has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        assert page.evaluate(SEEN), f"the focus is not seen on {page.evaluate(FOCUSED)}"
        if page.evaluate(FOCUSED) == name:
            return
    raise AssertionError(f"Tab does not come to {name}")


def open_sheet(page: Page, measure: str) -> dict[str, bool]:
    """Chooses the first round that is measured so, by keyboard.

    The names of its households' fields, from above, and whether the household takes part: others get no record.
    """
    page.goto(f"/v/{VILLAGE}/round/")
    for choice in range(page.get_by_label("检查事项").locator("option").count()):
        tab_to(page, "item")
        for _ in range(choice):
            page.keyboard.press("ArrowDown")
        tab_to(page, "打开检查表")
        page.keyboard.press("Enter")
        page.wait_for_url("**/round/sheet/**")
        rows = page.locator(".round tbody tr").filter(has=page.locator(measure))
        if rows.count():
            return {
                row.locator(measure).first.get_attribute("name") or "": has_points(
                    page, row.locator("th small").inner_text()
                )
                for row in rows.all()
            }
        page.go_back()
        page.reload()  # the choice of before is forgotten
    raise AssertionError(f"no round is measured by {measure}")


def has_points(page: Page, code: str) -> bool:
    """Whether a household has any."""
    answer = page.request.get(f"/v/{VILLAGE}/h/{code}/")
    return any(points != "0分" for points in re.findall(r"<b>([^<]*分)</b>", answer.text()))


def send(page: Page) -> None:
    """On to who went along, and the button."""
    tab_to(page, "seen")
    page.keyboard.type("孙桂英")
    tab_to(page, "全部登记")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/")


def test_a_round_is_filled_in_with_tab_and_digits_and_enter_goes_to_the_next_line(page: Page) -> None:
    fields = open_sheet(page, "input.mine")
    assert any(fields.values())
    tab_to(page, next(iter(fields)))
    for name, takes_part in fields.items():
        assert page.evaluate(FOCUSED) == name
        if takes_part:
            page.keyboard.type("2")
        page.keyboard.press("Enter")
    assert page.evaluate(FOCUSED) == "seen_kind", "after the last household comes what goes with the whole round"
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(FOCUSED) == list(fields)[-1].replace("found", "note"), "backwards the same way"
    send(page)
    assert f"已登记 {sum(fields.values())} 条" in page.inner_text(".notes")


def test_a_round_is_filled_in_with_arrow_keys_in_the_order_of_the_sheet(page: Page) -> None:
    fields = open_sheet(page, "input[type=radio]")
    assert any(fields.values())
    tab_to(page, next(iter(fields)))
    for name, takes_part in fields.items():
        assert page.evaluate(FOCUSED) == name
        if takes_part:
            page.keyboard.press("Space")
            page.keyboard.press("ArrowRight")
            assert page.locator(f"[name={name}]").nth(1).is_checked()
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED) == name.replace("found", "note")
        page.keyboard.press("Tab")
    page.keyboard.press("Shift+Tab")
    send(page)
    assert f"已登记 {sum(fields.values())} 条" in page.inner_text(".notes")


def test_half_a_sheet_is_never_sent_by_enter(page: Page) -> None:
    first = next(iter(open_sheet(page, "input.mine")))
    tab_to(page, first)
    page.keyboard.type("99")
    page.keyboard.press("Enter")
    assert "/round/sheet/" in page.url
    assert page.locator(f"[name={first}]").input_value() == "99"
