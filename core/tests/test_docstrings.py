"""What is written under a key describes it; what nobody wrote is not made up."""

from __future__ import annotations

from enum import StrEnum

import pytest
from attrs import frozen
from jifen.reference.docstrings import described, flowing, keys_described, module_described

from core.tests import test_docstrings


class Colour(StrEnum):
    RED = "red"
    """Stop."""
    GREEN = "green"


@frozen
class Told:
    """A class about `other` and more. Of `third` nothing.

    A second paragraph
    goes on.
    """

    own: int
    """The number of
    what there is."""
    other: str = ""
    third: str = ""
    silent: str = ""


@frozen
class Untold:
    key: int


@frozen
class Nested:
    """Its key has no words, the text is of the next."""

    key: int
    other: int = 1
    """Only of this."""


def test_a_key_is_described_by_the_text_under_it_and_else_by_its_class() -> None:
    assert keys_described(Told) == {
        "own": "The number of what there is.",
        "other": "A class about `other` and more.",
        "third": "Of `third` nothing.",
        "silent": "",
    }


def test_alone_a_key_has_only_words_of_its_own() -> None:
    words = keys_described(Told, alone=False)
    assert [key for key, text in words.items() if text] == ["own"]
    assert keys_described(Nested, alone=False) == {"key": "", "other": "Only of this."}


def test_the_members_of_an_enumeration_are_described_alike() -> None:
    assert keys_described(Colour) == {"RED": "Stop.", "GREEN": ""}


def test_paragraphs_have_no_line_breaks_of_their_own() -> None:
    assert described(Told).split("\n\n")[1] == "A second paragraph goes on."
    assert flowing("``code``\n and\n\n\n more") == "`code` and\n\nmore"


def test_a_class_without_a_docstring_has_none_made_for_it() -> None:
    assert described(Untold) == ""


def test_a_module_says_what_it_decides() -> None:
    assert module_described("jifen.period").startswith("`jifen.period` decides ")
    assert module_described(test_docstrings.__name__).startswith("What is written under a key")


def test_a_class_without_a_source_is_named() -> None:
    made = type("Made", (), {"__module__": __name__})
    with pytest.raises(LookupError, match="Made"):
        described(made)
