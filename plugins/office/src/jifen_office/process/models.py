"""Decides what is kept of a record on its way: recorded, reviewed, posted, objected to, final (R21, R22).

A proposal of a penalty (R19) goes the same way as a deed. What happened to a record is a row of `Step`, append-only;
`state` is where the last step left it.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from jifen_office.register.models import Household, Member, Village


class Kind(models.TextChoices):
    """What a record is about."""

    DEED = "deed", _("事项")
    PROPOSAL = "proposal", _("惩戒建议")


class State(models.TextChoices):
    """Where a record is."""

    RECORDED = "recorded", _("待审核")
    APPROVED = "approved", _("待公示")
    REFUSED = "refused", _("未通过")
    POSTED = "posted", _("公示中")
    OBJECTED = "objected", _("异议处理中")
    FINAL = "final", _("已生效")
    CANCELLED = "cancelled", _("已撤销")


class Notice(models.Model):
    """A posted sheet 公示: what was posted from when until when, with the ledger's head at that moment."""

    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="notices")
    number = models.CharField(max_length=40, unique=True)
    posted = models.DateField()
    until = models.DateField()
    """Last day on which an objection can be made."""
    rules = models.CharField(max_length=64)
    head = models.CharField(max_length=64)
    by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.number


class Record(models.Model):
    """A record of a deed or of a proposal. Quantities and marks are in thousandths, as in the core's DEEDS frame."""

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DEED)
    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="records")
    household = models.ForeignKey(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="records")
    """Empty for a deed of the village itself."""
    member = models.ForeignKey(Member, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    item = models.CharField(max_length=40)
    date = models.DateField()
    quantity = models.BigIntegerField(null=True, blank=True)
    grade = models.CharField(max_length=40, blank=True)
    marks = models.JSONField(default=list, blank=True)
    refers = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="referred_by")
    note = models.CharField(max_length=300, blank=True)
    charter_clause = models.CharField(max_length=120, blank=True)
    """A proposal's clause of the village charter."""
    measure = models.CharField(max_length=200, blank=True)
    """What a proposal proposes."""
    approvals = models.PositiveSmallIntegerField(default=1)
    """How many people have to approve it, as its item says."""
    state = models.CharField(max_length=12, choices=State, default=State.RECORDED)
    recorded_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    recorded = models.DateTimeField()
    approved = models.DateField(null=True, blank=True)
    decided = models.DateField(null=True, blank=True)
    notice = models.ForeignKey(Notice, null=True, blank=True, on_delete=models.PROTECT, related_name="records")

    class Meta:
        indexes = [models.Index(fields=["village", "state", "date"]), models.Index(fields=["household", "date"])]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=Kind.DEED) | (~Q(charter_clause="") & ~Q(measure="")),
                name="proposal_names_its_clause",
            )
        ]

    def __str__(self) -> str:
        return self.number


class StepKind(models.TextChoices):
    """What happened to a record."""

    RECORDED = "recorded", _("登记")
    APPROVED = "approved", _("审核通过")
    REFUSED = "refused", _("审核不通过")
    RECUSED = "recused", _("回避")
    POSTED = "posted", _("公示")
    OBJECTED = "objected", _("提出异议")
    UPHELD = "upheld", _("异议不成立")
    CANCELLED = "cancelled", _("撤销")
    FINAL = "final", _("生效")


class Step(models.Model):
    """One step of a record's way; append-only in the database."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=12, choices=StepKind)
    by = models.ForeignKey("access.User", null=True, on_delete=models.PROTECT, related_name="+")
    """Empty where days passed and nobody had to act."""
    at = models.DateTimeField()
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        indexes = [models.Index(fields=["by", "at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["record", "by"], condition=Q(kind=StepKind.APPROVED), name="nobody_approves_twice"
            )
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"


class Evidence(models.Model):
    """What shows a deed: a photo or scan (bounded, without its place), a witness, or minutes."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField(max_length=20)
    """The rule book's word: photo, scan, witness, minutes …"""
    words = models.CharField(max_length=200, blank=True)
    """Who saw it, or which minutes."""
    file = models.CharField(max_length=120, blank=True)
    """Name of the file in the office's folder of evidence."""

    def __str__(self) -> str:
        return f"{self.record_id} {self.kind}"


class Objection(models.Model):
    """An objection 异议 of a household, in writing or orally and entered for it; decided with reasons by a deadline."""

    record = models.ForeignKey(Record, on_delete=models.PROTECT, related_name="objections")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="objections")
    words = models.CharField(max_length=500)
    oral = models.BooleanField(default=False)
    entered_by = models.ForeignKey("access.User", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    decide_by = models.DateField()
    granted = models.BooleanField(null=True)
    reasons = models.CharField(max_length=500, blank=True)
    decided_by = models.ForeignKey("access.User", null=True, on_delete=models.PROTECT, related_name="+")
    decided = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["record", "household"], name="one_objection_of_a_household_to_a_record")
        ]

    def __str__(self) -> str:
        return f"{self.record_id} {self.at:%Y-%m-%d}"

    @property
    def late(self) -> bool:
        """Whether it was decided after its deadline."""
        return self.decided is not None and localdate(self.decided) > self.decide_by


class Asked(models.Model):
    """A form that was sent and had its effect: sent again, it has the same answer and no second effect."""

    key = models.CharField(max_length=120, unique=True)
    request = models.CharField(max_length=64)
    """SHA-256 of what was asked, and by whom."""
    answer = models.JSONField(default=list)
    """Primary keys of what came of it."""

    def __str__(self) -> str:
        return self.key
