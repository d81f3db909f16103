"""A village of Wangchao with some weeks behind it, so that every page has something to show on `TODAY`."""

from __future__ import annotations

import io
from collections import OrderedDict
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

import pytest
from attrs import frozen
from django.db import transaction
from django.test import Client
from jifen_office.access.models import Role, User
from jifen_office.access.people import appoint
from jifen_office.crediting import credit
from jifen_office.pages import settled
from jifen_office.process.evidence import Shown, keep_photo
from jifen_office.process.models import Record
from jifen_office.process.noticing import finish, post_notice
from jifen_office.process.objecting import object_to
from jifen_office.process.proposing import propose
from jifen_office.process.recording import Draft, record
from jifen_office.process.reviewing import refuse
from jifen_office.register.models import Household, Member
from jifen_office.shop.exchanging import hand_over, reserve
from jifen_office.shop.models import Voucher
from jifen_office.shop.stock import supply
from PIL import Image

from plugins.office.tests.process_office import WITNESS, Office, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.plugin import DjangoDbBlocker

TODAY: Final = date(2025, 6, 25)
PASSWORD: Final = "hai-feng-chao-sheng-25"  # noqa: S105 - of the tests' own people


@frozen
class Month:
    """The village, the people beside those of its office, and what pages are opened with."""

    office: Office
    users: dict[str, User]
    posted: Record
    objected: Record
    recorded: Record
    final: Record
    voucher: Voucher

    @property
    def home(self) -> Household:
        """The household whose card there is."""
        return self.office.homes[0]

    def codes(self, name: str) -> dict[str, object]:
        """The keywords of the address of a page."""
        village: dict[str, object] = {"village": self.office.village.code}
        home: dict[str, object] = {**village, "household": self.home.code}
        objection = self.objected.objections.get()
        known: dict[str, dict[str, object]] = {
            **dict.fromkeys(
                ("points", "why", "month", "passbook", "objections", "exchange", "household", "report"), home
            ),
            **dict.fromkeys(("issue_card", "export", "kept", "change", "erase"), home),
            "cancel": {**village, "number": self.final.number},
            "more_evidence": {**village, "number": self.recorded.number},
            "withdraw": {**village, "number": self.recorded.number},
            "object_to": {**home, "number": self.posted.number},
            "record_of": {**home, "number": self.final.number},
            "voucher": {**home, "number": self.voucher.number},
            "void_voucher": {**home, "number": self.voucher.number},
            "review": {**village, "number": self.recorded.number},
            "proposal": {**village, "number": self.final.number},
            "objection": {**village, "number": objection.pk},
            "at_counter": {**village, "number": self.voucher.number},
            "sheet": {**village, "number": self.posted.notice.number if self.posted.notice else ""},
            "town": {"town": "wangchao"},
            "exports": {"town": "wangchao"},
            "layers": {"town": "wangchao"},
            "public": {},
            "district": {},
            "audit": {},
            "home": {},
        }
        return known.get(name, village)


def now(day: date, hour: int = 9) -> datetime:
    """A moment of a day."""
    return at(day, hour)


@pytest.fixture(scope="module")
def month(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Month]:
    """One village for the tests of a module; what each of them writes is taken back, and the village in the end."""
    del django_db_setup
    with django_db_blocker.unblock(), transaction.atomic():
        yield made_month()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is `TODAY`."""
    monkeypatch.setenv("JIFEN_TODAY", TODAY.isoformat())


@pytest.fixture(autouse=True)
def forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """No settlement is left of what another test has taken back."""
    monkeypatch.setattr(settled, "_kept", OrderedDict())


def signed_in(month: Month, user: str) -> Client:
    """A browser of one of the village's people; of nobody for an empty name."""
    client = Client()
    if user:
        client.force_login(month.users[user], backend="jifen_office.access.accounts.AccountBackend")
    return client


