"""Decides what is kept of users, their appointments and kin, and of what they did (R21, R22)."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from jifen_office.register.models import Household, Town, Village


class Role(models.TextChoices):
    """What somebody is appointed to; a household's card is no appointment, for it opens that household's pages only."""

    LEADER = "leader", _("村民小组长")
    CLERK = "clerk", _("村文书")
    COMMITTEE = "committee", _("审核委员")
    KEEPER = "keeper", _("兑换点管理员")
    TOWN = "town", _("镇经办")
    DISTRICT = "district", _("区经办")


class User(AbstractUser):
    """Somebody who signs in; with a `household` it is that household's card, whose password is its PIN."""

    name = models.CharField(max_length=60)
    household = models.OneToOneField(Household, null=True, blank=True, on_delete=models.PROTECT, related_name="card")

    def __str__(self) -> str:
        return self.name or self.username


class Appointment(models.Model):
    """A role somewhere: in a group or a village, in a town, or in the whole district (both empty)."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    role = models.CharField(max_length=20, choices=Role)
    town = models.ForeignKey(Town, null=True, blank=True, on_delete=models.PROTECT)
    village = models.ForeignKey(Village, null=True, blank=True, on_delete=models.PROTECT)
    group = models.CharField(max_length=40, blank=True)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"


class Kinship(models.Model):
    """A household whose records the user does not review, because they are kin (R21)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="kin")
    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="kin_reviewers")
    declared = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "household"], name="kin_declared_once")]

    def __str__(self) -> str:
        return f"{self.user} – {self.household}"


class CardIssue(models.Model):
    """A card given out for a household, by which form and by whom; the newest alone opens its pages."""

    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="card_issues")
    key = models.CharField(max_length=120, unique=True)
    """Idempotency key of the form."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.household} {self.at:%Y-%m-%d}"


class AuditEntry(models.Model):
    """One thing that somebody did or looked up; append-only in the database, and never switched off.

    It names routes and numbers, never a person's data: whoever reads it learns who acted, not on whom in words.
    """

    at = models.DateTimeField(auto_now_add=True, db_index=True)
    user = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    route = models.CharField(max_length=80)
    village = models.ForeignKey(Village, null=True, on_delete=models.PROTECT, related_name="+")
    subject = models.CharField(max_length=80, blank=True)
    outcome = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["village", "at"])]

    def __str__(self) -> str:
        return f"{self.route} {self.outcome}"
