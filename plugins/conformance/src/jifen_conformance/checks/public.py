"""Decides whether what is posted keeps people's data to itself, and whether everything has its names (R23, R27)."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import polars as pl
from attrs import evolve
from jifen.words import LANGUAGES

from jifen_conformance.check import Broken, Kind, check, expect
from jifen_conformance.naming import names_of

if TYPE_CHECKING:
    from jifen.inputs import Inputs

    from jifen_conformance.target import Target

IDENTITY, TELEPHONE, DOOR = "310115198002291234", "13812345678", "37弄12号302室"
_BORN: Final = r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
# Not by word boundaries: between 电话 and a digit there is none. Letters beside it make it part of a digest.
_APART: Final = (r"(?<![0-9A-Za-z])", r"(?![0-9A-Za-z])")
PRIVATE: Final = re.compile(
    rf"{_APART[0]}(?:\d{{6}}{_BORN}\d{{3}}[\dXx]|1[3-9]\d{{9}}|0\d{{2,3}}-\d{{7,8}}){_APART[1]}|\d+号\d+室"
)
PAGES: Final = frozenset({".html", ".htm", ".svg", ".txt", ".md"})
"""Files that are posted; workbooks and data files stay in the office."""
PUBLIC: Final = ("village_parts", "village_scores", "rewards")
"""Frames that are posted as they are."""


@check("N01", since="0.1")
def nothing_private_is_posted(target: Target) -> None:
    """What is posted has no identity number, telephone or door number, though the register and the deeds have them.

    Why: a notice board is read by everyone, and photographed (R23).
    Mend: put codes, names of rules and counts into what is returned, never a cell of the register.
    """
    for trial in target.trials:
        inputs = _with_private(trial.inputs)
        settled = target.settle(trial.book, inputs, trial.period)
        for name in PUBLIC:
            for row in getattr(settled, name).with_columns(pl.col(pl.Categorical, pl.Enum).cast(pl.String)).to_dicts():
                for column, cell in row.items():
                    _look(str(cell), f"column {column} of {name}, by {trial.book.name}")
        for writer in target.registry.writers:
            with tempfile.TemporaryDirectory() as folder:
                writer.write(settled, inputs, Path(folder))
                for page in sorted(Path(folder).rglob("*")):
                    if page.suffix.lower() in PAGES:
                        _look(page.read_text("utf-8"), f"{page.name} of {writer.name}, by {trial.book.name}")


def _with_private(inputs: Inputs) -> Inputs:
    """The inputs with private data wherever a register or a record can have it."""
    address, note = pl.lit(f"{DOOR} 电话{TELEPHONE}"), pl.lit(f"身份证{IDENTITY}，电话{TELEPHONE}，住{DOOR}")
    person = pl.col("name").cast(pl.String) + TELEPHONE
    households = inputs.households.with_columns(
        address.alias("address"), person, pl.col("members").list.eval(pl.element().cast(pl.String) + IDENTITY)
    )
    deeds = inputs.deeds.with_columns(note.alias("note"), pl.col("member").cast(pl.String) + IDENTITY)
    requests = inputs.requests.with_columns(note.alias("note"))
    return evolve(inputs, households=households, deeds=deeds, requests=requests)


def _look(text: str, where: str) -> None:
    found = PRIVATE.search(text)
    if found:
        raise Broken(f"a register with {IDENTITY}, {TELEPHONE} and {DOOR}", f"{found[0]} in {where}")


@check("N02", since="0.1", kinds=(Kind.TOWN, Kind.CATEGORY), settles=False)
def names_in_both_languages(target: Target) -> None:
    """Books, categories, items, grades, limits, purses, goods and rewards have names in Chinese and in English.

    Why: the board is in Chinese; whoever reviews a scheme from elsewhere needs the other.
    Mend: write `name = { zh_CN = "…", en = "…" }`.
    """
    for book in target.books:
        for what, names in names_of(book):
            missing = [language for language in LANGUAGES if not names.get(language, "").strip()]
            given = f"{what} of {book.name}: {', '.join(names.values()) or '–'}"
            expect(not missing, given, f"no words in: {', '.join(missing)}")
