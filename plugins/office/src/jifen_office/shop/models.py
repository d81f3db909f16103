"""Decides what is kept of an exchange: the voucher, its way from reserved to handed over or void (R18, R20)."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from jifen_office.ledger.models import Entry
from jifen_office.register.models import Household, Village


class VoucherState(models.TextChoices):
    """Where a voucher is."""

    RESERVED = "reserved", _("待领取")
    HANDED_OVER = "handed-over", _("已领取")
    VOID = "void", _("已作废")


class Voucher(models.Model):
    """A household's voucher: points and pieces are reserved in the ledger until it is handed over or void."""

    number = models.CharField(max_length=20, unique=True)
    """Printed as QR and as digits; it cannot be guessed."""
    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="vouchers")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="vouchers")
    good = models.CharField(max_length=40)
    pieces = models.PositiveIntegerField()
    points = models.BigIntegerField()
    """Points of all pieces, in the book's smallest unit."""
    fen = models.BigIntegerField(null=True)
    """What the village owes the shop for them, in fen."""
    purse = models.CharField(max_length=40)
    made = models.DateField()
    until = models.DateField(null=True)
    """Last day on which it holds."""
    state = models.CharField(max_length=12, choices=VoucherState, default=VoucherState.RESERVED)
    reserved = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="+")
    ended = models.OneToOneField(Entry, null=True, on_delete=models.PROTECT, related_name="+")
    ended_on = models.DateField(null=True)

    class Meta:
        indexes = [models.Index(fields=["village", "state"]), models.Index(fields=["household", "made"])]

    def __str__(self) -> str:
        return self.number
