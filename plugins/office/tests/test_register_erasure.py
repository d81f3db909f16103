from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from jifen.period import Period
from jifen_office import crediting
from jifen_office.access.models import Kinship, User
from jifen_office.ledger.checking import check
from jifen_office.ledger.exporting import export
from jifen_office.ledger.models import AccountKind, Entry, EntryKind, Opening
from jifen_office.ledger.posting import AccountName, Leg, balance, post
from jifen_office.process.models import Evidence, Kind, Objection, Record, Step, StepKind
from jifen_office.project.folder import OfficeFolder
from jifen_office.register.access import export_of, tables_of
from jifen_office.register.erasure import erase
from jifen_office.register.frames_out import households_frame
from jifen_office.register.models import Household, Member
from jifen_office.settling import settle_village
from jifen_office.shop.exchanging import reserve
from jifen_office.shop.models import Voucher, VoucherState
from jifen_office.shop.stock import supply

from plugins.office.tests.invented_town import invented, moment, moved_in, user

if TYPE_CHECKING:
    from jifen_office.register.models import Village
    from pytest_django import DjangoCaptureOnCommitCallbacks

pytestmark = pytest.mark.django_db
DAY = date(2025, 12, 25)
NOW = moment(DAY)
PIN = str(482913)
SECRETS = ("310115198801011234", "13800001234", "滨江路88号501室")


@pytest.fixture
def village() -> Village:
    return moved_in(invented(households=5))[0]


@pytest.fixture
def household(village: Village) -> Household:
    """A household with everything that can be kept about one."""
    home = max(Household.objects.filter(village=village), key=lambda each: each.records.count())
    home.name, home.telephone, home.address = "淳于长卿", SECRETS[1], SECRETS[2]
    home.save()
    member = home.members.order_by("pk")[0]
    member.identity = SECRETS[0]
    member.save()
    crediting.credit(village, "2025", now=NOW)
    supply(village, "G1", 3, key="supply", now=NOW, by=None)
    card = User.objects.create_user("card-0001", password=PIN, name="淳于长卿", household=home)
    Kinship.objects.create(user=user("委员甲"), household=home)
    record = home.records.order_by("number")[0]
    record.note = "淳于长卿家门前"
    record.save()
    Record.objects.create(
        number=f"{village.code}-P1", kind=Kind.PROPOSAL, village=village, household=home, item=record.item,
        date=record.date, refers=record, charter_clause="第三条", measure="淳于长卿家半年内不评优",
        recorded_by=user("委员甲"), recorded=NOW,
    )  # fmt: skip
    folder = OfficeFolder.here().evidence
    folder.mkdir(exist_ok=True)
    (folder / "photo.jpg").write_bytes(b"photo")
    Evidence.objects.create(record=record, kind="photo", words="淳于长卿", file="photo.jpg")
    Objection.objects.create(
        record=record,
        household=home,
        words="我淳于长卿不同意",
        entered_by=card,
        at=NOW,
        decide_by=DAY,
    )
    Step.objects.create(
        record=record, kind=StepKind.RECUSED, by=user("委员甲"), at=NOW, reason="与淳于长卿是亲戚，户在滨江路88号501室"
    )
    theirs = Record.objects.exclude(household=home).exclude(household=None)[0]
    assert theirs.household
    Objection.objects.create(
        record=record, household=theirs.household, words="淳于长卿没有参加", entered_by=card, at=NOW, decide_by=DAY,
        granted=False, reasons="淳于长卿到场", decided_by=user("委员甲"), decided=NOW,
    )  # fmt: skip
    Objection.objects.create(
        record=theirs, household=home, words="我家也在场", entered_by=card, at=NOW, decide_by=DAY,
        granted=False, reasons="淳于长卿不在场", decided_by=user("委员甲"), decided=NOW,
    )  # fmt: skip
    Step.objects.create(record=theirs, kind=StepKind.UPHELD, by=user("委员甲"), at=NOW, reason="淳于长卿不在场")
    issue = AccountName(village, AccountKind.ISSUE, "point:spend")
    purse = AccountName(village, AccountKind.PURSE, "point:spend", home)
    told = {"household": home.code, "name": home.name, "why": "补录"}
    post(village, EntryKind.CREDIT, [Leg(issue, purse, 50_000)], key="more", occurred=DAY, now=NOW, opening=told)
    home.refresh_from_db()
    return home


def everything() -> str:
    """All of the database as text, with what is sealed opened."""
    models = [model for model in apps.get_models() if model._meta.managed]
    return "".join(serializers.serialize("json", model._default_manager.all()) for model in models)


