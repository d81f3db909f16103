"""The registry gives what was asked for or says exactly why not; a faulty plugin harms itself and who needs it, nobody else."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import jifen
import pytest
from jifen.offers import Category, Command, EligibilityRule, Reader, Town, Writer
from jifen.problems import Refused
from jifen.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.tests.fakes import Site


def refusal(ask: Callable[[], object]) -> list[str]:
    with pytest.raises(Refused) as caught:
        ask()
    return [str(problem) for problem in caught.value.problems]


def test_a_good_plugin_offers_what_it_has_by_name(site: Site) -> None:
    site.add("jifen-pear")
    registry = site.registry()

    assert registry.category("pear.tidy").title == {"en": "tidy yards"}
    assert registry.town("pear").folder == site.folder
    assert [town.name for town in registry.towns] == ["pear"]
    assert [category.name for category in registry.categories] == ["pear.tidy"]
    (report,) = registry.report
    assert report.as_json() == {
        "entry": "pear",
        "distribution": "jifen-pear",
        "version": "1.0",
        "module": "fake_jifen_pear",
        "status": "ok",
        "problems": [],
        "offers": [{"kind": "categories", "name": "pear.tidy"}, {"kind": "towns", "name": "pear"}],
    }


def test_offers_can_be_given_without_any_plugin() -> None:
    category, command = Category("x.y", {"en": "y"}), Command("go", "go.help", "x:y")
    registry = Registry.of(category, command)

    assert registry.category("x.y") is category
    assert registry.commands == (command,)
    assert registry.report == ()


def test_offers_come_by_name_and_not_by_order_of_loading(site: Site) -> None:
    for distribution in ("jifen-b", "jifen-a", "jifen-c"):
        site.add(distribution, entry={"jifen-a": "z", "jifen-b": "x", "jifen-c": "y"}[distribution])

    assert [town.name for town in site.registry().towns] == ["x", "y", "z"]
    assert [report.entry for report in site.registry().report] == ["z", "x", "y"]


HOOK = "from jifen import Category, Command, Reader, Town, Writer, hookimpl\n\n"
GOOD_TOWN = """@hookimpl
def jifen_towns():
    return [Town("bad-town", {"en": "t"}, __import__("pathlib").Path(), ())]

