"""What a village has settled for itself, and what the audit tells to whom."""

from __future__ import annotations

import re
import uuid

import pytest
from django.utils import timezone
from jifen_office.access.models import AuditEntry, Kinship
from jifen_office.register.models import Village

from plugins.office.tests.pages_acts import address, key_in, text, thrice
from plugins.office.tests.pages_month import Month, forgotten, month, signed_in, today

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = pytest.mark.django_db


def test_the_ranking_is_switched_by_a_resolution_that_is_named_where_it_is_missed(month: Month) -> None:
    clerk, where = signed_in(month, "clerk"), address(month, "settings")
    data = {"key": key_in(text(clerk.get(where))), "shown": "no", "day": "2025-06-20"}
    assert clerk.post(where, {**data, "resolution": ""}).status_code == 422
    late = clerk.post(where, {**data, "resolution": "青溪村代〔2025〕7号", "day": "2025-07-01"})
    assert "还没有到" in text(late)
    thrice(clerk, where, {**data, "resolution": "青溪村代〔2025〕7号"})
    page = text(signed_in(month, "").get(address(month, "honours")))
    assert "不公布排名" in page
    assert "青溪村代〔2025〕7号（2025年6月20日）" in page
    assert "积分排名" not in page
    town = signed_in(month, "town")
    again = {"key": str(uuid.uuid4()), "shown": "yes", "resolution": "青溪村代〔2025〕9号", "day": "2025-06-24"}
    thrice(town, where, again)
    assert Village.objects.get(code="WC01").shows_ranking
    assert "青溪村代〔2025〕9号" in text(town.get(where))
    for user in ("card", "leader", "committee", "keeper", "district"):
        assert signed_in(month, user).post(where, again).status_code == 403


def test_kin_that_were_declared_are_listed_to_the_clerk_alone(month: Month) -> None:
    Kinship.objects.create(user=month.users["committee"], household=month.office.homes[1])
    page = text(signed_in(month, "clerk").get(address(month, "kin_declared")))
    row = page[page.index("<tbody>") :]
    assert "沈委员" in row
    assert "WC01-0002" in row
    for user in ("town", "committee", "district", "card"):
        assert signed_in(month, user).get(address(month, "kin_declared")).status_code == 403


def test_the_audit_says_who_did_what_and_of_nobody(month: Month) -> None:
    clerk, card = signed_in(month, "clerk"), signed_in(month, "card")
    clerk.get(address(month, "household"))
    clerk.post(address(month, "credit"), {"key": str(uuid.uuid4())})
    clerk.post(address(month, "settings"), {"key": "none"})
    card.get(address(month, "queue"))
    card.post(address(month, "object_to"), {"key": str(uuid.uuid4()), "words": "那天我家去了两个人。"})
    for user in ("town", "district"):
        client = signed_in(month, user)
        page = text(client.get(address(month, "audit")))
        rows = re.findall(r"<tr>.*?</tr>", page[page.index("<tbody>") :], re.DOTALL)
        told = [re.sub(r"<[^>]+>", "|", row) for row in rows]
        assert any("陆文书" in each and "credit" in each and "办成" in each for each in told)
        assert any("陆文书" in each and "settings" in each and "未办成" in each for each in told)
        assert any("陆文书" in each and "household" in each and "查看" in each for each in told)
        assert any("家庭户" in each and "queue" in each and "拒绝" in each for each in told)
        for home in month.office.homes:
            assert home.code not in page
            assert home.name not in page
    for user in ("clerk", "card", "leader", "keeper"):
        assert signed_in(month, user).get(address(month, "audit")).status_code == 403


def test_the_audit_is_filtered_by_village_and_day_within_reach_only(month: Month) -> None:
    far = Village.objects.create(town=month.office.village.town, code="WC09", name="听涛村")
    AuditEntry.objects.create(user=month.users["clerk"], route="far-away", village=far, outcome="seen")
    signed_in(month, "clerk").get(address(month, "household"))
    client = signed_in(month, "committee")
    page = text(client.get(address(month, "audit")))
    assert "far-away" not in page
    assert client.get(address(month, "audit"), {"village": "WC09"}).status_code == 422
    town, day = signed_in(month, "town"), timezone.localdate().isoformat()
    only = text(town.get(address(month, "audit"), {"village": "WC09", "day": day}))
    assert "far-away" in only
    assert only.count("<tr>") == 2
    assert "没有符合的记录" in text(town.get(address(month, "audit"), {"day": "2001-01-01"}))