def test_nothing_personal_is_left_after_an_erasure(
    household: Household, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    names = [*household.members.values_list("name", flat=True)]
    others = set(Member.objects.exclude(household=household).values_list("name", flat=True))
    others |= {each.name for each in User.objects.all()}
    before = everything()
    assert all(each in before for each in (*SECRETS, "淳于长卿"))
    with django_capture_on_commit_callbacks(execute=True):
        done = erase(household, by=user("村文书"), now=NOW)
    after = everything()
    for each in (*SECRETS, "淳于长卿", "card-0001", *(name for name in names if name not in others)):
        assert each not in after, each
    assert done.files == 1
    assert not (OfficeFolder.here().evidence / "photo.jpg").exists()
    assert done.openings > 3
    assert not Kinship.objects.exists()
    household.refresh_from_db()
    assert (household.name, household.address, household.telephone, household.telephone_hash) == ("", "", "", "")
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity_hash FROM register_member WHERE household_id = %s", [household.pk])
        assert not any(found for (found,) in cursor.fetchall())


def test_the_chain_still_verifies_and_no_amount_is_changed(village: Village, household: Household) -> None:
    rows = list(Entry.objects.order_by("number").values("number", "hash", "commitment", "request"))
    sums = crediting.held_for(village, Period.parse("2025"))
    erase(household, by=user("村文书"), now=NOW)
    assert check(village) == []
    assert list(Entry.objects.order_by("number").values("number", "hash", "commitment", "request"))[: len(rows)] == rows
    assert crediting.held_for(village, Period.parse("2025")) == sums
    lines = [json.loads(line) for line in export(village, private=True)]
    assert any("opening" in line for line in lines), "other households' openings are still there"


def test_a_settlement_gives_what_it_gave_and_credits_the_household_nothing_more(
    village: Village, household: Household
) -> None:
    def standings() -> list[tuple[object, ...]]:
        return settle_village(village, "2025").standings.rows()

    before = standings()
    erase(household, by=user("村文书"), now=NOW)
    assert standings() == before
    crediting.credit(village, "2025", now=NOW)
    purse = AccountName(village, AccountKind.PURSE, "point:spend", household)
    had = balance(purse)
    Record.objects.filter(household=household).update(state="cancelled")
    crediting.credit(village, "2025", now=NOW)
    assert balance(purse) == had


def test_a_household_that_was_erased_is_not_in_a_later_period(village: Village, household: Household) -> None:
    erase(household, by=user("村文书"), now=NOW)
    assert household.code in households_frame([village], Period.parse("2025"))["household"].to_list()
    assert household.code not in households_frame([village], Period.parse("2026"))["household"].to_list()


def test_a_voucher_of_an_erased_household_becomes_void(village: Village, household: Household) -> None:
    Household.objects.filter(pk=household.pk).update(
        consent=date(2024, 12, 1), registered=True, homestead=True, living=2, site="home"
    )
    household.refresh_from_db()
    reserve(household, "G1", 1, key="r", now=NOW, by=None)
    assert erase(household, by=user("村文书"), now=NOW).vouchers == 1
    assert Voucher.objects.get().state == VoucherState.VOID
    voucher = Voucher.objects.get()
    assert not Opening.objects.filter(entry__in=[voucher.reserved, voucher.ended]).exists()


def test_erasing_twice_is_erasing_once(household: Household) -> None:
    erase(household, by=user("村文书"), now=NOW)
    household.refresh_from_db()
    before, at = everything(), household.erased
    erase(household, by=user("村文书"), now=moment(date(2026, 1, 3)))
    household.refresh_from_db()
    assert household.erased == at
    assert everything() == before


def test_the_card_opens_nothing_any_more(household: Household) -> None:
    erase(household, by=user("村文书"), now=NOW)
    card = User.objects.get(household=household)
    assert not card.is_active
    assert not card.has_usable_password()
    assert not card.check_password(PIN)


def test_an_access_export_tells_all_that_is_kept(village: Village, household: Household) -> None:
    told = export_of(household)
    text = json.dumps(told, ensure_ascii=False)
    for each in (*SECRETS, "淳于长卿家门前", "我淳于长卿不同意", "card-0001", "委员甲", "photo.jpg"):
        assert each in text, each
    assert len(told["records"]) == household.records.count()
    assert len(told["members"]) == household.members.count()
    into = {each.pk for each in Entry.objects.filter(transfers__target__household=household)}
    out = {each.pk for each in Entry.objects.filter(transfers__source__household=household)}
    assert len(told["entries"]) == len(into | out)
    assert told["household"]["village"] == village.code
    other = Household.objects.filter(objections=None, records__objections=None)[0]
    assert "淳于长卿" not in json.dumps(export_of(other), ensure_ascii=False)


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_the_export_is_readable_as_tables(household: Household, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_LANG", language)
    tables = tables_of(export_of(household))
    words = [table.title for table in tables] + [column for table in tables for column in table.columns]
    assert not [word for word in words if word.startswith("register.")], "every column has its word"
    assert all(len(row) == len(table.columns) for table in tables for row in table.rows)
    assert any("淳于长卿家门前" in row for table in tables for row in table.rows)
