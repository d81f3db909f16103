"""How a household's data are looked after: shown whole, changed with checks, found by a number, erased in two steps."""

from __future__ import annotations

import json
import re
import uuid
from typing import Any

import polars as pl
import pytest
from jifen_office.access.models import AuditEntry, User
from jifen_office.access.personal import is_identity
from jifen_office.ledger.models import Entry, Opening
from jifen_office.pages.settled import settlement_now
from jifen_office.process.models import Asked
from jifen_office.register.models import Household, Member
from jifen_office.register.sealed import fingerprint

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import Month, forgotten, month, signed_in, today

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db

OTHER = "11010519491231002X"
TELEPHONE = "021-58011234"


def identity(head: str) -> str:
    """A number whose check digit fits."""
    return next(head + last for last in "0123456789X" if is_identity(head + last))


def typed(month: Month, **changed: str) -> dict[str, Any]:
    """The form as it was shown, with some fields typed anew."""
    home = month.home
    data: dict[str, Any] = {
        "key": str(uuid.uuid4()), "name": home.name, "group": home.group, "address": home.address,
        "telephone": home.telephone, "registered": "on", "homestead": "on", "living": str(home.living),
        "consent": str(home.consent),
    }  # fmt: skip
    for each in home.members.order_by("pk"):
        data[f"member-{each.pk}"] = each.name
    return {**data, **changed}


def test_the_check_digit_of_an_identity_number_finds_each_wrong_digit_and_each_swap() -> None:
    right = identity("11010519491231002")
    assert right == OTHER
    for at in range(17):
        for digit in "0123456789":
            if digit != right[at]:
                assert not is_identity(right[:at] + digit + right[at + 1 :])
        swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        assert swapped == right or not is_identity(swapped)
    assert not is_identity("")


def test_what_is_kept_is_shown_whole_to_the_household_and_as_a_file(month: Month) -> None:
    first = month.home.members.order_by("pk")[0]
    first.identity = OTHER
    first.save()
    for user in ("card", "clerk"):
        client = signed_in(month, user)
        page = text(client.get(address(month, "kept")))
        for wanted in (month.home.name, month.home.address, OTHER, month.final.number, month.voucher.number):
            assert wanted in page, wanted
        found = json.loads(client.get(address(month, "export")).content)
        assert found["members"][0] == {"name": first.name, "identity": OTHER}
    english = signed_in(month, "card")
    english.cookies["django_language"] = "en"
    assert "Identity number" in text(english.get(address(month, "kept")))
    assert signed_in(month, "leader").get(address(month, "kept")).status_code == 403


