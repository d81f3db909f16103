"""Decides how Django knows this part of the office."""

from __future__ import annotations

from django.apps import AppConfig


class ShopConfig(AppConfig):
    """vouchers, stock, what the village owes."""

    name = "jifen_office.shop"
    label = "shop"
