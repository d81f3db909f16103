from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import tomli
from hypothesis import given, settings
from hypothesis import strategies as st
from jifen.locate import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jifen.locate import Path

EXAMPLE = '''# first line
title = "x" # [not a table]
"quoted key".'it''s' = 1

[a]
b.c = 1
text = """
[fake]
fake = 1
"""
quotes = """a "quoted" text""""
literal = \'\'\'
[[fake]]\'\'\'
escaped = "\\"] = ["
list = [
  1, # one
  # [2]
  { x = 2, "y" = [ 3,
    4 ] },
]
inline = { p = { q = 1 }, r.s = "}" }
day = 2025-01-31 07:32:00

[[rows]]
n = 1
[[rows.cells]]
m = 1
[rows.more]
o = 1
[[rows]]
[[rows.cells]]
[[rows.cells]]
m = 2
[ "z" . deep ]
k = 1
'''.replace("'it''s'", "'its'")


def test_every_way_of_writing_a_key_is_found_on_its_line() -> None:
    tomli.loads(EXAMPLE)
    lines = Lines.of(EXAMPLE)
    expected: dict[Path, int] = {
        ("title",): 2,
        ("quoted key",): 3,
        ("quoted key", "its"): 3,
        ("a",): 5,
        ("a", "b"): 6,
        ("a", "b", "c"): 6,
        ("a", "text"): 7,
        ("a", "quotes"): 11,
        ("a", "literal"): 12,
        ("a", "escaped"): 14,
        ("a", "list"): 15,
        ("a", "list", 0): 16,
        ("a", "list", 1): 18,
        ("a", "list", 1, "x"): 18,
        ("a", "list", 1, "y"): 18,
        ("a", "list", 1, "y", 1): 19,
        ("a", "inline", "p", "q"): 21,
        ("a", "inline", "r", "s"): 21,
        ("a", "day"): 22,
        ("rows",): 24,
        ("rows", 0): 24,
        ("rows", 0, "cells", 0, "m"): 27,
        ("rows", 0, "more", "o"): 29,
        ("rows", 1): 30,
        ("rows", 1, "cells", 0): 31,
        ("rows", 1, "cells", 1): 32,
        ("rows", 1, "cells", 1, "m"): 33,
        ("z",): 34,
        ("z", "deep", "k"): 35,
    }
    assert {path: lines.line(path) for path in expected} == expected


def test_what_is_not_written_has_the_line_of_what_is_around_it() -> None:
    lines = Lines.of("\n[a]\nb = { c = 1 }\n")
    assert lines.line(("a", "b", "x", 3)) == 3
    assert lines.line(("a", "x")) == 2
    assert lines.line(("x",)) == 1
    assert lines.line(()) == 1


def test_nothing_and_comments_alone_have_no_lines() -> None:
    assert Lines.of("").known == {}
    assert Lines.of("# a = 1").known == {}


KEYS = st.sampled_from(["a", "b-c", "D_1", "2", "钥匙", "with space", "dot.ted", 'quo"te', "back\\slash", "#", "[x]"])
NOISE = st.sampled_from(["", "# c = 1", "# [t]", "", "\t", '#\'"""'])
SCALARS = st.one_of(
    st.integers(-9, 9),
    st.booleans(),
    st.sampled_from([1.5, date(2025, 1, 2)]),
    st.text("ab'\"\\[]{}#=,\n \t键", max_size=6),
)
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=12
)
DOCUMENTS = st.dictionaries(KEYS, TREES, max_size=4)


class Writer:
    """Writes a document as TOML in ways that `data` picks, and keeps the line of every path on the way."""

    def __init__(self, draw: st.DataObject) -> None:
        self.draw = draw
        self.text = ""
        self.lines: dict[Path, int] = {}

    def pick(self, *ways: str) -> str:
        return self.draw.draw(st.sampled_from(ways))

    def here(self, path: Path) -> None:
        self.lines.setdefault(path, self.text.count("\n") + 1)

    def key(self, key: str) -> str:
        if key.isascii() and key.replace("-", "").replace("_", "").isalnum():
            return self.pick(key, f'"{key}"', f"'{key}'")
        escaped = key.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}"'

    def document(self, table: dict[str, Any], path: Path = ()) -> None:
        late = []
        for key, value in table.items():
            as_table = isinstance(value, dict) and self.pick("table", "inline") == "table"
            rows = isinstance(value, list) and value and all(isinstance(row, dict) for row in value)
            if as_table or (rows and self.pick("rows", "inline") == "rows"):
                late.append(key)
                continue
            self.text += self.draw.draw(NOISE) + "\n"
            self.here((*path, key))
            self.text += f"{self.key(key)} = "
            self.value(value, (*path, key))
            self.text += self.pick("\n", " # x = 1\n", "\r\n")
        for key in late:
            names = ".".join(self.key(str(part)) for part in (*path, key) if isinstance(part, str))
            for position, row in self.rows(table[key]):
                here = (*path, key) if position is None else (*path, key, position)
                self.here((*path, key))
                self.here(here)
                self.text += f"[{names}]\n" if position is None else f"[[{names}]]\n"
                self.document(row, here)

    def rows(self, value: Any) -> Iterator[tuple[int | None, dict[str, Any]]]:
        if isinstance(value, dict):
            yield None, value
        else:
            yield from enumerate(value)

    def value(self, value: Any, path: Path) -> None:
        if isinstance(value, dict):
            self.text += "{"
            for position, (key, inner) in enumerate(value.items()):
                self.text += ", " if position else " "
                self.here((*path, key))
                self.text += f"{self.key(key)} = "
                self.value(inner, (*path, key))
            self.text += " }"
        elif isinstance(value, list):
            self.text += "["
            for position, inner in enumerate(value):
                self.text += self.pick("", "\n  ", " # ]\n")
                self.here((*path, position))
                self.value(inner, (*path, position))
                self.text += self.pick(", ", ",\n") if position < len(value) - 1 else self.pick("", ",")
            self.text += "]"
        elif isinstance(value, str):
            self.string(value)
        else:
            self.text += str(value).lower() if isinstance(value, bool) else str(value)

    def string(self, value: str) -> None:
        escaped = value.replace("\\", "\\\\").replace('"', '\\"')
        if self.pick("one line", "several") == "several":
            self.text += f'"""\n{escaped}"""'
        else:
            self.text += '"' + escaped.replace("\n", "\\n").replace("\t", "\\t") + '"'


@settings(max_examples=200, deadline=None)
@given(table=DOCUMENTS, draw=st.data())
def test_whatever_is_written_in_whatever_way_every_path_is_found_on_its_line(
    table: dict[str, Any], draw: st.DataObject
) -> None:
    writer = Writer(draw)
    writer.document(table)
    assert tomli.loads(writer.text) == table
    assert Lines.of(writer.text).known == writer.lines
