"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig


class ProcessConfig(AppConfig):
    """recorded, reviewed, posted, objected to, final."""

    name = "jifen_office.process"
    label = "process"
