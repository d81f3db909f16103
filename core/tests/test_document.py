from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from jifen.document import Document
from jifen.problems import Refused

if TYPE_CHECKING:
    from pathlib import Path


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        Document.read(path)
    return str(refused.value).replace(f"{path.parent}/", "")


def test_a_file_that_is_not_toml_is_refused_with_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('name = "x"\n\nplaces = = 1\n', "utf-8")
    assert refusal(path) == ("rules.toml:3: 第 10 个字符处不合 TOML 写法（Invalid value）；请检查引号、括号和等号")
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(path) == (
        "rules.toml:3: this is not TOML at character 10 (Invalid value); check quotes, brackets and equals signs"
    )


def test_a_key_written_twice_is_refused_with_the_line_of_the_second(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text('name = "x"\nname = "y"\n', "utf-8")
    assert refusal(path).startswith("rules.toml:2: ")


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rules.toml"
    assert refusal(path) == "rules.toml: 文件打不开（No such file or directory）；请检查文件名和读取权限"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(path) == (
        "rules.toml: the file cannot be opened (No such file or directory); check its name and the permission to read it"
    )


def test_a_file_in_another_encoding_is_refused_with_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rules.toml"
    path.write_bytes('a = 1\nname = "青禾镇"\n'.encode("gb18030"))
    assert refusal(path) == "rules.toml:2: 这一行不是 UTF-8 编码；请把文件另存为 UTF-8"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(path) == "rules.toml:2: this line is not UTF-8; save the file as UTF-8"


def test_brackets_without_end_are_refused_and_do_not_crash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "rules.toml"
    path.write_text("a = " + "[" * 5000 + "]" * 5000, "utf-8")
    assert refusal(path) == "rules.toml: 括号套得太深；请减少嵌套层数"
    monkeypatch.setenv("JIFEN_LANG", "en")
    assert refusal(path) == "rules.toml: brackets within brackets go too deep; nest fewer levels"


def test_a_path_is_told_with_the_code_or_name_of_each_list_element(tmp_path: Path) -> None:
    path = tmp_path / "rules.toml"
    path.write_text(
        'items = [{}, { code = "A04", limits = [{ per = 1 }] }]\n[cases]\n"a b" = [{ name = "x" }]\n', "utf-8"
    )
    document = Document.read(path)
    assert document.told(("items", 1, "limits", 0, "per")) == "items[1] (A04).limits[0].per"
    assert document.told(("cases", "a b", 0, "y")) == 'cases."a b"[0] (x).y'
    assert str(document.place(("items", 0))) == f"{path}:1: items[0]"
    assert str(document.place()) == f"{path}:1"
