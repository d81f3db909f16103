"""The public report opens without a network, hides who need not be seen, marks what is not approved, and repeats itself."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve
from jifen import frames
from jifen.inputs import Inputs
from jifen.model import Approval, Base, BookCategory, Grade, Item, Part, RuleBook, Status, Step, Subject, Window
from jifen.period import Period
from jifen.settlement import RowCount, Settlement
from jifen_report import board, write
from jifen_report.report import report

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = "<script>alert(1)</script>"
FORMULA = '=cmd|"/c calc"!A1'
SURNAMES = ("王", "李", "欧阳", "张", "沈", "陆")
VILLAGES = (("V1", "荷塘村"), ("V2", "青溪村"), ("V3", HOSTILE))
PEOPLE = 20

BOOK = RuleBook(
    name="test-2025",
    title={"zh_CN": "试验镇积分细则", "en": "Rules of a test town"},
    valid_from=date(2025, 1, 1),
    valid_to=date(2025, 12, 31),
    status=Status.APPROVED,
    approval=Approval("试验镇人民政府", "试府〔2025〕1号", date(2025, 1, 2)),
    eligibility=Part("test.all"),
    village=Part("test.parts"),
    rewards=Part("test.rewards"),
    categories=(
        BookCategory("test.home", "第一条", {"zh_CN": "人居环境", "en": "Home"}),
        BookCategory("test.village", "第二条", {"zh_CN": "重点工作", "en": "Tasks"}),
    ),
    items=(
        Item("A1", "test.home", {"zh_CN": "参加清洁日", "en": "Clean-up"}, "第一条", points=Decimal(12)),
        Item("A2", "test.home", {"zh_CN": "乱堆放", "en": "Heaps"}, "第一条", points=Decimal(-5)),
        Item("A3", "test.home", {"zh_CN": "基础", "en": "Base"}, "第一条", base=Base(Decimal(100), Window.YEAR)),
        Item(
            "K1",
            "test.village",
            {"zh_CN": "为老服务", "en": "Elders"},
            "第二条",
            subject=Subject.VILLAGE,
            tiers=(Step(Decimal(1), Decimal(5)),),
            per=Window.YEAR,
        ),
    ),
    places=1,
    grades=(Grade("good", {"zh_CN": "五星", "en": "Good"}, above=Decimal(100)), Grade("rest", {"zh_CN": "其他"})),
    digest="0123456789abcdef" * 4,
)


def made_up() -> tuple[Settlement, Inputs]:
    """Three villages with twenty households each; one name is hostile, one is a formula."""
    villages = [{"village": code, "name": name, "groups": 3} for code, name in VILLAGES]
    houses: list[dict[str, Any]] = []
    for code, _ in VILLAGES:
        for n in range(PEOPLE):
            given = HOSTILE if n == 1 else FORMULA if n == 2 else f"{SURNAMES[n % 6]}秘密"
            houses.append(
                {
                    "household": f"{code}-H{n:04d}",
                    "village": code,
                    "group": f"{n % 3 + 1}组",
                    "name": given,
                    "address": f"暗巷{n}号",
                    "site": "home",
                    "registered": True,
                    "homestead": True,
                    "living": 2,
                    "members": [f"{given}甲"],
                }
            )
    taking = [house for n, house in enumerate(houses) if n % PEOPLE < PEOPLE - 2]
    standings, awards, cuts = [], [], frames.CUTS.empty()
    for n, house in enumerate(taking):
        who, village, rank = house["household"], house["village"], n % (PEOPLE - 2) + 1
        gains = (PEOPLE - rank) * 10 if rank != 11 else (PEOPLE - 10) * 10
        common = {
            "village": village,
            "subject": who,
            "category": "test.home",
            "clause": "第一条",
            "date": date(2025, 3, 4),
        }
        awards.append({**common, "deed": f"base:{who}", "item": "A3", "kind": "base", "gross": 1000, "points": 1000})
        awards.append({**common, "deed": f"d:{who}", "item": "A1", "kind": "deed", "gross": gains, "points": gains})
        awards.append({**common, "deed": f"m:{who}", "item": "A2", "kind": "deed", "gross": -50, "points": -50})
        standings.append(
            {
                "village": village,
                "household": who,
                "given": 1000 + gains,
                "taken": -50,
                "total": 950 + gains,
                "grade": "good" if gains > 50 else "rest",
                "rank": 10 if rank == 11 else rank,
                "barred": False,
            }
        )
    parts, scores = [], []
    for n, (code, _) in enumerate(VILLAGES):
        line = {"village": code, "clause": "第三条"}
        parts += [
            {
                **line,
                "part": "x.base",
                "detail": "x.joined",
                "points": 500 - n,
                "unit": "points",
                "numerator": 9000,
                "denominator": 20,
            },
            {
                **line,
                "part": "x.base",
                "detail": "x.stars-five-first",
                "points": 30,
                "unit": "households",
                "numerator": 4,
                "denominator": 20,
            },
            {
                **line,
                "part": "x.base",
                "detail": "x.stars-one-first",
                "points": 10,
                "unit": "households",
                "numerator": 5,
                "denominator": 20,
            },
            {**line, "part": "x.minus", "detail": "x.dump", "points": -20 * n},
            {**line, "part": "x.tasks", "detail": "K1", "points": 50},
        ]
        scores.append(
            {"village": code, "points": 590 - 21 * n, "rank": n + 1, "households": PEOPLE, "participants": PEOPLE - 2}
        )
    honour = {"code": "ten", "title": "积分先进户", "clause": "第四条", "ground": "x.rank", "kind": "honour"}
    rewards = [{**honour, "village": h["village"], "subject": h["household"], "points": 1000} for h in taking[:5]]
    money = {"kind": "exchange", "code": "shop", "title": "积分超市", "clause": "第五条", "ground": "x", "money": 12345}
    rewards += [{**money, "village": h["village"], "subject": h["household"], "points": 900} for h in taking[:4]]
    rewards.append({**money, "code": "few", "title": "少数兑换", "village": "V1", "subject": taking[0]["household"]})
    rewards.append(
        {
            "village": "V1",
            "subject": taking[7]["household"],
            "kind": "proposal",
            "code": "p",
            "title": "暂缓分红",
            "clause": "村规民约第九条",
            "ground": "d-secret",
        }
    )
    refused = [
        {"deed": f"r{n}", "village": "V1", "subject": "V1-H0000", "item": "A1", "date": date(2025, 5, 6), **facts}
        for n, facts in enumerate(
            [
                {"outcome": "refused", "reason": "deeds.pending"},
                {"outcome": "refused", "reason": "deeds.pending"},
                {"outcome": "refused", "reason": "deeds.evidence-missing"},
                {"outcome": "cancelled", "reason": "deeds.cancelled"},
            ]
        )
    ]
    participants = [
        {
            "household": house["household"],
            "village": house["village"],
            "participates": house in taking,
            "reason": None if house in taking else "deeds.not-participant",
        }
        for house in houses
    ]
    settlement = Settlement(
        town="nowhere",
        book=BOOK,
        period=Period.parse("2025"),
        participants=frames.PARTICIPANTS.make(participants),
        awards=frames.AWARDS.make(awards),
        cuts=cuts,
        refused=frames.REFUSED.make(refused),
        category_points=frames.CATEGORY_POINTS.empty(),
        standings=frames.STANDINGS.make(standings),
        village_parts=frames.VILLAGE_PARTS.make(parts),
        village_scores=frames.VILLAGE_SCORES.make(scores),
        rewards=frames.REWARDS.make(rewards),
        rows=RowCount(rows_in=1239, awarded=1230, refused=3, cancelled=1, set_aside=5),
    )
    return settlement, Inputs(frames.VILLAGES.make(villages), frames.HOUSEHOLDS.make(houses), frames.DEEDS.empty())


@pytest.fixture(params=["zh_CN", "en"])
def page(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JIFEN_LANG", request.param)
    return report(*made_up())


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    return report(*made_up())


class Balanced(HTMLParser):
    """Whether every element that is opened is closed, in order."""

    VOID = frozenset({"meta", "rect", "line", "circle"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)


def words(page: str) -> str:
    """What a reader sees, without the space between elements."""
    parser = Balanced()
    parser.feed(page)
    assert parser.open == []
    return re.sub(r"\s+", "", "".join(parser.text))


def test_nothing_outside_the_page_is_referred_to(page: str) -> None:
    for outside in ("http:", "https:", "//", "<link", "<script", "<img", "@import", "src="):
        assert outside not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert set(re.findall(r"url\(([^)]*)\)", page)) <= {"#hatch", "#dots"}
    assert all(target.startswith("#") for target in re.findall(r'href="([^"]*)"', page))


def test_every_link_has_its_target(page: str) -> None:
    assert set(re.findall(r'href="#([^"]*)"', page)) <= set(re.findall(r'id="([^"]*)"', page))


def test_no_personal_detail_is_posted(page: str) -> None:
    assert "王＊＊" in page
    assert "欧阳＊＊" in page
    for hidden in ("秘密", "暗巷", "-H00", "H0001", "d-secret", "暂缓分红", "甲"):
        assert hidden not in page


def test_hostile_names_stay_text(page: str) -> None:
    assert HOSTILE not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page  # the name of the third village
    assert FORMULA not in page
    words(page)


def test_the_same_settlement_gives_the_same_bytes(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder in (first, second):
        folder.mkdir()
        write(*made_up(), folder)
    assert (first / "report.html").read_bytes() == (second / "report.html").read_bytes()
    assert [file.name for file in first.iterdir()] == ["report.html"]


def test_an_approved_book_is_not_marked_and_names_its_approval(chinese: str) -> None:
    told = words(chinese)
    assert "样张" not in told
    assert "草案" not in told
    for approval in ("试验镇人民政府", "试府〔2025〕1号", "2025年1月2日", "0123456789ab"):
        assert approval in told


@pytest.mark.parametrize(("status", "mark"), [(Status.SAMPLE, "样张"), (Status.DRAFT, "草案")])
def test_what_is_not_approved_is_marked(status: Status, mark: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    settlement, inputs = made_up()
    settlement = evolve(settlement, book=evolve(BOOK, status=status, approval=None))
    for page in (report(settlement, inputs), board(settlement.book)):
        assert f'<div class="watermark" aria-hidden="true">{mark}</div>' in page
        assert f'<p class="banner" role="note">{mark}：' in page
        assert "尚未批准" in words(page)


def test_one_sample_item_marks_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    book = evolve(BOOK, items=(evolve(BOOK.items[0], status=Status.SAMPLE), *BOOK.items[1:]))
    assert '<div class="watermark" aria-hidden="true">样张</div>' in board(book)


def test_the_sum_of_rows_is_shown(chinese: str) -> None:
    told = words(chinese)
    assert "1,239收到记录=1,230已计分+3未计分+1已撤销+5搁置✓核对相符" in told
    assert "有5条记录填写有误，暂时搁置" in told


def test_a_wrong_sum_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")
    settlement, inputs = made_up()
    settlement = evolve(settlement, rows=evolve(settlement.rows, rows_in=9))
    assert "✗核对不符，请勿公示" in words(report(settlement, inputs))


def test_ties_share_the_last_place_of_a_leaderboard(chinese: str) -> None:
    first = chinese[chinese.index('id="village-1"') : chinese.index('id="village-2"')]
    leaders = first[first.index('class="leaders"') : first.index("</table>")]
    assert re.findall(r'<td class="n rank[^"]*"><b>(\d+)</b>', leaders) == [*map(str, range(1, 11)), "10"]


def test_refusals_are_counted_by_reason_in_words(chinese: str) -> None:
    told = words(chinese)
    assert "还没有审核2" in told
    assert "缺少要求的佐证1" in told
    assert "该户没有参加积分制6" in told
    assert "已撤销1" not in told.replace("+1已撤销", "")


def test_exchange_is_posted_as_a_sum_and_not_at_all_for_few(chinese: str) -> None:
    told = words(chinese)
    assert "积分超市4493.80" in told
    assert "123.45" not in told
    assert "少数兑换1不足3户，不公布金额" in told


def test_proposals_are_a_number(chinese: str) -> None:
    assert "惩戒建议共1件" in words(chinese)


def test_figures_of_villages_add_up_as_shown(chinese: str) -> None:
    told = words(chinese)
    assert "荷塘村" in told
    assert "五星20.0%" in chinese  # the star bar in words: 4 of 20
    assert "一星25.0%" in chinese
    assert "4户／20户" in told
    assert "900分／20户" in told
    # 54 participants: base 100 each, 12 deeds' worth given, 5 taken from each
    assert "其中基础分5,400" in told
    assert "扣分−270" in told


def test_every_bar_is_told_in_words(page: str) -> None:
    bars = re.findall(r'<svg class="bar".*?</svg>', page)
    assert bars
    assert all(re.search(r"<title>[^<]+</title>", drawn) for drawn in bars)


def test_an_empty_settlement_still_makes_a_page() -> None:
    settlement, inputs = made_up()
    nothing: dict[str, Any] = {name: frame.clear() for name, frame in settlement.frames().items()}
    words(report(evolve(settlement, **nothing, rows=RowCount(0, 0, 0, 0, 0)), inputs))


def test_the_page_knows_every_word_it_says(page: str) -> None:
    assert not re.search(r"\b(report|describe)\.[a-z]", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))


@pytest.mark.parametrize(
    ("language", "gain", "loss"),
    [("zh_CN", "每次加12分", "每次扣5分"), ("en", "+12 points each time", "−5 points each time")],
)
def test_the_board_tells_each_rule(language: str, gain: str, loss: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", language)
    page = board(BOOK)
    assert gain in page
    assert loss in page
    assert page.index(gain) < page.index(loss)
    assert "//" not in page
    assert not re.search(r"\b(report|describe)\.[a-z]", re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL))
    words(page)
