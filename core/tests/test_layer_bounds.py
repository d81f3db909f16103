"""The same bounds hold a town's book to the district baseline and a village's layer to the town's book (R15).

Each change is written twice: in a town's book on samples of a plugin, and in a village's layer on the same rules in a
town's book. A bound may be met exactly; beyond it, the layer is refused with its own place and with that of the bound.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from jifen.problems import Refused

from core.tests.layered import HEAD, LAYERS, OPEN, own, restated, written

if TYPE_CHECKING:
    from pathlib import Path

WITHIN: Final = {
    "least points": restated("A01", "points = 1"),
    "most points": restated("A01", "points = 3"),
    "least times": restated("A01", 'limits = [{ times = 2, per = "month" }]'),
    "most times": restated("A01", 'limits = [{ times = 6, per = "month" }]'),
    "points and times": restated("A01", 'points = 3\nlimits = [{ times = 2, per = "month", clause = "第二条" }]'),
    "grades": restated("A02", 'grades = { "优" = 6, "差" = -20 }'),
    "least given": restated("A02", 'limits = [{ gives = 5, per = "year" }]'),
    "most given": restated("A02", 'limits = [{ gives = 20, per = "year" }]'),
    "a ladder with more rungs": restated("A03", "ladder = [-8, -15, -20]"),
    "least taken": restated("A03", 'limits = [{ takes = 5, per = "year" }]'),
    "tiers": restated("A04", "tiers = [{ at = 10, points = 1 }, { at = 30, points = 50 }]"),
    "a base alone, the findings as they were": restated("A07", 'base = { points = 50, per = "month" }'),
    "rates": restated("A08", "rates = [{ points = 50, each = 100, upto = 2000 }, { points = 1, each = 200 }]"),
    "bands": restated("A09", "bands = [{ at = 80, points = 50 }, { at = 0, points = 0 }]"),
    "named points": restated("A10", "named = { least = 1, most = 50 }"),
    "floor": restated("A12", 'limits = [{ floor = -20, per = "year" }]'),
    "ceiling": restated("A13", 'limits = [{ ceiling = 40, per = "year" }]'),
    "another measure and another window": restated("A05", 'measure = "count"\npoints = 2'),
    "another limit": restated("A05", 'limits = [{ times = 5, per = "month" }]'),
    "an inspection in place of a limit": restated(
        "A05", 'measure = "count"\npoints = 1\nlimits = []\ninspect = "month"'
    ),
    "a veto with one more effect": restated("A06", 'veto = { effects = ["zero-total", "no-honours"] }'),
    "switched off": restated("A02", "off = true"),
    "a name of one's own": restated("B01", 'name = "另一个名称"\nclause = "第八条"\nnote = "说明"'),
    "more evidence, and of one kind": restated("A01", 'evidence = ["photo", "signature"]'),
    "more approvals": restated("A03", "approvals = 3"),
    "one rule that gives, one that takes": own("W01", "points = 2") + own("W02", "points = -2"),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("changes", WITHIN.values(), ids=WITHIN.keys())
def test_a_bound_may_be_met_exactly(layer: str, changes: str, tmp_path: Path) -> None:
    before = written(layer, tmp_path, "")
    unchanged = before.book().items_in(before.village)
    now = written(layer, tmp_path, changes)
    assert now.book().items_in(now.village) != unchanged


BEYOND: Final = {
    "fewer points": (restated("A01", "points = 0.5"), "layers.beyond", "points"),
    "more points": (restated("A01", "points = 3.5"), "layers.beyond", "points"),
    "fewer times": (restated("A01", 'limits = [{ times = 1, per = "month" }]'), "layers.beyond", "limits[0].times"),
    "more times": (restated("A01", 'limits = [{ times = 7, per = "month" }]'), "layers.beyond", "limits[0].times"),
    "another window": (restated("A01", 'limits = [{ times = 4, per = "year" }]'), "layers.not-open", "limits"),
    "no limit": (restated("A01", "limits = []"), "layers.not-open", "limits"),
    "a bound more": (
        restated("A01", 'limits = [{ times = 4, gives = 5, per = "month" }]'),
        "layers.not-open",
        "limits",
    ),
    "a grade worth more": (restated("A02", 'grades = { "优" = 7, "差" = 0 }'), "layers.beyond", "grades.优"),
    "another grade": (restated("A02", 'grades = { "优" = 5, "良" = 3, "差" = 0 }'), "layers.not-open", "grades"),
    "less given": (restated("A02", 'limits = [{ gives = 4, per = "year" }]'), "layers.beyond", "limits[0].gives"),
    "more given": (restated("A02", 'limits = [{ gives = 21, per = "year" }]'), "layers.beyond", "limits[0].gives"),
    "more taken": (restated("A03", 'limits = [{ takes = 21, per = "year" }]'), "layers.beyond", "limits[0].takes"),
    "a rung that takes more": (restated("A03", "ladder = [-8, -21]"), "layers.beyond", "ladder[1]"),
    "a lower floor": (restated("A12", 'limits = [{ floor = -21, per = "year" }]'), "layers.beyond", "limits[0].floor"),
    "a higher ceiling": (
        restated("A13", 'limits = [{ ceiling = 41, per = "year" }]'),
        "layers.beyond",
        "limits[0].ceiling",
    ),
    "points where limits are open": (restated("A12", "points = 2"), "layers.not-open", "points"),
    "a limit of points where times are open": (
        restated("A14", 'limits = [{ gives = 3, per = "year" }]'),
        "layers.not-open",
        "limits",
    ),
    "a lower threshold": (
        restated("A04", "tiers = [{ at = 1, points = 2 }, { at = 30, points = 5 }]"),
        "layers.not-open",
        "tiers",
    ),
    "a tier worth more": (
        restated("A04", "tiers = [{ at = 10, points = 2 }, { at = 30, points = 51 }]"),
        "layers.beyond",
        "tiers[1].points",
    ),
    "a finding that takes more": (restated("A07", "points = -6"), "layers.beyond", "points"),
    "a base in another window": (restated("A07", 'base = { points = 25, per = "year" }'), "layers.not-open", "base"),
    "a bracket by smaller units": (
        restated("A08", "rates = [{ points = 1, each = 50, upto = 2000 }, { points = 1, each = 200 }]"),
        "layers.not-open",
        "rates",
    ),
    "a band worth nothing": (
        restated("A09", "bands = [{ at = 80, points = 0 }, { at = 0, points = 0 }]"),
        "layers.beyond",
        "bands[0].points",
    ),
    "named points without end": (restated("A10", "named = { least = 5, most = 51 }"), "layers.beyond", "named.most"),
    "any form, but too many points": (restated("A05", 'measure = "count"\npoints = 3'), "layers.beyond", "points"),
    "any form, but too many times": (
        restated("A05", 'limits = [{ times = 6, per = "month" }]'),
        "layers.beyond",
        "limits[0].times",
    ),
    "any form, but no limit": (restated("A05", "limits = []"), "layers.limit-dropped", "limits"),
    "a veto with an effect less": (
        restated("A06", 'veto = { effects = ["zero-total"] }'),
        "layers.less-strict",
        "veto",
    ),
    "another category": (restated("A05", 'category = "reed.tasks"'), "layers.not-open", "category"),
    "less evidence": (restated("A01", "evidence = []"), "layers.less-strict", "evidence"),
    "one more kind to choose from": (
        restated("A01", 'evidence = ["photo/scan/signature"]'),
        "layers.less-strict",
        "evidence",
    ),
    "fewer approvals": (restated("A03", "approvals = 1"), "layers.less-strict", "approvals"),
    "a rule of a category that is shut": (restated("B01", "points = 2"), "layers.not-open", "points"),
    "switched off though it may not": (restated("A01", "off = true"), "layers.off-not-open", "off"),
    "one's own, too large": (own("W01", "points = 2.5"), "layers.own-too-large", "code"),
    "one's own, of another category": (own("W01", "points = 2", "reed.tasks"), "layers.own-category", "category"),
    "one's own, by quantity": (
        own("W01", 'measure = "quantity"\npoints = 1\neach = 1\nper = "year"'),
        "layers.own-form",
        "code",
    ),
    "one's own, a veto": (own("W01", 'veto = { effects = ["no-honours"] }'), "layers.own-form", "code"),
    "two that give": (own("W01", "points = 2") + own("W02", "points = 1"), "layers.too-many-bonus", ""),
    "two that take": (own("W01", "points = -2") + own("W02", "points = -1"), "layers.too-many-penalty", ""),
}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(("changes", "code", "path"), BEYOND.values(), ids=BEYOND.keys())
def test_what_goes_beyond_is_refused_with_both_places(
    layer: str, changes: str, code: str, path: str, tmp_path: Path
) -> None:
    assert written(layer, tmp_path, changes).codes() == [(code, path)]


@pytest.mark.parametrize("layer", LAYERS)
def test_rules_of_any_form_may_be_added_where_that_is_open(layer: str, tmp_path: Path) -> None:
    left_open = OPEN.replace("most = 2 }", 'most = 2, form = "any" }', 1)
    hours = own("W01", 'measure = "quantity"\npoints = 1\neach = 4\nper = "year"')
    veto = own("W02", 'veto = { effects = ["zero-total"] }')
    layered = written(layer, tmp_path, hours + veto, left_open)
    items = layered.book().items_in(layered.village)
    assert items["W01"].each == 4
    assert items["W02"].veto is not None
    # A veto is a rule that takes, so another one that takes is one too many.
    again = written(layer, tmp_path, veto + own("W03", "points = -1"), left_open)
    assert again.codes() == [("layers.too-many-penalty", "")]


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_not_said_is_not_open(layer: str, tmp_path: Path) -> None:
    layered = written(layer, tmp_path, restated("A01", "points = 3") + own("W01", "points = 1"), "\n[below]\n")
    assert layered.codes() == [("layers.not-open", "points"), ("layers.no-own", "")]


@pytest.mark.parametrize("layer", LAYERS)
def test_a_rule_that_a_change_names_is_not_under_the_change_of_its_category(layer: str, tmp_path: Path) -> None:
    assert written(layer, tmp_path, restated("A14", "points = 3")).codes() == [("layers.not-open", "points")]


def test_a_category_without_a_baseline_may_be_changed_freely(tmp_path: Path) -> None:
    layered = written("town", tmp_path, restated("A01", "points = 300") + restated("A06", "off = true"), "")
    assert layered.book().item("A01").points == 300
    assert layered.item("A06") is None


def test_the_words_name_the_clause_and_the_document_of_the_layer_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIFEN_LANG", "en")
    approval = '\n[approval]\nbody = "区农业农村委"\ndocument = "区农委〔2024〕8号"\ndate = 2024-06-30\n'
    layered = written("town", tmp_path, restated("A01", "points = 4"), OPEN + approval)
    ((_, _, words),) = layered.refused()
    line = f"{HEAD}".count("\n") + 8
    assert words == (
        f"{layered.below}:{line}: items[0] (A01).points: 4 for A01 (第A01条) goes beyond what the layer above leaves open "
        f"(区农委〔2024〕8号 {layered.above}:5: below.changes[0]); stay within 1 to 3"
    )


def test_rules_of_one_s_own_count_over_all_categories_of_a_baseline(tmp_path: Path) -> None:
    left_open = OPEN.replace('["reed.home"], bonus', '["reed.home", "reed.tasks"], bonus')
    changes = own("W01", "points = 1") + own("W02", "points = 1", "reed.tasks")
    assert written("town", tmp_path, changes, left_open).codes() == [("layers.too-many-bonus", "")]


FAULTY: Final = {
    "an item that is not there": ('items = ["A01"]', 'items = ["Z01"]', "rulebook.unknown-item", 6),
    "an item twice": ('items = ["A02", "A03"]', 'items = ["A01", "A03"]', "rulebook.repeated", 11),
    "a category that is not there": (
        'categories = ["reed.home"]\np',
        'categories = ["x"]\np',
        "rulebook.not-composed",
        28,
    ),
    "a range that holds nothing": ("limit = { least = 5", "limit = { least = 25", "rulebook.range-reversed", 13),
    "neither items nor categories": ('items = ["A01"]\n', "", "rulebook.missing-key", 5),
    "a form of another name": ('form = "any"', 'form = "all"', "rulebook.unknown-value", 21),
    "nothing left open": ("\ntimes = { least = 1, most = 3 }\n", "\n", "rulebook.leaves-nothing", 31),
}


@pytest.mark.parametrize(("good", "bad", "code", "line"), FAULTY.values(), ids=FAULTY.keys())
def test_what_a_baseline_leaves_open_is_checked_with_its_line(
    good: str, bad: str, code: str, line: int, tmp_path: Path
) -> None:
    assert OPEN.count(good) == 1
    with pytest.raises(Refused) as refused:
        written("town", tmp_path, "", OPEN.replace(good, bad))
    assert [(each.code, each.place.line) for each in refused.value.problems] == [(code, line)]


PASSED_ON: Final = {
    "exactly what was left open": ('items = ["A01"]\npoints = { least = 1, most = 3 }', []),
    "more points": (
        'items = ["A01"]\npoints = { least = 1, most = 4 }',
        [("layers.passes-beyond", "below.changes[0].points")],
    ),
    "points that are shut": (
        'items = ["A12"]\npoints = { least = 1, most = 2 }',
        [("layers.passes-shut", "below.changes[0].points")],
    ),
    "a rule to switch off that is to stay": (
        'items = ["A01"]\noff = true',
        [("layers.passes-shut", "below.changes[0].off")],
    ),
    "another form": ('items = ["A01"]\nform = "any"', [("layers.passes-shut", "below.changes[0].form")]),
    "a rule that nothing is said of": (
        'items = ["B01"]\ntimes = { least = 1, most = 2 }',
        [("layers.passes-shut", "below.changes[0].times")],
    ),
    "a category whose rules are shut": (
        'categories = ["reed.tasks"]\noff = true',
        [("layers.passes-shut", "below.changes[0].off")],
    ),
}


@pytest.mark.parametrize(("change", "found"), PASSED_ON.values(), ids=PASSED_ON.keys())
def test_a_town_leaves_to_villages_no_more_than_the_district_left_to_it(
    change: str, found: list[tuple[str, str]], tmp_path: Path
) -> None:
    layered = written("town", tmp_path, f"\n[[below.changes]]\n{change}\n")
    if not found:
        assert layered.book().below is not None
        return
    with pytest.raises(Refused) as refused:
        layered.book()
    assert [(each.code, each.place.path) for each in refused.value.problems] == found
    assert all(f"{layered.above}:" in str(each) for each in refused.value.problems)


def test_a_village_s_own_rule_is_worth_no_more_than_a_town_s(tmp_path: Path) -> None:
    own_of = '\n[below]\nown = {{ categories = ["reed.home"], bonus = 9, most = {} }}\n'
    assert written("town", tmp_path, own_of.format(2)).book().below is not None
    with pytest.raises(Refused) as refused:
        written("town", tmp_path, own_of.format("2.5")).book()
    assert [each.code for each in refused.value.problems] == ["layers.passes-own"]
