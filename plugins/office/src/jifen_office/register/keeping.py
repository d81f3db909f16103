"""Decides how what the register keeps of a household is changed: checked as a table of the register is, all or nothing.

An identity number is checked by its own check digit and kept sealed; nobody is in two households. Who is named in a
record stays a member, for the record would else be about nobody.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import TYPE_CHECKING, Final

from attrs import asdict, frozen
from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from jifen import frames
from jifen.checking import admit
from jifen.inputs import Reading
from jifen.problems import Place, Problem, Refused

from jifen_office import rules
from jifen_office.access.personal import is_identity
from jifen_office.access.roles import may
from jifen_office.process.asking import once
from jifen_office.process.models import Record
from jifen_office.register.frames_out import households_frame, villages_frame
from jifen_office.register.models import Household, Member
from jifen_office.register.sealed import fingerprint

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from jifen_office.access.models import User
    from jifen_office.register.models import Village

_TELEPHONE: Final = re.compile(r"\+?[0-9][0-9 -]{5,18}[0-9]")


@frozen
class Told:
    """What is told of a household; each in the words and units of the frame HOUSEHOLDS."""

    name: str
    group: str
    address: str
    telephone: str
    registered: bool
    homestead: bool
    living: int
    consent: date | None


@frozen
class Person:
    """A member as told: `at` is the member's primary key, or what a new row of a form is called."""

    at: str
    name: str
    identity: str | None = None
    """None leaves the number as it is."""
    gone: bool = False
    member: Member | None = None


def keep(household: Household, told: Told, people: Sequence[Person], *, key: str, by: User, now: datetime) -> Household:
    """Changes what is kept of a household and its members.

    Raises `Refused` with everything that is wrong, each problem at the column of its field (``identity-AT`` of a
    member): what the core finds in the row, and ``register.keep.…``; then nothing was changed.
    """
    # What was asked is kept as a keyed hash: a plain one of an identity number could be guessed.
    asked = json.dumps([asdict(told), [[each.at, each.name, each.identity, each.gone] for each in people]], default=str)

    def act() -> list[Household]:
        held = Household.objects.select_for_update(of=("self",)).select_related("village__town").get(pk=household.pk)
        if not may(by, "register.keep", held, today=localdate(now)):
            raise Refused([Problem("register.keep.may-not", facts={"household": held.code})])
        if held.erased is not None:
            raise Refused([Problem("register.keep.erased", facts={"household": held.code})])
        problems = list(_wrong(told))
        for name, value in asdict(told).items():
            setattr(held, name, value)
        held.save()
        problems += [problem for each in people for problem in _keep_member(held, each)]
        if not held.members.exists():
            problems.append(Problem("register.keep.nobody", Place(column="name")))
        if problems := problems or _found_by_core(held, localdate(now)):
            raise Refused(problems)
        return [held]

    facts = {"household": household.code, "told": fingerprint(asked)}
    return once(Household, "register", facts, act, key=key, by=by)[0]


def found(village: Village, number: str) -> list[Household]:
    """Households of a village that have this telephone or identity number, by code; spaces and dashes do not count."""
    hashed = fingerprint(number)
    if not hashed:
        return []
    homes = Household.objects.filter(village=village, erased=None)
    by_number = homes.filter(telephone_hash=hashed) | homes.filter(members__identity_hash=hashed)
    return list(by_number.distinct().order_by("code"))


def cleaned(number: str) -> str:
    """A number as it is kept: half-width, upper case, without blanks around it."""
    return unicodedata.normalize("NFKC", number).strip().upper()


def _wrong(told: Told) -> Iterator[Problem]:
    if not told.name:
        yield Problem("register.keep.no-name", Place(column="name"))
    if not told.group:
        yield Problem("register.keep.no-group", Place(column="group"))
    if told.telephone and not _TELEPHONE.fullmatch(told.telephone):
        yield Problem("register.keep.bad-telephone", Place(column="telephone"))


def _keep_member(household: Household, each: Person) -> Iterable[Problem]:
    """What is wrong with a member; where nothing is, it is kept as told."""
    if each.member is None and each.at.isdecimal():
        return [Problem("register.keep.left", Place(column=f"member-{each.at}"))]
    if each.gone:
        return _let_go(each)
    if not each.name:
        return [Problem("register.keep.no-member-name", Place(column=f"member-{each.at}"))]
    if each.identity and not is_identity(each.identity):
        return [Problem("register.keep.bad-identity", Place(column=f"identity-{each.at}"))]
    member = each.member or Member(household=household)
    member.name = each.name
    if each.identity is not None:
        member.identity = each.identity
    try:
        with transaction.atomic():
            member.save()
    except IntegrityError:
        return [Problem("register.keep.identity-elsewhere", Place(column=f"identity-{each.at}"))]
    return []


def _let_go(each: Person) -> Iterable[Problem]:
    if each.member is None:
        return []
    if Record.objects.filter(member=each.member).exists():
        return [Problem("register.keep.in-records", Place(column=f"member-{each.at}"), {"name": each.member.name})]
    each.member.delete()
    return []


def _found_by_core(household: Household, day: date) -> list[Problem]:
    """What `jifen settle` would find wrong in the row; nothing where no rules are in force by which to check it."""
    village = household.village
    try:
        book, period = rules.book_of(village.town.code, day), rules.period_of(village.town.code, day)
    except Refused:
        return []
    tables = {
        "villages": villages_frame([village]),
        "households": households_frame([village], only=household),
        "deeds": frames.DEEDS.empty(),
    }
    aside = admit(Reading(tables), book, period).set_aside
    return [
        Problem(each.code, Place(column=each.place.column), each.facts)
        for row in aside
        if row.frame == "households"
        for each in row.problems
    ]