def test_a_change_is_made_once_written_down_and_names_no_person_outside(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    page = text(clerk.get(address(month, "change")))
    first = month.home.members.order_by("pk")[0]
    new = identity("11010519491231102")
    data = typed(
        month, key=key_in(page), address="青溪村牌楼路12号", telephone="１３７６１２３４５６７", living="4",
        **{f"identity-{first.pk}": new, "member-new1": "顾念慈"},
    )  # fmt: skip
    thrice(clerk, address(month, "change"), data)
    home = Household.objects.get(pk=month.home.pk)
    assert (home.address, home.telephone, home.living) == ("青溪村牌楼路12号", "13761234567", 4)
    assert home.telephone_hash == fingerprint("13761234567")
    assert list(home.members.order_by("pk").values_list("name", flat=True)) == ["顾建国", "顾小敏", "顾念慈"]
    assert Member.objects.get(pk=first.pk).identity == new
    again = text(clerk.get(address(month, "change")))
    assert new not in again
    assert f"{new[:4]}＊" in again
    told = AuditEntry.objects.filter(route="change").order_by("pk")
    assert [each.outcome for each in told][:3] == ["seen", "asked", "302"]
    assert not [each for each in told if new in each.subject or "顾" in each.subject]
    assert new not in str(list(Asked.objects.values()))


def test_all_that_is_wrong_is_said_at_once_and_nothing_changes(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    first, second = month.home.members.order_by("pk")
    neighbour = month.office.homes[1].members.get()
    neighbour.identity = OTHER
    neighbour.save()
    data = typed(
        month, name=" ", telephone="12", address="别处1号",
        **{f"identity-{first.pk}": "110105194912310021", f"identity-{second.pk}": OTHER},
    )  # fmt: skip
    response = clerk.post(address(month, "change"), data)
    page = text(response)
    assert response.status_code == 422
    data["name"] = "顾建国"
    response = clerk.post(address(month, "change"), data)
    page = text(response)
    assert response.status_code == 422
    for words in ("电话号码只写数字", "末位是校验位", "已登记在另一位成员名下"):
        assert words in page
    assert 'value="别处1号"' in page
    assert month.office.homes[1].name not in page, "whose it is stays unsaid"
    month.home.refresh_from_db()
    assert month.home.address == "河畔村1号"


def test_what_the_core_would_not_take_is_refused(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    response = clerk.post(address(month, "change"), typed(month, group="9组"))
    page = text(response)
    assert response.status_code in (302, 422)
    if response.status_code == 422:
        assert "data-wrong" in page


def test_who_stands_in_a_record_is_not_taken_out_and_others_are(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    first, second = month.home.members.order_by("pk")
    month.final.member = first
    month.final.save(update_fields=["member"])
    refused = clerk.post(address(month, "change"), typed(month, **{f"gone-{first.pk}": "on"}))
    assert "不能移出" in text(refused)
    thrice(clerk, address(month, "change"), typed(month, **{f"gone-{second.pk}": "on"}))
    assert list(month.home.members.all()) == [first]


def test_a_settlement_knows_of_a_change_at_once(month: Month) -> None:
    clerk, village = signed_in(month, "clerk"), month.office.village

    def total() -> int:
        found = settlement_now(village)
        assert found is not None
        return int(found.standings.filter(pl.col("household").cast(pl.String) == month.home.code)["total"][0])

    before = total()
    assert clerk.post(address(month, "change"), typed(month, consent="2025-06-01")).status_code == 302
    assert total() < before


def test_a_household_is_found_by_telephone_or_identity_number_whole_and_only_by_the_clerk(month: Month) -> None:
    home, other = month.office.homes[2], month.office.homes[4]
    home.telephone = TELEPHONE
    home.save()
    member = other.members.get()
    member.identity = OTHER
    member.save()
    clerk, where = signed_in(month, "clerk"), address(month, "find")
    for number, found in (("02158011234", home), (" ０２１－５８０１１２３４", home), (OTHER.lower(), other)):
        answer = clerk.post(where, {"key": str(uuid.uuid4()), "number": number})
        assert answer["Location"] == address(month, "household", household=found.code)
    part = clerk.post(where, {"key": str(uuid.uuid4()), "number": TELEPHONE[:6]})
    assert part.status_code == 422
    assert "没有找到" in text(part)
    assert 'method="post"' in re.findall(r"<form class=\"sheet\"[^>]*>", text(clerk.get(where)))[0]
    assert signed_in(month, "leader").post(where, {"number": TELEPHONE}).status_code == 403
    assert not AuditEntry.objects.filter(subject__contains="5801").exists()


def test_erasing_takes_two_steps_and_the_number_and_says_what_goes_and_stays(month: Month) -> None:
    clerk, where = signed_in(month, "clerk"), address(month, "erase")
    first = text(clerk.get(where))
    assert "会删除" in first
    assert "会保留" in first
    assert "没领取的兑换券作废（2 张）" in first
    assert 'name="code"' not in first, "nothing can be sent from the first step"
    second = text(clerk.get(where, {"sure": "1"}))
    data = {"key": key_in(second), "code": "WC01-0002"}
    wrong = clerk.post(where, data)
    assert wrong.status_code == 422
    month.home.refresh_from_db()
    assert month.home.erased is None
    entries = Entry.objects.count()
    thrice(clerk, where, {**data, "code": "wc01-0001"})
    home = Household.objects.get(pk=month.home.pk)
    assert home.erased is not None
    assert (home.name, home.address, home.telephone) == ("", "", "")
    assert Entry.objects.count() == entries + 2, "two vouchers became void, once each"
    assert not Opening.objects.filter(content__household=home.code).exists()
    assert not User.objects.get(household=home).is_active
    assert "已经删除" in text(clerk.get(where))


def test_only_the_clerk_erases(month: Month) -> None:
    for user in ("card", "leader", "committee", "keeper", "town", "district"):
        data = {"key": str(uuid.uuid4()), "code": month.home.code}
        assert signed_in(month, user).post(address(month, "erase"), data).status_code == 403
    month.home.refresh_from_db()
    assert month.home.erased is None
