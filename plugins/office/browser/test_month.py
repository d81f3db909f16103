"""Decides that a village can live a month with the office: from the record to the voucher and the printed passbook.

In a real browser, with a new person at it each time, on SQLite and on PostgreSQL. The days pass as `RunningOffice.on`
says; everything else is what people do and see.
"""

from __future__ import annotations

import io
import re
from datetime import date
from typing import TYPE_CHECKING, Final

import pytest
from attrs import define, field
from jifen.masking import mask
from PIL import Image

from plugins.office.browser.printed import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import FilePayload, Page

    from plugins.office.browser.offices import RunningOffice

VILLAGE: Final = "WC02"
PLACE: Final = "望海村"
RECORDED: Final = date(2025, 6, 25)
OBJECTED: Final = date(2025, 6, 27)
DECIDED: Final = date(2025, 6, 28)
CREDITED: Final = date(2025, 7, 5)
"""After the five days of posting; an exchange day."""
EVERYONE: Final = "everyone"
VILLAGER: Final = "villager"
"""Who comes without a name; the villager signs in with a card."""
WHY_NOT: Final = "签到表上没有这一户，请补一位证明人。"
WRONG: Final = "那天我家去了两个人，照片里是邻居家，请核对。"
STRUCK: Final = "核对照片，登记的不是本户，予以撤销。"
KEPT: Final = "核对签到表，登记无误。"


@define
class Village:
    """The village in its office: who is at the browser, and what they noted down so far."""

    office: RunningOffice
    noted: dict[str, str] = field(factory=dict)
    _pages: dict[str, Page] = field(factory=dict)

    def at(self, name: str, address: str = "") -> Page:
        """Somebody's own browser, on a page of the village."""
        if name not in self._pages:
            user = "" if name in (EVERYONE, VILLAGER) else f"wangchao2-{name}"
            self._pages[name] = self.office.context(user).new_page()
        page = self._pages[name]
        page.goto(f"/v/{VILLAGE}/{address}")
        return page

    def home(self, of: int) -> tuple[str, str]:
        """Number and name of one of the households that have a card."""
        head = self.office.cards(PLACE)[of]["name"]
        if head not in self.noted:
            page = self.at("clerk", f"households/?words={head}")
            row = page.locator("#found").get_by_role("row").filter(has_text=head)
            self.noted[head] = row.get_by_role("link").first.inner_text()
        return self.noted[head], head

    def close(self) -> None:
        """Everybody goes home."""
        for page in self._pages.values():
            page.context.close()


@pytest.fixture
def village(office: RunningOffice) -> Iterator[Village]:
    """On the first of its days."""
    office.on(RECORDED)
    made = Village(office)
    yield made
    made.close()


def test_a_month_of_a_village(village: Village) -> None:
    recorded(village)
    reviewed(village)
    posted(village)
    village.office.on(OBJECTED)
    objected(village)
    village.office.on(DECIDED)
    decided(village)
    village.office.on(CREDITED)
    credited(village)
    reversed_later(village)
    exchanged(village)
    printed(village)


def recorded(village: Village) -> None:
    """The clerk records four deeds: with a photo, with a witness, one that will be refused, one of a member's kin."""
    (mine, _), (other, _) = village.home(0), village.home(1)
    for name, home, item in (
        ("photo", mine, "A04"),
        ("rescue", mine, "D08"),
        ("refused", mine, "D04"),
        ("kin", other, "D04"),
    ):
        page = village.at("clerk", "record/")
        page.get_by_label("家庭户").fill(home)
        page.get_by_label("事项").select_option(item)
        page.get_by_role("button", name="下一步").click()
        page.get_by_label("哪一天").fill("2025-06-24")
        if name == "photo":
            picture: FilePayload = {"name": "清洁日.jpg", "mimeType": "image/jpeg", "buffer": photo()}
            page.get_by_label("照片或扫描件").set_input_files(picture)
        else:
            page.get_by_label("有人证明").check()
            page.get_by_label("证明人姓名").fill("孙桂英")
        if item == "D08":
            page.get_by_label("分值").fill("10")
            page.get_by_label("理由").fill("台风夜转移渔船上的老人")
        page.get_by_role("button", name="提交登记").click()
        said = page.inner_text(".notes")
        assert "等待审核" in said
        village.noted[name] = re.findall(rf"{VILLAGE}-2025-\d+", said)[0]


