"""Decides in which browser and on which databases the office is used: the system's Chromium, SQLite and PostgreSQL."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING, Final

import pytest
from playwright.sync_api import sync_playwright

from plugins.office.browser.offices import running
from plugins.office.tests.servers import postgresql

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser

    from plugins.office.browser.offices import RunningOffice

__all__ = ["postgresql"]

PROGRAMS: Final = ("chromium", "chromium-browser", "google-chrome")
QUIET: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""No network is needed, and none is asked for."""


def chromium() -> str | None:
    """The system's own browser."""
    return next(filter(None, map(shutil.which, PROGRAMS)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for everything; each person has a context of their own in it."""
    program = chromium()
    if program is None:
        if os.environ.get("JIFEN_BROWSER") == "required":
            pytest.fail("a browser is required here and Chromium is not installed")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield started
        started.close()


@pytest.fixture(scope="session")
def on_sqlite(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningOffice]:
    """The demo's office on SQLite."""
    yield from running(browser, tmp_path_factory.mktemp("sqlite") / "office")


@pytest.fixture(scope="session")
def on_postgresql(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, postgresql: str
) -> Iterator[RunningOffice]:
    """The demo's office on PostgreSQL."""
    yield from running(browser, tmp_path_factory.mktemp("postgresql") / "office", postgresql)


@pytest.fixture(params=["sqlite", "postgresql"])
def office(request: pytest.FixtureRequest) -> RunningOffice:
    """The demo's office, on each database."""
    found: RunningOffice = request.getfixturevalue(f"on_{request.param}")
    return found
