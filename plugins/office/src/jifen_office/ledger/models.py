"""Decides what the ledger is made of: accounts, entries of transfers between them, and a chain of hashes a village.

Units are integers: points in the rule book's smallest unit, goods in pieces. A transfer takes from one account what it
gives to another, so every unit's sum over all accounts is 0 by construction. Nothing is changed or deleted: triggers
in the database refuse it, keep the balances, and refuse a gap in the chain and an overdrawn account (R20, R22).
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from jifen_office.register.models import Household, Village


class AccountKind(models.TextChoices):
    """What an account holds."""

    ISSUE = "issue", "发放"
    """Where points come from: minus all that was credited and not taken back."""
    PURSE = "purse", "积分账户"
    """A household's points."""
    HELD = "held", "已预留"
    """A household's points that are reserved for an exchange that was not handed over yet."""
    GOODS = "goods", "已兑换实物"
    """Points that were exchanged for goods or services."""
    CASH = "cash", "已兑换现金"
    """Points that were exchanged for money."""
    EXPIRY = "expiry", "到期清零"
    """Points that a reset of purses took."""
    SUPPLY = "supply", "进货"
    """Where pieces come from: minus all that came in."""
    STOCK = "stock", "库存"
    """Pieces on the shelf."""
    KEPT = "kept", "已留货"
    """Pieces that are reserved."""
    OUT = "out", "已发放"
    """Pieces that were handed over."""


class Account(models.Model):
    """An account of one unit; `unit` is ``point:PURSE`` or ``good:CODE``. The balance is kept by triggers alone."""

    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="accounts")
    kind = models.CharField(max_length=10, choices=AccountKind)
    unit = models.CharField(max_length=60)
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="accounts")
    balance = models.BigIntegerField(default=0)
    last_transfer = models.PositiveBigIntegerField(default=0)
    """Id of the last transfer that moved the balance: each moves it once, and nothing else does."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["village", "kind", "unit"], condition=Q(household=None), name="one_account_of_a_village"
            ),
            models.UniqueConstraint(
                fields=["household", "village", "kind", "unit"],
                condition=~Q(household=None),
                name="one_account_of_a_household",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}/{self.unit}"


class EntryKind(models.TextChoices):
    """Why an entry was made."""

    CREDIT = "credit", _("记分")
    """Points of a record that became final, or the difference that a settlement found since."""
    REVERSAL = "reversal", _("冲正")
    """The opposite of an earlier entry."""
    RESERVE = "reserve", _("预留")
    HAND_OVER = "hand-over", _("发放")
    VOID = "void", _("作废")
    """A reservation was given back."""
    SUPPLY = "supply", _("进货")
    STOCK_TAKING = "stock-taking", _("盘点")
    RESET = "reset", _("到期清零")
    OPEN = "open", _("开账")
    CLOSE = "close", _("结账")


class Entry(models.Model):
    """One entry of a village's ledger, numbered without a gap from 1. What it says of a person is in its `opening`.

    `hash` is SHA-256 over `previous` and the entry's canonical form (see `jifen_office.ledger.chain`), in which
    `commitment` stands for the personal part.
    """

    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="entries")
    number = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=12, choices=EntryKind)
    occurred = models.DateField()
    recorded = models.DateTimeField()
    by = models.ForeignKey("access.User", null=True, on_delete=models.PROTECT, related_name="+")
    """Who made it; empty for the office itself."""
    record = models.CharField(max_length=120, blank=True, db_index=True)
    """Number of the record (of a deed) or of the voucher behind it, with a mark before it where it is a correction."""
    settlement = models.CharField(max_length=64, blank=True)
    """Digest of the settlement that found the points."""
    rules = models.CharField(max_length=64, blank=True)
    """Digest of the rule book."""
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    moves = models.PositiveIntegerField()
    """How many transfers it has; the database takes no further one."""
    key = models.CharField(max_length=120, unique=True)
    """Idempotency key: the same request has one effect."""
    request = models.CharField(max_length=64)
    """SHA-256 of what was asked, so that a key is not used twice for different things."""
    commitment = models.CharField(max_length=64)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "number"], name="no_number_twice")]

    def __str__(self) -> str:
        return f"{self.village_id}/{self.number}"


class Transfer(models.Model):
    """So many units from one account to another; part of an entry."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="transfers", db_index=False)
    place = models.PositiveIntegerField()
    """Which transfer of its entry it is, from 1 on; a place is taken once."""
    source = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    target = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    amount = models.BigIntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["source", "id"], name="transfers_out_of"),
            models.Index(fields=["target", "id"], name="transfers_into"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["entry", "place"], name="no_place_twice"),
            models.CheckConstraint(condition=Q(amount__gt=0), name="more_than_nothing"),
            models.CheckConstraint(condition=~Q(source=F("target")), name="between_two_accounts"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} → {self.target_id}: {self.amount}"


class Opening(models.Model):
    """What an entry says of people, with the salt of its commitment; deleted when the household is erased."""

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, primary_key=True, related_name="opening")
    salt = models.CharField(max_length=64)
    content = models.JSONField()
    """household, member and why, in words."""

    def __str__(self) -> str:
        return str(self.entry_id)


class Chain(models.Model):
    """The head of a village's chain; moved by a trigger, and locked by whoever adds an entry."""

    village = models.OneToOneField(Village, on_delete=models.PROTECT, primary_key=True, related_name="chain")
    number = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=64, default="0" * 64)

    def __str__(self) -> str:
        return f"{self.village_id}/{self.number}"


class Period(models.Model):
    """A period of a village's ledger: open, then closed; a closed one takes no more credits of its own days."""

    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="periods")
    name = models.CharField(max_length=20)
    first = models.DateField()
    last = models.DateField()
    opened = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    closed = models.OneToOneField(Entry, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "name"], name="one_period_of_a_name")]

    def __str__(self) -> str:
        return self.name