def photo() -> bytes:
    """A picture as a telephone takes it."""
    made = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(made, "JPEG")
    return made.getvalue()


def review(village: Village, who: str, name: str) -> Page:
    """A member of the committee opens a record from the queue."""
    page = village.at(who, "queue/")
    page.get_by_role("row").filter(has_text=village.noted[name]).get_by_role("link", name="审核").click()
    return page


def reviewed(village: Village) -> None:
    """One record is refused with reasons, one needs two people, and kin of a household do not see its record."""
    refusing = review(village, "committee1", "refused")
    refusing.get_by_text("不通过", exact=True).click()
    refusing.locator("#refuse_reason").fill(WHY_NOT)
    refusing.get_by_role("button", name="不通过，退回").click()
    assert "已退回" in refusing.inner_text(".notes")

    declaring = village.at("committee3", "kin/")
    declaring.get_by_label("亲属的户号").fill(village.home(1)[0])
    declaring.get_by_role("button", name="登记亲属户").click()
    declaring = village.at("committee3", "queue/")
    assert village.noted["rescue"] in declaring.inner_text("main")
    assert village.noted["kin"] not in declaring.inner_text("main")
    declaring = village.at("committee3", f"review/{village.noted['kin']}/")
    assert "这一条不由您审核" in declaring.inner_text("main")
    assert not declaring.get_by_role("button", name="通过这一条").count()

    for name in ("photo", "rescue", "kin"):
        page = review(village, "committee1", name)
        page.get_by_role("button", name="通过这一条").click()
        assert "已审核通过" in page.inner_text(".notes")
    again = village.at("committee1", f"review/{village.noted['rescue']}/")
    assert not again.get_by_role("button", name="通过这一条").count(), "one person is not two"
    second = review(village, "committee2", "rescue")
    assert "要 2 个人审核" in second.inner_text("main")
    second.get_by_role("button", name="通过这一条").click()
    assert village.noted["photo"] not in village.at("committee2", "queue/").inner_text("main")


def posted(village: Village) -> None:
    """The clerk posts what was approved; everyone reads it, and nobody's full name."""
    page = village.at("clerk", "desk/")
    page.get_by_role("link", name="去公示").click()
    page.get_by_role("button", name="公示这").click()
    village.noted["sheet"] = page.url.rstrip("/").rpartition("/")[2]
    public = village.at(EVERYONE, f"posted/{village.noted['sheet']}/")
    told = public.inner_text("main")
    for name in ("photo", "rescue", "kin"):
        assert village.noted[name] in told
    assert village.noted["refused"] not in told
    for of in (0, 1):
        head = village.home(of)[1]
        assert head not in public.content()
        assert mask(head) in told
    assert public.locator(".sealed svg").is_visible(), "the ledger's head as a code"


def objected(village: Village) -> None:
    """A household gets its card and objects with it; another one objects by word of mouth."""
    (mine, _), (other, _) = village.home(0), village.home(1)
    page = village.at("clerk", f"h/{mine}/card/")
    page.get_by_role("button", name="发卡").click()
    number, pin = (each.replace(" ", "") for each in page.locator(".number").all_inner_texts())
    village.noted["card"] = number
    villager = village.at(VILLAGER)  # a telephone on which nobody is signed in
    villager.goto(f"/card/{number}/")
    villager.get_by_label("PIN码").fill(pin)
    villager.get_by_role("button", name="进入").click()
    assert mine in villager.inner_text("footer")
    assert village.noted["refused"] not in villager.inner_text("main")
    villager.goto(f"/v/{VILLAGE}/h/{mine}/records/{village.noted['refused']}/")
    assert WHY_NOT in villager.inner_text("main")
    villager.get_by_role("link", name="异议").first.click()
    villager.get_by_role("row").filter(has_text=village.noted["photo"]).get_by_role("link", name="提出异议").click()
    villager.get_by_label("哪里不对").fill(WRONG)
    villager.get_by_role("button", name="提交异议").click()
    assert "限期" in villager.inner_text("main")
    assert WRONG in villager.inner_text("main")

    page = village.at("clerk", f"h/{other}/objections/{village.noted['kin']}/")
    page.get_by_label("口述的异议内容").fill("我家去了三个人。")
    page.get_by_role("button", name="提交异议").click()
    assert "已登记" in page.inner_text(".notes")


