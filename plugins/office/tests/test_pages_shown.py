"""Every page answers, in both languages and views, and shows nobody what is not theirs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from jifen_office.process.objecting import decide

from plugins.office.tests.pages_month import Month, month, now, signed_in, today

__all__ = ["month", "today"]  # fixtures

PUBLIC = ("public", "village", "rules", "posted", "sheet", "honours", "login")
OWN = {
    "card": ("points", "why", "month", "passbook", "report", "record_of", "objections", "object_to", "exchange", "voucher", "kept", "more_evidence"),
    "clerk": (
        "desk", "record", "records", "households", "household", "issue_card", "export", "notice", "credit", "round",
        "proposal", "ledger", "books", "kept", "change", "find", "erase", "more_evidence", "settings", "kin_declared",
        "withdraw",
    ),
    "leader": ("desk", "record", "round", "households"),
    "committee": ("queue", "review", "kin", "objected", "objection", "decisions", "sample", "records", "cancel"),
    "keeper": ("counter", "at_counter", "stock", "owed"),
    "town": ("town", "exports", "layers", "books", "settings", "audit"),
    "district": ("district", "audit"),
}  # fmt: skip
PAGES = [("", name) for name in PUBLIC] + [(user, name) for user, names in OWN.items() for name in names]


def asked(month: Month, user: str, name: str, language: str = "zh-hans", **query: str) -> str:
    client = signed_in(month, user)
    client.cookies["django_language"] = language
    codes = {} if name == "login" else month.codes(name)
    response = client.get(reverse(name, kwargs=codes), query)
    assert response.status_code == 200, (name, response.status_code)
    return response.getvalue().decode() if response.streaming else response.content.decode()


def assert_whole(page: str, name: str) -> None:
    """It works without scripts, holds nothing that the policy refuses, and its tables and forms are complete."""
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), "the policy refuses what stands in the page"
    assert re.findall(r"<script src=\"/static/office/[a-z.]+\" defer></script>", page) == re.findall(
        r"<script.*?</script>", page
    )
    assert len(re.findall(r"<h1", page)) == 1
    for form in re.findall(r"<form[^>]*method=\"post\".*?</form>", page, re.DOTALL):
        assert "csrfmiddlewaretoken" in form
        if "/elder/" not in form and "/language/" not in form and "/logout/" not in form and name != "login":
            assert re.search(r'name="key" value="[0-9a-f-]{36}"', form), "sent twice it must have one effect"
    for table in re.findall(r"<table.*?</table>", page, re.DOTALL):
        assert "<caption" in table
        assert 'scope="col"' in table
        assert 'scope="row"' in table


@pytest.mark.django_db
@pytest.mark.parametrize(("user", "name"), PAGES)
def test_every_page_answers_whole_in_chinese_and_english(month: Month, user: str, name: str) -> None:
    if name in ("export", "ledger"):
        assert asked(month, user, name)
        return
    chinese, english = asked(month, user, name), asked(month, user, name, "en")
    assert '<html lang="zh-CN">' in chinese
    assert '<html lang="en">' in english
    assert "Sign out" in english if user else "Sign in" in english
    assert_whole(chinese, name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", PUBLIC)
def test_public_pages_name_nobody_in_full_whoever_looks(month: Month, name: str) -> None:
    for user in ("", "clerk", "card"):
        if user and name == "login":
            continue
        page = asked(month, user, name)
        for home in month.office.homes:
            assert home.name not in page
            assert home.address not in page
        if name in ("posted", "sheet", "honours"):
            assert "顾＊＊" in page


@pytest.mark.django_db
def test_a_posted_sheet_carries_the_head_of_the_ledger_as_a_code_to_scan(month: Month) -> None:
    import segno

    page = asked(month, "", "sheet")
    assert month.posted.notice is not None
    head = month.posted.notice.head
    drawn = segno.make(head, error="m", micro=False).svg_inline(border=2, omitsize=True)
    assert drawn in page
    assert head[:4] in page


@pytest.mark.django_db
def test_a_village_can_switch_its_ranking_off(month: Month) -> None:
    assert "积分排名" in asked(month, "", "honours")
    month.office.village.shows_ranking = False
    month.office.village.save()
    page = asked(month, "", "honours")
    assert "积分排名" not in page
    assert "不公布排名" in page
    assert "村里名次" not in asked(month, "card", "why")
    month.office.village.shows_ranking = True
    month.office.village.save()


@pytest.mark.django_db
def test_each_point_stands_with_its_why(month: Month) -> None:
    page = asked(month, "card", "points")
    assert "房前屋后整洁有序" in page
    assert month.final.number in page
    told = asked(month, "card", "why")
    assert "细则 A01，第三条第（一）项" in told
    assert "登记：陆文书" in told


@pytest.mark.django_db
def test_the_month_says_what_is_left_and_what_it_gives(month: Month) -> None:
    page = asked(month, "card", "month")
    row = page[page.index("参加每月清洁日") :]
    row = row[: row.index("</tr>")]
    assert "每次加3分，每月最多3次" in row
    assert "还可以做 1 次" in row, "two of June's three are on their way"


@pytest.mark.django_db
def test_the_deadline_of_an_objection_is_counted_down(month: Month) -> None:
    for user, name in (("card", "objections"), ("committee", "objected"), ("committee", "objection")):
        assert "还有 9 天" in asked(month, user, name)


@pytest.mark.django_db
def test_an_answer_after_the_deadline_is_told_to_be_late(month: Month) -> None:
    objection = month.objected.objections.get()
    for days, late in ((0, False), (1, True)):
        with transaction.atomic():
            day = objection.decide_by + timedelta(days=days)
            by, key = month.users["committee"], month.office.key()
            decide(objection, granted=False, reasons="核对了照片", key=key, by=by, now=now(day))
            assert ("超过期限才答复" in asked(month, "card", "objections")) == late
            transaction.set_rollback(True)


@pytest.mark.django_db
def test_the_view_for_elders_is_one_tap_away_and_remembered(month: Month) -> None:
    client = Client()
    address = reverse("posted", kwargs=month.codes("posted"))
    assert 'action="/elder/"' in client.get(address).content.decode()
    answer = client.post(reverse("elder"), {"next": address})
    assert answer["Location"] == address
    assert answer.cookies["elder"]["max-age"] > 300 * 24 * 3600
    assert 'class="elder"' in client.get(address).content.decode()
    client.post(reverse("elder"), {"next": "https://elsewhere.example/"})
    assert 'class="elder"' not in client.get(address).content.decode()


@pytest.mark.django_db
def test_who_changes_the_view_is_never_sent_elsewhere(month: Month) -> None:
    del month
    assert Client().post(reverse("elder"), {"next": "https://elsewhere.example/"})["Location"] == "/"


@pytest.mark.django_db
def test_a_households_points_take_six_questions_to_the_database_however_much_there_is(month: Month) -> None:
    client, address = signed_in(month, "card"), reverse("points", kwargs=month.codes("points"))
    for _ in range(2):
        assert client.get(address).status_code == 200  # the first visit writes down when the session began
    with CaptureQueriesContext(connection) as questions:
        page = client.get(address).content.decode()
    tables = [re.findall(r'FROM "(\w+)"', each["sql"]) for each in questions]
    assert tables == [
        ["django_session"],
        ["access_user"],
        ["process_record"],  # whether anything becomes final
        ["ledger_account"],
        ["ledger_transfer"],
        ["process_record"],  # what is on its way
    ]
    assert page.count("<tr><td") > 4, "the page has lines of both kinds"
