"""The invented district: 24 towns and 360 villages, real settlements, the same from the same seed, no real name."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from typing import TYPE_CHECKING

import polars as pl
import pytest
from attrs import evolve
from jifen.commands import main
from jifen.keeping import read_settlement
from jifen_demo.district import AS_OF, QUARTERS, invent_district, write_district

if TYPE_CHECKING:
    from pathlib import Path

PUDONG = (
    "川沙 高桥 北蔡 合庆 唐镇 曹路 金桥 高行 高东 张江 三林 惠南 周浦 新场 大团 康桥 航头 祝桥 泥城 宣桥 书院 万祥 老港 南汇 芦潮港 六灶 花木 洋泾 陆家嘴 "
    "塘桥 潍坊 沪东 金杨 浦兴 上钢 南码头 东明 周家渡 申港 坦直 下沙 瓦屑 三灶 黄路 彭镇 东海 杨园 施湾 机场 蔡路 王港 龚路 顾路 凌桥 六里 严桥 孙桥 花园"
)
"""Towns and streets of Pudong, of today and of before."""


def test_there_are_24_towns_and_360_villages_all_named_differently() -> None:
    towns = invent_district()
    villages = [village for town in towns for village in town.villages]
    assert (len(towns), len(villages)) == (24, 360)
    assert len({town.name for town in towns}) == 24
    assert len({village.name for village in villages}) == len({village.code for village in villages}) == 360


def test_no_town_has_the_name_of_a_real_one() -> None:
    assert [
        town.name for town in invent_district() if any(real.rstrip("镇") in town.name for real in PUDONG.split())
    ] == []


def test_there_is_something_to_see_of_every_kind() -> None:
    towns = invent_district()
    villages = [village for town in towns for village in town.villages]
    joined = [village for village in villages if village.since is not None and village.since <= AS_OF]
    assert 180 < len(joined) < 360
    assert any(village.pilot for village in villages)
    assert {kind for village in villages for kind in village.kinds} == {
        "乡村振兴示范村",
        "美丽乡村示范村",
        "村庄形态基本完整",
    }
    ends = [date(2023, 12, 31), date(2024, 12, 31)]
    assert all(any(village.since and village.since > end for village in villages) for end in ends)


def test_one_town_is_settled_by_the_quarter_and_the_district_reads_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A town of nine villages in place of twenty-four towns, to be quick.
    town = evolve(invent_district()[3], from_quarter=len(QUARTERS) - 2)
    counts = write_district((town,), tmp_path / "one")
    assert counts == {
        "镇": 1,
        "行政村": 9,
        "参加情况": len([v for v in town.villages if v.since]),
        "示范典型": 0,
        "settlements": 2,
    }
    kept = read_settlement(tmp_path / "one" / "settlements" / town.code / QUARTERS[-1])
    assert kept.settlement.town == town.code
    assert kept.settlement.rows.adds_up
    assert kept.settlement.standings["total"].n_unique() > 5
    names = dict(kept.villages.select("village", "name").iter_rows())
    assert names.items() <= {village.code: village.name for village in town.villages}.items()
    assert main(["district", "--data", str(tmp_path / "one"), "--as-of", str(AS_OF), "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)["towns"]
    assert [row["period"] for row in told["points_trend"]] == list(QUARTERS[-2:])


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    town = evolve(invent_district()[3], from_quarter=len(QUARTERS) - 1)
    sums = []
    for name in ("one", "two"):
        write_district((town,), tmp_path / name)
        files = sorted(path for path in (tmp_path / name).rglob("*") if path.is_file())
        sums.append(
            {path.relative_to(tmp_path / name).as_posix(): hashlib.sha256(path.read_bytes()).digest() for path in files}
        )
    assert sums[0] == sums[1]
    assert invent_district(7) != invent_district(8)


def test_the_command_tells_what_comes_next(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    town = evolve(invent_district()[3], from_quarter=len(QUARTERS) - 1)
    monkeypatch.setattr("jifen_demo.district_command.invent_district", lambda seed: (town,))
    assert main(["demo", str(tmp_path / "data"), "--district"]) == 0
    told = capsys.readouterr().out
    assert "合计 1 个镇、9 个村、1 份结算" in told
    assert f"jifen district --data {tmp_path / 'data'} --as-of 2025-09-30" in told
    villages = pl.read_csv(tmp_path / "data" / "行政村.csv")
    assert villages.height == 9
    assert main(["demo", str(tmp_path / "data"), "--district"]) == 1