def decided(village: Village) -> None:
    """Others than those who approved decide: one objection is granted, the other is not."""
    approver = village.at("committee1", "objected/")
    card = approver.locator(".card").filter(has_text=village.noted["photo"])
    assert card.get_by_role("link", name="查看").count(), "who approved it does not answer"
    for name, granted, why in (("photo", "异议成立", STRUCK), ("kin", "异议不成立", KEPT)):
        page = village.at("committee2", "objected/")
        page.locator(".card").filter(has_text=village.noted[name]).get_by_role("link", name="去答复").click()
        page.get_by_label(granted).check()
        page.get_by_label("理由").fill(why)
        page.get_by_role("button", name="提交答复").click()
        assert "已答复" in page.inner_text(".notes")
    told = village.at(VILLAGER, f"h/{village.home(0)[0]}/objections/").inner_text("main")
    assert "异议成立" in told
    assert STRUCK in told


def credited(village: Village) -> None:
    """What was posted for its days counts, with its why; what was cancelled or refused does not."""
    village.at("clerk", "desk/")  # nobody has to act: the day's first page brings the books up to date
    points = village.at(VILLAGER, f"h/{village.home(0)[0]}/points/")
    line = points.get_by_role("row").filter(has_text=village.noted["rescue"]).first
    assert "防汛防台、抢险救援" in line.inner_text()
    assert "+10" in line.inner_text()
    for name in ("photo", "refused"):
        assert village.noted[name] not in points.inner_text("main")
    other = village.at("clerk", f"h/{village.home(1)[0]}/points/")
    assert "+2" in other.get_by_role("row").filter(has_text=village.noted["kin"]).first.inner_text()
    village.noted["balance"] = points.locator(".figure.first b").inner_text()


def reversed_later(village: Village) -> None:
    """What proves wrong after it counted is cancelled with reasons, and the ledger takes it back by an entry."""
    page = village.at("committee2", f"h/{village.home(1)[0]}/records/{village.noted['kin']}/")
    page.get_by_role("link", name="撤销记录").click()
    page.get_by_label("理由").fill("会议改期，签到表作废。")
    page.get_by_role("main").get_by_role("button", name="撤销").click()
    assert "已经冲回" in page.inner_text(".notes")
    other = village.at("clerk", f"h/{village.home(1)[0]}/points/")
    lines = other.get_by_role("row").filter(has_text=village.noted["kin"]).all_inner_texts()
    assert len(lines) == 2, "what was given stays written down"
    assert "−2" in lines[0]


def exchanged(village: Village) -> None:
    """The household reserves, the keeper hands over by the number, and not a second time."""
    page = village.at(VILLAGER, f"h/{village.home(0)[0]}/exchange/")
    offer = page.locator(".card").filter(has_text="香皂套装")
    offer.get_by_role("button", name="预留").click()
    number = page.locator(".voucher .number").inner_text()
    village.noted["voucher"] = number
    assert page.locator(".voucher svg").is_visible()

    first = village.at("keeper", "counter/")
    first.get_by_label("兑换券号码").fill(number)
    first.get_by_role("button", name="查兑换券").click()
    second = first.context.new_page()
    second.goto(first.url)
    first.get_by_role("button", name="确认发放").click()
    assert "已发放" in first.inner_text(".notes")
    second.get_by_role("button", name="确认发放").click()
    assert second.get_by_role("alert").is_visible()
    assert not second.get_by_role("button", name="确认发放").count()
    second.close()
    first.get_by_label("兑换券号码").fill(number)
    first.get_by_role("button", name="查兑换券").click()
    assert "已经办结" in first.inner_text("main")

    points = village.at(VILLAGER, f"h/{village.home(0)[0]}/points/")
    before, after = (
        float(words.removesuffix("分").replace(",", ""))
        for words in (village.noted["balance"], points.locator(".figure.first b").inner_text())
    )
    assert after == before - 40


def printed(village: Village) -> None:
    """The passbook has the whole month in it."""
    page = village.at(VILLAGER, f"h/{village.home(0)[0]}/passbook/")
    told = text_of(page.pdf(format="A4", prefer_css_page_size=True))
    assert village.noted["rescue"] in told
    assert "香皂套装" in told
    assert village.noted["voucher"] not in told, "whoever has the number can fetch the goods"
    assert village.home(0)[1] in told
