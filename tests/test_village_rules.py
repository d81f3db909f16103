"""The rules of one of Wangchao's villages, as the command tells them: each line with the layer that it comes from."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jifen.commands import main
from jifen.commands.app import registry

if TYPE_CHECKING:
    from pathlib import Path


VILLAGES = """
[[villages]]
village = "{}"
rules = "wangchao-2025"
approval = {{ body = "新桥村村民代表会议", document = "新桥村代〔2024〕2号", date = 2024-12-28 }}

[[villages.items]]
code = "A04"
clause = "新桥村细则第一条"
points = {}
"""


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """The words of these tests; what is installed is asked for anew."""
    monkeypatch.setenv("JIFEN_LANG", "en")
    registry.cache_clear()


def shown(capsys: pytest.CaptureFixture[str], *tokens: str) -> list[str]:
    assert main(["rules", "show", "wangchao", *tokens]) == 0
    return capsys.readouterr().out.splitlines()


def refused(capsys: pytest.CaptureFixture[str], *tokens: str) -> str:
    assert main(["rules", "show", "wangchao", *tokens]) == 1
    return capsys.readouterr().err


def rule(lines: list[str], code: str) -> list[str]:
    """The heading of a rule and the lines below it."""
    at = next(number for number, line in enumerate(lines) if f"({code}, " in line)
    end = next(number for number in range(at + 1, len(lines)) if not lines[number].startswith("    "))
    return [line.strip() for line in lines[at:end]]


def test_a_rule_that_a_village_refined_is_told_with_all_three_layers(capsys: pytest.CaptureFixture[str]) -> None:
    assert rule(shown(capsys, "--village", "WC01"), "A04") == [
        "Joining the monthly clean-up (A04, 青溪村细则第二条)",
        "town      +3 points each time",
        "village   at most 3 times a month",
        "district  evidence needed: photo",
        "(from: district 样张·人居环境·营造和谐有序大家园（R6）; town 第三条第（二）项)",
    ]


def test_the_layers_are_told_with_body_document_and_date(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(capsys, "--village", "WC02")
    assert "  town      望潮镇人民政府, 望府〔2024〕41号 (December 20, 2024)" in lines
    assert "  village   荷塘村村民代表会议, 荷塘村代〔2024〕4号 (December 27, 2024)" in lines
    assert lines[-1] == "  village   Drying grounds and fishing gear in order (A08, 第三条第（六）项)"


def test_a_limit_that_rules_share_names_the_town_s_clause(capsys: pytest.CaptureFixture[str]) -> None:
    lines = rule(shown(capsys, "--village", "WC01"), "B03")
    assert lines[2].startswith("town ")
    assert lines[2].endswith("together at most 3 points given a quarter")
    assert "town 第十二条" in lines[-1]


def test_a_village_without_a_layer_is_told_so_with_those_that_have(capsys: pytest.CaptureFixture[str]) -> None:
    assert "WC03 has no rules of its own, so the town’s hold; villages that have: WC01, WC02" in shown(
        capsys, "--village", "WC03"
    )


def test_the_same_is_there_as_data(capsys: pytest.CaptureFixture[str]) -> None:
    told = json.loads("\n".join(shown(capsys, "--village", "WC01", "--json")))
    (found,) = [each for each in told["rules"] if each["code"] == "A04"]
    assert found["layer"] == "village"
    assert found["lines"][1] == {"words": "at most 3 times a month", "layer": "village", "clause": "青溪村细则第二条"}
    assert [each["layer"] for each in told["layers"]] == ["district", "plugin", "town", "village"]
    assert {"code": "A02", "name": "Sorting rate of household waste", "layer": "town"} in told["off"]


def test_a_page_of_one_village_has_its_rules_alone(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = tmp_path / "board.html"
    shown(capsys, "--village", "WC02", "--html", str(page))
    text = page.read_text("utf-8")
    assert "荷塘村细则第二条" in text
    assert "青溪村细则第二条" not in text


def test_a_village_that_has_just_decided_is_read_beside_the_data(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "villages.toml").write_text(VILLAGES.format("WC03", 5), "utf-8")
    lines = shown(capsys, "--village", "WC03", "--data", str(tmp_path))
    assert rule(lines, "A04")[1] == "village   +5 points each time"
    assert rule(shown(capsys, "--village", "WC03"), "A04")[1] == "town      +3 points each time"


def test_beside_the_data_the_bounds_and_the_package_count_as_well(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "villages.toml").write_text(VILLAGES.format("WC03", 6) + VILLAGES.format("WC01", 4), "utf-8")
    told = refused(capsys, "--data", str(tmp_path))
    assert "6 for A04 (第三条第（二）项) goes beyond what the layer above leaves open (望府〔2024〕41号 " in told
    assert "village WC01 has two layers on wangchao-2025, the other at " in told


def test_a_day_without_rules_is_told_with_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert "no rules in force on 2026-01-01; there are: wangchao-2025" in refused(capsys, "--on", "2026-01-01")
    assert shown(capsys, "--on", "2025-12-31")
