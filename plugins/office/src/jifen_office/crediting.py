"""Decides what becomes of a settlement in the ledger: what it gives more or less than is there (R20, R22).

A settlement is made from the register and all records as they were known on a day. For each household, award and purse
the ledger holds what was credited so far; what the settlement gives more or less is one entry, and no old entry is
touched. So crediting twice has one effect, and what was cancelled is taken back as a difference. An award is that of a
record, or has a number of its own: a base score, or what a veto strikes off.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import field, frozen
from django.db.models import Count, Min, Q, Sum
from django.utils import timezone
from jifen.frames import plain
from jifen.period import Period
from jifen.purses import resets_in
from jifen.words import say, title

from jifen_office import rules
from jifen_office.ledger.chain import canonical
from jifen_office.ledger.models import AccountKind, Entry, EntryKind, Transfer
from jifen_office.ledger.models import Period as Books
from jifen_office.ledger.names import unit_of
from jifen_office.ledger.periods import reset_due, reset_purse, was_reset_since
from jifen_office.ledger.posting import AccountName, Ask, Leg, post_all
from jifen_office.ledger.writing import lock, writing
from jifen_office.register.models import Household
from jifen_office.settling import digest_of, settle_village

if TYPE_CHECKING:
    from datetime import datetime

    from jifen.model import RuleBook
    from jifen.settlement import Settlement

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

LATE: Final = "correct"
"""What an entry's record begins with where the books of the award's days were closed: ``correct:PERIOD:DAY:AWARD``."""
_CREDITS: Final = (EntryKind.CREDIT, EntryKind.REVERSAL)


@frozen
class Award:
    """What an award gives a household in each purse, in the book's smallest unit."""

    date: date
    purses: dict[str, int] = field(factory=dict)
    moves: int = 0
    """By how many transfers it came to that, where it is what the ledger holds."""


Awards = dict[tuple[str, str], Award]
"""By household and number of the award."""


def given_by(settlement: Settlement, until: date) -> Awards:
    """What a settlement gives the households until a day: each award, in each purse that it goes into."""
    if settlement.book.purses:
        rows = settlement.purse_entries.filter(pl.col("kind").cast(pl.String) == "award").select(
            "household", "entry", "date", "purse", pl.col("change").alias("points")
        )
    else:
        whose = settlement.standings["household"].cast(pl.String).implode()
        rows = settlement.awards.filter(pl.col("subject").cast(pl.String).is_in(whose)).select(
            pl.col("subject").alias("household"),
            pl.col("deed").alias("entry"),
            "date",
            pl.lit(rules.WHOLE).alias("purse"),
            "points",
        )
    found: Awards = {}
    for household, entry, day, purse, points in plain(rows).filter(pl.col("date") <= until).iter_rows():
        purses = found.setdefault((household, entry), Award(day)).purses
        purses[purse] = purses.get(purse, 0) + points
    return found


def held_for(village: Village, period: Period) -> Awards:
    """What the ledger holds of a period's awards: what came from the village's issue, less what went back to it."""
    issue = Q(source__kind=AccountKind.ISSUE) | Q(target__kind=AccountKind.ISSUE)
    late = f"{LATE}:{period.name}:"
    own = Q(entry__occurred__range=(period.start, period.end)) & ~Q(entry__record__startswith=f"{LATE}:")
    moved = (
        Transfer.objects.filter(issue, own | Q(entry__record__startswith=late))
        .filter(entry__village=village, entry__kind__in=_CREDITS)
        .values("source__kind", "source__household__code", "target__household__code", "source__unit", "entry__record")
        .annotate(points=Sum("amount"), moves=Count("pk"), day=Min("entry__occurred"))
        .order_by()
    )
    sums: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    moves: dict[tuple[str, str], int] = defaultdict(int)
    days: dict[tuple[str, str], date] = {}
    for row in moved:
        given = row["source__kind"] == AccountKind.ISSUE
        whose = row["target__household__code"] if given else row["source__household__code"]
        record, day = row["entry__record"], row["day"]
        if record.startswith(late):
            told, _, record = record.removeprefix(late).partition(":")
            day = date.fromisoformat(told)
        key = (whose, record)
        purse = row["source__unit"].removeprefix("point:")
        sums[key][purse] = sums[key].get(purse, 0) + (row["points"] if given else -row["points"])
        moves[key] += row["moves"]
        days[key] = min(day, days.get(key, day))
    return {key: Award(days[key], purses, moves[key]) for key, purses in sums.items()}


@frozen
class Difference:
    """What an award gives more (or, below 0, less) than the ledger holds, in each purse."""

    household: str
    record: str
    date: date
    purses: dict[str, int]
    moves: int


def differences(given: Awards, held: Awards) -> list[Difference]:
    """Where what a settlement gives and what the ledger holds are apart, in the order of days."""
    found = []
    for household, record in given.keys() | held.keys():
        new, old = given.get((household, record)), held.get((household, record))
        ours, theirs = (new.purses if new else {}), (old.purses if old else {})
        apart = {purse: ours.get(purse, 0) - theirs.get(purse, 0) for purse in sorted(ours.keys() | theirs.keys())}
        apart = {purse: points for purse, points in apart.items() if points}
        day = new.date if new else old.date if old else None
        if apart and day is not None:
            found.append(Difference(household, record, day, apart, old.moves if old else 0))
    return sorted(found, key=lambda each: (each.date, each.household, each.record))


