"""Decides how tests run an office as people do: its commands as processes of their own, its pages by a browser."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import unicodedata
import urllib.error
import urllib.parse
import urllib.request
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Final

import pytest
from attrs import define, field, frozen

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

HOUSEHOLDS: Final = 12
"""In each village of the demo: as few as one takes."""
DAY: Final = "2025-06-25"
"""The day of the demo."""
_NUMBERS: Final = """
import json
import django
django.setup()
from jifen_office.access.personal import is_identity
from jifen_office.register.models import Household
told = []
for at, home in enumerate(Household.objects.select_related("village").order_by("code")):
    home.address, home.telephone = f"{home.village.name}牌楼路{at + 217}号", f"137{at:04}4567"
    home.save()
    told += [home.name, home.address, home.address[-4:], home.telephone]
    for number, member in enumerate(home.members.order_by("pk")):
        begun = f"310225195{at % 10}01{number + 10:02}{at:03}"
        member.identity = next(begun + last for last in "0123456789X" if is_identity(begun + last))
        member.save()
        told += [member.name, member.identity]
print(json.dumps(told))
"""


def environment(folder: Path, database: str = "", **more: str) -> dict[str, str]:
    """Of a process that works in an office, on its SQLite file or the database of an address."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("JIFEN_", "DJANGO_"))}
    made = {"JIFEN_OFFICE": str(folder), "DJANGO_SETTINGS_MODULE": "jifen_office.project.settings"}
    return {**kept, **made, **({"JIFEN_DATABASE_URL": database} if database else {}), **more}


def office_says(folder: Path, *words: str | Path, database: str = "", status: int = 0) -> str:
    """What a command says on both streams; it has to end with the status."""
    done = subprocess.run(
        [sys.executable, "-m", "jifen", "office", *map(str, words)],
        env=environment(folder, database),
        capture_output=True,
        text=True,
        check=False,
        cwd=folder.parent,
    )
    said = done.stdout + done.stderr
    assert done.returncode == status, said
    assert "Traceback" not in said
    return said


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, str]]]:
    """A small demo office on SQLite, which nobody changes, and its accounts."""
    folder = tmp_path_factory.mktemp("demo") / "office"
    told = json.loads(office_says(folder, "demo", folder, "--households", str(HOUSEHOLDS), "--json"))
    return folder, told["accounts"]


@frozen
class Personal:
    """What the register of an office holds of people."""

    names: frozenset[str]
    numbers: frozenset[str]
    """Identity numbers and telephones, door numbers and the addresses that they stand in."""

    def within(self, text: str) -> list[str]:
        """Which of the numbers stand in a text: in groups, full-width and escaped too."""
        plain = _unescaped(text)
        squeezed = re.sub(r"[\s\-]", "", plain)
        return sorted(each for each in self.numbers if each in plain or each in squeezed)


def _unescaped(text: str) -> str:
    """The text as whoever reads it can make it out."""
    plain = re.sub(r"\\u([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), urllib.parse.unquote(text))
    return unicodedata.normalize("NFKC", urllib.parse.unquote(plain))


def give_numbers(folder: Path) -> Personal:
    """Gives every household of an office an address and a telephone, and every member an identity number."""
    done = subprocess.run(
        [sys.executable, "-c", _NUMBERS], env=environment(folder), capture_output=True, text=True, check=True
    )
    told = frozenset(json.loads(done.stdout))
    numbers = frozenset(each for each in told if any(letter.isdigit() for letter in each))
    return Personal(told - numbers, numbers)


def log_of(folder: Path) -> Path:
    """What an office that is served writes on both streams."""
    return folder.with_suffix(".log")


@contextmanager
def served(folder: Path, database: str = "", **more: str) -> Iterator[str]:
    """The address at which an office is served; it is told to end by Ctrl-C and does."""
    with (
        log_of(folder).open("a", encoding="utf-8") as log,
        subprocess.Popen(
            [sys.executable, "-m", "jifen", "office", "serve", "--port", "0"],
            env=environment(folder, database, JIFEN_LANG="en", **more),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as serving,
    ):
        assert serving.stdout is not None
        found = re.search(r"http://\S+", serving.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            serving.send_signal(signal.SIGINT)
            said, _ = serving.communicate(timeout=60)
            log.write(said)
    assert "Traceback" not in log_of(folder).read_text("utf-8")
    assert serving.returncode in {0, 130}


@frozen
class Answer:
    """What came back: its status, the address that it came from, and its text."""

    status: int
    address: str
    text: str

    @property
    def forms(self) -> list[Form]:
        """The forms of the page that are sent."""
        reader = _Forms()
        reader.feed(self.text)
        return [form for form in reader.forms if form.sent]


@frozen
class Browser:
    """One person's browser, which keeps cookies and takes every answer as it comes."""

    address: str
    _opener: urllib.request.OpenerDirector = field(
        factory=lambda: urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    )

    def ask(self, path: str, data: Mapping[str, str] | None = None, **headers: str) -> Answer:
        """Looks at a path of the office; sends a form with `data`."""
        whole = self.address.rstrip("/") + urllib.parse.quote(path, safe="/?=&%+")
        body = None if data is None else urllib.parse.urlencode(data).encode()
        request = urllib.request.Request(whole, body, headers)  # noqa: S310 - our own office on loopback
        try:
            with self._opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.url, answer.read().decode(errors="replace"))
        except urllib.error.HTTPError as refused:
            with refused:
                return Answer(refused.code, refused.url, refused.read().decode(errors="replace"))

    def sign_in(self, name: str, password: str) -> str:
        """Where somebody comes to who signs in."""
        form = self.ask("/login/").forms[-1]
        return self.ask("/login/", {**form.fields, "username": name, "password": password}).address


@define
class Form:
    """A form of a page: where it is sent, and what stands in it."""

    action: str
    sent: bool
    fields: dict[str, str] = field(factory=dict)
    typed: set[str] = field(factory=set)
    """Fields into which people type words."""


class _Forms(HTMLParser):
    """Reads the forms of a page as a browser fills them that nobody touched; of choices the first."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open = False
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Forms and their fields."""
        given = {name: value or "" for name, value in attrs}
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "").lower() == "post"))
            self._open = True
        elif not self._open:
            return
        elif tag == "select":
            self._choice = name
        elif tag == "option" and given.get("value"):
            self.forms[-1].fields.setdefault(self._choice, given["value"])
        elif name and (tag == "textarea" or (tag == "input" and kind in {"text", "tel", "search", "password"})):
            self.forms[-1].fields[name] = given.get("value", "")
            self.forms[-1].typed.add(name)
        elif name and tag in {"input", "button"} and (kind != "checkbox" or "checked" in given) and kind != "file":
            self.forms[-1].fields.setdefault(name, given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        """What stands behind a form is none of it."""
        if tag == "form":
            self._open = False
