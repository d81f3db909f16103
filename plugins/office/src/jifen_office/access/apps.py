"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig


class AccessConfig(AppConfig):
    """Who may do what where, and what is written down about it."""

    name = "jifen_office.access"
    label = "access"
