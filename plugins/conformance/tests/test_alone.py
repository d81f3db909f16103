"""Decides what a distribution may find when it is loaded alone: what it requires, the standard library, nothing else."""

from __future__ import annotations

import sys
from importlib.metadata import Distribution, DistributionFinder

from jifen_conformance.alone import Only, modules, required


def test_what_is_required_is_followed_to_its_end() -> None:
    names = required("jifen-town-qinghe")
    assert {"jifen-town-qinghe", "jifen-pudong", "jifen", "polars", "attrs"} <= names
    assert not names & {"jifen-report", "jifen-demo", "pytest"}
    assert "jifen-town-qinghe" not in required("jifen-pudong")


def test_the_modules_of_an_editable_and_of_an_installed_distribution_are_known() -> None:
    assert {"jifen_pudong", "attr", "attrs"} <= modules(["jifen-pudong", "attrs"])
    assert modules(["not-there"]) == set()


def test_only_what_is_allowed_and_the_standard_library_is_found() -> None:
    only = Only(modules(["attrs"]))
    assert only.find_spec("attr") is not None
    assert only.find_spec("tomllib") is not None
    assert only.find_spec("pytest") is None
    assert only not in sys.meta_path
    assert any(each.metadata["Name"] == "pytest" for each in metadata_of(only))


def metadata_of(only: Only) -> list[Distribution]:
    return list(only.find_distributions(DistributionFinder.Context()))