"""
FAULTS = {
    "an exception in a hook": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    return [1 / 0]\n",
        "fake_jifen_bad.py:5: the hook jifen_categories failed (ZeroDivisionError: division by zero)",
    ),
    "an exit in a hook": (
        HOOK + "@hookimpl\ndef jifen_commands():\n    raise SystemExit\n",
        "fake_jifen_bad.py:5: the hook jifen_commands failed (SystemExit)",
    ),
    "a single object": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    return Category('bad.x', {})\n",
        "the hook jifen_categories returned Category; it must return a list or tuple of Category",
    ),
    "a generator": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    yield Category('bad.x', {})\n",
        "the hook jifen_categories returned generator; it must return a list or tuple of Category",
    ),
    "a forgotten return": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    [Category('bad.x', {})]\n",
        "the hook jifen_categories returned NoneType; it must return a list or tuple of Category",
    ),
    "a text": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    return 'bad.x'\n",
        "the hook jifen_categories returned str; it must return a list or tuple of Category",
    ),
    "the wrong class": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    return [Category('bad.x', {}), Reader('bad.x', (), len)]\n",
        "the hook jifen_categories returned Reader in place 2; it must be Category",
    ),
    "no name": (
        HOOK + "@hookimpl\ndef jifen_readers():\n    return [Reader('', (), len)]\n",
        "the hook jifen_readers returned the name '' in place 1; every Reader must have a name",
    ),
    "a name in another's space": (
        HOOK + "@hookimpl\ndef jifen_categories():\n    return [Category('good.x', {})]\n",
        "the name of the category 'good.x' must begin with 'bad.'",
    ),
    "a misspelled hook": (
        HOOK + "@hookimpl\ndef jifen_category():\n    return [Category('bad.x', {})]\n",
        "there is no hook jifen_category; the nearest is jifen_categories() -> Sequence[Category]",
    ),
    "an argument too many": (
        HOOK + "@hookimpl\ndef jifen_categories(book):\n    return [Category('bad.x', {})]\n",
        (
            "the hook's arguments are wrong: it is written as jifen_categories(book), "
            "it must be jifen_categories() -> Sequence[Category]"
        ),
    ),
    "a forgotten marker": (
        HOOK + "def jifen_readers():\n    return []\n",
        (
            "the function jifen_readers has no @hookimpl and would never be called; "
            "mark it with @jifen.hookimpl and write it as jifen_readers() -> Sequence[Reader]"
        ),
    ),
    "a wish for an order": (
        HOOK + "@hookimpl(tryfirst=True)\ndef jifen_categories():\n    return [Category('bad.x', {})]\n",
        (
            "the hook jifen_categories must not be a wrapper, hookwrapper, tryfirst or trylast: "
            "no score depends on the order of loading; leave it out"
        ),
    ),
    "a wrapper": (
        HOOK + "@hookimpl(wrapper=True)\ndef jifen_categories():\n    return (yield)\n",
        (
            "the hook jifen_categories must not be a wrapper, hookwrapper, tryfirst or trylast: "
            "no score depends on the order of loading; leave it out"
        ),
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_in_exact_words_and_harms_nobody_else(site: Site, fault: str) -> None:
    source, words = FAULTS[fault]
    site.add("jifen-bad", source)
    site.add("jifen-good")
    registry = site.registry()

    assert site.words("bad") == [words]
    assert [(report.entry, report.status) for report in registry.report] == [("bad", "failed"), ("good", "ok")]
    assert registry.category("good.tidy").name == "good.tidy"
    assert registry.town("good").name == "good"
    for ask in (
        lambda: registry.category("bad.x"),
        lambda: registry.aggregation("bad.y"),
        lambda: registry.town("bad"),
    ):
        (reason,) = refusal(ask)
        assert reason.replace(f"{site.folder}/", "").endswith(
            f"cannot be used, because the plugin bad (jifen-bad 1.0) failed: {words}"
        )


def test_all_faults_of_a_plugin_are_told_at_once(site: Site) -> None:
    site.add("jifen-bad", "".join(source for source, _ in (FAULTS["a misspelled hook"], FAULTS["a forgotten marker"])))

    assert site.words("bad") == [FAULTS["a misspelled hook"][1], FAULTS["a forgotten marker"][1]]


def test_a_town_whose_own_plugin_failed_in_another_hook_is_refused_with_the_reason(site: Site) -> None:
    source, words = FAULTS["the wrong class"]
    site.add("jifen-bad", source + GOOD_TOWN)

    assert refusal(lambda: site.registry().town("bad-town")) == [
        f"the town 'bad-town' cannot be used, because the plugin bad (jifen-bad 1.0) failed: {words}"
    ]
    assert site.registry().towns == ()


def test_a_town_whose_distribution_bears_its_name_is_refused_with_the_reason_though_it_never_came_to_offer_it(
    site: Site,
) -> None:
    site.add("jifen-town-elm", "raise SystemExit(1)\n", entry="town-elm")

    (reason,) = refusal(lambda: site.registry().town("elm"))
    assert reason.startswith("the town 'elm' cannot be used, because the plugin town-elm (jifen-town-elm 1.0) failed: ")


def test_what_a_hook_refuses_with_reasons_is_reported_as_it_stands(site: Site) -> None:
    site.add(
        "jifen-bad",
        """
        from jifen import Place, Problem, Refused, hookimpl

        @hookimpl
        def jifen_towns():
            raise Refused([Problem("plugins.manifest", Place("town.toml", 3), {"error": "odd"})])
        """,
    )

    assert site.words("bad") == ["town.toml:3: the manifest cannot be read (odd); correct it as TOML"]


OFFERED_TWICE = """
    from jifen import Command, Reader, hookimpl

    @hookimpl
    def jifen_readers():
        return [Reader("sheet", (".xlsx",), len), Reader("only-{entry}", (".x",), len)]

    @hookimpl
    def jifen_commands():
        return [Command("go", "help", "x:y")]
