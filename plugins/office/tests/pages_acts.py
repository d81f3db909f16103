"""What tests of pages do as people do it: they open a page, read it, and send its form, perhaps three times."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any

from django.urls import reverse

if TYPE_CHECKING:
    from django.test import Client

    from plugins.office.tests.pages_month import Month


def address(month: Month, name: str, query: str = "", **codes: object) -> str:
    """The address of a page of the village."""
    return reverse(name, kwargs={**month.codes(name), **codes}) + query


def text(response: Any) -> str:
    """A page as people read it."""
    return unescape(str(response.content.decode()))


def key_in(page: str) -> str:
    """The key of the page's own form, as it was shown."""
    found = re.search(r'name="key" value="([0-9a-f-]{36})"', page)
    assert found is not None
    return found[1]


def thrice(client: Client, where: str, data: dict[str, Any]) -> Any:
    """The same form sent three times; the first answer."""
    first, *others = [client.post(where, data) for _ in range(3)]
    assert first.status_code == 302, text(first)
    assert all(each.status_code == 302 for each in others), [text(each) for each in others]
    return first
