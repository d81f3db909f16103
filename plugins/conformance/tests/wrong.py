"""Decides what the wrong plugins are: for every check one that breaks that promise and no other.

Each function makes a target from an empty folder, and is registered under the code that must fail, and nothing else. What
must be installed to be wrong is in `INSTALLED`: a function that puts distributions into a site and names one of them.
Modules ``wrong_*.py`` beside this one add to the same lists.
"""

from __future__ import annotations

import os
import socket
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
from attrs import evolve
from jifen.offers import EligibilityRule

from plugins.conformance.tests import good
from plugins.conformance.tests.good import GOOD, good_target, good_town

if TYPE_CHECKING:
    from collections.abc import Callable

    from jifen.offers import RewardView, VillageView
    from jifen_conformance.target import Target

    from core.tests.fakes import Site

    Make = Callable[[Path], Target]
    Install = Callable[[Site], str]

WRONG: Final[dict[str, Make]] = {}
"""By code: makes a target that breaks this promise and no other."""
INSTALLED: Final[dict[str, Install]] = {}
"""By code: installs distributions and returns the name of what breaks the promise."""


def wrong(code: str) -> Callable[[Make], Make]:
    """Registers a wrong target."""

    def register(make: Make) -> Make:
        assert code not in WRONG, code
        WRONG[code] = make
        return make

    return register


def installed(code: str) -> Callable[[Install], Install]:
    """Registers a wrong distribution."""

    def register(install: Install) -> Install:
        assert code not in INSTALLED, code
        INSTALLED[code] = install
        return install

    return register


@wrong("F01")
def a_column_is_missing(folder: Path) -> Target:
    def aggregate(view: VillageView, options: object) -> pl.DataFrame:
        return good.aggregate(view, options).drop("clause")

    return good_target("aggregation", aggregate=aggregate)


@wrong("P05")
def a_title_is_missing(folder: Path) -> Target:
    return good_target("policy", title={"zh_CN": "第一名"})


@wrong("S01")
def counts_its_calls(folder: Path) -> Target:
    calls: list[int] = []

    def reward(view: RewardView, options: object) -> pl.DataFrame:
        calls.append(1)
        return good.reward(view, options).with_columns(pl.format("reed.first-{}", pl.lit(len(calls))).alias("ground"))

    return good_target("policy", reward=reward)


def _by_hash(view: RewardView, options: object) -> pl.DataFrame:
    return good.reward(view, options).with_columns(pl.lit(f"reed.first-{hash('reed')}").alias("ground"))


def by_hash() -> Target:
    return good_target("policy", reward=_by_hash, made_by=f"{__name__}:by_hash")


@wrong("S02")
def uses_a_hash(folder: Path) -> Target:
    return by_hash()


@wrong("S03")
def honours_who_stands_first(folder: Path) -> Target:
    def reward(view: RewardView, options: object) -> pl.DataFrame:
        first = view.participants.filter("participates").group_by("village", maintain_order=True).first()
        ground = first.select("village", pl.format("reed.by-{}", "household").alias("ground"))
        return good.reward(view, options).drop("ground").join(ground, on="village", maintain_order="left")

    return good_target("policy", reward=reward)


@wrong("S04")
def looks_at_other_villages(folder: Path) -> Target:
    def decide(households: pl.DataFrame, villages: pl.DataFrame, options: object) -> pl.DataFrame:
        ground = pl.format("reed.one-of-{}", pl.lit(villages.height))
        decided = good.decide(households, villages, options)
        return decided.with_columns(pl.when("participates").then(ground).alias("ground"))

    return good_target("eligibility", decide=decide)


def _also(action: Callable[[], Any]) -> Callable[..., pl.DataFrame]:
    """The good policy, which does something besides."""

    def reward(view: RewardView, options: object) -> pl.DataFrame:
        action()
        return good.reward(view, options)

    return reward


@wrong("S05")
def looks_at_the_clock(folder: Path) -> Target:
    return good_target("policy", reward=_also(lambda: date.today()))  # noqa: DTZ011, PLW0108 - it is the fault


@wrong("S06")
def opens_a_socket(folder: Path) -> Target:
    return good_target("policy", reward=_also(lambda: socket.socket().close()))


@wrong("S07")
def reads_a_file(folder: Path) -> Target:
    return good_target("policy", reward=_also(lambda: Path(__file__).read_bytes()))


@wrong("S08")
def looks_at_a_variable(folder: Path) -> Target:
    return good_target("policy", reward=_also(lambda: os.environ.get("REED")))


SEEN: Final[list[str]] = []


@wrong("S09")
def keeps_what_it_saw(folder: Path) -> Target:
    return good_target("policy", reward=_also(lambda: SEEN.append("a village")))


@wrong("S10")
def writes_into_its_input(folder: Path) -> Target:
    def reward(view: RewardView, options: object) -> pl.DataFrame:
        if "seen" not in view.households.columns:
            view.households.insert_column(0, pl.Series("seen", [True] * view.households.height))
        return good.reward(view, options)

    return good_target("policy", reward=reward)


@wrong("T02")
def reads_the_samples_again_and_again(folder: Path) -> Target:
    def check(book: Any, options: Any) -> list[Any]:
        from jifen_pudong import jifen_categories

        for _ in range(60):
            jifen_categories()
        return []

    rule = GOOD["eligibility"]
    assert isinstance(rule, EligibilityRule)
    return good_town(folder, more=(evolve(rule, check=check),))


CATEGORY: Final = """
    from jifen import Category, hookimpl

    @hookimpl
    def jifen_categories():
        return [Category(name="{name}", title={{"zh_CN": "整洁", "en": "tidy yards"}})]
"""


@installed("P01")
def needs_what_it_does_not_say(site: Site) -> str:
    site.add("jifen-reed", f"import hypothesis\n{_source('reed.tidy')}")
    return "reed"


@installed("P02")
def is_not_namespaced(site: Site) -> str:
    site.add("jifen-reed", _source("other.tidy"))
    return "reed"


@installed("P03")
def is_there_twice(site: Site) -> str:
    site.add("jifen-reed", _source("reed.tidy"))
    site.add("jifen-reeds", _source("reed.tidier"), entry="reed")
    return "reed"


@installed("P04")
def hook_does_not_fit(site: Site) -> str:
    site.add("jifen-reed", _source("reed.tidy").replace("jifen_categories()", "jifen_categories(town)"))
    return "reed"


@installed("P06")
def needs_another_core(site: Site) -> str:
    site.add("jifen-reed", _source("reed.tidy"), requires=("jifen>=99",))
    return "reed"


@installed("T01")
def takes_its_time(site: Site) -> str:
    slow = """
        import jifen_pudong

        for _ in range(90):
            jifen_pudong.jifen_categories()
    """
    site.add("jifen-reed", f"{_dedent(slow)}\n{_source('reed.tidy')}", requires=("jifen", "jifen-pudong"))
    return "reed"


@installed("S05")
def offers_what_the_day_says(site: Site) -> str:
    source = _source("reed.tidy").replace('"整洁"', 'f"{date.today():%Y}年整洁"')
    site.add("jifen-reed", f"from datetime import date\n{source}")
    return "reed"


def _dedent(text: str) -> str:
    from textwrap import dedent

    return dedent(text)


def _source(name: str) -> str:
    return _dedent(CATEGORY.format(name=name))
