"""What nobody's browser sends is answered as any mistake is: no fault of the program, nothing written without end."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from jifen_office.access import errors
from jifen_office.project.folder import OfficeFolder

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import RequestFactory


@pytest.mark.parametrize("address", ["/v/%00/", "/?words=a%00b", "/?%00=1", "/v/QH01/posted/%00/"])
def test_a_nul_in_an_address_is_refused_before_the_database_is_asked(address: str) -> None:
    """Without the mark for the database: asking it would fail here."""
    assert Client().get(address).status_code == 400


@pytest.mark.parametrize("name", ["sessionid", "other"])
def test_a_nul_in_a_cookie_is_refused_before_the_database_is_asked(name: str) -> None:
    answer = Client().get("/", headers={"cookie": f'{name}="{chr(92)}000{chr(92)}000{chr(92)}000abcdefgh"'})
    assert answer.status_code == 400


def test_reports_of_faults_are_bounded(rf: RequestFactory, settings: Any, tmp_path: Path) -> None:
    settings.FOLDER = OfficeFolder(tmp_path)
    folder = tmp_path / "reports"
    request = rf.get("/")
    request.resolver_match = None
    assert "编号" in errors.failed(request).content.decode()
    assert len(list(folder.iterdir())) == 1
    for number in range(999):
        (folder / f"{number}.txt").touch()
    answer = errors.failed(request)
    assert answer.status_code == 500
    assert "问题报告已保存" not in answer.content.decode()
    assert len(list(folder.iterdir())) == 1000
