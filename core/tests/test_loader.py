"""The loader finds what Python would import, checks before it imports, and survives whatever an import does."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

import jifen
import pytest
from jifen.loader import discover, load

from core.tests.fakes import Site

if TYPE_CHECKING:
    from pathlib import Path


def test_plugins_come_in_order_of_name_whatever_the_order_of_the_path(tmp_path: Path) -> None:
    sites = [Site(tmp_path / name) for name in ("one", "two")]
    for place in sites:
        place.folder.mkdir()
    sites[0].add("jifen-zebra")
    sites[0].add("jifen-apple", entry="plum")
    sites[1].add("jifen-mango")
    folders = [str(place.folder) for place in sites]

    found = discover(folders)

    assert [(each.distribution, each.entry) for each in found] == [
        ("jifen-apple", "plum"),
        ("jifen-mango", "mango"),
        ("jifen-zebra", "zebra"),
    ]
    assert discover(folders[::-1]) == found


def test_a_distribution_seen_twice_counts_once_and_the_first_on_the_path_wins(tmp_path: Path) -> None:
    sites = [Site(tmp_path / name) for name in ("one", "two")]
    for place, version in zip(sites, ("2.0", "1.0"), strict=True):
        place.folder.mkdir()
        place.add("jifen-twin", version=version)
    folders = [str(place.folder) for place in sites]

    assert [each.version for each in discover(folders)] == ["2.0"]
    assert [each.version for each in discover(folders[::-1])] == ["1.0"]


def test_a_first_distribution_without_our_entry_points_hides_a_second_one_that_has_them(tmp_path: Path) -> None:
    sites = [Site(tmp_path / name) for name in ("one", "two")]
    for place in sites:
        place.folder.mkdir()
    sites[0].record("jifen-twin", "2.0", "[console_scripts]\nx = y:z\n")
    sites[1].add("jifen-twin", version="1.0")

    assert discover([str(place.folder) for place in sites]) == ()


def test_of_two_versions_recorded_in_one_folder_none_is_used_and_both_are_named(site: Site) -> None:
    site.add("jifen-apple", version="1.0", requires=("jifen>=99",))
    site.record("jifen-apple", "2.0", "[jifen]\napple = fake_jifen_apple\n")
    site.add("jifen-mango")

    assert [(each.entry, each.version, each.status) for each in site.registry().report] == [
        ("apple", "?", "failed"),
        ("mango", "1.0", "ok"),
    ]
    assert [words.replace(str(site.folder), "SITE") for words in site.words("apple")] == [
        (
            "SITE: several versions are recorded here as installed: 1.0, 2.0; which of them the files are of cannot be "
            "told; uninstall the distribution until no record of it is left, then install it again"
        )
    ]


def test_a_record_without_our_entry_points_does_not_hide_the_other_version_of_its_folder(site: Site) -> None:
    site.add("jifen-apple", version="1.0")
    site.record("jifen-apple", "2.0", "")

    assert [(each.entry, each.version, len(each.problems)) for each in discover([str(site.folder)])] == [
        ("apple", "?", 1)
    ]


def test_what_an_interrupted_uninstallation_left_behind_is_no_plugin(site: Site) -> None:
    site.add("jifen-apple")
    (site.folder / "jifen_apple-1.0.dist-info").rename(site.folder / "~ifen_apple-1.0.dist-info")

    assert discover([str(site.folder)]) == ()


def test_a_damaged_record_of_an_installation_is_reported_and_harms_no_other(site: Site) -> None:
    site.add("jifen-apple")
    about = site.record("jifen-mango", "1.0", "[jifen]\nmango = nothing\n")
    (about / "METADATA").write_text("Version: 1.0\n", "utf-8")
    other = site.record("jifen-plum", "1.0", "")
    (other / "entry_points.txt").write_bytes(b"[jifen]\n\xff\xfe = x\n")

    reports = site.registry().report

    assert [(report.distribution, report.status) for report in reports] == [
        ("?", "failed"),
        ("?", "failed"),
        ("jifen-apple", "ok"),
    ]
    words = sorted(str(problem).replace(str(site.folder), "SITE") for report in reports for problem in report.problems)
    assert words == [
        (
            "SITE: what was recorded when it was installed cannot be read (UnicodeDecodeError: 'utf-8' codec can't decode "
            "byte 0xff in position 8: invalid start byte); install the distribution again"
        ),
        "SITE: what was recorded when it was installed has no name; install the distribution again",
    ]


def test_an_entry_point_that_is_no_name_is_refused_before_import(site: Site) -> None:
    site.add("jifen-apple", "raise AssertionError('imported')", entry="Apple.Pie")

    assert site.words("Apple.Pie") == [
        (
            "the entry-point name 'Apple.Pie' is not allowed; "
            "use small letters, digits and hyphens, such as pudong or town-qinghe"
        )
    ]


def test_an_entry_point_names_a_module_and_nothing_in_it(site: Site) -> None:
    site.record("jifen-apple", "1.0", "[jifen]\napple = fake_apple:plugin\n")

    assert site.words("apple") == [
        (
            "the entry point says 'fake_apple:plugin'; "
            'it must name a module and nothing in it, such as pudong = "jifen_pudong"'
        )
    ]


@pytest.mark.parametrize(
    "requirement",
    ["jifen", f"jifen=={jifen.__version__}", "jifen>=99; python_version < '3'", "jifen>=99; extra == 'x'", "jifen-x>9"],
)
def test_a_requirement_that_this_core_meets_is_no_obstacle(site: Site, requirement: str) -> None:
    site.add("jifen-apple", requires=(requirement,))

    assert site.report("apple").status == "ok"


def test_a_requirement_that_this_core_does_not_meet_is_refused_before_import(site: Site) -> None:
    module = site.add("jifen-apple", "raise AssertionError('imported')", requires=("attrs", "jifen (>=99,<100)"))

    assert site.words("apple") == [
        f"needs jifen (>=99,<100), but jifen {jifen.__version__} is installed; install versions that fit each other"
    ]
    assert module not in sys.modules


def test_a_requirement_that_cannot_be_read_is_named(site: Site) -> None:
    site.add("jifen-apple", requires=("jifen >= one",))

    assert site.words("apple") == ["the requirement 'jifen >= one' cannot be read; write it like jifen>=0.1"]


def test_a_manifest_of_a_later_api_is_refused_before_import(site: Site) -> None:
    site.add("jifen-apple", "raise AssertionError('imported')", files={"town.toml": 'name = "apple"\napi = 2\n'})

    assert site.words("apple") == [
        (
            "fake_jifen_apple/town.toml: api: the manifest says api 2, but this program knows 1 to 1; "
            "correct the manifest or install a version that fits"
        )
    ]


@pytest.mark.parametrize("api", ["true", "0", '"1"', "1.0"])
def test_an_api_that_is_no_level_is_refused(site: Site, api: str) -> None:
    site.add("jifen-apple", files={"town.toml": f"api = {api}\n"})

    assert [problem.code for problem in site.report("apple").problems] == ["plugins.api"]


def test_a_manifest_that_is_no_toml_is_named_with_its_line(site: Site) -> None:
    site.add("jifen-apple", files={"town.toml": "name = apple\n"})

    assert site.words("apple") == [
        (
            "fake_jifen_apple/town.toml: the manifest cannot be read "
            "(Invalid value (at line 1, column 8)); correct it as TOML"
        )
    ]


def test_the_manifest_of_a_module_inside_a_package_is_found_without_importing_the_package(site: Site) -> None:
    site.add(
        "jifen-apple",
        "raise AssertionError('imported')",
        files={"town.toml": "api = 9\n"},
    )
    (site.folder / "outer").mkdir()
    (site.folder / "fake_jifen_apple").rename(site.folder / "outer" / "apple")
    (site.folder / "outer" / "__init__.py").write_text("raise AssertionError('imported')", "utf-8")
    record = site.folder / "jifen_apple-1.0.dist-info" / "entry_points.txt"
    record.write_text("[jifen]\napple = outer.apple\n", "utf-8")

    assert [problem.code for problem in site.report("apple").problems] == ["plugins.api"]


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("x = 1\nimport not_there\n", "fake_jifen_apple.py:2: {}(ModuleNotFoundError: No module named 'not_there')"),
        ("x = 1\ny = (\n", "fake_jifen_apple.py:2: {}(SyntaxError: '(' was never closed)"),
        ("import sys\nsys.exit(3)\n", "fake_jifen_apple.py:2: {}(SystemExit: 3)"),
        ("def f():\n    1 / 0\nf()\n", "fake_jifen_apple.py:2: {}(ZeroDivisionError: division by zero)"),
        (
            "class Odd(BaseException): ...\nraise Odd('x\\n  y')\n",
            "fake_jifen_apple.py:2: {}(fake_jifen_apple.Odd: x y)",
        ),
        (
            "import json\njson.loads('{')\n",
            (
                "fake_jifen_apple.py:2: {}(json.decoder.JSONDecodeError: Expecting property name enclosed in double "
                "quotes: line 1 column 2 (char 1))"
            ),
        ),
    ],
)
def test_whatever_an_import_raises_is_told_with_the_plugins_own_last_line(site: Site, source: str, words: str) -> None:
    site.add("jifen-apple", source)

    assert site.words("apple") == [words.format("module fake_jifen_apple cannot be imported ")]


def test_a_module_that_is_not_there_is_named(site: Site) -> None:
    site.record("jifen-apple", "1.0", "[jifen]\napple = not_there.at_all\n")

    assert site.words("apple") == [
        "module not_there.at_all cannot be imported (ModuleNotFoundError: No module named 'not_there')"
    ]


def test_an_interruption_by_the_user_is_not_swallowed(site: Site) -> None:
    site.add("jifen-apple", "raise KeyboardInterrupt\n")
    importlib.invalidate_caches()

    with pytest.raises(KeyboardInterrupt):
        load([str(site.folder)])


def test_one_entry_point_name_in_two_distributions_fails_both_unimported_and_names_both(site: Site) -> None:
    for distribution in ("jifen-apple", "jifen-mango"):
        site.add(distribution, "raise AssertionError('imported')", entry="fruit")

    words = "the entry-point name 'fruit' is used by several distributions: jifen-apple 1.0, jifen-mango 1.0; "
    for report in site.registry().report:
        assert report.status == "failed"
        assert [str(problem) for problem in report.problems] == [
            words + "none of them is used until all but one are uninstalled"
        ]