"""


def test_a_name_offered_by_two_distributions_is_withdrawn_from_both_and_nothing_else_is(site: Site) -> None:
    for entry in ("left", "right"):
        site.add(f"jifen-{entry}", OFFERED_TWICE.format(entry=entry))
    site.add("jifen-good")
    registry = site.registry()

    from_both = "is offered by several distributions: jifen-left 1.0, jifen-right 1.0; "
    both = from_both + "none of them is used until all but one are uninstalled"
    assert site.words("left") == site.words("right") == [f"the command 'go' {both}", f"the reader 'sheet' {both}"]
    assert [report.status for report in registry.report] == ["ok", "failed", "failed"]
    assert [reader.name for reader in registry.readers] == ["only-left", "only-right"]
    assert registry.commands == ()
    assert registry.town("good").name == "good"


def test_a_town_offered_by_two_distributions_is_refused_and_both_are_named(site: Site) -> None:
    site.add("jifen-bad", HOOK + GOOD_TOWN)
    site.add("jifen-worse", HOOK + GOOD_TOWN)

    left, right = refusal(lambda: site.registry().town("bad-town"))
    for reason, plugin in ((left, "bad (jifen-bad 1.0)"), (right, "worse (jifen-worse 1.0)")):
        assert reason.startswith(f"the town 'bad-town' cannot be used, because the plugin {plugin} failed: ")
        assert "jifen-bad 1.0, jifen-worse 1.0" in reason


def test_a_name_offered_twice_by_one_distribution_is_withdrawn(site: Site) -> None:
    site.add("jifen-bad", HOOK + "@hookimpl\ndef jifen_categories():\n    return [Category('bad.x', {})] * 2\n")

    assert refusal(lambda: site.registry().category("bad.x"))[0].startswith("the category 'bad.x' cannot be used")


def test_the_name_of_a_plugin_that_failed_does_not_fall_to_another(site: Site) -> None:
    site.add("jifen-bad", FAULTS["the wrong class"][0] + GOOD_TOWN)
    site.add("jifen-other", HOOK + GOOD_TOWN)

    assert site.registry().towns == ()
    assert len(refusal(lambda: site.registry().town("bad-town"))) == 2


def test_who_asks_for_an_unknown_name_is_told_the_nearest_and_the_known(site: Site) -> None:
    site.add("jifen-good")
    site.add("jifen-more")
    registry = site.registry()

    assert refusal(lambda: registry.category("good.tidi")) == [
        "there is no category 'good.tidi'; is 'good.tidy' meant? known are: good.tidy, more.tidy"
    ]
    assert refusal(lambda: registry.town("xyz")) == ["there is no town 'xyz'; known are: good, more"]
    assert refusal(lambda: registry.eligibility("x.y")) == [
        "there is no eligibility rule 'x.y'; no plugin that is installed offers one"
    ]


def test_who_asks_for_an_unknown_town_hears_of_plugins_that_failed(site: Site) -> None:
    site.add("jifen-bad", "import not_there\n")

    assert refusal(lambda: site.registry().town("elm")) == [
        "there is no town 'elm'; no plugin that is installed offers one",
        "these plugins failed as well: bad; `jifen plugins` says why",
    ]


def test_the_commands_are_found_without_calling_any_other_hook(site: Site) -> None:
    site.add(
        "jifen-bad",
        HOOK
        + "calls = []\n@hookimpl\ndef jifen_commands():\n    calls.append('commands')\n    return [Command('go', 'h', 'x:y')]\n"
        "@hookimpl\ndef jifen_categories():\n    calls.append('categories')\n    return [1 / 0]\n",
    )
    registry = site.registry()
    calls = __import__("fake_jifen_bad").calls

    assert [command.name for command in registry.commands] == ["go"]
    assert calls == ["commands"]
    assert registry.report[0].status == "failed"
    assert registry.report == registry.report
    assert calls == ["commands", "categories"]


def test_a_hook_for_a_later_core_may_be_marked_optional(site: Site) -> None:
    site.add("jifen-good", HOOK + "@hookimpl(optionalhook=True)\ndef jifen_dances():\n    return []\n")

    assert site.report("good").status == "ok"


def test_a_module_that_loads_its_names_late_is_a_good_plugin(site: Site) -> None:
    site.add("jifen-good", HOOK + "def __dir__():\n    return ['Late', 'jifen_towns']\n\n" + GOOD_TOWN)

    assert [town.name for town in site.registry().towns] == ["bad-town"]


def test_reasons_are_told_in_chinese_unless_another_language_is_asked_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIFEN_LANG")
    site.add("jifen-bad", FAULTS["a misspelled hook"][0])

    words = "没有 jifen_category 这个钩子；最接近的是 jifen_categories() -> Sequence[Category]"
    assert site.words("bad") == [words]
    assert refusal(lambda: site.registry().category("bad.x")) == [
        f"积分类别“bad.x”用不了，因为插件 bad（jifen-bad 1.0）有问题：{words}"
    ]


def test_only_the_registry_and_the_markers_know_pluggy() -> None:
    users = set()
    for file in sorted(Path(jifen.__path__[0]).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            users |= {file.name for name in names if name.partition(".")[0] == "pluggy"}

    assert users == {"hooks.py", "registry.py"}


def test_every_kind_has_its_typed_lookup() -> None:
    rule = EligibilityRule("a.b", {}, lambda households, _villages, _options: households)
    town, writer = Town("t", {}, Path(), ()), Writer("w", lambda *_: None)
    reader = Reader("r", (".x",), lambda *_: None)  # type: ignore[arg-type]
    registry = Registry.of(rule, town, writer, reader)

    assert registry.eligibility("a.b") is rule
    assert (registry.eligibility_rules, registry.towns) == ((rule,), (town,))
    assert (registry.writers, registry.readers) == ((writer,), (reader,))
    assert (registry.aggregations, registry.reward_policies) == ((), ())


def test_offers_of_a_tool_stand_beside_those_of_the_plugins_and_take_no_place(site: Site) -> None:
    site.add("jifen-pear")
    registry = site.registry()
    tidy = registry.category("pear.tidy")
    rule = EligibilityRule("tool.everybody", {}, lambda households, _villages, _options: households)

    both = registry.beside(rule)
    assert both.eligibility("tool.everybody") is rule
    assert both.category("pear.tidy") is tidy
    assert [report.entry for report in both.report] == ["pear"]
    assert registry.eligibility_rules == ()
    with pytest.raises(Refused):
        registry.beside(tidy).category("pear.tidy")
