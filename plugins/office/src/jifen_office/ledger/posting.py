"""Decides how an entry comes into the ledger: once for a key, balanced, chained, and never out of an empty account."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any, Final

from attrs import define, evolve, field, frozen
from jifen.problems import Problem, Refused

from jifen_office.ledger.adding import New, add
from jifen_office.ledger.chain import asked, commit, digest, form
from jifen_office.ledger.models import Account, AccountKind, Entry, EntryKind, Opening
from jifen_office.ledger.names import NEVER_BELOW_0, AccountName, Leg
from jifen_office.ledger.reading import AccountPlace, Before, There, look
from jifen_office.ledger.writing import Head, lock, writing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

__all__ = ["AccountName", "Ask", "Leg", "balance", "post", "post_all", "reverse"]

_LONGEST_KEY: Final = 120
_AT_ONCE: Final = 500
"""Entries that are looked at and added at once."""


@frozen
class Ask:
    """An entry that is asked for.

    `legs` are moved in their order, each out of its source into its target; accounts are made as they are needed.
    `opening` is what the entry says of people, in words; the chain holds a salted commitment to it only. Raises
    `ValueError` where the key is too long, or something else than a reversal names an entry that it takes back.
    """

    kind: EntryKind = field(converter=EntryKind)
    legs: Sequence[Leg]
    key: str
    occurred: date
    record: str = ""
    settlement: str = ""
    rules: str = ""
    opening: Mapping[str, Any] | None = None
    reverses: Entry | None = None

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.key) <= _LONGEST_KEY:
            raise ValueError(f"a key has 1 to {_LONGEST_KEY} characters: {self.key!r}")
        if (self.kind == EntryKind.REVERSAL) != (self.reverses is not None):
            raise ValueError("a reversal names the entry that it takes back, and nothing else does")


def post(  # noqa: PLR0913 - an entry has so many parts, and each is named by whoever calls
    village: Village,
    kind: EntryKind,
    legs: Sequence[Leg],
    *,
    key: str,
    occurred: date,
    now: datetime,
    by: User | None = None,
    record: str = "",
    settlement: str = "",
    rules: str = "",
    opening: Mapping[str, Any] | None = None,
    reverses: Entry | None = None,
) -> Entry:
    """The entry of this key, as `post_all` makes or finds it; its parts are those of `Ask`."""
    ask = Ask(kind, legs, key, occurred, record, settlement, rules, opening, reverses)
    return post_all(village, [ask], now=now, by=by)[0]


def post_all(village: Village, asks: Sequence[Ask], *, now: datetime, by: User | None = None) -> list[Entry]:
    """The entries of these keys, one for each: made now, or those that the same requests have made before (R20, R22).

    All of them or none, in their order, each after what those before it have moved. Where this runs inside a larger
    transaction, they stand and fall with it.

    Raises `Refused`, with all that is wrong: ``ledger.key-used`` (a key was used for something else),
    ``ledger.not-enough`` (an account that is not to fall below 0 would), ``ledger.closed-period`` (a credit of days
    whose books are closed), and what `writing` raises. Raises `ValueError` where legs are not of the village, or `now`
    has no time zone.
    """
    if any(leg.source.village != village for ask in asks for leg in ask.legs):
        raise ValueError(f"a leg is not of {village.code}")
    if now.tzinfo is None:
        raise ValueError("the moment of an entry needs its time zone")
    entries: list[Entry] = []
    with writing():
        for at in range(0, len(asks), _AT_ONCE):
            some = asks[at : at + _AT_ONCE]
            wanted = {name.place: name for ask in some for leg in ask.legs for name in (leg.source, leg.target)}
            before = look(village, [ask.key for ask in some], wanted)
            making = _Making(village, now, by, before, _accounts(village, wanted, before.accounts))
            entries += [making.enter(ask) for ask in some]
            if making.problems:
                raise Refused(making.problems)
            if making.new:
                add(village, making.new)
    return entries


def _accounts(
    village: Village, wanted: Mapping[AccountPlace, AccountName], there: Mapping[AccountPlace, There]
) -> dict[AccountPlace, There]:
    """The accounts that are wanted; those that are not there yet are made."""
    missing = [
        Account(village=village, kind=name.kind, unit=name.unit, household=name.household)
        for place, name in wanted.items()
        if place not in there
    ]
    made = Account.objects.bulk_create(missing) if missing else []
    return {**there, **{(each.kind, each.unit, each.household_id): There(each.pk, 0) for each in made}}


@define(eq=False)
class _Making:
    """The making of entries that follow each other, before they are in the database."""

    village: Village
    now: datetime
    by: User | None
    before: Before
    accounts: dict[AccountPlace, There]
    head: Head = field(init=False)
    known: dict[str, Entry] = field(init=False)
    new: list[New] = field(factory=list)
    problems: list[Problem] = field(factory=list)

    @head.default
    def _last(self) -> Head:
        return self.before.head

    @known.default
    def _made_before(self) -> dict[str, Entry]:
        ids = list(self.before.keys.values())
        return {each.key: each for each in Entry.objects.select_related("opening").filter(pk__in=ids)} if ids else {}

    def enter(self, ask: Ask) -> Entry:
        """The entry that is asked for; what is wrong with it comes to `problems`."""
        earlier = self.known.get(ask.key)
        if earlier is not None:
            if earlier.request != digest(self._request(ask, _commitment_again(earlier, ask.opening))):
                self.problems.append(Problem("ledger.key-used", facts={"key": ask.key}))
            return earlier
        self._refuse_closed(ask)
        self._move(ask)
        salt = secrets.token_hex(32)
        commitment = "" if ask.opening is None else commit(salt, ask.opening)
        entry = self._chained(ask, commitment)
        transfers = [
            (self.accounts[leg.source.place].pk, self.accounts[leg.target.place].pk, leg.amount) for leg in ask.legs
        ]
        opening = None if ask.opening is None else Opening(entry=entry, salt=salt, content=dict(ask.opening))
        self.known[ask.key] = entry
        self.new.append(New(entry, transfers, opening))
        return entry

    def _request(self, ask: Ask, commitment: str) -> dict[str, Any]:
        return asked(
            village=self.village.code,
            kind=ask.kind.value,
            occurred=ask.occurred,
            by=self.by.pk if self.by else None,
            record=ask.record,
            settlement=ask.settlement,
            rules=ask.rules,
            reverses=ask.reverses.number if ask.reverses else None,
            commitment=commitment,
            transfers=[(str(leg.source), str(leg.target), leg.amount) for leg in ask.legs],
        )

    def _chained(self, ask: Ask, commitment: str) -> Entry:
        """The entry behind the head, which becomes the head."""
        request = self._request(ask, commitment)
        number, previous = self.head.number + 1, self.head.hash
        written = form(request, number=number, recorded=self.now, key=ask.key, previous=previous)
        self.head = Head(number, digest(written))
        return Entry(
            village=self.village, number=number, kind=ask.kind, occurred=ask.occurred, recorded=self.now, by=self.by,
            record=ask.record, settlement=ask.settlement, rules=ask.rules, reverses=ask.reverses, moves=len(ask.legs),
            key=ask.key, request=written["request"], commitment=commitment, previous=previous, hash=self.head.hash,
        )  # fmt: skip

    def _refuse_closed(self, ask: Ask) -> None:
        day = ask.occurred.isoformat()
        closed = next((name for name, first, last in self.before.closed if first <= day <= last), None)
        if ask.kind == EntryKind.CREDIT and closed is not None:
            facts = {"village": self.village.name, "period": closed, "date": day}
            self.problems.append(Problem("ledger.closed-period", facts=facts))

    def _move(self, ask: Ask) -> None:
        """The database refuses an overdrawn account as well, but cannot say so in words."""
        for leg in ask.legs:
            source, target = self.accounts[leg.source.place], self.accounts[leg.target.place]
            self.accounts[leg.source.place] = evolve(source, balance=source.balance - leg.amount)
            self.accounts[leg.target.place] = evolve(target, balance=target.balance + leg.amount)
            if leg.amount > source.balance and _guards(ask.kind, leg.source.kind):
                facts = {"account": str(leg.source), "there": source.balance, "wanted": leg.amount}
                self.problems.append(Problem("ledger.not-enough", facts=facts))


def _commitment_again(made: Entry, opening: Mapping[str, Any] | None) -> str:
    """The commitment that the content would have had in the entry of the key."""
    if (opening is None) != (made.commitment == ""):
        return "other"
    kept = getattr(made, "opening", None)
    # Where the content was erased since, nothing is left to compare it with.
    return made.commitment if opening is None or kept is None else commit(kept.salt, opening)


def _guards(kind: EntryKind, account: AccountKind) -> bool:
    """Whether an entry of this kind may not bring an account of this kind below 0."""
    return account in NEVER_BELOW_0 or (account is AccountKind.PURSE and kind is EntryKind.RESERVE)


def reverse(entry: Entry, *, key: str, now: datetime, by: User | None, why: str) -> Entry:
    """The entry that takes an earlier one back: the opposite legs, the last first, with the same two references.

    It counts for the day on which the earlier one occurred, and `recorded` tells when it was made. Raises `Refused`:
    ``ledger.reversed`` (it was taken back before, by another request), ``ledger.nothing-to-reverse`` (it moved
    nothing), and what `post` raises.
    """
    with writing():
        lock(entry.village)
        before = Entry.objects.filter(reverses=entry).first()
        if before is not None and before.key != key:
            facts = {"number": entry.number, "by": before.number}
            raise Refused([Problem("ledger.reversed", facts=facts)])
        moved = entry.transfers.select_related("source__household", "target__household").order_by("-place")
        legs = [Leg(_name(each.target, entry), _name(each.source, entry), each.amount) for each in moved]
        if not legs:
            raise Refused([Problem("ledger.nothing-to-reverse", facts={"number": entry.number})])
        return post(
            entry.village,
            EntryKind.REVERSAL,
            legs,
            key=key,
            occurred=entry.occurred,
            now=now,
            by=by,
            record=entry.record,
            settlement=entry.settlement,
            rules=entry.rules,
            opening={"why": why},
            reverses=entry,
        )


def _name(account: Account, entry: Entry) -> AccountName:
    return AccountName(entry.village, AccountKind(account.kind), account.unit, account.household)


def balance(name: AccountName) -> int:
    """What is in the account, in the rule book's smallest unit or in pieces; 0 where there was never anything."""
    found = Account.objects.filter(
        village=name.village, kind=name.kind, unit=name.unit, household=name.household
    ).values_list("balance", flat=True)
    return found.first() or 0