def credit(village: Village, period: str, *, now: datetime, by: User | None = None) -> list[Entry]:
    """Brings the ledger to what the settlement of a period gives today; the entries that were made, oldest day first.

    One entry for each household and award that is apart. Days to come give nothing yet (a base score of next month),
    and an erased household's account stays as it is. Once the books of an award's days are closed, its difference is
    entered today; where the purse was reset between that day and today, the reset takes it, or gives it back, in the
    same entry, as it does for what is entered on days before it. Raises `Refused` as `settle_village` and `post` do;
    then nothing was entered.
    """
    span, today = Period.parse(period), timezone.localdate(now)
    with writing():
        lock(village)
        settlement = settle_village(village, period, today)
        apart = differences(given_by(settlement, today), held_for(village, span))
        making = _Making(village, settlement, digest_of(settlement), today)
        if making.closed:  # what is entered today for days before a reset has to know of it
            reset_due(village, settlement.book.purses, now=now, today=today, rules=settlement.book.digest)
        asks = [making.ask(each) for each in apart if each.household in making.homes]
        made = post_all(village, asks, now=now, by=by)
        _reset(village, settlement.book, now, by)
    return made


def _reset(village: Village, book: RuleBook, now: datetime, by: User | None) -> None:
    """Runs each purse's last reset, which takes what was found since for the days before it."""
    today = timezone.localdate(now)
    for purse in book.purses:
        past = [on for year in (today.year - 1, today.year) for on in resets_in(purse, Period.parse(str(year)))]
        for on in [each for each in past if each <= today][-1:]:
            reset_purse(village, purse.code, on, now=now, today=today, by=by, rules=book.digest)


@frozen(eq=False)
class _Making:
    """The making of a settlement's entries."""

    village: Village
    settlement: Settlement
    digest: str
    today: date
    homes: dict[str, Household] = field(init=False)
    rows: dict[tuple[str, str], dict[str, str | None]] = field(init=False)
    closed: tuple[tuple[date, date], ...] = field(init=False)

    @homes.default
    def _standing(self) -> dict[str, Household]:
        return {each.code: each for each in Household.objects.filter(village=self.village, erased=None)}

    @rows.default
    def _awards(self) -> dict[tuple[str, str], dict[str, str | None]]:
        told = plain(self.settlement.awards).select("subject", "deed", "member", "item", "clause", "kind")
        return {(row["subject"], row["deed"]): row for row in told.iter_rows(named=True)}

    @closed.default
    def _closed(self) -> tuple[tuple[date, date], ...]:
        books = Books.objects.filter(village=self.village, closed__isnull=False)
        return tuple(books.values_list("first", "last"))

    def ask(self, apart: Difference) -> Ask:
        """The entry of a difference of a household that was not erased."""
        household, span = self.homes[apart.household], self.settlement.period
        closed = any(first <= apart.date <= last for first, last in self.closed)
        name = f"{LATE}:{span.name}:{apart.date.isoformat()}:{apart.record}" if closed else apart.record
        told = [self.village.code, household.code, name, span.name, apart.moves]
        return Ask(
            EntryKind.CREDIT,
            [
                leg
                for purse, points in apart.purses.items()
                for leg in self._legs(household, purse, points, since=apart.date if closed else None)
            ],
            key=f"credit:{sha256(canonical(told)).hexdigest()}",
            occurred=self.today if closed else apart.date,
            record=name,
            settlement=self.digest,
            rules=self.settlement.book.on(apart.date).digest,
            opening=self._opening(household, apart),
        )

    def _legs(self, household: Household, purse: str, points: int, *, since: date | None) -> list[Leg]:
        """What comes into a purse or leaves it; with `since`, what the resets after that day made of it."""
        unit = unit_of(purse)
        issue = AccountName(self.village, AccountKind.ISSUE, unit)
        mine = AccountName(self.village, AccountKind.PURSE, unit, household)
        way = [issue, mine]
        if since is not None and was_reset_since(self.village, purse, since):
            way.append(AccountName(self.village, AccountKind.EXPIRY, unit))
        return [Leg(a, b, points) if points > 0 else Leg(b, a, -points) for a, b in pairwise(way)]

    def _opening(self, household: Household, apart: Difference) -> dict[str, str]:
        row = self.rows.get((apart.household, apart.record))
        told = {"household": household.code, "name": household.name, "member": (row and row["member"]) or ""}
        if row is None:
            return {**told, "why": say("crediting.gone", record=apart.record)}
        item = self.settlement.book.item(str(row["item"]), self.village.code, apart.date)
        facts = {"name": title(item.name), "clause": row["clause"], "record": apart.record}
        return {**told, "why": say(f"crediting.why.{'again' if apart.moves else row['kind']}", **facts)}
