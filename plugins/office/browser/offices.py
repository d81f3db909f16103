"""Decides how a real office is run for a browser: a demo in a new folder, served on the day that a story has come to."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
import urllib.request
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from attrs import define, field

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, BrowserContext, Page, StorageState

HOUSEHOLDS: Final = 12
"""In each village: as few as a demo takes."""
READY: Final = date(2025, 7, 5)
"""The day for which `preparing` leaves everything open: an exchange day."""
PATIENCE: Final = 60_000
"""Milliseconds: more than a page takes on a machine that has much else to do."""


@define
class RunningOffice:
    """An office with the demo's people, and the browser in which they use it."""

    folder: Path
    browser: Browser
    database: str = ""
    households: int = HOUSEHOLDS
    today: date = field(init=False)
    accounts: list[dict[str, str]] = field(init=False)
    address: str = field(init=False, default="")
    _server: subprocess.Popen[str] | None = field(init=False, default=None)
    _signed_in: dict[str, StorageState] = field(init=False, factory=dict)

    def __attrs_post_init__(self) -> None:
        """Made as a person makes one."""
        told = self.run("jifen", "office", "demo", str(self.folder), "--households", str(self.households), "--json")
        made = json.loads(told)
        self.accounts = made["accounts"]
        self.today = date.fromisoformat(made["today"])

    def run(self, module: str, *words: str, day: date | None = None) -> str:
        """What a program says that works on this office."""
        command = [sys.executable, "-m", module, *words]
        done = subprocess.run(command, env=self._environment(day), capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    def within(self, script: str, *words: str, day: date | None = None) -> str:
        """What one of this folder's scripts says that works within the office."""
        return self.run(f"{__package__}.within", f"{__package__}.{script}", *words, day=day)

    def on(self, day: date) -> None:
        """It is this day: the office is started again in the morning, as the clock of its pages is read from outside.

        Everyone stays signed in, for sessions are in the database.
        """
        if self._server is not None and day == self.today:
            return
        port = self.address.rsplit(":", 1)[-1] if self.address else "0"
        self.stop()
        self.today = day
        with (self.folder / "office.log").open("a", encoding="utf-8") as log:
            self._server = subprocess.Popen(
                [sys.executable, "-m", "jifen", "office", "serve", "--port", port],
                env=self._environment(day),
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self._server.stdout is not None
        told = next((line for line in self._server.stdout if "http://" in line), "")
        if not told:
            raise RuntimeError((self.folder / "office.log").read_text("utf-8"))
        self.address = told[told.index("http://") :].split()[0].rstrip("/")
        self._answers()

    def _answers(self) -> None:
        """Waits until the first page comes."""
        assert self._server is not None
        until = time.monotonic() + PATIENCE / 1000
        while self._server.poll() is None and time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"{self.address}/"):  # noqa: S310 - our own office on loopback
                    return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((self.folder / "office.log").read_text("utf-8"))

    def stop(self) -> None:
        """Ends the server, if it runs."""
        if self._server is not None and self._server.stdout is not None:
            self._server.terminate()
            self._server.wait()
            self._server.stdout.close()
            self._server = None

    def _environment(self, day: date | None) -> dict[str, str]:
        known = {"JIFEN_OFFICE": str(self.folder), "JIFEN_DATABASE_URL": self.database, "PYTHONIOENCODING": "utf-8"}
        named = {name: value for name, value in known.items() if value}
        return {**os.environ, **named, **({"JIFEN_TODAY": day.isoformat()} if day else {})}

    def account(self, username: str) -> dict[str, str]:
        """An account of the demo."""
        return next(each for each in self.accounts if each["username"] == username)

    def cards(self, village: str) -> list[dict[str, str]]:
        """The accounts of the households of a village that have a card; `name` is the head's."""
        found = [each for each in self.accounts if each["username"].isdecimal() and each["place"].startswith(village)]
        return [{**each, "name": each["place"].split()[1]} for each in found]

    def context(self, username: str = "", **options: Any) -> BrowserContext:
        """A browser of its own in which somebody is signed in; nobody without a name."""
        if username and username not in self._signed_in:
            with self.browser.new_context(locale="zh-CN") as first:
                page = first.new_page()
                page.set_default_timeout(PATIENCE)
                self.sign_in(page, username)
                self._signed_in[username] = first.storage_state()
        state = self._signed_in.get(username)
        made = self.browser.new_context(locale="zh-CN", base_url=self.address, storage_state=state, **options)
        made.set_default_timeout(PATIENCE)
        return made

    def sign_in(self, page: Page, username: str) -> None:
        """As a person does."""
        page.goto(f"{self.address}/login/")
        page.get_by_label("用户名或卡号").fill(username)
        page.get_by_label("密码或PIN码").fill(self.account(username)["password"])
        page.get_by_role("main").get_by_role("button", name="登录").click()
        page.wait_for_url(lambda address: "/login/" not in address)


def running(
    browser: Browser, folder: Path, database: str = "", households: int = HOUSEHOLDS
) -> Iterator[RunningOffice]:
    """An office that is served until its tests are done."""
    office = RunningOffice(folder, browser, database, households)
    try:
        office.on(office.today)
        yield office
    finally:
        office.stop()
