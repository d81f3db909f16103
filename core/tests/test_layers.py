"""A village's layer of rules: what it changes holds there and nowhere else, and what goes beyond is refused (R15)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from attrs import evolve
from jifen import frames
from jifen.flow import settle
from jifen.inputs import Inputs
from jifen.model import RuleBook
from jifen.offers import Town
from jifen.period import Period
from jifen.problems import Refused
from jifen.rulebook import books_of
from jifen.settlement import Settlement
from jifen.settling import settle_folder

from core.tests.good_book import REGISTRY, TEXT

BELOW = """
[below]
own = { categories = ["test.home"], bonus = 1, penalty = 1, most = 2 }

[[below.changes]]
items = ["A01"]
points = { least = 10, most = 20 }
times = { least = 1, most = 4 }

[[below.changes]]
items = ["B01"]
off = true
"""
HEAD = """
[[villages]]
village = "V1"
rules = "reed-2025"
approval = { body = "一村村民代表会议", document = "〔2024〕3号", date = 2024-12-20 }
"""
OWN = """
[[villages.items]]
code = "W01"
category = "test.home"
name = "门前三包"
clause = "村规民约第三条"
points = 2
"""


def town(folder: Path, layers: str, below: str = BELOW) -> Town:
    (folder / "rules.toml").write_text(TEXT + below, "utf-8")
    (folder / "villages.toml").write_text(layers, "utf-8")
    return Town("test", {"zh_CN": "试验镇"}, folder, ("rules.toml",), villages="villages.toml")


def read(folder: Path, layers: str, below: str = BELOW) -> RuleBook:
    (book,) = books_of(town(folder, layers, below), REGISTRY)
    return book


def said(folder: Path, layers: str, below: str = BELOW) -> list[str]:
    with pytest.raises(Refused) as refused:
        read(folder, layers, below)
    return [line.replace(f"{folder}/", "") for line in str(refused.value).splitlines()]


def restated(keys: str) -> str:
    return f'{HEAD}\n[[villages.items]]\ncode = "A01"\n{keys}\n'


def inputs_of(*deeds: tuple[str, str, str]) -> dict[str, pl.DataFrame]:
    """Deeds as (number, village, item); each village has one household, H and its number."""
    same: dict[str, Any] = {"group": "1组", "site": "home", "registered": True, "homestead": True, "living": 2}
    homes = [{**same, "household": f"H{code[1:]}", "village": code, "name": "王芳"} for code in ("V1", "V2")]
    on = date(2025, 3, 1)
    found = {"date": on, "recorded": on, "status": "approved", "evidence": "photo|scan"}
    rows = [
        {**found, "deed": deed, "village": village, "subject": f"H{village[1:]}", "item": item}
        for deed, village, item in deeds
    ]
    graded = [{**row, "grade": "优" if row["item"] == "B05" else None} for row in rows]
    return {
        "villages": frames.VILLAGES.make([{"village": code, "name": code, "groups": 3} for code in ("V1", "V2")]),
        "households": frames.HOUSEHOLDS.make(homes),
        "deeds": frames.DEEDS.make(graded),
    }


def settled(book: RuleBook, *deeds: tuple[str, str, str]) -> Settlement:
    found = inputs_of(*deeds)
    inputs = Inputs(found["villages"], found["households"], found["deeds"])
    return settle(book, REGISTRY, inputs, Period.parse("2025"))


def gross(settlement: Settlement) -> dict[str, Decimal]:
    rows = settlement.awards.iter_rows(named=True)
    return {row["deed"]: Decimal(row["gross"]) / settlement.book.unit for row in rows}


def test_a_village_s_points_hold_there_and_the_town_s_elsewhere(tmp_path: Path) -> None:
    book = read(tmp_path, restated("points = 15"))
    found = gross(settled(book, ("a", "V1", "A01"), ("b", "V2", "A01")))
    assert (found["a"], found["b"]) == (Decimal(15), Decimal(12))
    assert [book.item("A01", village).points for village in ("V1", "V2")] == [Decimal(15), Decimal(12)]


def test_a_bound_may_be_met_exactly(tmp_path: Path) -> None:
    assert read(tmp_path, restated("points = 20")).item("A01", "V1").points == 20
    assert read(tmp_path, restated("points = 10")).item("A01", "V1").points == 10


def test_a_village_s_own_item_is_unknown_elsewhere(tmp_path: Path) -> None:
    book = read(tmp_path, HEAD + OWN)
    assert gross(settled(book, ("a", "V1", "W01")))["a"] == 2
    with pytest.raises(Refused, match="事项不在积分细则中"):
        settled(book, ("a", "V2", "W01"))


def test_what_a_village_switched_off_is_unknown_there(tmp_path: Path) -> None:
    book = read(tmp_path, f'{HEAD}\n[[villages.items]]\ncode = "B01"\noff = true\n')
    assert "B01" in book.items_in("V2")
    assert "B01" not in book.items_in("V1")


def test_the_layer_and_its_resolution_are_kept_and_change_the_digest(tmp_path: Path) -> None:
    book = read(tmp_path, restated("points = 15"))
    assert book.layers[0].village == "V1"
    assert book.layers[0].approval.document == "〔2024〕3号"
    assert book.layers[0].items == ("A01",)
    assert book.digest != read(tmp_path, restated("points = 16")).digest


def test_a_shared_limit_covers_what_a_village_made_of_its_items(tmp_path: Path) -> None:
    changed = BELOW + '\n[[below.changes]]\nitems = ["B05"]\npoints = { least = 0, most = 5 }\n'
    book = read(tmp_path, f'{HEAD}\n[[villages.items]]\ncode = "B05"\ngrades = {{ "优" = 1.5, "差" = 0 }}\n', changed)
    done = settled(book, ("a", "V1", "B05"), ("b", "V1", "B05"))
    cut = done.cuts.filter(pl.col("level") == "shared")
    assert cut.select("deed", "change").rows() == [("b", -book.unit)]  # 1.5 and 1.5, together at most 2 points a month


BEYOND = {
    "more points": (restated("points = 20.5"), "layers.beyond"),
    "fewer points": (restated("points = 9"), "layers.beyond"),
    "more times": (restated('limits = [{ times = 5, per = "month" }]'), "layers.beyond"),
    "another window": (restated('limits = [{ times = 4, per = "year" }]'), "layers.not-open"),
    "less evidence": (restated("evidence = []"), "layers.less-strict"),
    "another category": (restated('category = "test.tasks"'), "layers.not-open"),
    "an item that is not open": (
        f'{HEAD}\n[[villages.items]]\ncode = "B05"\ngrades = {{ "优" = 1 }}\n',
        "layers.not-open",
    ),
    "switched off though it may not": (restated("off = true"), "layers.off-not-open"),
    "switched off and changed": (
        f'{HEAD}\n[[villages.items]]\ncode = "B01"\noff = true\npoints = 1\n',
        "layers.off-alone",
    ),
    "a second layer": (HEAD + HEAD, "layers.twice"),
    "an own item too large": (HEAD + OWN.replace("points = 2", "points = 3"), "layers.own-too-large"),
    "an own item of another category": (HEAD + OWN.replace("test.home", "test.tasks"), "layers.own-category"),
    "an own item by quantity": (HEAD + OWN + 'measure = "quantity"\n', "layers.own-form"),
    "two bonus items": (HEAD + OWN + OWN.replace("W01", "W02"), "layers.too-many-bonus"),
    "two penalties": (
        HEAD + OWN.replace("= 2", "= -1") + OWN.replace("W01", "W02").replace("= 2", "= -2"),
        "layers.too-many-penalty",
    ),
}


@pytest.mark.parametrize(("layers", "code"), BEYOND.values(), ids=BEYOND.keys())
def test_a_layer_that_goes_beyond_is_refused(layers: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, layers)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert refused.value.problems[0].place.file == str(tmp_path / "villages.toml")
    assert refused.value.problems[0].place.line is not None


def test_what_goes_beyond_is_told_with_both_places(tmp_path: Path) -> None:
    where = f"rules.toml:{(TEXT + BELOW).splitlines().index('[[below.changes]]') + 1}: below.changes[0]"
    told = (
        "villages.toml:9: villages[0].items[0] (A01).points: "
        f"A01（样张）的 30 超出上一级放开的范围（芦府〔2024〕3号 {where}）；请在 10 到 20 之间"
    )
    assert said(tmp_path, restated("points = 30")) == [told]


def test_without_a_word_of_the_book_a_village_changes_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        read(tmp_path, restated("points = 13") + OWN, below="")
    assert [problem.code for problem in refused.value.problems] == ["layers.not-open", "layers.no-own"]


def test_a_layer_changes_the_book_that_it_names_and_no_other(tmp_path: Path) -> None:
    layered = town(tmp_path, restated("points = 15"))
    later = TEXT.replace("reed-2025", "reed-2026").replace("valid_from = 2025", "valid_from = 2026")
    (tmp_path / "later.toml").write_text(later.replace("valid_to = 2025", "valid_to = 2026"), "utf-8")
    now, then = books_of(evolve(layered, rules=("rules.toml", "later.toml")), REGISTRY)
    assert [layer.village for layer in now.layers] == ["V1"]
    assert then.layers == ()
    assert then.item("A01", "V1").points == 12


def test_a_layer_of_a_book_that_is_not_there_is_refused(tmp_path: Path) -> None:
    told = said(tmp_path, restated("points = 15").replace("reed-2025", "reed-2026"))
    assert told == ["villages.toml:4: villages[0].rules: 镇里没有名为 reed-2026 的细则；可以写：reed-2025"]


def test_what_a_village_wrote_names_rules_that_hold_there(tmp_path: Path) -> None:
    left_open = BELOW.replace("most = 2 }", 'most = 2, form = "any" }', 1)
    other = HEAD.replace("V1", "V2") + OWN
    mends = OWN.replace("W01", "W02").replace("points = 2", 'put_right = {{ items = ["{}"] }}')
    assert read(tmp_path, HEAD + mends.format("B04") + other, left_open).item("W02", "V1").put_right is not None
    with pytest.raises(Refused) as refused:
        read(tmp_path, HEAD + mends.format("W01") + other, left_open)
    assert [problem.code for problem in refused.value.problems] == ["rulebook.unknown-item"]


def test_a_village_s_own_rule_of_any_form_is_settled(tmp_path: Path) -> None:
    left_open = BELOW.replace("most = 2 }", 'most = 2, form = "any" }', 1)
    ladder = OWN.replace("points = 2", 'ladder = [-1, -2]\nper = "year"')
    book = read(tmp_path, HEAD + ladder, left_open)
    found = gross(settled(book, ("a", "V1", "W01"), ("b", "V1", "W01")))
    assert [found[deed] for deed in "ab"] == [-1, -2]


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A folder of data with the layer of V2, for the town of `tmp_path`."""
    data = tmp_path / "data"
    data.mkdir()
    (data / "villages.toml").write_text(restated("points = 18").replace("V1", "V2"), "utf-8")
    return data


