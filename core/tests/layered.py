"""Decides how tests write a layer of rules below another one: a town's below the district's, a village's below a town's."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest
from attrs import frozen
from jifen.categories import read_categories
from jifen.model import Item, RuleBook
from jifen.offers import Town
from jifen.problems import Refused
from jifen.registry import Registry
from jifen.rulebook import books_of

from core.tests.good_book import REGISTRY

HEAD: Final = """\
name = "reed-2025"
title = "芦苇镇细则"
valid_from = 2025-01-01
valid_to = 2025-12-31
status = "approved"
approval = { body = "芦苇镇人民政府", document = "芦府〔2024〕3号", date = 2024-12-20 }
eligibility = { use = "test.everybody" }
village = { use = "test.sum" }
rewards = { use = "test.honours", first = 10 }
"""
OPEN: Final = """
[below]
own = { categories = ["reed.home"], bonus = 1, penalty = 1, most = 2 }

[[below.changes]]
items = ["A01"]
points = { least = 1, most = 3 }
times = { least = 2, most = 6 }

[[below.changes]]
items = ["A02", "A03"]
points = { least = -20, most = 6 }
limit = { least = 5, most = 20 }
off = true

[[below.changes]]
items = ["A05", "A06"]
points = { least = 1, most = 2 }
times = { least = 1, most = 5 }
limit = { least = 10, most = 30 }
form = "any"

[[below.changes]]
items = ["A12", "A13"]
limit = { least = -20, most = 40 }

[[below.changes]]
categories = ["reed.home"]
points = { least = 1, most = 50 }

[[below.changes]]
items = ["A14"]
times = { least = 1, most = 3 }
"""
RULES: Final = {
    "A01": 'points = 2\nlimits = [{ times = 4, per = "month" }]\nevidence = ["photo/scan"]',
    "A02": 'measure = "grade"\ngrades = { "优" = 5, "差" = 0 }\nlimits = [{ gives = 10, per = "year" }]',
    "A03": 'ladder = [-8, -15]\nper = "year"\nlimits = [{ takes = 20, per = "year" }]\napprovals = 2',
    "A04": 'measure = "quantity"\ntiers = [{ at = 10, points = 2 }, { at = 30, points = 5 }]\nper = "year"',
    "A05": 'measure = "quantity"\npoints = 1\neach = 4\nper = "year"\nlimits = [{ gives = 20, per = "year" }]',
    "A06": 'veto = { effects = ["no-honours"] }',
    "A07": 'measure = "quantity"\nbase = { points = 25, per = "month" }\npoints = -5\neach = 1',
    "A08": 'measure = "quantity"\nrates = [{ points = 1, each = 100, upto = 2000 }, { points = 1, each = 200 }]\n'
    'per = "year"',
    "A09": 'measure = "reading"\nbands = [{ at = 80, points = 3 }, { at = 0, points = 0 }]',
    "A10": 'measure = "named"\nnamed = { least = 5, most = 20 }',
    "A12": 'points = 1\nlimits = [{ floor = -10, per = "year" }]',
    "A13": 'points = 1\nlimits = [{ ceiling = 30, per = "year" }]',
    "A14": "points = 2",
}
LAYERS: Final = ("town", "village")


@frozen
class Written:
    """A layer below a layer that leaves something open."""

    town: Town
    registry: Registry
    above: Path
    below: Path
    village: str

    def book(self) -> RuleBook:
        (book,) = books_of(self.town, self.registry)
        return book

    def item(self, code: str) -> Item | None:
        return self.book().items_in(self.village).get(code)

    def refused(self) -> list[tuple[str, str, str]]:
        """For each problem its code, path and words, once it is sure that both places are told with their lines."""
        with pytest.raises(Refused) as refused:
            self.book()
        for problem in refused.value.problems:
            assert problem.place.file == str(self.below)
            assert problem.place.line
            assert f"{self.above}:" in str(problem)
        return [(each.code, (each.place.path or "").partition(").")[2], str(each)) for each in refused.value.problems]

    def codes(self) -> list[tuple[str, str]]:
        return [(code, path) for code, path, _ in self.refused()]


def rules(table: str, category: str = "reed.home") -> str:
    told = [
        f'[[{table}]]\ncode = "{code}"\ncategory = "{category}"\nname = "规则{code}"\nclause = "第{code}条"\n{keys}\n'
        for code, keys in RULES.items()
    ]
    other = f'[[{table}]]\ncode = "B01"\ncategory = "reed.tasks"\nname = "任务"\nclause = "第B01条"\npoints = 1\n'
    return "\n".join([*told, other])


def written(layer: str, folder: Path, changes: str, left_open: str = OPEN) -> Written:
    """What a layer changes; `changes` has ``[[items]]`` for every rule."""
    book, samples, villages = folder / "rules.toml", folder / "items.toml", folder / "villages.toml"
    categories = ('[[categories]]\nname = "reed.{}"\ntitle = "家"\n', '[[categories]]\nname = "reed.{}"\n')
    if layer == "town":
        heads = "".join(categories[0].format(name) for name in ("home", "tasks"))
        samples.write_text(f"{left_open}{heads}{rules('items')}", "utf-8")
        heads = "".join(categories[1].format(name) for name in ("home", "tasks"))
        book.write_text(f"{HEAD}{heads}{changes}", "utf-8")
        town = Town("reed", {"zh_CN": "芦苇镇"}, folder, ("rules.toml",))
        return Written(town, REGISTRY.beside(*read_categories(samples)), samples, book, "")
    heads = "".join(categories[0].format(name) + "own = true\n" for name in ("home", "tasks"))
    book.write_text(f"{HEAD}{left_open}{heads}{rules('items')}", "utf-8")
    approval = '{ body = "一村村民代表会议", document = "〔2024〕3号", date = 2024-12-20 }'
    head = f'[[villages]]\nvillage = "V1"\nrules = "reed-2025"\napproval = {approval}\n'
    villages.write_text(head + changes.replace("[[items]]", "[[villages.items]]"), "utf-8")
    town = Town("reed", {"zh_CN": "芦苇镇"}, folder, ("rules.toml",), villages="villages.toml")
    return Written(town, REGISTRY, book, villages, "V1")


def restated(code: str, keys: str) -> str:
    return f'\n[[items]]\ncode = "{code}"\n{keys}\n'


def own(code: str, keys: str, category: str = "reed.home") -> str:
    return f'\n[[items]]\ncode = "{code}"\ncategory = "{category}"\nname = "自定"\nclause = "第九条"\n{keys}\n'
