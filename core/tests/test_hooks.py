"""Plugins can rely on the hooks: nothing is taken away or changed without being noticed here."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import tomli
from jifen import hooks
from jifen.gathering import OFFERS

if TYPE_CHECKING:
    from collections.abc import Callable

SNAPSHOT = tomli.loads((Path(__file__).parent / "hooks.toml").read_text("utf-8"))
SPECS: dict[str, Callable[..., Any]] = {
    name: value for name, value in vars(hooks).items() if hasattr(value, f"{hooks.PROJECT}_spec")
}
SIGNATURES = {name: str(inspect.signature(spec)).replace("'", "") for name, spec in SPECS.items()}


def test_no_hook_is_taken_away_or_changed_within_a_major_version() -> None:
    gone = {name: was for name, was in SNAPSHOT["hooks"].items() if SIGNATURES.get(name) != was}

    assert not gone, (
        f"{sorted(gone)} changed or went. Taking away a hook or an argument breaks plugins: it is a MAJOR change, raises "
        "hooks.API, and comes after two minor versions of deprecation warnings. Adding an argument is a MINOR change. "
        "Then state the new signature in core/tests/hooks.toml and write in CHANGELOG.md what plugin authors must do."
    )


def test_a_new_hook_is_a_minor_change_that_is_written_down() -> None:
    new = sorted(SIGNATURES.keys() - SNAPSHOT["hooks"].keys())

    assert not new, (
        f"{new} are new. Adding a hook is a MINOR change: state it in core/tests/hooks.toml and in CHANGELOG.md; "
        "a new hook needs two plugins that want it."
    )


def test_the_api_level_is_the_one_written_down() -> None:
    assert SNAPSHOT["api"] == hooks.API, (
        "hooks.API is raised with a MAJOR change only, together with core/tests/hooks.toml"
    )


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_says_what_it_is_for(name: str) -> None:
    assert (SPECS[name].__doc__ or "").strip().endswith((".", ")"))


@pytest.mark.parametrize("name", SPECS)
def test_every_hook_only_collects_offers_of_its_class_and_no_hook_depends_on_order(name: str) -> None:
    offer = OFFERS[name.removeprefix(f"{hooks.PROJECT}_")]

    assert SIGNATURES[name].endswith(f"-> Sequence[{offer.__name__}]")
    assert vars(SPECS[name])[f"{hooks.PROJECT}_spec"]["firstresult"] is False
    assert vars(SPECS[name])[f"{hooks.PROJECT}_spec"]["historic"] is False


def test_every_kind_of_offer_has_its_hook() -> None:
    assert SPECS.keys() == {f"{hooks.PROJECT}_{kind}" for kind in OFFERS}
