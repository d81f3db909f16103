"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig


class PagesConfig(AppConfig):
    """The web pages."""

    name = "jifen_office.pages"
    label = "pages"
