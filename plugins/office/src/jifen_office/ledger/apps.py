"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class LedgerConfig(AppConfig):
    """append-only, chained, enforced in the database."""

    name = "jifen_office.ledger"
    label = "ledger"

    def ready(self) -> None:
        """The triggers step aside while tables are changed."""
        from jifen_office.ledger import triggers

        pre_migrate.connect(triggers.before_migrating, sender=self)
        post_migrate.connect(triggers.after_migrating, sender=self)
