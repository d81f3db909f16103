"""Decides that an access is held against the code that made it: the plugin's own, not a library's, not the core's."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
import threading
import time
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pytest
from jifen.document import Document
from jifen_conformance.state import changes, state
from jifen_conformance.watching import CLOCK, ENVIRONMENT, FILE, NETWORK, watched

from core.tests.conftest import site

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.tests.fakes import Site

HERE = Path(__file__)
__all__ = ["site"]


def in_a_thread(action: Callable[[], Any]) -> None:
    thread = threading.Thread(target=action)
    thread.start()
    thread.join()


def seen(action: Callable[[], Any], home: Path = HERE) -> list[tuple[str, bool]]:
    """What was reached for, and whether its place is in this file."""
    with watched(home) as found:
        action()
    return [(each.what, each.place.startswith(f"{HERE}:")) for each in found]


@pytest.mark.parametrize(
    ("action", "what"),
    [
        (lambda: datetime.now(), CLOCK),  # noqa: DTZ005, PLW0108 - the name is looked up when it is called
        (lambda: dt.date.today(), CLOCK),  # noqa: DTZ011, PLW0108
        (lambda: time.monotonic(), CLOCK),  # noqa: PLW0108
        (lambda: time.strftime("%Y"), CLOCK),
        (lambda: in_a_thread(lambda: time.time()), CLOCK),  # noqa: PLW0108
        (lambda: HERE.read_text("utf-8"), FILE),
        (lambda: HERE.exists(), FILE),  # noqa: PLW0108
        (lambda: pl.read_csv(HERE, has_header=False, separator="\x01", quote_char=None), FILE),
        (lambda: np.fromfile(HERE, dtype=np.uint8, count=1), FILE),
        (lambda: subprocess.run([sys.executable, "-V"], check=True, capture_output=True), FILE),
        (lambda: __import__("socket").getaddrinfo("127.0.0.1", 80), NETWORK),
        (lambda: os.environ.get("REED"), ENVIRONMENT),
        (lambda: os.getenv("REED"), ENVIRONMENT),
        (lambda: "REED" in os.environ, ENVIRONMENT),
        (lambda: dict(os.environ), ENVIRONMENT),
        (lambda: Path.cwd(), ENVIRONMENT),  # noqa: PLW0108
    ],
    ids=(
        "now",
        "today",
        "monotonic",
        "strftime",
        "thread",
        "read",
        "exists",
        "polars",
        "numpy",
        "program",
        "address",
        "get",
        "getenv",
        "in",
        "copy",
        "folder",
    ),
)
def test_an_access_of_the_plugins_own_code_is_seen_with_its_place(action: Callable[[], Any], what: str) -> None:
    assert (what, True) in seen(action)


@pytest.mark.parametrize(
    "action",
    [
        lambda: pl.DataFrame({"a": [1, 2]}).lazy().group_by("a").len().collect(),
        lambda: pl.DataFrame({"a": [1]}).write_csv(),
        lambda: dt.date(2024, 2, 29).isoformat(),
        lambda: Document.read(HERE.with_name("good_town.toml")),
    ],
    ids=("lazy", "text", "date", "core"),
)
def test_what_libraries_and_the_core_do_for_themselves_is_not_held_against_it(action: Callable[[], Any]) -> None:
    assert seen(action) == []


def test_importing_a_module_is_no_access(site: Site) -> None:
    module = site.add("jifen-reed", "value = 1\n")
    assert seen(lambda: import_module(module)) == []


def test_nothing_is_seen_of_other_code_and_nothing_after_the_watch() -> None:
    assert seen(lambda: time.time(), HERE.with_name("other.py")) == []  # noqa: PLW0108
    with watched(HERE) as found:
        pass
    time.time()
    assert found == []
    assert datetime is dt.datetime


KEPT: dict[str, list[int]] = {"seen": []}


class Keeper:
    count = 0


def test_global_state_is_what_modules_classes_and_the_process_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(HERE)
    assert changes(before, state(HERE)) == []
    KEPT["seen"].append(1)
    Keeper.count += 1
    monkeypatch.setenv("REED", "1")
    np.random.seed(3)  # noqa: NPY002 - it is the fault
    assert sorted(changes(before, state(HERE))) == [
        "numpy.random",
        "os.environ[REED]",
        f"{__name__}.KEPT",
        f"{__name__}.Keeper.count",
    ]