def made_month() -> Month:
    """The village, in the database."""
    office = Office.open("wangchao", "WC01")
    town = office.village.town
    town.name, office.village.name = "望潮镇", "青溪村"
    town.save()
    office.village.save()
    Member.objects.create(household=office.homes[0], name="顾小敏")
    users = {"clerk": office.clerk, "leader": office.leader, "card": office.card, "committee": office.committee[2]}
    names = ("陆文书", "周组长", "卡", "沈委员")
    for user, name in zip(users.values(), names, strict=True):
        user.name = name
        user.save()
    for role, name, where in (
        (Role.KEEPER, "钱店长", {"village": office.village}),
        (Role.TOWN, "吴经办", {"town": town}),
        (Role.DISTRICT, "郑经办", {}),
    ):
        user = User.objects.create(username=role.value, name=name)
        appoint(user, role, since=date(2025, 1, 1), **where)
        users[role.value] = user
    early = [
        _recorded(office, "A01", home, date(2025, 5, 6), grade)
        for home, grade in enumerate(("优", "良", "优", "合格", "优", "良"))
    ]
    early += [_recorded(office, "A04", home, date(2025, 5, day)) for home, day in ((0, 10), (0, 24), (2, 10), (4, 10))]
    early += [_recorded(office, "A09", 0, date(2025, 5, 18), quantity=35_000)]
    early += [_recorded(office, "C06", 3, date(2025, 5, 19)), _recorded(office, "E03", 5, date(2025, 5, 20))]
    for each in early:
        office.approved(each, now(date(2025, 5, 26)))
    post_notice(office.village, key=office.key(), by=office.clerk, now=now(date(2025, 5, 27)))
    finish(office.village, date(2025, 6, 5), now(date(2025, 6, 5)))
    credit(office.village, "2025", now=now(date(2025, 6, 5)), by=office.clerk)
    voucher = _exchanged(office, users["keeper"])
    late = [_recorded(office, "A04", home, date(2025, 6, 7)) for home in (0, 1, 3)]
    late += [_recorded(office, "A08", 0, date(2025, 6, 8), "良")]
    for each in late:
        office.approved(each, now(date(2025, 6, 20)))
    post_notice(office.village, key=office.key(), by=office.clerk, now=now(date(2025, 6, 23)))
    object_to(
        late[3], office.homes[0], "那天渔具已经收好，是邻居家的网占了道。", oral=False, key=office.key(), by=office.card,
        now=now(date(2025, 6, 24)),
    )  # fmt: skip
    recorded = _recorded(office, "A04", 0, date(2025, 6, 21))
    _recorded(office, "A01", 4, date(2025, 6, 21), "优")
    _recorded(office, "B01", 2, date(2025, 6, 15))
    bad = _recorded(office, "A04", 5, date(2025, 6, 21))
    reason = "证明人说当天没有看到，请补充照片。"
    refuse(bad, reason=reason, key=office.key(), by=office.committee[2], now=now(date(2025, 6, 22)))
    office.approved(_recorded(office, "D04", 1, date(2025, 6, 18)), now(date(2025, 6, 24)))
    propose(
        early[-1], measure="建议暂缓享受一次村集体节日慰问品", charter_clause="《村规民约》第十八条",
        key=office.key(), by=office.clerk, now=now(date(2025, 6, 24)),
    )  # fmt: skip
    for each in (*late, recorded, *early):
        each.refresh_from_db()
    return Month(office, users, late[0], late[3], recorded, early[0], voucher)


def photo() -> io.BytesIO:
    """A picture as a telephone takes it."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((640, 480)).convert("RGB").save(file, "JPEG")
    file.seek(0)
    return file


def _recorded(office: Office, item: str, home: int, day: date, grade: str = "", quantity: int | None = None) -> Record:
    """A record with a photo and a witness."""
    shown = (Shown("photo", file=keep_photo(photo())), WITNESS)
    draft = Draft(item, day, household=office.homes[home], grade=grade, quantity=quantity, evidence=shown)
    return record(draft, key=office.key(), by=office.clerk, now=now(day, 18))


def _exchanged(office: Office, keeper: User) -> Voucher:
    """A shelf, one voucher handed over and one that waits."""
    for good, pieces in (("G1", 60), ("G2", 25), ("G3", 20)):
        supply(office.village, good, pieces, key=office.key(), now=now(date(2025, 6, 5)), by=keeper)
    made = [
        reserve(office.homes[home], good, 1, key=office.key(), now=now(date(2025, 6, 5)), by=office.clerk)
        for home, good in ((0, "G2"), (2, "G3"), (4, "G1"))
    ]
    for each in made[1:]:
        hand_over(each.number, key=office.key(), now=now(date(2025, 6, 5), 15), by=keeper)
    day = date(2025, 6, 25)
    return reserve(office.homes[0], "G2", 1, key=office.key(), now=now(day, 8), by=office.card)
