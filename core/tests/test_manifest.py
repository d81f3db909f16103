from __future__ import annotations

import sys
from pathlib import Path

import pytest
from jifen.manifest import read_manifest, read_town
from jifen.offers import Town
from jifen.problems import Refused

GOOD = """name = "reed"
title = { zh_CN = "芦苇镇", en = "Reed" }
api = 1
rules = ["rules.toml"]
cases = "cases.toml"
"""


def package(folder: Path, text: str | None = GOOD) -> Path:
    home = folder / "reed_rules"
    home.mkdir(exist_ok=True)
    (home / "__init__.py").write_text("raise ImportError('must not be imported')\n", "utf-8")
    for name in ("rules.toml", "cases.toml"):
        (home / name).write_text("", "utf-8")
    if text is not None:
        (home / "town.toml").write_text(text, "utf-8")
    return home


def said(folder: Path, old: str = "", new: str = "", text: str | None = GOOD) -> str:
    home = package(folder, text.replace(old, new) if text and old else text)
    with pytest.raises(Refused) as refused:
        read_manifest(home)
    return str(refused.value).replace(f"{home}/", "")


def test_a_town_is_what_its_manifest_says_and_its_package_is_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = package(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    town = Town.of("reed_rules")
    assert town == Town("reed", {"zh_CN": "芦苇镇", "en": "Reed"}, home, ("rules.toml",), "cases.toml", 1)
    assert read_town("reed_rules") == town
    assert "reed_rules" not in sys.modules


@pytest.mark.parametrize("name", ["no_such_package_here", "no.such.package", ".", "sys"])
def test_a_package_that_is_not_there_is_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused) as refused:
        read_town(name)
    assert str(refused.value) == f"找不到 Python 包 {name}；请先安装"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert str(refused.value) == f"there is no Python package {name}; install it first"


def test_a_package_without_a_manifest_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert said(tmp_path, text=None) == "town.toml: 没有 town.toml；每个镇的包都要有这个文件"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(tmp_path, text=None) == "town.toml: there is no town.toml; every town's package has one"


def test_a_file_that_is_not_there_is_named_with_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = ('["rules.toml"]', '["rules.toml", "more.toml"]')
    assert said(tmp_path, *change) == "town.toml:4: rules[1]: 找不到文件 more.toml；它要与 town.toml 放在一起"
    assert said(tmp_path, '"cases.toml"', '"case.toml"') == (
        "town.toml:5: cases: 找不到文件 case.toml；它要与 town.toml 放在一起"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(tmp_path, *change) == "town.toml:4: rules[1]: there is no file more.toml; it lies beside town.toml"


@pytest.mark.parametrize("name", ["../rules.toml", "/etc/hosts", "sub/rules.toml"])
def test_a_file_outside_the_package_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change = ('["rules.toml"]', f'["{name}"]')
    assert said(tmp_path, *change) == (
        f"town.toml:4: rules[0]: {name} 不是单纯的文件名；文件要与 town.toml 放在一起，只写文件名"
    )
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert said(tmp_path, *change) == (
        f"town.toml:4: rules[0]: {name} is not a plain file name; files lie beside town.toml and are named without a folder"
    )


def test_the_manifest_is_as_strict_as_a_rule_book(tmp_path: Path) -> None:
    text = 'nam = "reed"\ntitle = 1\napi = "1"\nrules = "rules.toml"\n'
    assert said(tmp_path, text=text).splitlines() == [
        "town.toml:1: 缺少 name；请补上",
        "town.toml:1: nam: 没有 nam 这一项；是不是想写 name？",
        'town.toml:2: title: 这里要写名称，如 "青禾镇"，或 { zh_CN = "青禾镇", en = "Qinghe" }，却是 1',
        'town.toml:3: api: 这里要写整数（不加引号），却是 "1"',
        'town.toml:4: rules: 这里要写列表，如 [ … ]，却是 "rules.toml"',
    ]
    assert said(tmp_path, "api = 1", "api = 0") == "town.toml:3: api: 0 太小；要大于 0"
    assert said(tmp_path, '["rules.toml"]', "[]") == "town.toml:4: rules: 列表是空的；至少要写一个"
    assert said(tmp_path, '["rules.toml"]', '["rules.toml", "rules.toml"]') == (
        "town.toml:4: rules[1]: rules.toml 写了两遍；留一个即可"
    )
