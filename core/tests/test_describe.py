"""Every form that a rule can take is told in these exact words, in both languages."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from jifen.describe import (
    describe_category,
    describe_grades,
    describe_item,
    describe_limit,
    describe_total,
)
from jifen.model import (
    Base,
    BookCategory,
    Grade,
    Limit,
    Marks,
    Measure,
    Of,
    Partial,
    PutRight,
    Rate,
    SharedLimit,
    Step,
    Total,
    Veto,
    VetoEffect,
    Window,
)
from jifen.wording import at_a_glance

from core.tests.scheme import book, item

D = Decimal
QUANTITY = Measure.QUANTITY

FORMS: list[tuple[str, dict[str, Any], str, str]] = [
    (
        "fixed points, limited in a period",
        {"points": D(12), "limits": (Limit(Window.MONTH, times=4),)},
        "每次加12分，每月最多4次",
        "+12 points each time, at most 4 times a month",
    ),
    (
        "a fixed deduction of one point",
        {"points": D(-1), "limits": (Limit(Window.YEAR, takes=D(5)),)},
        "每次扣1分，每年最多扣5分",
        "−1 point each time, at most 5 points taken a year",
    ),
    (
        "by count",
        {"points": D(1), "each": D(3), "per": Window.YEAR},
        "每满3次加1分，余数在年内累计",
        "+1 point for every full 3 times, what is left over runs on within the year",
    ),
    (
        "by quantity, remainders carried over",
        {"measure": QUANTITY, "unit": "小时", "points": D(1), "each": D(4), "per": Window.YEAR},
        "每满4小时加1分，余数在年内累计",
        "+1 point for every full 4 小时, what is left over runs on within the year",
    ),
    (
        "by quantity, remainders lost",
        {
            "measure": QUANTITY,
            "unit": "元",
            "points": D("0.5"),
            "each": D(100),
            "limits": (Limit(Window.YEAR, gives=D(40)),),
        },
        "每满100元加0.5分，不足100元的部分不计，每年最多加40分",
        "+0.5 points for every full 100 元, less than 100 元 does not count, at most 40 points given a year",
    ),
    (
        "by quantity, in proportion",
        {"measure": QUANTITY, "unit": "小时", "points": D(1), "each": D(4), "whole": False},
        "每4小时加1分，不满的部分按比例计",
        "+1 point for every 4 小时, a part counts in proportion",
    ),
    (
        "falling rate",
        {
            "measure": QUANTITY,
            "unit": "元",
            "rates": (Rate(D(1), D(100), D(2000)), Rate(D(1), D(200))),
            "per": Window.YEAR,
        },
        "2000元以内每满100元加1分，超过2000元的部分每满200元加1分，数量在年内累计",
        (
            "up to 2000 元 +1 point for every full 100 元, beyond 2000 元 +1 point for every full 200 元, "
            "amounts run on within the year"
        ),
    ),
    (
        "falling rate in three brackets of one deed",
        {
            "measure": QUANTITY,
            "unit": "元",
            "rates": (Rate(D(3), D(10), D(100)), Rate(D(2), D(10), D(200)), Rate(D(1), D(10))),
        },
        "100元以内每满10元加3分，100元至200元的部分每满10元加2分，超过200元的部分每满10元加1分",
        (
            "up to 100 元 +3 points for every full 10 元, from 100 元 to 200 元 +2 points for every full 10 元, "
            "beyond 200 元 +1 point for every full 10 元"
        ),
    ),
    (
        "tiers",
        {
            "measure": QUANTITY,
            "unit": "小时",
            "tiers": (Step(D(10), D(2)), Step(D(30), D(5)), Step(D(100), D(20))),
            "per": Window.YEAR,
        },
        "年内累计满10小时加2分，满30小时加5分，满100小时加20分，达到高一档的只按高一档计",
        (
            "within the year: +2 points from 10 小时, +5 points from 30 小时, +20 points from 100 小时, "
            "a higher step replaces the one before"
        ),
    ),
    (
        "ladder for repeats",
        {"ladder": (D(-8), D(-15), D(-20)), "per": Window.YEAR},
        "第一次扣8分，第二次扣15分，第三次起每次扣20分，次数在年内累计",
        (
            "−8 points the first time, −15 points the second time, −20 points the third time and each time after, "
            "times are counted within the year"
        ),
    ),
    (
        "ladder for each member, the first time free",
        {"ladder": (D(0), D(-5)), "per": Window.QUARTER, "of": Of.MEMBER},
        "第一次不计分，第二次起每次扣5分，次数在季度内按每位成员分别累计",
        (
            "no points the first time, −5 points the second time and each time after, "
            "times are counted within the quarter for each member"
        ),
    ),
    (
        "graded finding",
        {"measure": Measure.GRADE, "grades": {"优": D(5), "良": D(3), "合格": D(1), "差": D(0)}},
        "评为优的加5分，评为良的加3分，评为合格的加1分，评为差的不计分",
        "+5 points for the grade 优, +3 points for the grade 良, +1 point for the grade 合格, no points for the grade 差",
    ),
    (
        "bands on a reading",
        {
            "measure": Measure.READING,
            "unit": "%",
            "bands": (Step(D(80), D(3)), Step(D(75), D(1)), Step(D(0), D(0))),
            "limits": (Limit(Window.MONTH, gives=D(10)),),
        },
        "80%及以上加3分，75%及以上、不到80%的加1分，不到75%的不计分，每月最多加10分",
        "+3 points from 80% on, +1 point from 75% to below 80%, no points below 75%, at most 10 points given a month",
    ),
    (
        "bands without a lowest one",
        {"measure": Measure.READING, "bands": (Step(D(60), D(1)), Step(D(90), D(2)))},
        "90及以上加2分，60及以上、不到90的加1分，不到60的不计分",
        "+2 points from 90 on, +1 point from 60 to below 90, no points below 60",
    ),
    (
        "base less findings",
        {
            "measure": QUANTITY,
            "unit": "处",
            "points": D(-5),
            "each": D(1),
            "base": Base(D(25), Window.MONTH),
            "limits": (Limit(Window.MONTH, floor=D(0)),),
        },
        "每月基础分25分，每1处扣5分，每月合计不低于0分",
        "a base score of 25 points a month, −5 points for every 1 处, never below 0 points a month",
    ),
    (
        "base score of a household",
        {"base": Base(D(100), Window.MONTH)},
        "每月基础分100分",
        "a base score of 100 points a month",
    ),
    (
        "inspection cells",
        {"points": D(2), "limits": (Limit(Window.TWO_MONTHS, times=1),)},
        "每次加2分，每两个月最多1次",
        "+2 points each time, at most once in two months",
    ),
    (
        "half-yearly, all years",
        {"points": D(2), "limits": (Limit(Window.HALF_YEAR, times=2), Limit(Window.ALL, ceiling=D(30)))},
        "每次加2分，每半年最多2次，历年累计合计不超过30分",
        "+2 points each time, at most 2 times in a half-year, never above 30 points over all years",
    ),
    (
        "per member",
        {"points": D(1), "limits": (Limit(Window.YEAR, times=3, of=Of.MEMBER),)},
        "每次加1分，每位成员每年最多3次",
        "+1 point each time, at most 3 times a year for each member",
    ),
    (
        "several reviewers",
        {"measure": Measure.MARKS, "marks": Marks(3, 1), "points": D(2)},
        "至少3人评分，去掉1个最高分和1个最低分后取平均分，平均每1分加2分",
        (
            "the mean of the marks of at least 3 reviewers without the 1 highest and the 1 lowest, "
            "+2 points for each mark of the mean"
        ),
    ),
    (
        "several reviewers, none left out, in bands",
        {"measure": Measure.MARKS, "marks": Marks(2), "bands": (Step(D(8), D(5)),)},
        "至少2人评分，取平均分，8及以上加5分，不到8的不计分",
        "the mean of the marks of at least 2 reviewers, +5 points from 8 on, no points below 8",
    ),
    (
        "a limit under which a part of a deed is dropped",
        {"points": D(3), "limits": (Limit(Window.MONTH, gives=D(10), partial=Partial.DROP),)},
        "每次加3分，每月最多加10分，只够加扣一部分的那一次不计",
        "+3 points each time, at most 10 points given a month, a deed of which only a part fits does not count",
    ),
    ("scored by a plugin", {"scored_by_plugin": True}, "按本类专门的办法计分", "scored by this category's own method"),
]


@pytest.mark.parametrize(("facts", "zh", "en"), [form[1:] for form in FORMS], ids=[form[0] for form in FORMS])
def test_each_form_has_its_exact_words(
    facts: dict[str, Any], zh: str, en: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = item("A", **facts)
    for language, words in (("zh_CN", zh), ("en", en)):
        monkeypatch.setenv("JIFEN_LANG", language)
        assert describe_item(rule, book(rule)) == [words]


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", "zh_CN")


def test_evidence_and_reviewers_follow_the_first_sentence(chinese: None) -> None:
    rule = item("A", points=D(5), evidence=("photo/scan", "minutes", "无人机影像"), approvals=2)
    assert describe_item(rule, book(rule)) == [
        "每次加5分",
        "要有佐证：照片或扫描件、会议记录、无人机影像",
        "须由2人审核通过",
    ]


def test_what_is_put_right_is_named_with_share_and_deadline(chinese: None) -> None:
    fault = item("D05", name={"zh_CN": "家禽散养"}, ladder=(D(-8), D(-15)), per=Window.YEAR)
    mended = item("D06", put_right=PutRight(("D05",), "1/2", 30))
    later = item("D07", put_right=PutRight(("D05",), "3/4"))
    rules = book(fault, mended, later)
    assert describe_item(mended, rules) == ["“家禽散养”在30天内整改到位的，返还所扣分数的一半"]
    assert describe_item(later, rules) == ["“家禽散养”整改到位的，返还所扣分数的3/4"]


def test_a_veto_says_its_effects_and_what_remains_once_lifted(chinese: None) -> None:
    effects = (VetoEffect.LOWEST_GRADE, VetoEffect.NO_HONOURS, VetoEffect.ZERO_TOTAL)
    veto = item("V", veto=Veto(effects, D(600), "two"), points=D(-50))
    mended = item("W", put_right=PutRight(("V",)))
    grades = (Grade("five", {"zh_CN": "五星"}, above=D(1060)), Grade("two", {"zh_CN": "二星"}))
    effect = "一票否决：本期等级评为最低一档，本期不参加评优，本期总分记为0分"
    assert describe_item(veto, book(veto, mended, grades=grades)) == [
        "每次扣50分",
        effect,
        "本期内整改到位的解除否决，但总分最多恢复到600分，等级最高恢复到“二星”",
    ]
    assert describe_item(veto, book(veto, grades=grades)) == ["每次扣50分", effect]


def test_a_veto_alone_stands_for_itself(chinese: None) -> None:
    veto = item("V", veto=Veto((VetoEffect.NO_HONOURS,)))
    assert describe_item(veto, book(veto)) == ["一票否决：本期不参加评优"]


def test_shared_limits_are_told_with_their_name_or_their_items(chinese: None) -> None:
    one, two = (
        item("B03", name={"zh_CN": "照看邻家老人"}, points=D("0.5")),
        item("B04", name={"zh_CN": "代购"}, points=D("0.5")),
    )
    named = SharedLimit("n", ("B03", "B04"), Window.MONTH, "第五条", {"zh_CN": "邻里互助"}, gives=D(1))
    bare = SharedLimit("n", ("B03", "B04"), Window.MONTH, "第五条", gives=D(1))
    assert describe_item(one, book(one, two, limits=(named,))) == ["每次加0.5分", "“邻里互助”合计每月最多加1分"]
    assert describe_item(two, book(one, two, limits=(bare,)))[1] == "“照看邻家老人”、“代购”合计每月最多加1分"


def test_categories_totals_and_grades_are_told(chinese: None) -> None:
    category = BookCategory("test.all", limits=(Limit(Window.YEAR, gives=D(40), takes=D(20)),))
    assert describe_category(category) == ["本类每年最多加40分", "本类每年最多扣20分"]
    grades = (
        Grade("five", {"zh_CN": "五星"}, above=D(1060)),
        Grade("four", {"zh_CN": "四星"}, at_least=D(1040)),
        Grade("none", {"zh_CN": "未评星"}),
    )
    rules = book(grades=grades, total=Total((Limit(Window.YEAR, floor=D(0)),)))
    assert describe_total(rules) == ["每户总分每年合计不低于0分"]
    assert describe_grades(rules) == ["五星：总分高于1060分", "四星：总分达到1040分", "未评星：其余"]


def test_a_negative_floor_keeps_its_sign(chinese: None) -> None:
    assert describe_limit(Limit(Window.YEAR, floor=D(-20))) == ["每年合计不低于−20分"]


@pytest.mark.parametrize(
    ("facts", "short"),
    [
        ({"points": D(12)}, "+12"),
        ({"ladder": (D(-8), D(-15), D(-20))}, "−8～−20"),
        ({"grades": {"优": D(5), "差": D(0)}}, "+5"),
        ({"base": Base(D(25), Window.MONTH), "points": D(-5)}, "+25 / −5"),
        ({"put_right": PutRight(("A",))}, "返还"),
        ({"veto": Veto((VetoEffect.NO_HONOURS,))}, "否决"),
        ({"scored_by_plugin": True}, "另计"),
    ],
)
def test_an_item_has_one_short_figure(facts: dict[str, Any], short: str, chinese: None) -> None:
    assert at_a_glance(item("A", **facts)) == short
