"""Decides in which village the way of a record is tested: a few households of an invented one, and who does what."""

from __future__ import annotations

from datetime import date, datetime
from itertools import count
from zoneinfo import ZoneInfo

import pytest
from attrs import field, frozen
from jifen.problems import Refused
from jifen_office.access.models import Appointment, Role, User
from jifen_office.process.evidence import Shown
from jifen_office.process.models import Notice, Record
from jifen_office.process.noticing import post_notice
from jifen_office.process.recording import Draft, record
from jifen_office.process.reviewing import approve
from jifen_office.register.models import Household, Member, Town, Village

ZONE = ZoneInfo("Asia/Shanghai")
WITNESS = Shown("witness", "沈桂芳")
DAY, REVIEWED, POSTED, LAST = date(2025, 3, 5), date(2025, 3, 6), date(2025, 3, 10), date(2025, 3, 16)
"""Done, reviewed, posted, and the last day on the board: Qinghe posts for seven days."""
_NAMES = ("顾建国", "沈桂芳", "陆阿宝", "欧阳秀英", "周根生", "钱小妹")


def at(day: date, hour: int = 9) -> datetime:
    """A moment of a day in the village."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)


@frozen
class Office:
    """A village of Qinghe with its clerk, the leader of group 1, a committee of four, and six households."""

    village: Village
    homes: tuple[Household, ...]
    clerk: User
    leader: User
    committee: tuple[User, ...]
    card: User
    """Of the first household."""
    _keys: count[int] = field(factory=count)

    @classmethod
    def open(cls, town: str = "qinghe", code: str = "QH01") -> Office:
        """Sets the village up; three households in each of two groups."""
        made, _ = Town.objects.get_or_create(code=town, defaults={"name": "青禾镇"})
        village = Village.objects.create(
            town=made,
            code=code,
            name="河畔村",
            groups=2,
            resolution="河畔村代〔2024〕1号",
            resolution_date=date(2024, 12, 1),
        )
        homes = tuple(
            Household.objects.create(
                village=village,
                code=f"{code}-{number:04d}",
                group=f"{1 + (number > 3)}组",
                name=name,
                address=f"河畔村{number}号",
                living=2,
                consent=date(2024, 12, 10),
            )
            for number, name in enumerate(_NAMES, 1)
        )
        for home in homes:
            Member.objects.create(household=home, name=home.name)
        committee = tuple(_appointed(village, f"{code}-w{number}", Role.COMMITTEE) for number in range(1, 5))
        clerk, leader = (
            _appointed(village, f"{code}-clerk", Role.CLERK),
            _appointed(village, f"{code}-l", Role.LEADER, "1组"),
        )
        card = User.objects.create(username=homes[0].code, household=homes[0])
        return cls(village, homes, clerk, leader, committee, card)

    def key(self) -> str:
        """A new key of a form."""
        return f"key-{self.village.code}-{next(self._keys)}"

    def recorded(
        self,
        item: str = "A04",
        home: int = 0,
        day: date = date(2025, 3, 5),
        grade: str = "",
        quantity: int | None = None,
        by: User | None = None,
    ) -> Record:
        """A record, seen by a witness."""
        draft = Draft(item, day, household=self.homes[home], grade=grade, quantity=quantity, evidence=(WITNESS,))
        return record(draft, key=self.key(), by=by or self.clerk, now=at(day, 18))

    def approved(self, made: Record, now: datetime | None = None) -> Record:
        """The record, approved by as many people as it needs."""
        for user in self.committee[: made.approvals]:
            made = approve(made, key=self.key(), by=user, now=now or at(date(2025, 3, 6)))
        return made


def _appointed(village: Village, name: str, role: Role, group: str = "") -> User:
    user = User.objects.create(username=name, name=name)
    Appointment.objects.create(user=user, role=role, village=village, group=group, since=date(2025, 1, 1))
    return user


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[str]:
    """What was refused, by its codes."""
    assert str(refused.value)  # every refusal can be said
    return [problem.code for problem in refused.value.problems]


def on_the_board(office: Office, *records: Record) -> Notice:
    """Approves the records and posts them."""
    for each in records:
        office.approved(each)
    return post_notice(office.village, key=office.key(), by=office.clerk, now=at(POSTED))
