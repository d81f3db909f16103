"""Takes the README's pictures of the office: the demo's pages as those see them for whom they are made.

    python -m plugins.office.browser.pictures [FOLDER]

writes ``office-*.png`` into FOLDER (docs/images). Needs Chromium and a font with Chinese characters.
"""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attrs import frozen
from PIL import Image
from playwright.sync_api import sync_playwright

from plugins.office.browser.conftest import QUIET, chromium
from plugins.office.browser.offices import running

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page

    from plugins.office.browser.offices import RunningOffice

FOLDER: Final = Path(__file__).parents[3] / "docs/images"
HOUSEHOLDS: Final = 40
"""In each village: as many as fill a page."""
COLOURS: Final = 128
"""Flat pages need no more, and the repository stays small."""


@frozen
class Picture:
    """A picture: whose page, how large, and what is done on it before."""

    name: str
    user: str
    address: str
    width: int
    height: int
    elder: bool = False
    before: Callable[[Page], None] | None = None


def _half_filled(page: Page) -> None:
    """A round as it looks when the clerk is at its fourth household."""
    rows = page.locator(".round tbody tr")
    for number, grade in enumerate((0, 1, 0)):
        rows.nth(number).locator("input[type=radio]").nth(grade).check()
    rows.nth(2).locator(".remark").fill("柴垛已移到屋后")
    rows.nth(3).locator("input[type=radio]").nth(1).focus()
    page.keyboard.press("Space")


def _newest(page: Page) -> None:
    page.locator(".papers a").first.click()
    page.wait_for_url("**/posted/*/")


def _pictures(office: RunningOffice) -> list[Picture]:
    card = office.cards("听涛村")[0]["username"]
    clerk, member = "wangchao1-clerk", "wangchao1-committee1"
    sheet = "/v/WC01/round/sheet/?group=1组&item=A01&date=2025-06-25"
    return [
        Picture("points", card, "/home/", 390, 844, elder=True),
        Picture("public", "", "/v/WC01/", 1120, 720),
        Picture("board", "", "/v/WC01/posted/", 1000, 1100, before=_newest),
        Picture("round", clerk, sheet, 1120, 800, before=_half_filled),
        Picture("queue", member, "/v/WC01/queue/", 1120, 800),
        Picture("rules", "", "/v/WC01/rules/", 1120, 900),
    ]


def take(office: RunningOffice, picture: Picture, folder: Path) -> Path:
    """One picture."""
    size: Any = {"width": picture.width, "height": picture.height}
    with office.context(picture.user, viewport=size, device_scale_factor=1.5) as context:
        if picture.elder:
            context.add_cookies([{"name": "elder", "value": "1", "url": office.address}])
        page = context.new_page()
        page.goto(picture.address)
        if picture.before is not None:
            picture.before(page)
        image = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    file = folder / f"office-{picture.name}.png"
    image.quantize(COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
    return file


def main(folder: Path) -> None:
    """All of them."""
    program = chromium()
    if program is None:
        sys.exit("Chromium is not installed")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory(prefix="jifen-pictures-") as made:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        for office in running(browser, Path(made) / "office", households=HOUSEHOLDS):
            for picture in _pictures(office):
                sys.stdout.write(f"{take(office, picture, folder)}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
