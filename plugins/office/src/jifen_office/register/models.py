"""Decides what is kept of towns, villages, households and their members (R1 to R5, R23)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen_office.register.sealed import SealedField


class Town(models.Model):
    """A town 镇; its rules come with the package of this name."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)

    def __str__(self) -> str:
        return self.name


class Village(models.Model):
    """An administrative village 行政村, with what its assembly decided about showing and posting."""

    town = models.ForeignKey(Town, on_delete=models.PROTECT, related_name="villages")
    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    groups = models.PositiveIntegerField(default=0)
    pilot_groups = models.JSONField(default=list, blank=True)
    resolution = models.CharField(max_length=120, blank=True)
    resolution_date = models.DateField(null=True, blank=True)
    town_approval = models.CharField(max_length=120, blank=True)
    town_approval_date = models.DateField(null=True, blank=True)
    shows_ranking = models.BooleanField(default=True)
    ranking_resolution = models.CharField(max_length=120, blank=True)
    """The assembly's resolution about showing the ranking; empty where it never decided about it."""
    ranking_resolution_date = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Household(models.Model):
    """A household 家庭户: the scored subject (R1). Where it was erased, the number alone is left."""

    village = models.ForeignKey(Village, on_delete=models.PROTECT, related_name="households")
    code = models.CharField(max_length=40, unique=True)
    group = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    address = SealedField(blank=True, default="")
    telephone = SealedField(blank=True, default="", found_by="telephone_hash")
    telephone_hash = models.CharField(max_length=64, blank=True, db_index=True)
    site = models.CharField(max_length=20, default="home")
    registered = models.BooleanField(default=True)
    homestead = models.BooleanField(default=True)
    living = models.PositiveSmallIntegerField(default=1)
    consent = models.DateField(null=True, blank=True)
    resolution = models.CharField(max_length=120, blank=True)
    resolution_date = models.DateField(null=True, blank=True)
    stars = models.PositiveSmallIntegerField(null=True, blank=True)
    star_review = models.CharField(max_length=20, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    erased = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["village", "group", "code"])]

    def __str__(self) -> str:
        return self.code


class Member(models.Model):
    """A member 成员 of a household."""

    household = models.ForeignKey(Household, on_delete=models.CASCADE, related_name="members")
    name = models.CharField(max_length=60)
    identity = SealedField(blank=True, default="", found_by="identity_hash")
    identity_hash = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["identity_hash"], condition=~Q(identity_hash=""), name="one_person_in_one_household"
            )
        ]

    def __str__(self) -> str:
        return self.name
