"""Decides what winners and losers can be split by; by itself, so that a help page loads no columns."""

from __future__ import annotations

from enum import StrEnum


class By(StrEnum):
    """What winners and losers are split by."""

    VILLAGE = "village"
    GROUP = "group"
    KIND = "kind"
