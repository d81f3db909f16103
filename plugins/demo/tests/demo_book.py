"""A rule book in which every form of rule occurs, built in code."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from jifen.model import (
    Base,
    BookCategory,
    Item,
    Limit,
    Marks,
    Measure,
    Of,
    Part,
    PutRight,
    Rate,
    RuleBook,
    SharedLimit,
    Status,
    Step,
    Subject,
    Veto,
    VetoEffect,
    Window,
)

D = Decimal


def _item(code: str, name: str, **more: object) -> Item:
    category = "demo.bottom-line" if "veto" in more else "demo.life"
    return Item(code=code, category=category, name={"zh_CN": name}, clause=f"第{code}条", **more)  # type: ignore[arg-type]


ITEMS = (
    _item("A01", "参加村庄清洁日", points=D(12), limits=(Limit(Window.MONTH, times=4),), evidence=("photo",)),
    _item(
        "A02", "志愿服务", measure=Measure.QUANTITY, unit="小时", points=D(1), each=D(4), per=Window.YEAR, of=Of.MEMBER
    ),
    _item(
        "A03",
        "捐款",
        measure=Measure.QUANTITY,
        unit="元",
        rates=(Rate(D(1), D(100), D(2000)), Rate(D(1), D(200))),
        per=Window.YEAR,
    ),
    _item(
        "A04",
        "累计学习",
        measure=Measure.QUANTITY,
        unit="小时",
        tiers=(Step(D(10), D(2)), Step(D(30), D(5)), Step(D(100), D(20))),
        per=Window.YEAR,
    ),
    _item("A05", "家禽散养", ladder=(D(-8), D(-15), D(-20)), per=Window.YEAR, evidence=("photo/scan", "signature")),
    _item("A06", "庭院评比", measure=Measure.GRADE, grades={"优": D(5), "良": D(3), "合格": D(1), "差": D(0)}),
    _item(
        "A07", "垃圾分类准确率", measure=Measure.READING, bands=(Step(D(80), D(3)), Step(D(75), D(1)), Step(D(0), D(0)))
    ),
    _item(
        "A08",
        "庭院整洁",
        measure=Measure.QUANTITY,
        unit="处",
        base=Base(D(25), Window.MONTH),
        points=D(-5),
        each=D(1),
        per=Window.MONTH,
    ),
    _item("A09", "参加积分制", base=Base(D(100), Window.MONTH)),
    _item("A10", "参加培训", points=D(1), limits=(Limit(Window.YEAR, times=3, of=Of.MEMBER),)),
    _item("A11", "整改到位", put_right=PutRight(("A05", "V01"), "1/2", 30), approvals=2),
    _item("V01", "违法搭建", veto=Veto((VetoEffect.LOWEST_GRADE, VetoEffect.NO_HONOURS), D(600), None), approvals=2),
    _item(
        "A12",
        "说唱评议",
        measure=Measure.MARKS,
        marks=Marks(5, 1),
        points=D(1),
        limits=(Limit(Window.YEAR, gives=D(8)),),
    ),
    _item("A13", "帮助邻居", points=D("0.5")),
    _item("A14", "照看老人", points=D("0.5")),
    _item("K01", "为老服务活动", subject=Subject.VILLAGE, points=D(3), limits=(Limit(Window.YEAR, times=4),)),
    _item("K02", "违法用地", subject=Subject.VILLAGE, points=D(-5)),
    _item("K03", "治理成效评分", subject=Subject.VILLAGE, measure=Measure.MARKS, marks=Marks(3, 1), points=D(1)),
)
BOOK = RuleBook(
    name="qinghe-2025",
    title={"zh_CN": "演示细则"},
    valid_from=date(2025, 1, 1),
    valid_to=date(2025, 12, 31),
    status=Status.SAMPLE,
    eligibility=Part("demo.all"),
    village=Part("demo.village"),
    rewards=Part("demo.rewards"),
    categories=(BookCategory("demo.life"), BookCategory("demo.bottom-line")),
    items=ITEMS,
    limits=(SharedLimit("neighbours", ("A13", "A14"), Window.MONTH, "第五条", gives=D(1)),),
    places=1,
)
