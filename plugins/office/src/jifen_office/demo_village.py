"""Decides what happened in a village of the demo: a year's first months are final, a sheet hangs, a queue waits."""

from __future__ import annotations

import io
from datetime import date, datetime, time
from functools import cache
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from attrs import frozen
from jifen.problems import Refused

if TYPE_CHECKING:
    from collections.abc import Iterable

    import polars as pl

    from jifen_office.access.models import User
    from jifen_office.process.evidence import Shown
    from jifen_office.process.models import Objection, Record
    from jifen_office.register.models import Household, Village
    from jifen_office.shop.models import Voucher

TODAY: Final = date(2025, 6, 25)
"""The day of the demo: an exchange day of the town that has a shop."""
VOUCHERS: Final = 4
_ZONE: Final = ZoneInfo("Asia/Shanghai")
_STEPS: Final = {
    "final": (date(2025, 1, 1), date(2025, 4, 30), date(2025, 5, 6)),
    "posted": (date(2025, 5, 1), date(2025, 6, 10), date(2025, 6, 18)),
    "recorded": (date(2025, 6, 11), date(2025, 6, 22), date(2025, 6, 24)),
}
"""First and last day of the deeds, and the day on which they were recorded."""


@frozen
class People:
    """Who acts in a village."""

    village: Village
    clerk: User
    keeper: User
    committee: tuple[User, ...]

    def key(self, *of: object) -> str:
        """The key of a form, the same in every demo."""
        return ":".join(map(str, ("demo", self.village.code, *of)))


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day in the village."""
    return datetime.combine(day, time(hour), _ZONE)


def months(who: People, deeds: pl.DataFrame) -> None:
    """The village's records: those of the first months final, then a sheet that hangs, then a queue."""
    from jifen_office import crediting
    from jifen_office.process import noticing, objecting, reviewing

    final = _record(who, deeds, "final")
    _approve(who, final, date(2025, 5, 8))
    noticing.post_notice(who.village, key=who.key("notice", 1), by=who.clerk, now=at(date(2025, 5, 9)))
    for number, granted in enumerate((True, False)):
        objection = _object(who, final[number * 3], date(2025, 5, 11), "这一条登记有误，请再核对一次。")
        why = "核对签到表，登记的不是本人，予以撤销。" if granted else "核对照片和签到表，登记无误。"
        objecting.decide(
            objection,
            granted=granted,
            reasons=why,
            key=who.key("decide", number),
            by=who.committee[2],
            now=at(date(2025, 5, 13)),
        )
    noticing.finish(who.village, date(2025, 5, 20), at(date(2025, 5, 20)))
    crediting.credit(who.village, str(TODAY.year), now=at(date(2025, 5, 20), 10), by=who.clerk)

    posted = _record(who, deeds, "posted")
    _approve(who, posted, date(2025, 6, 20))
    noticing.post_notice(who.village, key=who.key("notice", 2), by=who.clerk, now=at(date(2025, 6, 23)))
    _object(who, posted[0], date(2025, 6, 24), "那天我们家也去了两个人，只记了一个。")

    waiting = _record(who, deeds, "recorded")
    _approve(who, waiting[: len(waiting) // 3], date(2025, 6, 24))
    for number, each in enumerate(waiting[-2:]):
        why = "照片看不清是哪一家，请补一张或请人证明。"
        reviewing.refuse(
            each, reason=why, key=who.key("refuse", number), by=who.committee[1], now=at(date(2025, 6, 24), 15)
        )
    _propose(who, final)


def _record(who: People, deeds: pl.DataFrame, step: str) -> list[Record]:
    """A sheet of invented deeds, those left out that the checks refuse, as a clerk would do on being told."""
    import polars as pl
    from jifen.inputs import Reading, Source, counted

    from jifen_office.process import recording

    first, last, day = _STEPS[step]
    mine = deeds.filter(pl.col("village").cast(pl.String) == who.village.code, pl.col("date").is_between(first, last))
    named = {name: f"+{number}" for number, name in enumerate(mine["deed"].cast(pl.String), 1)}
    rows = mine.with_columns(
        pl.col("deed", "refers").cast(pl.String).replace_strict(named, default=None),
        status=pl.lit("approved").cast(mine.schema["status"]),
        recorded=pl.lit(day),
        approved=pl.lit(day),
        decided=pl.lit(day),
    )
    while True:
        shown = [_shown(kinds) for kinds in rows["evidence"].cast(pl.String)]
        origins = {"deeds": counted(rows.height, 0)}
        reading = Reading({"deeds": rows}, sources=(Source("demo"),), origins=origins)
        try:
            return recording.record_all(
                who.village, reading, shown, key=who.key("record", step), by=who.clerk, now=at(day)
            )
        except Refused as refused:
            wrong = {problem.place.row for problem in refused.problems}
            left = rows.with_row_index("row", offset=1).filter(~pl.col("row").is_in([at for at in wrong if at]))
            if left.height == rows.height:
                raise
            rows = left.drop("row")


def _shown(kinds: str | None) -> list[Shown]:
    """Evidence of the kinds that were invented; without any, a witness."""
    from jifen_office.process.evidence import PICTURES, Shown

    named = [kind for kind in (kinds or "").split("|") if kind]
    return [
        Shown(kind, file=_picture()) if kind in PICTURES else Shown(kind, words="村民小组存档") for kind in named
    ] or [Shown("witness", words="孙桂英")]


@cache
def _picture() -> str:
    """A picture of nobody: the colours of a village lane."""
    from PIL import Image, ImageDraw

    from jifen_office.process.evidence import keep_photo

    image = Image.new("RGB", (960, 640), "#cfe3ee")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((0, 380, 960, 640), fill="#7ea36b")
    drawing.polygon(((380, 640), (580, 640), (500, 380), (460, 380)), fill="#cbb994")
    drawing.rectangle((120, 240, 360, 420), fill="#f4efe4", outline="#8d8271", width=4)
    drawing.polygon(((100, 240), (380, 240), (240, 150)), fill="#a3261b")
    made = io.BytesIO()
    image.save(made, "JPEG", quality=80)
    made.seek(0)
    return keep_photo(made)


def _approve(who: People, records: Iterable[Record], day: date) -> None:
    from jifen_office.process import reviewing

    for record in records:
        for user in who.committee[: record.approvals]:
            reviewing.approve(record, key=who.key("approve", record.number, user.pk), by=user, now=at(day, 14))


def _object(who: People, record: Record, day: date, words: str) -> Objection:
    """The record's household objects at the counter; a village's own deed is objected to by its first household."""
    from jifen_office.process import objecting

    household = record.household or who.village.households.order_by("code")[0]
    key = who.key("object", record.number)
    return objecting.object_to(record, household, words, oral=True, key=key, by=who.clerk, now=at(day))


def _propose(who: People, final: list[Record]) -> None:
    """A proposal of a penalty for a deed of the first months that cost its household points."""
    from jifen_office.ledger.models import AccountKind, Transfer
    from jifen_office.process import proposing

    taken = Transfer.objects.filter(entry__village=who.village, target__kind=AccountKind.ISSUE)
    numbers = set(taken.values_list("entry__record", flat=True))
    for record in [each for each in final if each.number in numbers and each.household is not None][:1]:
        record.refresh_from_db()
        proposing.propose(
            record,
            measure="建议暂缓享受一次村集体节日慰问品",
            charter_clause="《村规民约》第十八条",
            key=who.key("propose"),
            by=who.clerk,
            now=at(date(2025, 6, 24), 16),
        )


def shop(who: People) -> None:
    """Goods come in; on two exchange days households reserve: some were handed over, one was void, one waits."""
    from jifen_office import rules
    from jifen_office.shop import exchanging
    from jifen_office.shop.stock import supply

    offered = rules.book_of(who.village.town.code, TODAY).shop
    if offered is None:
        return
    for good in offered.goods:
        if not good.villages or who.village.code in good.villages:
            key, now = who.key("supply", good.code), at(date(2025, 6, 2))
            supply(who.village, good.code, 20, key=key, now=now, by=who.keeper)
    made: list[Voucher] = []
    for household in richest(who.village):
        day = date(2025, 6, 5) if len(made) < VOUCHERS - 1 else TODAY
        try:
            key = who.key("reserve", household.code)
            made.append(exchanging.reserve(household, offered.goods[0].code, 1, key=key, now=at(day), by=who.keeper))
        except Refused:
            continue  # too few points, as it happens; the next one has more luck
        if len(made) == VOUCHERS:
            break
    for voucher in made[:2]:
        exchanging.hand_over(
            voucher.number, key=who.key("out", voucher.number), now=at(voucher.made, 11), by=who.keeper
        )
    for voucher in made[2:3]:
        key, why = who.key("void", voucher.number), "家里暂时用不上"
        exchanging.void(voucher, key=key, now=at(voucher.made, 15), by=who.keeper, why=why)


def richest(village: Village) -> list[Household]:
    """Its households, those with the most points first."""
    from django.db.models import Sum

    from jifen_office.register.models import Household

    found = Household.objects.filter(village=village, accounts__kind="purse").annotate(points=Sum("accounts__balance"))
    return list(found.select_related("village__town").order_by("-points", "code"))
