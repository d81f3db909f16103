"""Addresses and numbers that nobody means are answered in words; a household's pages stay in no browser."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from jifen_office.process.models import Evidence, Record

from plugins.office.tests.pages_acts import address, text
from plugins.office.tests.pages_month import Month, forgotten, month, signed_in, today

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db


def test_pages_about_a_household_are_kept_by_no_browser(month: Month) -> None:
    clerk, card = signed_in(month, "clerk"), signed_in(month, "card")
    for client, name in ((clerk, "household"), (clerk, "export"), (card, "points")):
        answer = client.get(address(month, name))
        assert (answer.status_code, answer.headers.get("Cache-Control")) == (200, "no-store")
    public = Client().get(address(month, "posted"))
    assert (public.status_code, public.headers.get("Cache-Control")) == (200, None)


def test_a_picture_that_is_gone_is_not_found(month: Month) -> None:
    gone = Evidence.objects.create(record=month.final, kind="photo", file="a" * 64 + ".jpg")
    assert month.final.household is not None
    where = address(month, "evidence", household=month.final.household.code, number=gone.pk)
    assert signed_in(month, "clerk").get(where).status_code == 404


@pytest.mark.parametrize("first", ["9" * 24, "９" * 24, "9" * 18])
def test_numbers_of_entries_that_there_cannot_be_show_none(month: Month, first: str) -> None:
    where = address(month, "credit")
    assert signed_in(month, "clerk").get(where, {"from": first, "to": "9" * 26}).status_code == 200
    assert signed_in(month, "clerk").get(where, {"from": "1", "to": first}).status_code == 200


@pytest.mark.parametrize("mark", ["1e22", "1000000000.001", "-1e22", "Infinity", "NaN"])
def test_a_mark_that_cannot_be_meant_is_refused_beside_the_form(month: Month, mark: str) -> None:
    before = Record.objects.count()
    where = address(month, "record", f"?item=A07&household={month.home.code}")
    data = {"key": str(uuid.uuid4()), "date": "2025-06-20", "marks": " ".join([mark] * 7)}
    data |= {"seen_kind": "witness", "seen": "沈桂芳"}
    answer = signed_in(month, "clerk").post(where, data)
    assert answer.status_code == 422
    assert ("不超过 10 亿" in text(answer)) is (mark not in ("Infinity", "NaN"))
    assert Record.objects.count() == before
