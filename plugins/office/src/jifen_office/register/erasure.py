"""Decides what is left of a household that is erased: its number, what its points came to, and nothing that is its own.

Names, addresses, telephones and identity numbers go, and with them what entries of the ledger say of people, remarks,
words of objections, photos and the card. Entries, amounts and days stay, and the chain of hashes still verifies, for
it holds commitments only. Records keep their numbers and points, so that the sums of the village stay what they were.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from attrs import frozen
from django.db import transaction
from django.db.models import Q
from jifen.words import say

from jifen_office.access.models import Kinship, User
from jifen_office.ledger.models import Opening
from jifen_office.ledger.writing import lock, writing
from jifen_office.process.models import Evidence, Objection, Record, Step, StepKind
from jifen_office.project.folder import OfficeFolder
from jifen_office.register.models import Member
from jifen_office.shop.exchanging import void
from jifen_office.shop.models import Voucher, VoucherState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from jifen_office.register.models import Household

GONE: Final = "–"
"""What stands where somebody wrote something and a rule wants some text."""


@frozen
class Erased:
    """How much was erased."""

    members: int
    openings: int
    records: int
    files: int
    vouchers: int


def erase(household: Household, *, by: User, now: datetime) -> Erased:
    """Erases a household for good; one that was erased before stays so, and nothing is counted twice.

    Vouchers that were not handed over become void first. Files of evidence are deleted once all else is done.
    """
    with writing():
        lock(household.village)
        household.refresh_from_db()
        vouchers = _void_vouchers(household, by, now)
        household.name = household.address = household.telephone = ""
        household.erased = household.erased or now
        household.save()  # the database lets openings of erased households go, and no others
        records = Record.objects.filter(household=household)
        files = _evidence(records)
        done = Erased(_members(household), _openings(household), _words(records, household), len(files), vouchers)
        _card(household)
        Kinship.objects.filter(household=household).delete()
        transaction.on_commit(partial(_remove, files))
    return done


def _void_vouchers(household: Household, by: User, now: datetime) -> int:
    mine = Voucher.objects.filter(household=household, state=VoucherState.RESERVED)
    held = list(mine.select_related("reserved").order_by("pk"))
    for voucher in held:
        void(voucher, key=f"erase:{voucher.reserved.record}", now=now, by=by, why=say("register.erased"))
    return len(held)


def _openings(household: Household) -> int:
    mine = Q(entry__transfers__source__household=household) | Q(entry__transfers__target__household=household)
    found = Opening.objects.filter(mine).values_list("pk", flat=True).distinct()
    return Opening.objects.filter(pk__in=list(found)).delete()[0]


def _members(household: Household) -> int:
    """Members that no record names are gone; the others are numbered, for an item may count by member."""
    named = set(Record.objects.filter(household=household).values_list("member_id", flat=True))
    members = list(Member.objects.filter(household=household).order_by("pk"))
    for number, member in enumerate((each for each in members if each.pk in named), 1):
        member.name, member.identity = say("register.member-number", number=number), ""
        member.save()
    Member.objects.filter(household=household).exclude(pk__in=named - {None}).delete()
    return len(members)


def _words(records: Iterable[Record], household: Household) -> int:
    count = 0
    for record in records:
        count += 1
        if record.note:
            record.note = GONE  # an item may ask for a reason, so it does not become empty
            record.save(update_fields=["note"])
        if record.measure:
            record.measure = GONE  # a proposal has to say something
            record.save(update_fields=["measure"])
    own = Q(record__household=household)
    said = Objection.objects.filter(own | Q(household=household))  # by others as well, about what it did
    said.update(words=GONE)
    said.exclude(reasons="").update(reasons=GONE)
    # A step that decides an objection repeats the reasons.
    decides = Q(kind__in=(StepKind.UPHELD, StepKind.CANCELLED), record__objections__household=household)
    steps = Step.objects.filter(own | decides).exclude(reason__in=("", GONE)).values_list("pk", flat=True)
    Step.objects.filter(pk__in=list(steps)).update(reason=GONE)
    return count


def _evidence(records: Iterable[Record]) -> list[str]:
    """Names of the files that go: not those on which the record of another household rests as well.

    Of what kind they were stays, for the rules ask for it.
    """
    shown = Evidence.objects.filter(record__in=records)
    files = set(shown.exclude(file="").values_list("file", flat=True))
    shown.update(words="", file="")
    return sorted(files - set(Evidence.objects.filter(file__in=files).values_list("file", flat=True)))


def _card(household: Household) -> None:
    """The card opens nothing any more; the user stays as the one who recorded, without a name."""
    from axes.models import AccessAttempt, AccessFailureLog, AccessLog

    for card in User.objects.filter(household=household):
        for tried in (AccessAttempt, AccessFailureLog, AccessLog):
            tried.objects.filter(username=card.username).delete()
        card.username, card.name, card.is_active = f"erased-{card.pk}", "", False
        card.first_name = card.last_name = card.email = ""
        if card.has_usable_password():
            card.set_unusable_password()
        card.save()


def _remove(files: list[str]) -> None:
    folder = OfficeFolder.here().evidence
    for name in files:
        (folder / name).unlink(missing_ok=True)
