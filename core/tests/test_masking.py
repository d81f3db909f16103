"""What is posted in public shows no more of a name than the surname (R23)."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jifen.masking import MASK, mask, masked

CASES = [
    ("王芳", "王＊"),
    ("王小明", "王＊＊"),
    ("欧阳娜", "欧阳＊"),
    ("欧阳娜娜", "欧阳＊＊"),
    ("歐陽娜娜", "歐陽＊＊"),
    ("欧阳", "欧＊"),
    ("  诸葛 亮 ", "诸葛＊"),
    ("李　明", "李＊"),
    ("王", "＊"),
    ("", "＊"),
    ("   ", "＊"),
    (None, "＊"),
    ("买买提·吐尔逊", "买＊＊·＊＊＊"),
    ("迪丽热巴·买 买提", "迪＊＊＊·＊＊＊"),
    ("阿·买提", "＊·＊＊"),
    ("Mary Smith", "M＊＊＊ S＊＊＊＊"),
    ("J. Smith", "＊. S＊＊＊＊"),
    ("Bob", "B＊＊"),
    ("王Bob", "王＊＊＊"),
    ("𠮷田花", "𠮷＊＊"),
    ("·", "＊"),
    ("<script>", "<＊＊＊＊＊＊＊"),
]


@pytest.mark.parametrize(("name", "posted"), CASES)
def test_a_name_is_posted_as(name: str | None, posted: str) -> None:
    assert mask(name) == posted


def test_a_column_is_masked_as_each_name_is() -> None:
    names = pl.Series("name", [name for name, _ in CASES])
    assert masked(names).to_list() == [posted for _, posted in CASES]
    assert masked(names).name == "name"


def test_a_coded_column_is_masked_in_its_order() -> None:
    names = pl.Series("name", ["王芳", "李明", "王芳"], dtype=pl.Categorical)
    assert masked(names).to_list() == ["王＊", "李＊", "王＊"]


def test_an_empty_column_stays_empty() -> None:
    assert masked(pl.Series("name", [], dtype=pl.String)).to_list() == []


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=6))
def test_a_given_name_never_shows(name: str) -> None:
    posted = mask(name)
    assert len(posted) == len(name)
    assert MASK in posted
    assert posted.rstrip(MASK) in {"", name[:1], name[:2]}


@given(st.text(max_size=12))
def test_any_text_is_masked_without_failing(name: str) -> None:
    assert MASK in mask(name)
