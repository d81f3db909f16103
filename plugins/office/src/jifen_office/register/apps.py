"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig


class RegisterConfig(AppConfig):
    """towns, villages, households and members, with personal data sealed."""

    name = "jifen_office.register"
    label = "register"
