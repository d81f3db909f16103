"""Promises of the district's page: what the register does not know comes from the district's own four tables."""

from __future__ import annotations

import re
import shutil
from typing import TYPE_CHECKING, Final

import pytest
from django.urls import reverse
from jifen_office.project.folder import OfficeFolder

from plugins.office.tests.pages_month import Month, forgotten, month, signed_in, today

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["forgotten", "month", "today"]  # fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("month")]
TABLES: Final = {
    "towns.csv": "town,name\nwangchao,望潮镇\nluting,芦汀镇\n",
    "villages.csv": "town,village,name,kinds,groups\n"
    "wangchao,WC01,青溪村,rural-demonstration,8\nluting,LT01,荻洲村,rural-demonstration,12\n",
    "participation.csv": "village,since,document,pilot groups\nWC01,2023-03-01,例〔2023〕1号,\n",
    "recognitions.csv": "town,kind,date,document\n"
    "wangchao,demonstration-base,2024-05-16,例〔2024〕7号\nluting,national-case,2024-06-01,例〔2024〕9号\n",
}


@pytest.fixture
def handed_in() -> Iterator[Path]:
    """The four tables in the folder of the office."""
    folder = OfficeFolder.here().path / "district"
    folder.mkdir()
    for name, text in TABLES.items():
        (folder / name).write_text(text, "utf-8")
    yield folder
    shutil.rmtree(folder)


def shown(month: Month) -> str:
    """The page in words."""
    answer = signed_in(month, "district").get(reverse("district"))
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_without_tables_no_village_is_of_a_kind_and_no_town_is_recognised(month: Month) -> None:
    words = shown(month)
    assert "每镇至少一个村" in words
    assert "示范村全部参加" not in words
    assert "上海市示范基地" not in words


def test_kinds_of_villages_and_recognitions_count_as_the_district_hands_them_in(
    month: Month,
    handed_in: Path,
) -> None:
    del handed_in
    words = shown(month)
    assert "已达到 2023年12月31日：示范村全部参加 要 1 个村，有 1 个" in words, "it began before the office did"
    assert "2024-05-16 成为上海市示范基地" in words
    assert "全国典型案例" not in words, "of a town that is not in the office"
    assert "考核今天算不出来" not in words


def test_a_wrong_table_is_told_with_its_row_and_the_rest_of_the_page_stands(
    month: Month,
    handed_in: Path,
) -> None:
    (handed_in / "recognitions.csv").write_text(
        "town,kind,date,document\nwangchao,golden,2024-05-16,例〔2024〕7号\n", "utf-8"
    )
    words = shown(month)
    assert "考核今天算不出来" in words
    assert "recognitions.csv" in words
    assert "golden" in words
    assert "望潮镇" in words


def test_what_an_open_spreadsheet_leaves_beside_it_is_no_table(month: Month, handed_in: Path) -> None:
    for name in TABLES:
        (handed_in / name).unlink()
    (handed_in / "~$四张表.xlsx").write_bytes(b"\x00")
    words = shown(month)
    assert "考核今天算不出来" not in words
    assert "每镇至少一个村" in words
