"""Decides that a name finds what it stands for, with what its plugin declares, or says what would be right."""

from __future__ import annotations

from textwrap import dedent
from typing import TYPE_CHECKING, Any

import pytest
from attrs import frozen
from jifen.offers import RewardPolicy
from jifen.problems import Refused
from jifen.registry import Registry
from jifen_conformance.check import Kind
from jifen_conformance.finding import everything, find, find_one, target_of
from jifen_conformance.running import Verdict, run, run_all
from jifen_conformance.target import Target

from core.tests.conftest import site
from core.tests.fakes import Site
from plugins.conformance.tests.good import codes, good_town, reward
from plugins.conformance.tests.wrong import INSTALLED

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["site"]

PLUGIN = """
    from jifen import Category, RewardPolicy, hookimpl
    from attrs import frozen
    from jifen import frames

    @frozen
    class Options:
        points: int

    def check(book, options):
        if options.points > 9:
            yield "points", "rulebook.bad-share", {"got": options.points}

    @hookimpl
    def jifen_categories():
        return [Category(name="reed.tidy", title={"zh_CN": "整洁", "en": "tidy yards"})]

    @hookimpl
    def jifen_reward_policies():
        title = {"zh_CN": "不奖", "en": "none"}
        nothing = lambda view, options: frames.REWARDS.empty()
        return [RewardPolicy("reed.none", title, nothing, Options, check)]
"""


def plugin(site: Site, declared: str | None) -> Registry:
    files = {} if declared is None else {"conformance.toml": declared}
    site.add("jifen-reed", dedent(PLUGIN), files=files)
    return site.registry()


def refused(site: Site, declared: str | None, name: str = "reed.none", **asked: Any) -> str:
    with pytest.raises(Refused) as found:
        find(name, plugin(site, declared), **asked)
    return str(found.value).replace(f"{site.folder}/", "")


def test_a_town_an_object_and_a_plugin_are_found_by_name() -> None:
    registry = Registry.load()
    assert [(each.kind, each.name) for each in find("qinghe", registry)] == [
        (Kind.PLUGIN, "qinghe"),
        (Kind.TOWN, "qinghe"),
    ]
    found = find("pudong", registry)
    assert found[0].kind is Kind.PLUGIN
    assert {each.kind for each in found[1:]} == {Kind.CATEGORY, Kind.ELIGIBILITY, Kind.AGGREGATION, Kind.POLICY}
    assert Target.of("pudong.three-part", registry).kind is Kind.AGGREGATION
    assert Target.of("qinghe", registry).kind is Kind.TOWN
    assert {"qinghe", "pudong"} <= set(everything(registry))


def test_a_name_that_nothing_has_is_answered_with_the_nearest() -> None:
    with pytest.raises(Refused, match=r"pudong\.three-part$"):
        find("pudong.three-parts", Registry.load())


def test_a_name_of_several_is_no_target_by_itself() -> None:
    with pytest.raises(Refused) as found:
        find_one("pudong", Registry.load())
    assert [problem.code for problem in found.value.problems] == ["conformance.several"]


def test_a_plugin_that_failed_is_a_target_that_says_why(site: Site) -> None:
    INSTALLED["P04"](site)
    registry = site.registry()
    assert list(everything(registry)) == ["reed"]
    assert [each.kind for each in find("reed", registry)] == [Kind.PLUGIN]
    assert codes(run_all(find("reed", registry))) == {"P04"}


def test_options_without_defaults_are_asked_for_with_the_place_to_write_them(site: Site) -> None:
    assert refused(site, None) == (
        "reed.none cannot be tried without options; give them in conformance.toml beside the plugin's code, "
        'as options of [offers."reed.none"]'
    )


def test_options_are_taken_from_the_file_or_from_the_caller(site: Site) -> None:
    registry = plugin(site, '[offers."reed.none"]\noptions = { points = 3 }\n')
    for asked, points in ((None, 3), ({"points": 4}, 4)):
        (target,) = find("reed.none", registry, asked)
        assert vars_of(target.books[0].rewards.options) == {"points": points}


def vars_of(options: Any) -> dict[str, object]:
    return {name: getattr(options, name) for name in ("points",)}


@pytest.mark.parametrize(
    ("declared", "line"),
    [
        ('[offers."reed.none"]\noptions = { points = "3" }\n', "fake_jifen_reed/conformance.toml:2: "),
        ('[offers."reed.none"]\noptions = { points = 3, most = 1 }\n', "fake_jifen_reed/conformance.toml:2: "),
        ('[offers."reed.non"]\noptions = { points = 3 }\n', "fake_jifen_reed/conformance.toml:1: "),
        ('[offers."reed.none"]\n\ncapabilities = ["fast"]\n', "fake_jifen_reed/conformance.toml:3: "),
        ('[offers."reed.none"]\noptions = { points = 12 }\n', "fake_jifen_reed/conformance.toml:2: "),
        ('[offers."reed.none"]\nexpected_failures = [{ code = "S99", reason = "so" }]\n', "conformance.toml:2: "),
        ('[offers."reed.none"]\nexpected_failures = [{ code = "S01", reason = "" }]\n', "conformance.toml:2: "),
        ('[offers."reed.none"]\nexpected_failures = [{ code = "S01" }]\n', "conformance.toml:2: "),
    ],
)
def test_what_is_wrong_in_the_file_is_told_with_its_line(site: Site, declared: str, line: str) -> None:
    assert line in refused(site, declared)


def test_a_capability_that_there_is_not_is_refused(site: Site) -> None:
    told = refused(site, '[offers."reed.none"]\noptions = { points = 3 }\n', capabilities=["monoton"])
    assert told == "there is no capability monoton; perhaps: monotone"


def test_an_excuse_of_the_file_counts_for_its_offer_alone(site: Site) -> None:
    declared = (
        '[offers."reed.none"]\noptions = { points = 3 }\nexpected_failures = [{ code = "P05", reason = "later" }]\n'
    )
    none, tidy = (find(name, plugin_once(site, declared))[0] for name in ("reed.none", "reed.tidy"))
    assert [each.verdict for each in run(none, only=["P05"]).results] == [Verdict.STALE]
    assert [each.verdict for each in run(tidy, only=["P05"]).results] == [Verdict.PASSED]


def plugin_once(site: Site, declared: str) -> Registry:
    return site.registry() if any(site.folder.iterdir()) else plugin(site, declared)


@frozen
class Needed:
    points: int


def test_an_object_of_a_town_is_tried_in_the_books_of_its_town(tmp_path: Path) -> None:
    registry = Registry.load()
    (harvest,) = find("jinsui.harvest-score", registry)
    assert harvest.kind is Kind.AGGREGATION
    assert [book.village.use for book in harvest.books] == ["jinsui.harvest-score"] * len(harvest.books)
    assert len(harvest.books) == len(Target.of("jinsui", registry).books)
    assert good_town(tmp_path).capabilities >= {"data", "items", "cases"}


def test_an_object_that_is_not_installed_needs_its_options_as_well() -> None:
    policy = RewardPolicy("reed.none", {"zh_CN": "不奖"}, reward, Needed)
    with pytest.raises(Refused) as found:
        target_of(policy, Registry.of(policy))
    assert [problem.code for problem in found.value.problems] == ["conformance.needs-options"]
    assert target_of(policy, Registry.of(policy), options={"points": 1}).books[0].rewards.options == Needed(1)
