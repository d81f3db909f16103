"""Decides that everybody can use the pages: each address of the table, for each role, in four forms.

Normal on a desk's screen, on a telephone 320 px wide, in the view for elders, and without JavaScript.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest
from attrs import frozen
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships no types
from playwright.sync_api import ViewportSize

from plugins.office.browser.offices import READY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext, Page

    from plugins.office.browser.offices import RunningOffice

VILLAGE: Final = "WC01"
CARD: Final = "card"
ROLES: Final = (
    "",
    CARD,
    *(f"wangchao1-{name}" for name in ("clerk", "leader", "committee1", "keeper")),
    "wangchao-town",
    "district",
)
"""Who looks; the empty name is nobody."""
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 320, "height": 700}
NOT_ALLOWED: Final = 405

LOOK: Final = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
    .map(each => `${each.id}: ${each.nodes.map(node => node.html).slice(0, 2).join(" | ")}`)"""
TOO_WIDE: Final = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
SMALL: Final = """() => {
  const seen = element => element.checkVisibility({visibilityProperty: true}) && !element.closest(".heard, .skip, svg");
  const texts = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (walker.currentNode.data.trim()) texts.push(walker.currentNode.parentElement);
  const size = element => parseFloat(getComputedStyle(element).fontSize);
  const type = texts.filter(each => seen(each) && (size(each) < 18 || size(each) > 30.5));
  const press = [...document.querySelectorAll("a, button, input:not([type=hidden]), select, textarea, summary, label:has(input)")]
    .filter(each => !each.matches("label input"));
  const little = press.filter(each => seen(each) && each.getBoundingClientRect().height < 59.5);
  return [...type.map(each => `${size(each)} px: `), ...little.map(each => "low: ")]
    .map((words, at) => words + [...type, ...little][at].outerHTML.slice(0, 120));
}"""
"""Type that is smaller than 18 or larger than 30 px, and what is pressed and less than 60 px high."""
WORDS: Final = """() => { const main = document.querySelector("main").cloneNode(true);
  main.querySelectorAll("[data-print]").forEach(each => each.remove());
  return main.textContent.replace(/\\s+/g, " ").trim(); }"""

GROWS: Final = "/audit/"
"""What this page says grows with every look at a page, its own among them."""


@frozen
class Shown:
    """A page as somebody sees it: what it says, and what is wrong with it in which form."""

    address: str
    words: str
    wrong: tuple[str, ...]


@pytest.fixture(scope="module")
def office(on_sqlite: RunningOffice) -> RunningOffice:
    """The demo's office on a day on which everything is open."""
    on_sqlite.within("preparing", VILLAGE)
    on_sqlite.on(READY)
    return on_sqlite


@pytest.fixture(scope="module")
def addresses(office: RunningOffice) -> dict[str, list[str]]:
    """Everybody's addresses. What is public looks alike to all who work there: nobody and the card stand for them."""
    people = [office.cards("听涛村")[0]["username"] if name == CARD else name for name in ROLES]
    told = json.loads(office.within("addresses", VILLAGE, *people, day=READY))
    public = {each["address"] for each in told if not each["user"]}
    return {
        name: [
            each["address"]
            for each in told
            if each["user"] == user and (name in ("", CARD) or each["address"] not in public)
        ]
        for name, user in zip(ROLES, people, strict=True)
    }


@pytest.fixture(params=ROLES, scope="module")
def role(request: pytest.FixtureRequest) -> str:
    """Each role."""
    found: str = request.param
    return found


@pytest.fixture(scope="module")
def pages(office: RunningOffice, addresses: dict[str, list[str]], role: str) -> list[Shown]:
    """The pages of a role, looked at wide and narrow."""
    with _context(office, role) as context:
        page = context.new_page()
        return [
            Shown(address, page.evaluate(WORDS), tuple(_wrong(page)))
            for address in addresses[role]
            if _opens(page, address)
        ]


def _context(office: RunningOffice, role: str, **options: Any) -> BrowserContext:
    user = office.cards("听涛村")[0]["username"] if role == CARD else role
    made = office.context(user, viewport=WIDE, **options)
    made.add_init_script(Axe().axe_script)
    return made


def _opens(page: Page, address: str) -> bool:
    """Whether there is a page: no file, no way elsewhere, no address that takes forms alone. It has to answer."""
    answer = page.request.get(address, max_redirects=0)
    html = "html" in answer.headers.get("content-type", "")
    if answer.status == NOT_ALLOWED or 300 <= answer.status < 400 or (answer.ok and not html):
        return False
    assert answer.status in (200, 422), f"{address} answers {answer.status}"
    page.set_viewport_size(WIDE)
    page.goto(address)
    return True


def _wrong(page: Page) -> Iterator[str]:
    for size in (WIDE, NARROW):
        page.set_viewport_size(size)
        yield from (f"{size['width']} px: {each}" for each in page.evaluate(LOOK))
    if page.evaluate(TOO_WIDE):
        yield "320 px: wider than its screen"


def test_axe_finds_nothing_on_any_page_and_nothing_is_wider_than_a_telephone(pages: list[Shown]) -> None:
    assert pages
    assert not [(each.address, each.wrong) for each in pages if each.wrong]


def test_the_view_for_elders_has_large_type_and_large_targets(
    office: RunningOffice, role: str, pages: list[Shown]
) -> None:
    wrong = []
    with _context(office, role) as context:
        context.add_cookies([{"name": "elder", "value": "1", "url": office.address}])
        page = context.new_page()
        for each in pages:
            page.goto(each.address)
            found = [*page.evaluate(LOOK), *page.evaluate(SMALL)]
            page.set_viewport_size(NARROW)
            found += ["wider than its screen"] if page.evaluate(TOO_WIDE) else []
            page.set_viewport_size(WIDE)
            wrong += [(each.address, found)] if found else []
    assert not wrong


def test_every_page_says_the_same_without_javascript(office: RunningOffice, role: str, pages: list[Shown]) -> None:
    with _context(office, role, java_script_enabled=False) as context:
        page = context.new_page()
        differ = []
        for each in pages:
            page.goto(each.address)
            if page.evaluate(WORDS) != each.words and not each.address.endswith(GROWS):
                differ.append(each.address)
            for form in page.locator("form").all():
                assert form.locator("button").count(), f"{each.address}: a form that only a script can send"
    assert not differ


def test_forms_are_sent_without_javascript(office: RunningOffice) -> None:
    """Looking for a household, seeing what a deed would give, recording it, and the other view."""
    with _context(office, "wangchao1-clerk", java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"/v/{VILLAGE}/households/")
        head = office.cards("听涛村")[0]["name"]
        page.get_by_label("户号或姓名").fill(head)
        page.get_by_role("button", name="查找").click()
        code = page.locator("#found").get_by_role("row").filter(has_text=head).get_by_role("link").first.inner_text()
        page.goto(f"/v/{VILLAGE}/record/?household={code}&item=D04")
        page.get_by_label("有人证明").check()
        page.get_by_label("证明人姓名").fill("孙桂英")
        page.get_by_role("button", name="看看能得几分").click()
        assert "现在登记预计" in page.inner_text("#gives")
        page.get_by_role("button", name="提交登记").click()
        assert "等待审核" in page.inner_text(".notes")
        page.get_by_role("button", name="大字版").click()
        assert page.locator("html.elder").count() == 1