def test_a_layer_beside_the_data_holds_like_one_of_the_package(tmp_path: Path, beside: Path) -> None:
    layered = town(tmp_path, restated("points = 15"))
    (book,) = books_of(layered, REGISTRY, beside)
    assert [book.item("A01", village).points for village in ("V1", "V2", "V3")] == [15, 18, 12]
    assert [layer.village for layer in book.layers] == ["V1", "V2"]
    (without,) = books_of(layered, REGISTRY)
    assert without.digest != book.digest
    (bare,) = books_of(evolve(layered, villages=None), REGISTRY, beside)
    assert bare.item("A01", "V2").points == 18


def test_a_layer_in_the_package_and_beside_the_data_is_refused_with_both_places(tmp_path: Path, beside: Path) -> None:
    layered = town(tmp_path, restated("points = 15").replace("V1", "V2"))
    with pytest.raises(Refused) as refused:
        books_of(layered, REGISTRY, beside)
    (problem,) = refused.value.problems
    assert problem.code == "layers.twice"
    assert (problem.place.file, problem.place.line) == (str(beside / "villages.toml"), 3)
    assert f"{tmp_path / 'villages.toml'}:3: villages[0].village" in str(problem)


def test_a_layer_beside_the_data_is_held_to_the_same_bounds(tmp_path: Path, beside: Path) -> None:
    (beside / "villages.toml").write_text(restated("points = 21"), "utf-8")
    with pytest.raises(Refused) as refused:
        books_of(town(tmp_path, "villages = []"), REGISTRY, beside)
    (problem,) = refused.value.problems
    assert (problem.code, problem.place.file) == ("layers.beyond", str(beside / "villages.toml"))


def test_a_file_beside_the_data_that_cannot_be_read_is_refused(tmp_path: Path, beside: Path) -> None:
    (beside / "villages.toml").write_text("villages = 1", "utf-8")
    with pytest.raises(Refused) as refused:
        books_of(town(tmp_path, "villages = []"), REGISTRY, beside)
    assert [problem.code for problem in refused.value.problems] == ["rulebook.want-list"]


def test_a_settlement_takes_the_layers_beside_its_data(tmp_path: Path, beside: Path) -> None:
    registry = REGISTRY.beside(town(tmp_path, restated("points = 15")))
    for name, frame in inputs_of(("a", "V1", "A01"), ("b", "V2", "A01")).items():
        frame.write_parquet(beside / f"{name}.parquet")
    settlement, _ = settle_folder(registry, "test", beside, "2025")
    found = gross(settlement)
    assert [found[deed] for deed in "ab"] == [15, 18]
