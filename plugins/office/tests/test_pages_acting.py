"""What people do on the pages: it is done once, it is refused in words, and nothing that was typed is lost."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from jifen_office.access.models import Kinship, User
from jifen_office.ledger.models import Entry
from jifen_office.process.models import Notice, Objection, Record, State
from jifen_office.shop.models import VoucherState

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import Month, forgotten, month, photo, signed_in, today

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db


def test_a_deed_is_recorded_in_two_steps_and_once(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "record", "?household=沈桂芳&item=D07")
    page = text(clerk.get(where))
    assert "沈桂芳（WC01-0002 1组）" in page
    assert "单位：小时" in page
    data = {"key": key_in(page), "date": "2025-06-24", "quantity": "4.5", "note": "台风前巡堤", "act": "record"}
    before = Record.objects.count()
    thrice(clerk, where, data)
    assert Record.objects.count() == before + 1
    made = Record.objects.latest("pk")
    assert (made.household.code, made.quantity, made.state) == ("WC01-0002", 4500, State.RECORDED)  # type: ignore[union-attr]


def test_what_is_refused_is_said_beside_the_form_all_at_once_and_stays_typed(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "record", "?household=WC01-0002&item=A01")
    key = key_in(text(clerk.get(where)))
    file = SimpleUploadedFile("照片.jpg", photo().read(), "image/jpeg")
    data = {
        "key": key,
        "date": "2025-05-06",
        "grade": "优",
        "note": "门前很干净",
        "photo": file,
        "seen_kind": "witness",
    }
    response = clerk.post(where, data)
    page = text(response)
    assert response.status_code == 422
    assert "请写明证明人姓名" in page
    assert "门前很干净" in page
    assert re.search(r'value="优"[^>]*checked', page)
    kept = re.search(r'name="photo_kept" value="([0-9a-f]{64}\.jpg)"', page)
    assert kept is not None, "a photo need not be chosen again"
    again = {"key": key, "date": "2025-06-24", "grade": "优", "photo_kept": kept[1]}
    assert clerk.post(where, again).status_code == 302
    assert Record.objects.latest("pk").evidence.get().file == kept[1]


def test_a_rule_that_needs_evidence_says_so_in_the_readers_language(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "record", "?household=WC01-0002&item=A01")
    data = {"key": str(uuid.uuid4()), "date": "2025-06-24", "grade": "优"}
    told = text(clerk.post(where, data))
    assert "照片" in told[told.index("data-wrong") :]
    clerk.cookies["django_language"] = "en"
    english = text(clerk.post(where, data))
    assert "photo" in english[english.index("data-wrong") :]
    assert Record.objects.filter(item="A01", date="2025-06-24").count() == 0


def test_a_preview_tells_what_it_would_give_and_records_nothing(month: Month) -> None:
    card = signed_in(month, "card")
    where = address(month, "report", "?item=A09")
    before = Record.objects.count()
    data = {"key": str(uuid.uuid4()), "date": "2025-06-25", "quantity": "60", "act": "preview"}
    assert "现在登记预计加6分" in text(card.post(where, data))
    assert Record.objects.count() == before


def test_a_household_reports_what_it_did_itself(month: Month) -> None:
    card = signed_in(month, "card")
    data = {"key": str(uuid.uuid4()), "date": "2025-06-24", "act": "record"}
    thrice(card, address(month, "report", "?item=D04"), data)
    made = Record.objects.latest("pk")
    assert (made.household, made.recorded_by, made.item) == (month.home, month.users["card"], "D04")


def test_a_household_records_nothing_of_another(month: Month) -> None:
    card = signed_in(month, "card")
    other = address(month, "report", "?item=D04", household="WC01-0002")
    assert card.post(other, {"key": str(uuid.uuid4()), "date": "2025-06-24"}).status_code == 404
    where = address(month, "record", "?household=WC01-0002&item=D04")
    assert "没有找到这一户" in text(card.get(where))


def test_a_whole_round_is_recorded_from_one_sheet_and_empty_rows_are_left_out(month: Month) -> None:
    leader = signed_in(month, "leader")
    where = address(month, "round_sheet", "?group=1组&item=A08&date=2025-06-24")
    page = text(leader.get(where))
    homes = month.office.homes[:3]
    order = [page.index(f'name="found-{home.pk}"') for home in homes]
    assert order == sorted(order), "Tab goes from household to household"
    data: dict[str, Any] = {"key": key_in(page), "seen_kind": "witness", "seen": "周根生"}
    data |= {f"found-{homes[1].pk}": "优", f"found-{homes[2].pk}": "差", f"note-{homes[2].pk}": "网堆在路边"}
    before = Record.objects.count()
    thrice(leader, where, data)
    made = Record.objects.order_by("pk")[before:]
    assert [(each.household, each.grade, each.note) for each in made] == [
        (homes[1], "优", ""),
        (homes[2], "差", "网堆在路边"),
    ]


def test_a_round_with_a_bad_row_records_nothing_and_keeps_what_was_typed(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "round_sheet", "?group=1组&item=WS01&date=2025-06-24")
    first, second, _ = month.office.homes[:3]
    data = {"key": str(uuid.uuid4()), "seen_kind": "witness", "seen": "周根生"}
    data |= {f"found-{first.pk}": "95", f"found-{second.pk}": "很好"}
    before = Record.objects.count()
    response = clerk.post(where, data)
    assert response.status_code == 422
    page = text(response)
    assert 'value="很好"' in page
    assert 'value="95"' in page
    assert "2" in page[page.index("data-wrong") :][:400], "the row is named"
    assert Record.objects.count() == before


def test_a_round_leaves_as_a_workbook_and_comes_back(month: Month) -> None:
    import io

    import openpyxl

    clerk = signed_in(month, "clerk")
    answer = clerk.get(address(month, "round_sheet", "?group=2组&item=WS01&date=2025-06-24&as=workbook"))
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.active
    assert sheet is not None
    heads = [cell.value for cell in sheet[1]]
    column = next(at for at, head in enumerate(heads, 1) if head is not None and sheet.cell(2, at).value is None)
    sheet.cell(2, column).value = 92
    out = io.BytesIO()
    book.save(out)
    data = {
        "key": str(uuid.uuid4()),
        "seen_kind": "minutes",
        "seen": "六月检查记录",
        "file": SimpleUploadedFile("填好.xlsx", out.getvalue()),
    }
    before = Record.objects.count()
    response = clerk.post(address(month, "round"), data)
    assert response.status_code == 302, text(response)
    made = Record.objects.order_by("pk")[before:]
    assert [(each.household, each.quantity) for each in made] == [(month.office.homes[3], 92_000)]


def test_the_committee_approves_refuses_and_recuses_with_reasons(month: Month) -> None:
    member = signed_in(month, "committee")
    waiting = Record.objects.filter(state=State.RECORDED, approvals=1).order_by("pk")
    first, second = waiting[:2]
    thrice(member, address(month, "review", number=first.number), {"act": "approve", "key": str(uuid.uuid4())})
    first.refresh_from_db()
    assert first.state == State.APPROVED
    where = address(month, "review", number=second.number)
    nothing = member.post(where, {"act": "refuse", "key": str(uuid.uuid4()), "reason": ""})
    assert nothing.status_code == 422
    thrice(member, where, {"act": "refuse", "key": str(uuid.uuid4()), "reason": "照片看不清是哪一家"})
    second.refresh_from_db()
    assert second.state == State.REFUSED
    own = member.get(address(month, "record_of", household=second.household.code, number=second.number))  # type: ignore[union-attr]
    assert "照片看不清是哪一家" in text(own)


def test_who_declares_kin_no_longer_finds_them_in_the_queue(month: Month) -> None:
    member = signed_in(month, "committee")
    assert month.recorded.number in text(member.get(address(month, "queue")))
    member.post(address(month, "kin"), {"key": str(uuid.uuid4()), "household": "wc01-0001"})
    assert Kinship.objects.filter(user=month.users["committee"], household=month.home).count() == 1
    assert month.recorded.number not in text(member.get(address(month, "queue")))
    assert "这一条不由您审核" in text(member.get(address(month, "review")))


def test_a_household_objects_and_somebody_else_decides_with_reasons(month: Month) -> None:
    card, member = signed_in(month, "card"), signed_in(month, "committee")
    words = "那天我家两个人都去了。"
    thrice(card, address(month, "object_to"), {"key": str(uuid.uuid4()), "words": words})
    made = Objection.objects.get(record=month.posted)
    assert (made.words, made.oral) == (words, False)
    where = address(month, "objection", number=made.pk)
    assert words in text(member.get(where))
    data = {"key": str(uuid.uuid4()), "granted": "no", "reasons": "签到表上只有一人，记录无误。"}
    thrice(member, where, data)
    assert "签到表上只有一人" in text(card.get(address(month, "objections")))


def test_a_clerk_enters_an_oral_objection(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    thrice(clerk, address(month, "object_to"), {"key": str(uuid.uuid4()), "words": "她说那天两个人都去了。"})
    made = Objection.objects.get(record=month.posted)
    assert made.oral
    assert "口头提出" in text(clerk.get(address(month, "objections")))


def test_a_notice_is_posted_once_and_its_sheet_shown(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    before = Notice.objects.count()
    data = {"key": key_in(text(clerk.get(address(month, "notice"))))}
    sheet = thrice(clerk, address(month, "notice"), data)["Location"]
    assert Notice.objects.count() == before + 1
    assert "参加村民会议" in text(clerk.get(sheet))


def test_crediting_twice_counts_once(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    thrice(clerk, address(month, "credit"), {"key": str(uuid.uuid4())})
    count = Entry.objects.count()
    clerk.post(address(month, "credit"), {"key": str(uuid.uuid4())})
    assert Entry.objects.count() == count


def test_points_are_exchanged_reserved_and_handed_over(month: Month) -> None:
    card, keeper = signed_in(month, "card"), signed_in(month, "keeper")
    where = address(month, "exchange")
    response = thrice(card, where, {"key": str(uuid.uuid4()), "good": "G1", "pieces": "1"})
    assert month.home.vouchers.filter(good="G1").count() == 1
    voucher = month.home.vouchers.get(good="G1")
    assert "二维码" in text(card.get(response["Location"]))
    found = keeper.get(address(month, "counter"), {"number": f"{voucher.number[:4]} {voucher.number[4:]}"})
    assert found.status_code == 302
    assert "顾＊＊" in text(keeper.get(found["Location"])), "the shop need not know the name"
    thrice(keeper, found["Location"], {"act": "give", "key": str(uuid.uuid4())})
    voucher.refresh_from_db()
    assert voucher.state == VoucherState.HANDED_OVER
    again = keeper.post(found["Location"], {"act": "give", "key": str(uuid.uuid4())})
    assert again.status_code == 422, "another request hands nothing over again"


def test_what_never_came_onto_the_shelf_is_not_offered(month: Month) -> None:
    page = text(signed_in(month, "card").get(address(month, "exchange")))
    torch = page[page.index("应急手电") :]
    torch = torch[: torch.index("</li>")]
    assert "暂时没有货" in torch
    assert "<form" not in torch


def test_what_cannot_be_exchanged_is_said_with_every_reason(month: Month) -> None:
    response = signed_in(month, "card").post(
        address(month, "exchange"), {"key": str(uuid.uuid4()), "good": "G3", "pieces": "5"}
    )
    assert response.status_code == 422
    page = text(response)
    problems = page[page.index("data-wrong") :]
    assert problems[: problems.index("</div>")].count("<li>") >= 2


def test_a_voucher_that_is_given_back_gives_its_points_back(month: Month) -> None:
    card = signed_in(month, "card")
    thrice(card, address(month, "void_voucher"), {"key": str(uuid.uuid4()), "reason": "暂时用不上"})
    month.voucher.refresh_from_db()
    assert month.voucher.state == VoucherState.VOID
    month.voucher.refresh_from_db()


def test_a_wrong_number_at_the_counter_is_found_before_anything_happens(month: Month) -> None:
    keeper = signed_in(month, "keeper")
    number = month.voucher.number
    swapped = number[:-1] + str((int(number[-1]) + 1) % 10)
    response = keeper.get(address(month, "counter"), {"number": swapped})
    assert response.status_code == 422
    assert "号码不对" in text(response)


def test_the_shelf_is_supplied_and_counted(month: Month) -> None:
    keeper = signed_in(month, "keeper")
    for what, pieces in (("supply", "5"), ("count", "21")):
        thrice(
            keeper, address(month, "stock"), {"key": str(uuid.uuid4()), "good": "G2", "pieces": pieces, "what": what}
        )
    page = text(keeper.get(address(month, "stock")))
    assert re.search(r"洗衣液</th><td[^>]*>21</td>", page)


def test_a_card_is_issued_with_a_pin_that_signs_in(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    where = address(month, "issue_card", household="WC01-0002")
    data = {"key": key_in(text(clerk.get(where)))}
    pages = [text(clerk.post(where, data)) for _ in range(3)]
    found = [re.findall(r'class="number">([\d ]+)<', page) for page in pages]
    assert found[0] == found[1] == found[2]
    number, pin = ("".join(each.split()) for each in found[0])
    assert User.objects.get(username=number).check_password(pin)
    assert pin not in text(clerk.get(where))


def test_a_penalty_is_only_ever_proposed(month: Month) -> None:
    clerk = signed_in(month, "clerk")
    burnt = Record.objects.get(item="E03", kind="deed")
    where = address(month, "proposal", number=burnt.number)
    data = {"key": str(uuid.uuid4()), "measure": "建议暂缓享受一次慰问品", "charter_clause": ""}
    assert clerk.post(where, data).status_code == 422
    refused = clerk.post(where, {**data, "charter_clause": "《村规民约》第十八条"})
    assert "data-wrong" in text(refused), "one proposal for one ground"
