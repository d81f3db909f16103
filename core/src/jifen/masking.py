"""Decides what of a person's name may be posted in public: the surname, and a ＊ for each character after it (R23).

王小明 becomes 王＊＊, 欧阳娜娜 欧阳＊＊, 买买提·吐尔逊 买＊＊·＊＊＊, Mary Smith M＊＊＊ S＊＊＊＊. A name of one
character is hidden whole, for there is nothing left that could hide it.
"""

from __future__ import annotations

import re
from typing import Final

import polars as pl

MASK: Final = "＊"
"""Full width, so that it stands in line with Chinese characters and is never read as markup or a formula."""

_SURNAMES: Final = (
    "欧阳 太史 端木 上官 司马 东方 独孤 南宫 万俟 闻人 夏侯 诸葛 尉迟 公羊 赫连 澹台 皇甫 宗政 "
    "濮阳 公冶 太叔 申屠 公孙 慕容 仲孙 钟离 长孙 宇文 司徒 鲜于 司空 闾丘 子车 亓官 司寇 巫马 "
    "公西 颛孙 壤驷 公良 漆雕 乐正 宰父 谷梁 拓跋 夹谷 轩辕 令狐 段干 百里 呼延 东郭 南门 羊舌 "
    "微生 公户 公玉 公仪 梁丘 公仲 公上 公门 公山 公坚 左丘 公伯 西门 公祖 第五 公乘 贯丘 公皙 "
    "南荣 东里 东宫 仲长 子书 子桑 即墨 达奚 褚师 纳兰 归海 歐陽 東方 獨孤 南宮 萬俟 聞人 諸葛 "
    "尉遲 赫連 澹臺 濮陽 公孫 仲孫 鍾離 鐘離 長孫 鮮于 顓孫 樂正 軒轅 東郭 納蘭 司馬 "
)

COMPOUND_SURNAMES: Final = frozenset(_SURNAMES.split())
"""Surnames of two characters, in both scripts."""

_PARTS: Final = re.compile(r"[·•・‧.．\-－\s]+")
_CHINESE: Final = re.compile(r"[㐀-鿿豈-﫿〇𠀀-𳍏]")
_SPOKEN: Final = re.compile(r"\S")


def mask(name: str | None) -> str:
    """A name as it may be posted. An empty name is one ＊; spaces in a Chinese name do not count."""
    text = (name or "").strip()
    if not text:
        return MASK
    if _CHINESE.search(text):
        joined = re.sub(r"\s+", "", text)
        if not _PARTS.search(joined):
            return _chinese(joined)
        text = joined
    return _in_parts(text)


def _chinese(name: str) -> str:
    if len(name) == 1:
        return MASK
    shown = 2 if name[:2] in COMPOUND_SURNAMES and len(name) > 2 else 1  # noqa: PLR2004 - a surname alone hides its second half
    return name[:shown] + MASK * (len(name) - shown)


def _in_parts(name: str) -> str:
    """Names of several parts: Latin ones show the initial of each, Chinese ones the first character of the first."""
    parts, marks = _PARTS.split(name), _PARTS.findall(name)
    if not any(parts):
        return MASK
    latin = not _CHINESE.search(name)
    hidden = []
    for number, part in enumerate(parts):
        shown = 1 if len(part) > 1 and (latin or number == 0) else 0
        hidden.append(part[:shown] + _SPOKEN.sub(MASK, part[shown:]))
    return "".join(part + mark for part, mark in zip(hidden, [*marks, ""], strict=True))


def masked(names: pl.Series) -> pl.Series:
    """A series of names (text or coded text, empty cells allowed) as they may be posted, in the same order.

    Each different name is masked once, so that a column of many villages costs as much as its different names.
    """
    text = names.cast(pl.String)
    different = text.unique()
    table = pl.DataFrame({"name": different, "masked": [mask(name) for name in different]})
    found = pl.DataFrame({"name": text}).join(table, on="name", how="left", nulls_equal=True, maintain_order="left")
    return found["masked"].alias(names.name)
